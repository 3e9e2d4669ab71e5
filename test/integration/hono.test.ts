/** Hono's middleware, called in process and on Node.js over a socket. */
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { etag } from 'hono/etag';
import { HTTPException } from 'hono/http-exception';
import { describe, expect, test } from 'vitest';
import { imageSigner } from '../../src/hono.ts';
import { exchange, send } from '../support/http/raw.ts';
import { base, countTokens, url, withoutTokens } from '../support/samples.ts';
import { withSite } from '../support/servers/frameworks.ts';

const page = `<p>text</p><img src="${url()}">`;
const html = { 'content-type': 'text/html' };
const ours = (more: object = {}): MiddlewareHandler => imageSigner({ ...base, ...more } as never);

function appWith(...middleware: readonly MiddlewareHandler[]): Hono {
  const app = new Hono();
  for (const each of middleware) app.use(each);
  app.get('/', (c) => c.html(page, 200, { 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' }));
  app.get('/text', (c) => c.text('text'));
  app.get('/helper', (c) => c.text((c.get('signImage' as never) as (image: string) => string)(url())));
  return app;
}

/** Runs when all is done, on the way out. */
const above =
  (change: (c: Context) => unknown): MiddlewareHandler =>
  async (c, next) => {
    await next();
    await change(c);
  };

async function read(response: Response | Promise<Response>): Promise<unknown[]> {
  const text = await (await response).text();
  return [(await response).status, withoutTokens(text), countTokens(text)];
}

test('a middleware around ours finds the request as it came, and the handler without what holds no longer', async () => {
  const seen: (string | undefined)[] = [];
  const note = above((c) => seen.push(c.req.header('if-modified-since')));
  const headers = { accept: 'text/html', 'if-modified-since': 'Mon, 01 Jan 2024 00:00:00 GMT' };
  await appWith(note, ours(), note).request('/', { headers });
  expect(seen).toEqual([undefined, headers['if-modified-since']]);
});

test('pages that an exception carries are signed as well', async () => {
  const app = appWith(ours()).get('/thrown', () => {
    throw new HTTPException(418, { res: new Response(page, { status: 418, headers: html }) });
  });
  expect(await read(app.request('/thrown'))).toEqual([418, page, 1]);
});

test.each([
  ['before', [above(fail), ours()], 0],
  ['after', [ours(), above(fail)], 1],
])('an error that a middleware throws outside, %s ours, is an error', async (_where, mounts, tokens) => {
  const app = appWith(...mounts).onError((_error, c) => c.html(`${page}!`, 500));
  // Outside, nothing of ours runs after the error handler.
  expect(await read(app.request('/'))).toEqual([500, `${page}!`, tokens]);
});

function fail(): never {
  throw new Error('on purpose');
}

test.each([
  ['without us', above(() => {})],
  ['with us', ours()],
])(
  'a handler that returns nothing gets the error of Hono, also after it has signed: %s',
  async (_, mount) => {
    const app = appWith(mount).onError((_error, c) => c.text('error', 500));
    app.get('/nothing', (c) => {
      (c.get('signImage' as never) as undefined | ((image: string) => string))?.(url());
      return undefined as never;
    });
    expect((await app.request('/nothing')).status).toBe(500);
  },
);

test('a sub-app that signs by itself leaves the rest of the site alone, and in a signed site signs once', async () => {
  const signed = appWith(ours());
  const site = appWith().route('/signed', signed);
  expect(await read(site.request('/signed'))).toEqual([200, page, 1]);
  expect(await read(site.request('/'))).toEqual([200, page, 0]);
  const whole = appWith(ours()).route('/signed', signed).mount('/mounted', signed.fetch);
  for (const path of ['/signed', '/mounted']) expect(await read(whole.request(path))).toEqual([200, page, 1]);
});

describe('on Node.js', () => {
  const own = { headers: { 'x-own': 'é' } };
  test.each<[title: string, create: () => Response]>([
    ['a text without a type', () => new Response('text')],
    ['a text with a field of its own', () => new Response('text', own)],
    ['a field behind a page in bytes', () => new Response(new TextEncoder().encode(page), own)],
    ['a Blob with a type', () => new Response(new Blob([page], { type: 'text/html' }))],
    ['a Blob with a field of its own', () => new Response(new Blob(['x'], { type: 'image/png' }), own)],
    ['a stream', () => new Response(new Blob(['text']).stream(), own)],
    ['no body', () => new Response(null, { status: 201, ...own })],
  ])('%s arrives as with any middleware that reads the type', async (_title, create) => {
    const rawOf = (mount: MiddlewareHandler): Promise<string> => {
      const app = new Hono().use(mount).get('/', create);
      const request = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
      return withSite(getRequestListener(app.fetch), async (port) =>
        (await exchange(port, request)).toString('latin1').replace(/date: .*\r\n/i, ''),
      );
    };
    const raw = await rawOf(ours({ report: false }));
    expect(raw).toBe(await rawOf(above((c) => c.res.headers.get('content-type'))));
    expect(raw).toMatch(/^HTTP\/1\.1 20\d /);
  });

  test.each([204, 205, 304])(
    'a status without a body stays, whatever body the handler gives: %d',
    async (status) => {
      const app = appWith(ours()).get('/none', (c) => c.html(page, status as never));
      await withSite(getRequestListener(app.fetch), async (port) =>
        expect((await send(port, '/none')).status).toBe(status),
      );
    },
  );
});

const day = 'public, max-age=86400';

/** What a middleware above does when the page is signed. */
describe.each<[title: string, change: (c: Context) => unknown]>([
  ['by c.header', (c) => c.header('cache-control', day)],
  ['on c.res', (c) => c.res.headers.set('cache-control', day)],
  ['for a CDN', (c) => c.header('cdn-cache-control', day)],
  ['with a response of its own', (c) => replace(c, new Response(c.res.body, withLifetime(c.res)))],
  ['with a response that cannot be changed', (c) => replace(c, Response.redirect('http://localhost/a', 302))],
])('a middleware above that sets a lifetime %s', (_title, change) => {
  const headersOf = async (path: string, ...mounts: readonly MiddlewareHandler[]): Promise<Headers> =>
    (await appWith(above(change), ...mounts).request(path)).headers;

  test('does not make caches keep a page for longer than its images are valid', async () => {
    for (const path of ['/', '/helper']) {
      const headers = await headersOf(path, ours({ ttl: '1h' }));
      const both = `${headers.get('cache-control')}, ${headers.get('cdn-cache-control')}`;
      for (const [, age] of both.matchAll(/max-age=(\d+)/g)) expect(Number(age)).toBeLessThanOrEqual(1800);
      expect(headers.get('cache-control')).not.toBeNull();
    }
  });

  test('does not make a page of one viewer a page for all', async () => {
    const headers = await headersOf('/', ours({ authorize: () => true }));
    expect(headers.get('cache-control')).toMatch(/^private(?!.*public)/);
    expect(headers.get('cdn-cache-control')).toBeNull();
  });

  test('is left alone where nothing is signed', async () => {
    // The server and the standard write the type of a text in two spellings.
    const spelled = (headers: Headers) =>
      [...headers].map(([name, value]) => [name, value.replace(/; */, ';')]);
    expect(spelled(await headersOf('/text', ours()))).toEqual(spelled(await headersOf('/text')));
  });
});

function replace(c: Context, response: Response): void {
  c.res = undefined;
  c.res = response;
}

function withLifetime({ headers }: Response): ResponseInit {
  return { headers: { ...Object.fromEntries(headers), 'cache-control': day } };
}

test('a tag that a middleware above makes of a page for one viewer does not go out', async () => {
  const response = await appWith(etag(), ours({ authorize: () => true })).request('/');
  expect(response.headers.get('etag')).toBeNull();
});

test('the tag that hono/etag before us makes for HEAD is the one for GET', async () => {
  const app = appWith(etag(), ours());
  const tag = (await app.request('/')).headers.get('etag')!;
  const head = await app.request('/', { method: 'HEAD' });
  const again = await app.request('/', { method: 'HEAD', headers: { 'if-none-match': tag } });
  expect([head.headers.get('etag'), again.status]).toEqual([tag, 304]);
});
