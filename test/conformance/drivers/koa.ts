/** Koa 2 and 3: what they answer is set on the context. */
import etag from '@koa/etag';
import Koa, { type Context } from 'koa';
import compression from 'koa-compress';
import conditional from 'koa-conditional-get';
import mount from 'koa-mount';
import Koa2 from 'koa2';
import { createSigner, imageGuard, imageSigner, signingEndpoint } from '../../../src/koa.ts';
import type { Answer, Asked, Site, ViewData } from '../site.ts';
import { askedOf, type ListeningDriver, nodeDriver, readable } from './driver.ts';
import { inOrder } from './in-order.ts';

function setAnswer({ status = 200, headers = {}, body }: Answer, context: Context): void {
  context.status = status;
  if (body === null || typeof body === 'string') context.body = body;
  else if (body instanceof Uint8Array) context.body = Buffer.from(body);
  else if ('json' in body) context.body = body.json;
  else if ('view' in body) context['render'](body.view, body.data);
  else context.body = readable(body);
  if (body === null && status >= 300) context.status = status; // without a body Koa makes a 204 of a redirect, too
  context.set(headers); // after the body, which would set a type
}

function build(Application: typeof Koa, site: Site): ReturnType<Koa['callback']> {
  const { endpoint, guard, guardAt = '/images', signers = [], compress, tags } = site;
  const app = new Application();
  app.silent = true;
  app.context['render'] = function (this: Context, view: string, data: ViewData) {
    this.body = site.views![view]!({ ...this.state, ...data });
  };
  if (endpoint !== undefined) app.use(mount('/sign', signingEndpoint(endpoint as never)));
  const sign = signers.map((options) => imageSigner(options as never));
  for (const each of inOrder(sign, compression({ threshold: 0 }), compress)) app.use(each);
  if (guard !== undefined) app.use(mount(guardAt, imageGuard(guard as never)));
  if (tags) app.use(conditional()).use(etag());
  app.use((context) => {
    const { signImage, signSrcset, signData, state } = context;
    const helpers = { signImage, signSrcset, signData };
    const asked: Asked = { ...askedOf(context.req), ...helpers, signedImage: state.signedImage };
    setAnswer(site.answer(asked), context);
  });
  return app.callback();
}

function koaDriver(name: string, Application: typeof Koa): ListeningDriver {
  return nodeDriver({
    name,
    createSigner: (options) => createSigner(options as never),
    headerOf: (viewer, header) => (viewer as Context).get(header) || undefined,
    build: (site) => build(Application, site),
  });
}

export const koa2: ListeningDriver = koaDriver('Koa 2', Koa2);
export const koa3: ListeningDriver = koaDriver('Koa 3', Koa);
