import { later, urlOf } from '../photo.server.ts';
import { Photos } from '../photos.tsx';
import type { Route } from './+types/awaited.ts';

export const loader = () => ({ urls: [urlOf('at-once'), urlOf('at-once-2')], later: later(urlOf('later')) });

export default function Awaited({ loaderData }: Route.ComponentProps) {
  return <Photos title="Awaited" {...loaderData} />;
}
