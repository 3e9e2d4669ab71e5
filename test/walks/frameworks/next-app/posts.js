import 'server-only';
import { readFile, writeFile } from 'node:fs/promises';

const file = 'posts.json';

/** As a database holds them after a year: old tokens, and the URLs of a former host. */
export async function findPosts() {
  return JSON.parse(await readFile(file, 'utf8').catch(() => process.env.POSTS));
}

export async function savePost(change) {
  const posts = await findPosts();
  const saved = posts.map((post) => (post.id === change.id ? { ...post, ...change } : post));
  await writeFile(file, JSON.stringify(saved));
}
