import { later, urlOf } from '../photo.server.js';
import { Photos } from '../photos.jsx';

export function loader({ context: { signImage } }) {
  return {
    urls: ['signed', 'signed-2'].map((id) => signImage(urlOf(id))),
    later: later(urlOf('signed-later')).then((url) => signImage(url)),
  };
}

/** A site's own lifetime, of a week: the package limits it. */
export const headers = () => ({ 'Cache-Control': 'public, max-age=604800' });

export default function Signed({ loaderData }) {
  return <Photos title="Signed" {...loaderData} />;
}
