/** Hono's own middleware in every order with ours, over every kind of body; on Node.js over a socket. */
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { getRequestListener } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono, type MiddlewareHandler } from 'hono';
import { compress } from 'hono/compress';
import { etag } from 'hono/etag';
import { html, raw } from 'hono/html';
import { secureHeaders } from 'hono/secure-headers';
import { stream, streamText } from 'hono/streaming';
import { afterAll, describe, expect, test } from 'vitest';
import { imageSigner } from '../../src/hono.ts';
import { type RawRequest, type RawResponse, send } from '../support/http/raw.ts';
import { base, clockAt, countTokens, url, withoutTokens } from '../support/samples.ts';
import { createFolder } from '../support/servers/express-site.ts';
import { withSite } from '../support/servers/frameworks.ts';

const page = `<p>${'text '.repeat(300)}</p><img src="${url()}">`;
const folder = createFolder();
afterAll(() => folder.remove());
writeFileSync(join(folder.path, 'page.html'), page);
const root = relative(process.cwd(), folder.path);

/** The same routes for every order of middleware. */
function appWith(...middleware: readonly MiddlewareHandler[]): Hono {
  const app = new Hono();
  for (const each of middleware) app.use(each);
  app.get('/text', (c) => c.html(page));
  app.get('/body', (c) => c.body(new TextEncoder().encode(page), 200, { 'content-type': 'text/html' }));
  app.get('/stream', (c) => {
    c.header('content-type', 'text/html');
    return stream(c, async (out) => {
      for (const part of page.match(/.{1,400}/gs)!) await out.write(part);
    });
  });
  app.get('/stream-text', (c) => {
    const response = streamText(c, async (out) => void (await out.write(page)));
    response.headers.set('content-type', 'text/html; charset=utf-8');
    return response;
  });
  app.get('/template', (c) => c.html(html`<p>${'text '.repeat(300)}</p>${raw(`<img src="${url()}">`)}`));
  app.get('/static/*', serveStatic({ root, rewriteRequestPath: (path) => path.replace('/static', '') }));
  app.route(
    '/sub',
    new Hono().get('/text', (c) => c.html(page)),
  );
  app.mount('/mounted', () => new Response(page, { headers: { 'content-type': 'text/html' } }));
  app.get('/throws', () => {
    throw new Error('on purpose');
  });
  app.notFound((c) => c.html(page, 404));
  app.onError((_error, c) => c.html(page, 500));
  return app;
}

const paths = [
  'text',
  'body',
  'stream',
  'stream-text',
  'template',
  'static/page.html',
  'sub/text',
  'mounted/x',
];

type Get = (path: string, request?: RawRequest) => Promise<RawResponse>;

const withApp = (app: Hono, use: (get: Get) => Promise<void>): Promise<void> =>
  withSite(getRequestListener(app.fetch), (port) => use((path, request) => send(port, path, request)));

function ordersOf<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first) =>
    ordersOf(items.filter((each) => each !== first)).map((rest) => [first, ...rest]),
  );
}

const others = { compress: compress({ threshold: 0 }), etag: etag(), secureHeaders: secureHeaders() };
type Name = keyof typeof others | 'imageSigner';

describe.each(ordersOf<Name>(['imageSigner', 'compress', 'etag', 'secureHeaders']))(
  'in the order %s, %s, %s, %s',
  (...order) => {
    const build = (now: () => number): Hono => {
      const sign = imageSigner({ ...base, now } as never);
      return appWith(...order.map((name) => (name === 'imageSigner' ? sign : others[name])));
    };

    test('each kind of body is signed and arrives to its last byte, and the other headers stay', async () => {
      await withApp(build(clockAt()), async (get) => {
        for (const [index, path] of [...paths, 'throws', 'nowhere'].entries()) {
          const coding = index % 2 === 0 ? 'identity' : 'gzip';
          const response = await get(`/${path}`, { headers: { 'accept-encoding': coding } });
          const { status, isComplete, body, header } = response;
          expect([status, isComplete], path).toEqual([
            path === 'throws' ? 500 : path === 'nowhere' ? 404 : 200,
            true,
          ]);
          expect([undefined, String(body.length)], path).toContain(header('content-length'));
          const text = (header('content-encoding') === 'gzip' ? gunzipSync(body) : body).toString();
          expect([withoutTokens(text), countTokens(text)], path).toEqual([page, 1]);
          expect(header('x-content-type-options'), path).toBe('nosniff');
        }
      });
    });

    test('a page gets its 304 within the step, and not after it', async () => {
      const now = clockAt();
      await withApp(build(now), async (get) => {
        for (const accept of ['text/html', '*/*']) {
          const known = (await get('/text', { headers: { accept } })).header('etag')!;
          const headers = { accept, 'if-none-match': known };
          const again = await get('/text', { headers });
          expect([again.status, again.body.length]).toEqual([304, 0]);
          now.advance(21_600);
          const later = await get('/text', { headers });
          expect([later.status, countTokens(later.text)]).toEqual([200, 1]);
        }
      });
    });

    test('HEAD tells no wrong length, and no body follows', async () => {
      await withApp(build(clockAt()), async (get) => {
        for (const path of paths) {
          const [whole, head] = [await get(`/${path}`), await get(`/${path}`, { method: 'HEAD' })];
          expect([head.status, head.body.length], path).toEqual([200, 0]);
          expect([undefined, String(whole.body.length)], path).toContain(head.header('content-length'));
        }
      });
    });
  },
);
