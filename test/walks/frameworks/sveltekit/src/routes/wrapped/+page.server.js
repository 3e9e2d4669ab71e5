import { findPosts } from '../../posts.js';
import { signed } from '../../signed.ts';

export const load = signed(async () => ({ posts: await findPosts() }));
