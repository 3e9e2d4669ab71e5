import { Optimized } from '../../optimized.js';
import { photoOf } from '../../photos.js';

export default function Page({ photo }) {
  return <Optimized key={photo.id} photo={photo} link="/optimized/second" />;
}

export function getServerSideProps({ params }) {
  return { props: { photo: photoOf(params.id) } };
}
