import { findPosts } from '../post.server.ts';
import { Posts } from '../posts.tsx';
import { signed } from '../signed.server.ts';
import type { Route } from './+types/wrapped.ts';

export const loader = signed(async (_args: Route.LoaderArgs) => ({ posts: await findPosts() }));

export default function Page({ loaderData }: Route.ComponentProps) {
  return <Posts title="Wrapped" {...loaderData} />;
}
