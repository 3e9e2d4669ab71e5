import { later, urlOf } from '../photo.server.js';
import { Photos } from '../photos.jsx';

export const loader = () => ({ urls: [urlOf('at-once'), urlOf('at-once-2')], later: later(urlOf('later')) });

export default function Awaited({ loaderData }) {
  return <Photos title="Awaited" {...loaderData} />;
}
