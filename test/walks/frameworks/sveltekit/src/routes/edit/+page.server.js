import { findPosts, savePost } from '../../posts.js';
import { signed } from '../../signed.ts';
import { signer } from '../../signer.js';

export const load = signed(async () => ({ posts: await findPosts() }));

export const actions = {
  default: async ({ request }) => {
    await savePost(signer.unsignData(Object.fromEntries(await request.formData())));
    return { saved: true };
  },
};
