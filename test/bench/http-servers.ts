/** The servers that the HTTP benchmark knows, each with and without the package; another one is another entry. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import ejs from 'ejs';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { randomFrom } from '../support/generators/random.ts';
import { products, variants } from '../support/servers/shop.ts';
import { imageSigner, load } from './built.ts';

/**
 * `page`: a view that is rendered the same each time. `visit`: one that differs in a token and a name. `texts`: one that
 * differs in most of its text. `json`: a small object. `redirect`: to another page.
 * `no-content`: a 204. `image`: a static file. `stream`: a page in two parts.
 */
export type Kind = 'page' | 'visit' | 'texts' | 'json' | 'redirect' | 'no-content' | 'image' | 'stream';

/** What runs before the app's handler: nothing, our middleware, or one that does nothing. */
export type Way = 'vanilla' | 'image-signer' | 'empty';

interface Server {
  readonly kinds: readonly Kind[];
  /** The kinds for which an empty middleware is measured, too. */
  readonly comparedWithEmpty?: readonly Kind[];
  create(kind: Kind, way: Way): Running | Promise<Running>;
}

interface Running {
  readonly listener: RequestListener;
  /** What is asked for. */
  readonly path?: string;
}

const key = 'a-signing-key-of-the-usual-length';
const options = { key, ttl: '1d', variants } as const;
const htmlType = 'text/html; charset=utf-8';

const views = join(import.meta.dirname, 'views');
const render = ejs.compile(readFileSync(join(views, 'shop.ejs'), 'utf8'));
const object = { id: 4711, title: 'Harbour', price: 12.5, tags: ['boats', 'morning'], inStock: true };
const [imageCount, textLength] = [60, 1_400];
const shop = products(1, imageCount, textLength);
/** So many texts that no page comes again within the time that a page is remembered. */
const otherTexts = products(2, 997, textLength).map(({ text }) =>
  text.slice(0, textLength).padEnd(textLength, '.'),
);

/** @returns the data of the next page; all pages of a kind are of one length, 100 KB with 60 images */
function viewsOf(kind: Kind): () => object {
  let count = 0;
  return () => {
    if (kind === 'visit' || kind === 'texts') count++;
    const visit = kind === 'visit' ? count : 0;
    const textOf = (index: number): string =>
      otherTexts[(count * (imageCount + 1) + index) % otherTexts.length]!;
    return {
      title: 'Shop',
      token: Math.floor(randomFrom(visit)() * 2 ** 48)
        .toString(16)
        .padStart(40, '0'),
      name: `visitor ${String(visit).padStart(9, '0')}`,
      products: kind === 'texts' ? shop.map((each, index) => ({ ...each, text: textOf(index) })) : shop,
    };
  };
}

/** What an app without views of its own answers: it renders by itself. */
function answersOf(kind: Kind): () => string | object {
  const view = viewsOf(kind);
  return kind === 'json' ? () => object : () => render(view());
}

/** A folder for the time of this process. */
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'image-signer-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  return folder;
}

async function stream(response: ServerResponse): Promise<void> {
  const html = render(viewsOf('page')());
  const cut = html.indexOf('imagedelivery', 8_000); // in the middle of a tag
  response.setHeader('Content-Type', htmlType);
  response.write(html.slice(0, cut));
  await wait(5);
  response.end(html.slice(cut));
}

const light: readonly Kind[] = ['json', 'redirect', 'no-content', 'image'];
const ofAnApp: readonly Kind[] = ['page', 'visit', 'texts', 'json'];

/** @param isFirst - whether nothing is installed before the middleware, so that nobody looks at the body's kind */
function onKoa(isFirst: boolean): Server {
  return {
    kinds: ofAnApp,
    comparedWithEmpty: isFirst ? light : [],
    async create(kind, way) {
      const koa = await load<typeof import('../../src/koa.ts')>('koa');
      const app = new Koa();
      if (!isFirst) app.use((_context, next) => next());
      if (way === 'image-signer') app.use(koa.imageSigner(options));
      if (way === 'empty') app.use(async (_context, next) => void (await next()));
      const answer = answersOf(kind);
      app.use((context) => {
        context.type = kind === 'json' ? 'json' : 'html';
        context.body = answer();
      });
      return { listener: app.callback() };
    },
  };
}

export const servers: Readonly<Record<string, Server>> = {
  'Express 5': {
    kinds: [...ofAnApp, 'redirect', 'no-content', 'image', 'stream'],
    comparedWithEmpty: light,
    create(kind, way) {
      const app = express();
      app.set('views', views).set('view engine', 'ejs').enable('view cache');
      if (way === 'image-signer') app.use(imageSigner(options));
      if (way === 'empty') app.use((_req, _res, next) => next());
      const view = viewsOf(kind);
      const renders: express.RequestHandler = (_req, res) => res.render('shop', view());
      const folder = newFolder();
      writeFileSync(join(folder, 'photo.webp'), Buffer.alloc(20_000, 7));
      const handlers: Readonly<Record<Kind, express.RequestHandler>> = {
        page: renders,
        visit: renders,
        texts: renders,
        json: (_req, res) => void res.json(object),
        redirect: (_req, res) => res.redirect('/elsewhere'),
        'no-content': (_req, res) => void res.status(204).end(),
        image: express.static(folder),
        stream: (_req, res) => void stream(res),
      };
      app.use(handlers[kind]);
      return { listener: app as RequestListener, path: kind === 'image' ? '/photo.webp' : '/' };
    },
  },
  Koa: onKoa(true),
  'Koa, behind another': onKoa(false),
  Hono: {
    kinds: ofAnApp,
    comparedWithEmpty: light,
    async create(kind, way) {
      const hono = await load<typeof import('../../src/hono.ts')>('hono');
      const app = new Hono();
      if (way === 'image-signer') app.use(hono.imageSigner(options));
      if (way === 'empty') app.use(async (_context, next) => void (await next()));
      const answer = answersOf(kind);
      app.get('/', (context) => {
        const body = answer();
        return typeof body === 'string' ? context.html(body) : context.json(body);
      });
      return { listener: getRequestListener(app.fetch) };
    },
  },
  Fastify: {
    kinds: ofAnApp,
    comparedWithEmpty: light,
    async create(kind, way) {
      const plugin = await load<typeof import('../../src/fastify.ts')>('fastify');
      const app = fastify();
      if (way === 'empty') {
        app.addHook('onRequest', (_request, _reply, next) => next());
        app.addHook('onSend', (_request, _reply, payload, next) => next(null, payload));
      }
      if (way === 'image-signer') app.register(plugin.imageSigner, options);
      const answer = answersOf(kind);
      app.get('/', (_request, reply) => {
        const body = answer();
        return typeof body === 'string' ? reply.type(htmlType).send(body) : reply.send(body);
      });
      await app.ready();
      return { listener: app.routing };
    },
  },
};
