import { Gallery } from '../gallery.js';
import { photoOf } from '../photos.js';

export default function Page({ photos }) {
  return <Gallery title="Second" photos={photos} link="/static" />;
}

export function getServerSideProps() {
  return { props: { photos: ['three', 'four'].map(photoOf) } };
}
