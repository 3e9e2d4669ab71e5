/** A site as an app of Hono: what it answers is what its context makes of it. The same on Node.js and in a Worker. */
import { type Context, Hono } from 'hono';
import { compress as compression } from 'hono/compress';
import { etag } from 'hono/etag';
import { createSigner, imageGuard, imageSigner, signingEndpoint } from '../../../src/hono.ts';
import type { Entry } from '../room.ts';
import type { Answer, Site } from '../site.ts';
import { askedOfWeb, spoil, webStream } from '../web.ts';
import { inOrder } from './in-order.ts';

type Data = Parameters<Context['newResponse']>[0];
type Fields = Record<string, string | string[]>;

function answerOf({ status = 200, headers = {}, body }: Answer, context: Context): Response {
  const send = (data: Data | null): Response => {
    const response = context.newResponse(data, status as 200, headers as Fields);
    if (!response.headers.has('Content-Encoding')) return response;
    // An app that encodes a body says so to Workers, which would encode it by themselves.
    return new Response(data, { status, headers: response.headers, encodeBody: 'manual' } as ResponseInit);
  };
  if (body === null || typeof body === 'string') return send(body);
  if (body instanceof Uint8Array) return send(body as Uint8Array<ArrayBuffer>); // never over shared memory
  if ('json' in body) return context.json(body.json as object, status as 200, headers as Fields);
  if ('source' in body) return spoil(send(webStream(body)), body.spoilt);
  throw new Error('there are no views');
}

export function createHonoApp(site: Site): Hono {
  const { endpoint, guard, guardAt = '/images', signers = [], compress, tags, answer } = site;
  const app = new Hono();
  if (endpoint !== undefined) app.use(signingEndpoint({ ...endpoint, path: '/sign' } as never));
  const sign = signers.map((options) => imageSigner(options as never));
  for (const each of inOrder(sign, compression({ threshold: 0 }), compress)) app.use(each);
  if (guard !== undefined) app.use(`${guardAt}/*`, imageGuard(guard as never));
  if (tags) app.use(etag());
  app.all('*', (context) => {
    const { signImage, signSrcset, signData, signedImage } = context.var;
    const helpers = { signImage, signSrcset, signData };
    return answerOf(answer({ ...askedOfWeb(context.req.raw), ...helpers, signedImage }), context);
  });
  return app;
}

export const honoEntry: Entry = {
  createSigner: (options) => createSigner(options as never),
  headerOf: (viewer, name) => (viewer as Context).req.header(name),
};
