/** The servers that the HTTP benchmark knows, each with and without the middleware; another one is another entry. */
import type { IncomingMessage, RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import express4 from 'express4';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import type { Middleware } from '../../src/index.ts';
import { variants } from '../support/shop.ts';
import { fastifyImageSigner, honoImageSigner, imageSigner, koaImageSigner } from './built.ts';
import { answersOf, folderWithImage, type Kind, object, stream, views, viewsOf } from './http-answers.ts';

/** What runs before the app's handler: nothing, our middleware, or one that does nothing. */
export type Way = 'vanilla' | 'image-signer' | 'empty';

export interface BenchServer {
  readonly name: string;
  /**
   * What it serves, and the share of the requests that is to be kept, beside the empty middleware where that is measured;
   * undefined where the figure is for information alone.
   */
  readonly kinds: Readonly<Partial<Record<Kind, number | undefined>>>;
  /** The kinds for which an empty middleware is measured, too. */
  readonly comparedWithEmpty?: readonly Kind[];
  create(kind: Kind, way: Way): RequestListener | Promise<RequestListener>;
}

const options = { key: 'a-signing-key-of-the-usual-length', ttl: '1d', variants } as const;
const htmlType = 'text/html; charset=utf-8';

function middleware(): Middleware {
  return imageSigner(options);
}

/** @param library - Express 4 has the same calls */
function onExpress(name: string, library: typeof express): BenchServer {
  return {
    name,
    kinds: {
      page: 0.8,
      visit: 0.65,
      texts: undefined,
      text: 0.65,
      json: 0.95,
      redirect: 0.6,
      'no-content': 0.95,
      image: 0.95,
      stream: undefined,
    },
    comparedWithEmpty: ['json', 'redirect', 'no-content', 'image'],
    create(kind, way) {
      const app = library();
      app.set('views', views).set('view engine', 'ejs').enable('view cache');
      if (way === 'image-signer') app.use(middleware());
      if (way === 'empty') app.use((_req, _res, next) => next());
      const view = viewsOf(kind);
      const answer = answersOf(kind);
      const render: express.RequestHandler = (_req, res) => res.render('shop', view());
      const handlers: Readonly<Record<Kind, express.RequestHandler>> = {
        page: render,
        visit: render,
        texts: render,
        text: (_req, res) => void res.send(answer()),
        json: (_req, res) => void res.json(object),
        redirect: (_req, res) => res.redirect('/elsewhere'),
        'no-content': (_req, res) => void res.status(204).end(),
        image: kind === 'image' ? library.static(folderWithImage()) : () => {},
        stream: (_req, res) => stream(res),
      };
      app.use(handlers[kind]);
      return app;
    },
  };
}

const onNode: BenchServer = {
  name: 'node:http',
  kinds: { text: undefined, json: undefined },
  create(kind, way) {
    const body = answersOf(kind);
    const answer = (_request: IncomingMessage, response: Parameters<RequestListener>[1]): void => {
      response.setHeader('Content-Type', kind === 'json' ? 'application/json' : htmlType);
      response.end(kind === 'json' ? JSON.stringify(object) : body());
    };
    if (way === 'vanilla') return answer;
    const sign = middleware();
    return (request, response) => sign(request, response, () => answer(request, response));
  },
};

/** @param isFirst - whether nothing is mounted before the middleware, so that nobody looks at the body's kind */
function onKoa(name: string, isFirst: boolean, kinds: BenchServer['kinds']): BenchServer {
  return {
    name,
    kinds,
    comparedWithEmpty: isFirst ? ['json'] : [],
    create(kind, way) {
      const app = new Koa();
      if (!isFirst) app.use((_context, next) => next());
      if (way === 'image-signer') app.use(koaImageSigner(options));
      if (way === 'empty') {
        app.use(async (_context, next) => {
          await next();
        });
      }
      const answer = answersOf(kind);
      app.use((context) => {
        context.type = kind === 'json' ? 'json' : 'html';
        context.body = answer();
      });
      return app.callback();
    },
  };
}

const onHono: BenchServer = {
  name: 'Hono',
  kinds: { page: undefined, visit: undefined, texts: undefined, text: undefined, json: undefined },
  comparedWithEmpty: ['json'],
  create(kind, way) {
    const app = new Hono();
    if (way === 'image-signer') app.use(honoImageSigner(options));
    if (way === 'empty') {
      app.use(async (_context, next) => {
        await next();
      });
    }
    const answer = answersOf(kind);
    app.get('/', (context) => {
      const body = answer();
      return typeof body === 'string' ? context.html(body) : context.json(body);
    });
    return getRequestListener(app.fetch);
  },
};

const onFastify: BenchServer = {
  name: 'Fastify',
  kinds: { page: undefined, visit: undefined, texts: undefined, text: undefined, json: undefined },
  comparedWithEmpty: ['json'],
  async create(kind, way) {
    const app = fastify();
    if (way === 'empty') {
      app.addHook('onRequest', (_request, _reply, next) => next());
      app.addHook('onSend', (_request, _reply, payload, next) => next(null, payload));
    }
    if (way === 'image-signer') app.register(fastifyImageSigner, options);
    const answer = answersOf(kind);
    app.get('/', (_request, reply) => {
      const body = answer();
      return typeof body === 'string' ? reply.type(htmlType).send(body) : reply.send(body);
    });
    await app.ready();
    return app.routing;
  },
};

export const servers: readonly BenchServer[] = [
  onExpress('Express 5', express),
  onExpress('Express 4', express4),
  onNode,
  onKoa('Koa', true, {
    page: undefined,
    visit: undefined,
    texts: undefined,
    text: undefined,
    json: undefined,
  }),
  onKoa('Koa, behind another', false, {
    page: undefined,
    visit: undefined,
    texts: undefined,
    json: undefined,
  }),
  onHono,
  onFastify,
];
