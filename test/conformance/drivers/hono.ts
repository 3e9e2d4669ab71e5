/** Hono on Node.js, by the recipe of the README: what it answers is what its context makes of it. */
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { compress as compression } from 'hono/compress';
import { etag } from 'hono/etag';
import { createSigner, imageSigner, signingEndpoint } from '../../../src/fetch.ts';
import type { Answer, Site } from '../site.ts';
import { askedOfWeb, spoil, webStream } from '../web.ts';
import { type Driver, inOrder, nodeDriver } from './driver.ts';
import { marks, noViews, overFetch, ownAnswers } from './expected-failures.ts';

type Data = Parameters<Context['newResponse']>[0];
type Fields = Record<string, string | string[]>;

function answerOf({ status = 200, headers = {}, body }: Answer, context: Context): Response {
  const send = (data: Data | null): Response => context.newResponse(data, status as 200, headers as Fields);
  if (body === null || typeof body === 'string') return send(body);
  if (body instanceof Uint8Array) return send(body as Uint8Array<ArrayBuffer>); // never over shared memory
  if ('json' in body) return context.json(body.json as object, status as 200, headers as Fields);
  if ('source' in body) return spoil(send(webStream(body)), body.spoilt);
  throw new Error('there are no views');
}

function build(site: Site): ReturnType<typeof getRequestListener> {
  const { endpoint, signers = [], compress, tags, answer } = site;
  const app = new Hono();
  if (endpoint !== undefined) {
    const answers = signingEndpoint({ ...endpoint, path: '/sign' } as never);
    app.use('/sign/*', (context) => answers(context.req.raw));
  }
  const sign = signers.map((options): MiddlewareHandler => {
    const imageSigned = imageSigner(options as never);
    return async (context, next) => {
      const signed = await imageSigned(context.req.raw, async (request) => {
        context.req.raw = request;
        await next();
        return context.res;
      });
      context.res = undefined;
      context.res = signed;
    };
  });
  for (const each of inOrder(sign, compression({ threshold: 0 }), compress)) app.use(each);
  if (tags) app.use(etag());
  app.all('*', (context) => answerOf(answer(askedOfWeb(context.req.raw)), context));
  return getRequestListener(app.fetch);
}

export const hono: Driver = nodeDriver({
  name: 'Hono',
  cannot: marks(overFetch, noViews, ownAnswers),
  createSigner: (options) => createSigner(options as never),
  headerOf: (viewer, name) => (viewer as Request).headers.get(name) ?? undefined,
  build,
});
