import { findPosts } from '../../posts.js';

export const load = async ({ platform }) => {
  const { signData } = platform.req; // set by `imageSigner`
  return { posts: signData(await findPosts(), { fields: { body: 'html' } }) };
};
