import { Gallery } from '../gallery.js';
import { photoOf } from '../photos.js';

export default function Page({ photos }) {
  return <Gallery title="First" photos={photos} link="/other" />;
}

export function getServerSideProps() {
  return { props: { photos: ['one', 'two'].map(photoOf) } };
}
