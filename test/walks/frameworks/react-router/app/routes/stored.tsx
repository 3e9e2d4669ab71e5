import { findPosts } from '../post.server.ts';
import { Posts } from '../posts.tsx';
import type { Route } from './+types/stored.ts';

export const loader = async () => ({ posts: await findPosts() });

export default function Page({ loaderData }: Route.ComponentProps) {
  return <Posts title="Stored" {...loaderData} />;
}
