import { findPosts } from '../../../../posts.js';

export const dynamic = 'force-dynamic';

/** For the walk: what is stored, as it is. */
export const GET = async () => Response.json(await findPosts());
