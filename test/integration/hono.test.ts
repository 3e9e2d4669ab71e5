/** Hono's middleware, called in process and on Node.js over a socket. */
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { compress } from 'hono/compress';
import { etag } from 'hono/etag';
import { HTTPException } from 'hono/http-exception';
import { describe, expect, test } from 'vitest';
import { createSigner, imageSigner, signingEndpoint } from '../../src/hono.ts';
import { withSite } from '../support/frameworks.ts';
import { send } from '../support/raw.ts';
import { base, clockAt, countTokens, url, withoutTokens } from '../support/samples.ts';

const page = `<p>text</p><img src="${url()}">`;
const options = (more: object = {}): never => ({ ...base, ...more }) as never;

function appWith(...middleware: Parameters<Hono['use']>[1][]): Hono {
  const app = new Hono();
  for (const each of middleware) app.use(each);
  app.get('/', (c) => c.html(page, 200, { 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' }));
  app.get('/helper', (c) =>
    c.text(`${c.get('signImage')(url())} ${c.var.signSrcset(url(), { thumb: '1x' })}`),
  );
  app.get('/kept', (c) => {
    const signed = c.get('signImage')(url(), 'thumb', { ttl: '10m' });
    return c.html(`<img src="${signed}">`, 200, { 'cache-control': 'max-age=9999999' });
  });
  app.get('/thrown', () => {
    throw new HTTPException(418, {
      res: new Response(page, { status: 418, headers: { 'content-type': 'text/html' } }),
    });
  });
  return app;
}

test('a page is signed, and nothing of the old response is left', async () => {
  const response = await appWith(imageSigner(options())).request('/');
  const text = await response.text();
  expect([withoutTokens(text), countTokens(text)]).toEqual([page, 1]);
  expect(response.headers.get('last-modified')).toBeNull();
  expect(response.headers.get('cache-control')).toBe('no-cache');
});

test('a middleware around ours finds the request as it came, and the handler without what holds no longer', async () => {
  const seen: (string | undefined)[] = [];
  const note: Parameters<Hono['use']>[1] = async (c, next) => {
    await next();
    seen.push(c.req.header('if-modified-since'));
  };
  const headers = { accept: 'text/html', 'if-modified-since': 'Mon, 01 Jan 2024 00:00:00 GMT' };
  await appWith(note, imageSigner(options()), note).request('/', { headers });
  expect(seen).toEqual([undefined, headers['if-modified-since']]);
});

test('handlers have the helpers, which count for the response that they give', async () => {
  const app = appWith(imageSigner(options()));
  expect(countTokens(await (await app.request('/helper')).text())).toBe(2);
  expect((await app.request('/kept')).headers.get('cache-control')).toBe('max-age=300');
});

test('pages that an exception carries are signed as well', async () => {
  const response = await appWith(imageSigner(options())).request('/thrown');
  expect(response.status).toBe(418);
  expect(countTokens(await response.text())).toBe(1);
});

test('a handler that returns nothing gets the error of Hono, also after it has signed an image', async () => {
  const statusWith = async (sign: Parameters<Hono['use']>[1]): Promise<number> => {
    const app = new Hono();
    app.onError((_error, c) => c.text('error', 500));
    app.use(sign);
    app.get('/', (c) => {
      (c.get('signImage' as never) as undefined | ((image: string) => string))?.(url());
      return undefined as never;
    });
    return (await app.request('/')).status;
  };
  expect(await statusWith(async (_c, next) => void (await next()))).toBe(500);
  expect(await statusWith(imageSigner(options()))).toBe(500);
});

test('the type of a Blob stays, and a page in one is signed, in process and on Node.js', async () => {
  const app = appWith(imageSigner(options()));
  const blobOf = (type: string): Blob => new Blob([page], { type });
  app.get('/page', () => new Response(blobOf('text/html')));
  app.get('/fields', () => new Response(blobOf('text/html'), { headers: { 'x-own': '1' } }));
  app.get('/picture', () => new Response(blobOf('image/png')));
  for (const path of ['/page', '/fields', '/picture']) {
    const type = path === '/picture' ? 'image/png' : 'text/html';
    const response = await app.request(path);
    const tokens = path === '/picture' ? 0 : 1;
    if (tokens > 0) expect(response.headers.get('content-type')).toBe(type);
    const text = await response.text(); // makes a real response
    expect([response.headers.get('content-type'), countTokens(text)]).toEqual([type, tokens]);
  }
  await withSite(getRequestListener(app.fetch), async (port) => {
    for (const path of ['/page', '/fields']) {
      const response = await send(port, path);
      expect([response.header('content-type'), countTokens(response.text)]).toEqual(['text/html', 1]);
    }
  });
});

test('on Node.js a Blob without a type has the default type of the server, also with a signed image', async () => {
  const typesOf = async (isSigned: boolean): Promise<unknown[]> => {
    const app = isSigned ? appWith(imageSigner(options())) : new Hono();
    app.get('/blob', (c) => {
      if (isSigned) (c.get('signImage' as never) as (image: string) => string)(url());
      return new Response(new Blob(['text']));
    });
    const types: unknown[] = [];
    await withSite(getRequestListener(app.fetch), async (port) => {
      types.push((await send(port, '/blob')).header('content-type'));
    });
    return types;
  };
  expect(await typesOf(true)).toEqual(await typesOf(false));
  expect(await typesOf(false)).toEqual(['text/plain; charset=UTF-8']);
});

test('on Node.js a status without a body stays, whatever body the handler has given', async () => {
  const app = appWith(imageSigner(options()));
  for (const status of [204, 205, 304] as const) app.get(`/${status}`, (c) => c.html(page, status as never));
  await withSite(getRequestListener(app.fetch), async (port) => {
    for (const status of [204, 205, 304]) expect((await send(port, `/${status}`)).status).toBe(status);
  });
});

/** What a middleware above does when the page is signed. */
const above: readonly (readonly [title: string, change: (c: Context) => unknown])[] = [
  ['by c.header', (c) => c.header('cache-control', 'public, max-age=86400')],
  ['on c.res', (c) => c.res.headers.set('cache-control', 'public, max-age=86400')],
  ['for a CDN', (c) => c.header('cdn-cache-control', 'public, max-age=86400')],
  [
    'with a response of its own',
    (c) => {
      const { body, headers } = c.res;
      c.res = undefined;
      c.res = new Response(body, {
        headers: { ...Object.fromEntries(headers), 'cache-control': 'public, max-age=86400' },
      });
    },
  ],
  [
    'with a response that cannot be changed',
    (c) => {
      c.res = undefined;
      c.res = Response.redirect('http://localhost/elsewhere', 302);
    },
  ],
];

describe.each(above)('a middleware above that sets a lifetime %s', (_title, change) => {
  const appWithChange = (more: object): Hono => {
    const set: Parameters<Hono['use']>[1] = async (c, next) => {
      await next();
      change(c);
    };
    return appWith(set, imageSigner(options(more)));
  };

  test('does not make caches keep a page for longer than its images are valid', async () => {
    for (const path of ['/', '/helper']) {
      const { headers } = await appWithChange({ ttl: '1h' }).request(path);
      for (const name of ['cache-control', 'cdn-cache-control'])
        expect(
          [...(headers.get(name) ?? '').matchAll(/max-age=(\d+)/g)].every(([, age]) => Number(age) <= 1800),
        ).toBe(true);
      expect(headers.get('cache-control')).not.toBeNull();
    }
  });

  test('does not make a page of one viewer a page for all', async () => {
    const { headers } = await appWithChange({ authorize: () => true }).request('/');
    expect(headers.get('cache-control')).toMatch(/^private/);
    expect(headers.get('cache-control')).not.toMatch(/public/);
    expect(headers.get('cdn-cache-control')).toBeNull();
  });

  test('is left alone where nothing is signed', async () => {
    const app = new Hono();
    app.use(async (c, next) => {
      await next();
      change(c);
    }, imageSigner(options()));
    app.get('/', (c) => c.text('text'));
    const plain = new Hono();
    plain.use(async (c, next) => {
      await next();
      change(c);
    });
    plain.get('/', (c) => c.text('text'));
    const [signed, without] = [await app.request('/'), await plain.request('/')];
    // The server and the standard write the type of a text in two spellings.
    const spelled = ({ headers }: Response) =>
      [...headers].map(([name, value]) => [name, value.replace(/; */, ';')]);
    expect(spelled(signed)).toEqual(spelled(without));
  });
});

test('a tag that a middleware above makes of a page for one viewer does not go out', async () => {
  const response = await appWith(etag(), imageSigner(options({ authorize: () => true }))).request('/');
  expect(response.headers.get('etag')).toBeNull();
});

test.each(['before', 'after'])('with tags %s, a page gets its 304 within the step', async (where) => {
  const now = clockAt();
  const sign = imageSigner(options({ now }));
  const app = where === 'before' ? appWith(etag(), sign) : appWith(sign, etag());
  const first = await app.request('/');
  const tag = first.headers.get('etag')!;
  expect(countTokens(await first.text())).toBe(1);
  expect((await app.request('/', { headers: { 'if-none-match': tag } })).status).toBe(304);
  now.advance(21_600);
  expect((await app.request('/', { headers: { 'if-none-match': tag } })).status).toBe(200);
});

test.each(['before', 'after'])('on Node.js, with compression %s, the last byte arrives', async (where) => {
  const sign = imageSigner(options());
  const app =
    where === 'before'
      ? appWith(compress({ threshold: 0 }), sign)
      : appWith(sign, compress({ threshold: 0 }));
  await withSite(getRequestListener(app.fetch), async (port) => {
    for (const coding of ['identity', 'gzip', 'deflate']) {
      const response = await send(port, '/', { headers: { 'accept-encoding': coding } });
      expect(response.isComplete).toBe(true);
      const stream = new Response(response.body).body!;
      const body =
        coding === 'identity' ? stream : stream.pipeThrough(new DecompressionStream(coding as 'gzip'));
      expect(countTokens(await new Response(body).text())).toBe(1);
      expect(response.header('content-encoding')).toBe(coding === 'identity' ? undefined : coding);
    }
  });
});

test('authorize and skip get the context', async () => {
  const sign = imageSigner(
    options({
      authorize: (_image: unknown, c: Context) => c.req.header('x-viewer') === 'ada',
      skip: (c: Context) => c.req.query('skip') !== undefined,
    }),
  );
  const app = appWith(sign);
  const asAda = { headers: { 'x-viewer': 'ada' } };
  expect(countTokens(await (await app.request('/', asAda)).text())).toBe(1);
  expect(countTokens(await (await app.request('/')).text())).toBe(0);
  expect(await (await app.request('/?skip', asAda)).text()).toBe(page);
});

describe('the endpoint', () => {
  const signer = createSigner(options());
  const app = appWith(
    signingEndpoint({
      signer,
      path: '/sign',
      authorize: async (_image: unknown, c: Context) => c.req.header('x-viewer') === 'ada',
    } as never),
  );

  test('signs for a viewer who may see the image, and leaves other paths to the app', async () => {
    const headers = { 'x-viewer': 'ada' };
    const response = await app.request(`http://localhost/sign/${url()}`, { headers });
    expect([response.status, countTokens(await response.text())]).toEqual([200, 1]);
    expect((await app.request(`http://localhost/sign/${url()}`)).status).toBe(403);
    expect(await (await app.request('/')).text()).toBe(page);
  });
});
