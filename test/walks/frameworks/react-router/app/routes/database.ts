import { findPosts } from '../post.server.ts';

/** For the walk: what is stored, as it is. */
export const loader = async () => Response.json(await findPosts());
