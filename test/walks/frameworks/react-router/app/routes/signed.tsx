import { helpersContext } from '../helpers.ts';
import { later, urlOf } from '../photo.server.ts';
import { Photos } from '../photos.tsx';
import type { Route } from './+types/signed.ts';

export function loader({ context }: Route.LoaderArgs) {
  const { signImage } = context.get(helpersContext);
  return {
    urls: ['signed', 'signed-2'].map((id) => signImage(urlOf(id))),
    later: later(urlOf('signed-later')).then((url) => signImage(url)),
  };
}

/** A site's own lifetime, of a week: the package limits it. */
export const headers = () => ({ 'Cache-Control': 'public, max-age=604800' });

export default function Signed({ loaderData }: Route.ComponentProps) {
  return <Photos title="Signed" {...loaderData} />;
}
