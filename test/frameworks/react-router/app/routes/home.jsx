import { urlOf } from '../photo.server.js';
import { Photos } from '../photos.jsx';

export const loader = () => ({ urls: [urlOf('home'), urlOf('home-2')] });

export default function Home({ loaderData }) {
  return <Photos title="Home" {...loaderData} />;
}
