import { Form } from 'react-router';
import { helpersContext } from '../helpers.ts';
import { findPost, savePost } from '../post.server.ts';
import { signer } from '../signer.server.ts';
import type { Route } from './+types/edit.ts';

export async function loader({ context, params }: Route.LoaderArgs) {
  return { post: context.get(helpersContext).signData(await findPost(params.id)) };
}

export async function action({ params, request }: Route.ActionArgs) {
  const { body, cover } = Object.fromEntries(await request.formData());
  const post = { body: String(body), cover: String(cover) };
  await savePost(params.id, signer.unsignData(post));
  return { saved: true };
}

/** The fields are filled from the data, with tokens, as an editor of rich text is: these come back. */
export default function Edit({ loaderData: { post }, actionData }: Route.ComponentProps) {
  return (
    <Form method="post">
      <h1>Edit</h1>
      <input name="cover" defaultValue={post?.cover} />
      <textarea name="body" defaultValue={post?.body} />
      <button type="submit">Save</button>
      {actionData?.saved && <output>Saved</output>}
    </Form>
  );
}
