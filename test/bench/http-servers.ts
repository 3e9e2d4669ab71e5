/**
 * The servers that the HTTP benchmark knows, each with and without the package; another one is another entry. Longer than
 * most files, since what they answer has to be the same.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import ejs from 'ejs';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { createProxyServer } from 'httpxy';
import Koa from 'koa';
import sharp from 'sharp';
import { randomFrom } from '../support/random.ts';
import { products, variants } from '../support/shop.ts';
import { createSigner, imageSigner, load } from './built.ts';
import { start } from './process.ts';

/**
 * `page`: a view that is rendered the same each time. `visit`: one that differs in a token and a name. `texts`: one that
 * differs in most of its text. `text`: a string that is there. `json`: a small object. `redirect`: to another page.
 * `no-content`: a 204. `image`: a static file. `stream`: a page in two parts. `events`: 200 of them, with an image each.
 */
export type Kind =
  | 'page'
  | 'visit'
  | 'texts'
  | 'text'
  | 'json'
  | 'redirect'
  | 'no-content'
  | 'image'
  | 'stream'
  | 'events';

/** What runs before the app's handler: nothing, our middleware, or one that does nothing. */
export type Way = 'vanilla' | 'image-signer' | 'empty';

interface Server {
  readonly kinds: readonly Kind[];
  /** The kinds for which an empty middleware is measured, too. */
  readonly comparedWithEmpty?: readonly Kind[];
  create(kind: Kind, way: Way): Running | Promise<Running>;
}

/** A listener that is yet to be served, or the port of one that is. */
interface Running {
  readonly listener?: RequestListener;
  readonly port?: number;
  /** What is asked for. */
  readonly path?: string;
}

const key = 'a-signing-key-of-the-usual-length';
const options = { key, ttl: '1d', variants } as const;
const htmlType = 'text/html; charset=utf-8';
const eventCount = 200;

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
  const html = render(view());
  if (kind === 'json') return () => object;
  return kind === 'text' ? () => html : () => render(view());
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

/** Each is a message of a chat, written by itself: a text, and the picture of who has written it. */
async function sendEvents(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  for (let index = 0; index < eventCount; index++) {
    const image = `${shop[index % imageCount]!.image}card`;
    const text = 'All happy families are alike; each unhappy family is unhappy in its own way.';
    response.write(`id: ${index}\ndata: ${JSON.stringify({ text, image })}\n\n`);
    await new Promise(setImmediate);
  }
  response.end();
}

const light: readonly Kind[] = ['json', 'redirect', 'no-content', 'image'];
const ofAnApp: readonly Kind[] = ['page', 'visit', 'texts', 'text', 'json'];

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
    kinds: [...ofAnApp, 'redirect', 'no-content', 'image', 'stream', 'events'],
    comparedWithEmpty: light,
    create(kind, way) {
      const app = express();
      app.set('views', views).set('view engine', 'ejs').enable('view cache');
      if (way === 'image-signer') app.use(imageSigner({ ...options, rewrite: { json: kind === 'events' } }));
      if (way === 'empty') app.use((_req, _res, next) => next());
      const view = viewsOf(kind);
      const answer = answersOf(kind);
      const renders: express.RequestHandler = (_req, res) => res.render('shop', view());
      const folder = newFolder();
      writeFileSync(join(folder, 'photo.webp'), Buffer.alloc(20_000, 7));
      const handlers: Readonly<Record<Kind, express.RequestHandler>> = {
        page: renders,
        visit: renders,
        texts: renders,
        text: (_req, res) => void res.send(answer()),
        json: (_req, res) => void res.json(object),
        redirect: (_req, res) => res.redirect('/elsewhere'),
        'no-content': (_req, res) => void res.status(204).end(),
        image: express.static(folder),
        stream: (_req, res) => void stream(res),
        events: (_req, res) => void sendEvents(res),
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
  /** The proxy of the command beside the library that it uses, each before a site of its own. */
  Proxy: {
    kinds: ['text', 'json', 'no-content', 'image'],
    async create(kind, way) {
      const [, program = ''] = process.argv;
      const { message } = await start<{ port: number; path: string }>(program, [
        'Express 5',
        kind,
        'vanilla',
      ]);
      const { port: sitePort, path } = message;
      const target = `http://127.0.0.1:${sitePort}`;
      if (way === 'vanilla') {
        const bare = createProxyServer({ target, xfwd: true });
        return { listener: (request, response) => void bare.web(request, response), path };
      }
      const { createProxy } = await load<typeof import('../../src/proxy.ts')>('proxy');
      const settings = { imageSigner: options, changesHost: false, trustsProxy: false };
      const proxy = createProxy({ target: new URL(target), ...settings });
      return { port: (await proxy.listen(0, '127.0.0.1')).port, path };
    },
  },
  /** A picture that the delivery has made and kept, with the check of its token, beside the same file by `express.static`. */
  Delivery: {
    kinds: ['image'],
    async create(_kind, way) {
      const { imageDelivery } = await load<typeof import('../../src/delivery.ts')>('delivery');
      const folder = newFolder();
      const [width, height] = [1_600, 1_200];
      const random = randomFrom(3);
      const noise = Uint8Array.from({ length: width * height * 3 }, () => random() * 256);
      const raw = { width, height, channels: 3 } as const;
      await sharp(noise, { raw }).blur(2).jpeg({ quality: 90 }).toFile(join(folder, 'photo.jpg'));
      utimesSync(folder, 1_600_000_000, 1_600_000_000); // as a folder of pictures is, which nobody changes
      const accountHash = 'bench-account';
      const signer = createSigner({ ...options, variants: ['card'], accountHash });
      const { pathname, search } = new URL(signer.signImage('photo', 'card'));
      const app = express().disable('x-powered-by');
      if (way === 'image-signer') {
        app.use(imageDelivery({ directory: folder, signer, variants: { card: { width: 640 } } }));
        return { listener: app as RequestListener, path: pathname + search };
      }
      const plain = join(folder, 'plain');
      mkdirSync(plain);
      const file = await sharp(join(folder, 'photo.jpg')).autoOrient().resize(640).jpeg({ quality: 85 });
      await file.toFile(join(plain, 'photo.jpg'));
      app.use(express.static(plain));
      return { listener: app as RequestListener, path: '/photo.jpg' };
    },
  },
};
