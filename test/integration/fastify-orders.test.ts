/** Fastify's own plugins and ours in each of their orders: hooks run in the order in which plugins are registered. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import caching from '@fastify/caching';
import compress from '@fastify/compress';
import etag from '@fastify/etag';
import statics from '@fastify/static';
import view from '@fastify/view';
import ejs from 'ejs';
import type { FastifyInstance } from 'fastify';
import { afterAll, expect, test } from 'vitest';
import { imageSigner } from '../../src/fastify.ts';
import { clockAt, countTokens, url, withoutTokens } from '../support/samples.ts';
import { shareOf } from '../support/seed.ts';
import { createFolder, decoded } from '../support/servers/express-site.ts';
import { type Get, options, withApp } from '../support/servers/fastify-site.ts';

const page = `<p>${'text '.repeat(500)}</p><img src="${url()}"><img src="${url('card')}">`;
const data = { image: url(), text: 'text '.repeat(500) };
const { path: folder, remove } = createFolder();
afterAll(remove);
writeFileSync(join(folder, 'page.html'), page);
writeFileSync(join(folder, 'view.ejs'), '<p><%= text %></p><img src="<%- signImage(image) %>">');

type Register = (app: FastifyInstance, now: () => number) => unknown;

const plugins: Readonly<Record<string, Register>> = {
  imageSigner: (app, now) => app.register(imageSigner, options({ now, rewrite: { json: true } })),
  compress: (app) => app.register(compress, { threshold: 0 }),
  etag: (app) => app.register(etag),
  caching: (app) => app.register(caching, { privacy: 'public', expiresIn: 1_000_000 }),
  static: (app) => app.register(statics, { root: folder, prefix: '/static/' }),
  view: (app) => app.register(view, { engine: { ejs }, root: folder }),
};

function addRoutes(app: FastifyInstance): void {
  app.get('/text', (_, reply) => reply.type('text/html').send(page));
  app.get('/bytes', (_, reply) => reply.type('text/html').send(Buffer.from(page)));
  app.get('/stream', (_, reply) => reply.type('text/html').send(Readable.from(page.match(/.{1,700}/gs)!)));
  app.get('/web-stream', (_, reply) =>
    reply.type('text/html').send(new Blob([page]).stream() as unknown as Readable),
  );
  app.get('/response', () => new Response(page, { headers: { 'content-type': 'text/html' } }));
  app.setErrorHandler((_error, _request, reply) => reply.code(500).type('text/html').send(page));
  app.get('/error', async () => {
    throw new Error('on purpose');
  });
  app.get('/raw', (_, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': Buffer.byteLength(page) });
    reply.raw.write(page.slice(0, 2600));
    reply.raw.end(page.slice(2600));
  });
  app.get('/hijacked', (_, reply) => {
    reply.hijack().raw.setHeader('Content-Type', 'text/html');
    Readable.from([page.slice(0, 2600), page.slice(2600)]).pipe(reply.raw);
  });
  app.get('/json', (_, reply) => reply.send(data));
  app.get('/view', (_, reply) => reply.view('view.ejs', data));
}

const image = `<img src="${url()}">`;
const bodies: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['text', 'bytes', 'stream', 'web-stream', 'response', 'error', 'raw', 'hijacked'].map((name) => [
      name,
      page,
    ]),
  ),
  'static/page.html': page,
  json: JSON.stringify(data),
  view: `<p>${data.text}</p>${image}`,
};
const tagged = ['text', 'bytes', 'static/page.html', 'json', 'view'];
const codings = ['identity', 'gzip', 'br'];

function ordersOf<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first) =>
    ordersOf(items.filter((each) => each !== first)).map((rest) => [first, ...rest]),
  );
}

/** Whether the plugin gets to compress: it takes routes that come after it, and nothing that is past all hooks. */
function isCompressed(path: string, order: readonly string[]): boolean {
  if (path === 'raw' || path === 'hijacked') return false;
  return path !== 'static/page.html' || order.indexOf('compress') < order.indexOf('static');
}

/** A third of the bodies, and another coding for each: 720 orders with all of them would take minutes. */
async function expectSignedBodies(get: Get, order: readonly string[], turn: number): Promise<void> {
  for (const [index, [path, expected]] of Object.entries(bodies).entries()) {
    if ((turn + index) % 3 !== 0) continue;
    const coding = codings[(Math.floor(turn / 3) + Math.floor(index / 3)) % codings.length]!;
    const response = await get(`/${path}`, { headers: { accept: 'text/html', 'accept-encoding': coding } });
    const { status, body, isComplete, header } = response;
    expect([status, isComplete], path).toEqual([path === 'error' ? 500 : 200, true]);
    expect([undefined, String(body.length)], path).toContain(header('content-length'));
    const text = decoded(response).toString();
    expect(withoutTokens(text), path).toBe(expected);
    expect(countTokens(text), path).toBe(expected === page ? 2 : 1);
    if (path === 'text') expect(header('cache-control')).toBe('public, max-age=43200');
    const isEncoded = coding !== 'identity' && isCompressed(path, order);
    expect(header('content-encoding'), path).toBe(isEncoded ? coding : undefined);
  }
}

async function expectTrueTags(
  get: Get,
  path: string,
  accept: string,
  advance: (seconds: number) => void,
): Promise<void> {
  const known = (await get(`/${path}`, { headers: { accept } })).header('etag')!;
  expect(known, path).toMatch(/^W\/".+-is\.[0-9a-f]{24}"$/);
  const headers = { accept, 'if-none-match': known };
  const again = await get(`/${path}`, { headers });
  expect([again.status, again.text, again.header('etag')], path).toEqual([304, '', known]);
  advance(21_600);
  const later = await get(`/${path}`, { headers });
  expect([later.status, withoutTokens(later.text)], path).toEqual([200, bodies[path]]);
}

const all = ordersOf(Object.keys(plugins));
/** Not each tenth: those would all end in the same plugins. */
const orders = shareOf(all, 23);

test('in each order no byte is lost, images are signed, and no 304 outlives its tokens', async () => {
  for (const [turn, order] of orders.entries()) {
    const now = clockAt();
    await withApp(
      async (app) => {
        for (const name of order) await plugins[name]!(app, now);
        addRoutes(app);
      },
      async (get) => {
        await expectSignedBodies(get, order, turn);
        const path = tagged[turn % tagged.length]!;
        const accept = turn % 2 === 0 ? 'text/html' : '*/*';
        await expectTrueTags(get, path, accept, (seconds) => now.advance(seconds));
      },
    ).catch((error: unknown) => {
      throw new Error(`in the order ${order.join(', ')}: ${error}`, { cause: error });
    });
  }
}, 240_000);
