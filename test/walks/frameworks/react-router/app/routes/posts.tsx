import { helpersContext } from '../helpers.ts';
import { later } from '../photo.server.ts';
import { findPosts } from '../post.server.ts';
import { Posts } from '../posts.tsx';
import type { Route } from './+types/posts.ts';

export async function loader({ context }: Route.LoaderArgs) {
  const { signData } = context.get(helpersContext);
  const posts = await findPosts();
  return { posts: signData(posts), later: later(posts[1]!).then((post) => signData(post)) };
}

export default function Page({ loaderData }: Route.ComponentProps) {
  return <Posts title="Posts" {...loaderData} />;
}
