import { signer } from './signer.server.ts';

/** Wraps a loader: `loader = signed(async ({ params }) => findPost(params.id))`. */
export function signed<Args extends { readonly request: Request }, Data>(
  load: (args: Args) => Data | Promise<Data>,
): (args: Args) => Promise<Data> {
  return async (args) => {
    const data = await load(args);
    return signer.signData(data, { request: args.request, fields: { body: 'html' } });
  };
}
