import { headers } from 'next/headers';
import { findPosts } from '../../../../posts.js';
import { signed } from '../../../../server/signed.ts';
import { Stories } from '../../../../stories.js';

export default async function Page() {
  const posts = await signed(findPosts(), await headers());
  return <Stories title="More" posts={posts.toReversed()} link="/recipe/stored" />;
}
