import { headers } from 'next/headers';
import { findPosts, savePost } from '../../../../posts.js';
import { signed } from '../../../../server/signed.ts';
import { signer } from '../../../../signer.js';

async function save(form) {
  'use server';
  const post = { id: form.get('id'), cover: form.get('cover'), body: form.get('body') };
  await savePost(signer.unsignData(post));
}

/** The fields are filled from the data, with tokens, as an editor of rich text is: these come back. */
export default async function Page() {
  const [post] = await signed(findPosts(), await headers());
  return (
    <form action={save}>
      <input type="hidden" name="id" defaultValue={post.id} />
      <input name="cover" defaultValue={post.cover} />
      <textarea name="body" defaultValue={post.body} />
      <button type="submit">Save</button>
    </form>
  );
}
