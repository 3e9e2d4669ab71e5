import { urlOf } from '../photo.server.ts';
import { Photos } from '../photos.tsx';
import type { Route } from './+types/second.ts';

export const loader = () => ({ urls: [urlOf('second'), urlOf('second-2')] });

export default function Second({ loaderData }: Route.ComponentProps) {
  return <Photos title="Second" {...loaderData} />;
}
