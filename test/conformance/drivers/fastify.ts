/** Fastify 5: what it answers is sent by `reply.send` and `reply.view`, with its own plugins for tags and compression. */
import type { RequestListener } from 'node:http';
import compression from '@fastify/compress';
import etag from '@fastify/etag';
import createApp, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { createSigner, imageGuard, imageSigner, signingEndpoint } from '../../../src/fastify.ts';
import type { Answer, Asked, Site, ViewData } from '../site.ts';
import { askedOf, type ListeningDriver, nodeDriver, readable } from './driver.ts';
import { inOrder } from './in-order.ts';

type WithViews = FastifyReply & { view(name: string, data: ViewData): unknown };
type Register = (app: FastifyInstance) => unknown;

function sendAnswer({ status = 200, headers = {}, body }: Answer, reply: FastifyReply): unknown {
  reply.code(status).headers(headers);
  if (body === null || typeof body === 'string' || body instanceof Uint8Array) return reply.send(body);
  if ('json' in body) return reply.send(body.json);
  if ('view' in body) return (reply as WithViews).view(body.view, body.data);
  return reply.send(readable(body));
}

/** In the place of `@fastify/view`, which reads files: it merges the data in the same way. */
function addViews(app: FastifyInstance, { views = {} }: Site): void {
  app.decorateReply('view', function (this: FastifyReply, name: string, data: ViewData) {
    const { locals } = this as { readonly locals?: ViewData };
    return this.send(views[name]!({ ...locals, ...data }));
  });
}

function build(site: Site): RequestListener {
  const { endpoint, guard, guardAt = '/images', signers = [], compress, tags } = site;
  const app = createApp().addHttpMethod('QUERY', { hasBody: true });
  if (endpoint !== undefined) app.register(signingEndpoint, { ...endpoint, prefix: '/sign' } as never);
  const sign = signers.map<Register>((options) => () => app.register(imageSigner, options as never));
  const encode: Register = () => app.register(compression, { threshold: 0 });
  for (const register of inOrder(sign, encode, compress)) register(app);
  if (guard !== undefined) app.register(imageGuard, { ...guard, prefix: guardAt } as never);
  if (tags) app.register(etag);
  addViews(app, site);
  app.register(async (scope) => {
    scope.all('/*', (request, reply) => {
      const { signImage, signSrcset, signData, signedImage } = request;
      return sendAnswer(
        site.answer({ ...askedOf(request.raw), signImage, signSrcset, signData, signedImage } as Asked),
        reply,
      );
    });
  });
  return async (request, response) => {
    await app.ready();
    app.routing(request, response);
  };
}

export const fastify: ListeningDriver = nodeDriver({
  name: 'Fastify 5',
  createSigner: (options) => createSigner(options as never),
  headerOf: (viewer, name) => (viewer as FastifyRequest).headers[name]?.toString(),
  build,
});
