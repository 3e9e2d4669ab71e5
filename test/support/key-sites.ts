/** One site in each framework: a page with an image, the endpoint, and images behind the guard where there is one. */
import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import Koa2 from 'koa2';
import * as ofFastify from '../../src/fastify.ts';
import * as ofFetch from '../../src/fetch.ts';
import * as ofHono from '../../src/hono.ts';
import { imageGuard, imageSigner, type Middleware, type Signer, signingEndpoint } from '../../src/index.ts';
import * as ofKoa from '../../src/koa.ts';
import { type Framework, frameworks } from './frameworks.ts';
import { url } from './samples.ts';

export const page: string = `<p>text</p><img src="${url()}">`;
const appTag = 'W/"app"';

export interface KeySite {
  readonly name: string;
  readonly hasGuard: boolean;
  build(signer: Signer): RequestListener | Promise<RequestListener>;
}

const authorize = (): boolean => true;
const endpointOf = (signer: Signer) => ({ signer, authorize, path: '/sign' });

/** `get` of Express and the like: `/` is the page, everything below `/images` is an image. */
function overNode(framework: Framework): KeySite {
  return {
    name: framework.name,
    hasGuard: true,
    build: (signer) =>
      framework.build(
        [
          signingEndpoint(endpointOf(signer)) as Middleware,
          imageSigner({ signer }),
          ['/images', imageGuard({ signer })],
        ],
        (request, response) => {
          if (request.url !== '/') return void response.end('image');
          response.setHeader('Content-Type', 'text/html');
          response.setHeader('ETag', appTag);
          const isSame = request.headers['if-none-match'] === appTag;
          if (isSame) response.statusCode = 304;
          response.end(isSame ? undefined : page);
        },
      ),
  };
}

function overKoa(name: string, Application: typeof Koa): KeySite {
  return {
    name,
    hasGuard: true,
    build(signer) {
      const app = new Application();
      app.silent = true;
      app.use(ofKoa.signingEndpoint(endpointOf(signer)));
      app.use(ofKoa.imageSigner({ signer }));
      const guarded = ofKoa.imageGuard({ signer });
      app.use((ctx, next) => (ctx.path.startsWith('/images') ? guarded(ctx, next) : next()));
      app.use((ctx) => {
        if (ctx.path !== '/') {
          ctx.body = 'image';
          return;
        }
        ctx.type = 'html';
        ctx.etag = appTag;
        ctx.body = page;
        if (ctx.get('if-none-match') === appTag) ctx.status = 304;
      });
      return app.callback();
    },
  };
}

const overFastify: KeySite = {
  name: 'Fastify',
  hasGuard: true,
  async build(signer: Signer): Promise<RequestListener> {
    const app = fastify();
    app.register(ofFastify.signingEndpoint, { signer, authorize, prefix: '/sign' });
    app.register(ofFastify.imageSigner, { signer });
    app.register(ofFastify.imageGuard, { signer, prefix: '/images' });
    app.get('/images/*', () => 'image');
    app.get('/', (request, reply) => {
      reply.header('etag', appTag).type('text/html');
      return request.headers['if-none-match'] === appTag ? reply.code(304).send() : reply.send(page);
    });
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
};

function pageOf(headers: Headers): Response {
  const isSame = headers.get('if-none-match') === appTag;
  const init = { status: isSame ? 304 : 200, headers: { 'content-type': 'text/html', etag: appTag } };
  return new Response(isSame ? null : page, init);
}

const overFetch: KeySite = {
  name: 'fetch',
  hasGuard: false,
  build(signer) {
    const sign = ofFetch.imageSigner({ signer });
    const endpoint = ofFetch.signingEndpoint(endpointOf(signer));
    return getRequestListener((request) =>
      endpoint(request, (other) => sign(other, ({ headers }) => pageOf(headers))),
    );
  },
};

const overHono: KeySite = {
  name: 'Hono',
  hasGuard: false,
  build(signer) {
    const app = new Hono();
    app.use(ofHono.signingEndpoint(endpointOf(signer)));
    app.use(ofHono.imageSigner({ signer }));
    app.get('/', (c) => pageOf(c.req.raw.headers));
    return getRequestListener(app.fetch);
  },
};

export const keySites: readonly KeySite[] = [
  ...frameworks.map(overNode),
  overKoa('Koa 2', Koa2),
  overKoa('Koa 3', Koa),
  overFastify,
  overFetch,
  overHono,
];
