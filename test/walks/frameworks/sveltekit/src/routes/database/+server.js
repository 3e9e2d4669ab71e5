import { json } from '@sveltejs/kit';
import { findPosts } from '../../posts.js';

/** For the walk: what is stored, as it is. */
export const GET = async () => json(await findPosts());
