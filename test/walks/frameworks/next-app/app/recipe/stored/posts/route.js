import { findPosts } from '../../../../posts.js';
import { signed } from '../../../../server/signed.ts';

export async function GET(request) {
  return Response.json(await signed(findPosts(), request), {
    headers: { 'Cache-Control': 'private, no-cache' },
  });
}
