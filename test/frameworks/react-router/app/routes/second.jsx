import { urlOf } from '../photo.server.js';
import { Photos } from '../photos.jsx';

export const loader = () => ({ urls: [urlOf('second'), urlOf('second-2')] });

export default function Second({ loaderData }) {
  return <Photos title="Second" {...loaderData} />;
}
