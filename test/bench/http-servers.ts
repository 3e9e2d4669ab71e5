/** The servers that the HTTP benchmark knows, each with and without the middleware; another one is another entry. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import ejs from 'ejs';
import express from 'express';
import { Hono } from 'hono';
import Koa from 'koa';
import type { Middleware } from '../../src/index.ts';
import { randomFrom } from '../support/random.ts';
import { products, variants } from '../support/shop.ts';
import { fetchImageSigner, imageSigner, koaImageSigner } from './built.ts';

/**
 * `page`: a view that comes again as it was; `fresh`: one that is another each time. `text`: a string that is there. `json`: a small object. `image`: a static file. `stream`: in two
 * parts.
 */
export type Kind = 'page' | 'fresh' | 'text' | 'json' | 'image' | 'stream';

export interface BenchServer {
  readonly name: string;
  /** What it serves, and the share of the requests that is to be kept; undefined where that is for information alone. */
  readonly kinds: Readonly<Partial<Record<Kind, number | undefined>>>;
  create(kind: Kind, withMiddleware: boolean): RequestListener;
}

/** Between the first part of a streamed page and the rest, in milliseconds. */
const pause = 5;
const views = join(import.meta.dirname, 'views');
const shop = { title: 'Shop', products: products(1, 60, 1_400) };
const object = { id: 4711, title: 'Harbour', price: 12.5, tags: ['boats', 'morning'], inStock: true };

const html: string = await ejs.renderFile(join(views, 'shop.ejs'), shop);
/** In the middle of a tag. */
const cut = html.indexOf('imagedelivery', 8_000);

const options = { key: 'a-signing-key-of-the-usual-length', ttl: '1d', variants } as const;

function middleware(): Middleware {
  return imageSigner(options);
}

function stream(response: ServerResponse): void {
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.write(html.slice(0, cut));
  setTimeout(() => response.end(html.slice(cut)), pause);
}

const express5: BenchServer = {
  name: 'Express 5',
  kinds: { page: 0.85, fresh: 0.85, text: 0.6, json: 0.95, image: 0.95, stream: undefined },
  create(kind, withMiddleware) {
    const app = express();
    app.set('views', views).set('view engine', 'ejs').enable('view cache');
    if (withMiddleware) app.use(middleware());
    const title = countVisits();
    const handlers: Readonly<Record<Kind, express.RequestHandler>> = {
      page: (_req, res) => res.render('shop', shop),
      fresh: (_req, res) => res.render('shop', { ...shop, title: title() }),
      text: (_req, res) => void res.send(html),
      json: (_req, res) => void res.json(object),
      image: kind === 'image' ? express.static(folderWithImage()) : () => {},
      stream: (_req, res) => stream(res),
    };
    app.use(handlers[kind]);
    return app;
  },
};

const bare: BenchServer = {
  name: 'node:http',
  kinds: { text: undefined, json: undefined },
  create(kind, withMiddleware) {
    const answer = (_request: IncomingMessage, response: ServerResponse): void => {
      response.setHeader('Content-Type', kind === 'json' ? 'application/json' : 'text/html; charset=utf-8');
      response.end(kind === 'json' ? JSON.stringify(object) : html);
    };
    if (!withMiddleware) return answer;
    const sign = middleware();
    return (request, response) => sign(request, response, () => answer(request, response));
  },
};

/** @param isFirst - whether nothing is mounted before the middleware, so that nobody looks at the body's kind */
function koa(name: string, isFirst: boolean, kinds: BenchServer['kinds']): BenchServer {
  return {
    name,
    kinds,
    create(kind, withMiddleware) {
      const app = new Koa();
      if (!isFirst) app.use((_context, next) => next());
      if (withMiddleware) app.use(koaImageSigner(options));
      const answer = answersOf(kind);
      app.use((context) => {
        context.type = kind === 'json' ? 'json' : 'html';
        context.body = answer();
      });
      return app.callback();
    },
  };
}

const koaFirst: BenchServer = koa('Koa 3', true, {
  page: 0.9,
  fresh: undefined,
  text: undefined,
  json: undefined,
});
const koaSecond: BenchServer = koa('Koa 3, behind another', false, { page: undefined, fresh: undefined });

const hono: BenchServer = {
  name: 'Hono on Node.js',
  kinds: { page: 0.9, fresh: undefined, text: undefined, json: undefined },
  create(kind, withMiddleware) {
    const app = new Hono();
    if (withMiddleware) {
      const sign = fetchImageSigner(options);
      app.use(async (context, next) => {
        const signed = await sign(context.req.raw, async (request) => {
          context.req.raw = request;
          await next();
          return context.res;
        });
        context.res = undefined;
        context.res = signed;
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

export const servers: readonly BenchServer[] = [express5, bare, koaFirst, koaSecond, hono];

/** What an app without views of its own answers: it renders by itself. */
function answersOf(kind: Kind): () => string | typeof object {
  const render = ejs.compile(readFileSync(join(views, 'shop.ejs'), 'utf8'));
  const title = countVisits();
  const answers: Readonly<Partial<Record<Kind, () => string | typeof object>>> = {
    page: () => render(shop),
    fresh: () => render({ ...shop, title: title() }),
    json: () => object,
  };
  return answers[kind] ?? (() => html);
}

/** Another title each time, of one length. */
function countVisits(): () => string {
  let visit = 0;
  return () => `Shop, visit ${String(visit++).padStart(9, '0')}`;
}

/** The name of the file that `image` serves, of 20 KB. */
export const imageName = 'photo.webp';

function folderWithImage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'image-signer-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const random = randomFrom(2);
  writeFileSync(
    join(folder, imageName),
    Uint8Array.from({ length: 20_000 }, () => random() * 256),
  );
  return folder;
}
