import { signer } from './signer.js';

/** Wraps a loader: `export const loader = signed(async ({ params }) => findPost(params.id));` */
export const signed =
  <Args extends { readonly request: Request }, Data>(load: (args: Args) => Data | Promise<Data>) =>
  async (args: Args): Promise<Data> =>
    signer.signData(await load(args), { request: args.request, fields: { body: 'html' } });
