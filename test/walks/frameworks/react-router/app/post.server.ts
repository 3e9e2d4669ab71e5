export interface Post {
  readonly id: string;
  readonly title: string;
  readonly cover: string;
  readonly thumb: string;
  readonly body: string;
}

/** As a database holds them after a year: old tokens, and the URLs of a former host. */
const posts: Post[] = JSON.parse(process.env['POSTS']!);

export const findPosts = async (): Promise<readonly Post[]> => posts;

export const findPost = async (id: string): Promise<Post | undefined> => posts.find((post) => post.id === id);

export async function savePost(id: string, change: Partial<Post>): Promise<void> {
  const index = posts.findIndex((post) => post.id === id);
  posts[index] = { ...posts[index]!, ...change };
}
