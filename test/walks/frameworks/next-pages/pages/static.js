import { Gallery } from '../gallery.js';
import { photoOf } from '../photos.js';

export default function Page({ photos }) {
  return <Gallery title="Third" photos={photos} link="/" />;
}

/** Rendered once, when the site is built. */
export function getStaticProps() {
  return { props: { photos: ['five', 'six'].map(photoOf) } };
}
