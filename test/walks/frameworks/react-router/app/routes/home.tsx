import { urlOf } from '../photo.server.ts';
import { Photos } from '../photos.tsx';
import type { Route } from './+types/home.ts';

export const loader = () => ({ urls: [urlOf('home'), urlOf('home-2')] });

export default function Home({ loaderData }: Route.ComponentProps) {
  return <Photos title="Home" {...loaderData} />;
}
