import { signer } from '../signer.js';

/** In a server component: `const post = await signed(findPost(id), await headers());` */
export async function signed<Data>(data: Promise<Data>, request: unknown): Promise<Data> {
  return signer.signData(await data, { request, fields: { body: 'html' } });
}
