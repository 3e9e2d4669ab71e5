/** The entry of the fetch standard, called as a runtime calls it: a `Request` in, a `Response` out. */
import { brotliCompressSync, deflateRawSync, gunzipSync, gzipSync, inflateRawSync } from 'node:zlib';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type FetchHandler, imageSigner } from '../../src/fetch.ts';
import type { ImageSignerEvent } from '../../src/index.ts';
import { note } from '../support/events.ts';
import { withSite } from '../support/frameworks.ts';
import { send } from '../support/raw.ts';
import { base, clockAt, countTokens, url, withoutTokens } from '../support/samples.ts';

const page = `<p>text</p><img src="${url()}">`;
const html = { 'content-type': 'text/html; charset=utf-8' };

function sign(options: object = {}): (request: Request, next: FetchHandler) => Promise<Response> {
  return imageSigner({ ...base, ...options } as never);
}

function get(headers: Record<string, string> = {}, method = 'GET'): Request {
  return new Request('https://shop.example/', { method, headers });
}

/** By the recipe from before Hono had an entry of its own. */
function signedHono(): Hono {
  const middleware = sign();
  const app = new Hono();
  app.use(async (context, next) => {
    const signed = await middleware(context.req.raw, async (request) => {
      context.req.raw = request;
      await next();
      return context.res;
    });
    context.res = undefined;
    context.res = signed;
  });
  return app;
}

async function textOf(response: Response): Promise<[text: string, tokens: number]> {
  const text = await response.text();
  return [withoutTokens(text), countTokens(text)];
}

afterEach(() => {
  vi.unstubAllEnvs();
});

test('a page is signed, its status kept, and what was true of the old body gone', async () => {
  const response = await sign()(
    get(),
    () =>
      new Response(page, {
        status: 404,
        statusText: 'Gone Fishing',
        headers: { ...html, 'content-length': '1', 'last-modified': 'x', etag: '"a"', 'set-cookie': 'a=1' },
      }),
  );
  expect([response.status, response.statusText]).toEqual([404, 'Gone Fishing']);
  expect(Object.fromEntries(response.headers)).toEqual({
    ...html,
    'cache-control': 'no-cache',
    'set-cookie': 'a=1',
    etag: expect.stringMatching(/^W\/"a-is\.\w{24}"$/),
  });
  expect(await textOf(response)).toEqual([page, 1]);
});

test('it streams: what is there goes out before the rest has come', async () => {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
  });
  const response = await sign()(get(), () => new Response(body, { headers: html }));
  const reader = response.body!.getReader();
  controller!.enqueue(Buffer.from(page));
  expect(countTokens(Buffer.from((await reader.read()).value!).toString())).toBe(1);
  controller!.enqueue(Buffer.from('<img src="'));
  controller!.close();
  expect(Buffer.from((await reader.read()).value!).toString()).toBe('<img src="');
  expect((await reader.read()).done).toBe(true);
});

test('a page that is there as a whole goes out as a whole, with its length', async () => {
  const app = signedHono();
  app.get('/', (context) => context.html(page));
  await withSite(getRequestListener(app.fetch), async (port) => {
    const { header, body, text } = await send(port, '/');
    expect([header('content-length'), header('transfer-encoding')]).toEqual([`${body.length}`, undefined]);
    expect([withoutTokens(text), countTokens(text)]).toEqual([page, 1]);
  });
});

test('of a stream that always has more no more is read than is asked for', async () => {
  let pulls = 0;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(Buffer.from(page + ++pulls)),
  });
  const reader = (await sign()(get(), () => new Response(endless, { headers: html }))).body!.getReader();
  for (let read = 0; read < 10; read++)
    expect(
      Buffer.from((await reader.read()).value!)
        .toString()
        .endsWith(`>${read + 1}`),
    ).toBe(true);
  expect(pulls).toBeLessThanOrEqual(10 + 4); // what the streams between keep ready
});

test('a source that fails behind its first chunk fails the page behind it', async () => {
  let pulls = 0;
  const failing = new ReadableStream({
    pull: (controller) =>
      ++pulls === 1 ? controller.enqueue(Buffer.from(page)) : controller.error(new Error('broken')),
  });
  const reader = (await sign()(get(), () => new Response(failing, { headers: html }))).body!.getReader();
  const first = Buffer.from((await reader.read()).value ?? []).toString();
  expect([withoutTokens(first), countTokens(first)]).toEqual([page, 1]);
  await expect(reader.read()).rejects.toThrow('broken');
});

test('a reader that goes cancels the source, and a source that fails fails the page', async () => {
  let endless: ReadableStream | undefined;
  const cancelled = new Promise((resolve) => {
    endless = new ReadableStream({
      pull: (controller) => controller.enqueue(Buffer.from(page)),
      cancel: resolve,
    });
  });
  const response = await sign()(get(), () => new Response(endless!, { headers: html }));
  await response.body!.cancel('gone');
  expect(await cancelled).toBe('gone');
  const failing = new ReadableStream({ pull: (controller) => controller.error(new Error('broken')) });
  const failed = await sign()(get(), () => new Response(failing, { headers: html }));
  await expect(failed.text()).rejects.toThrow('broken');
});

test.each([
  ['JSON', () => Response.json({ image: url() })],
  ['an image', () => new Response('x', { headers: { 'content-type': 'image/png' } })],
  [
    'a body that is used',
    () => {
      const used = new Response(page, { headers: html });
      void used.text();
      return used;
    },
  ],
  [
    'a body that is locked',
    () => {
      const locked = new Response(page, { headers: html });
      locked.body!.getReader();
      return locked;
    },
  ],
])('%s goes by, the very response', async (_title, create) => {
  vi.stubEnv('NODE_ENV', 'production'); // in development a text that is not read is watched
  const given = create();
  expect(await sign()(get(), () => given)).toBe(given);
});

test('a response without a body has none', async () => {
  for (const given of [new Response(null, { headers: html }), new Response(null, { status: 204 })]) {
    const response = await sign()(get(), () => given);
    expect([response.status, response.body]).toEqual([given.status, null]);
  }
});

test('what the handler throws is thrown', async () => {
  await expect(sign()(get(), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('a tag brings a 304 while the tokens are the same, and never after', async () => {
  const now = clockAt();
  const handler: FetchHandler = (request) =>
    request.headers.get('if-none-match') === '"a"'
      ? new Response(null, { status: 304, headers: { etag: '"a"' } })
      : new Response(page, { headers: { ...html, etag: '"a"' } });
  const middleware = sign({ now });
  const tag = (await middleware(get(), handler)).headers.get('etag')!;
  const again = await middleware(get({ 'if-none-match': tag }), handler);
  expect([again.status, again.headers.get('etag')]).toEqual([304, tag]);
  now.advance(6 * 3600);
  expect((await middleware(get({ 'if-none-match': tag }), handler)).status).toBe(200);
});

test('authorize and skip are asked with the request', async () => {
  const asked: unknown[] = [];
  const request = get();
  const authorize = (_image: unknown, given: unknown): boolean => asked.push(given) > 0;
  const skip = (given: unknown): boolean => asked.push(given) < 0;
  const response = await sign({ authorize, skip })(request, () => new Response(page, { headers: html }));
  await response.text();
  expect(asked).toEqual([request, request]);
  expect(response.headers.get('cache-control')).toBe('private, no-cache');
});

test('HEAD has the headers of GET', async () => {
  const handler = (): Response => new Response(page, { headers: { ...html, 'content-length': '9' } });
  const [first, second] = [await sign()(get(), handler), await sign()(get({}, 'HEAD'), handler)];
  expect([...second.headers]).toEqual([...first.headers]);
});

describe('an encoded body', () => {
  const encoded =
    (body: Uint8Array, name: string): FetchHandler =>
    () =>
      new Response(Buffer.from(body), { headers: { ...html, 'content-encoding': name } });

  test.each([
    ['gzip', gzipSync(page), gunzipSync],
    ['deflate', deflateRawSync(page), inflateRawSync],
  ])('%s is decoded, signed and encoded again', async (name, body, decode) => {
    const response = await sign()(get(), encoded(body, name));
    const text = decode(Buffer.from(await response.arrayBuffer())).toString();
    expect([withoutTokens(text), countTokens(text)]).toEqual([page, 1]);
    expect(response.headers.get('content-encoding')).toBe(name);
  });

  test('whose header is a mere remainder is a plain one', async () => {
    const response = await sign()(get(), encoded(Buffer.from(page), 'gzip'));
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(await textOf(response)).toEqual([page, 1]);
  });

  test('in brotli passes as it came, and is reported', async () => {
    const events: ImageSignerEvent[] = [];
    const body = brotliCompressSync(page);
    const response = await sign({ report: (event: ImageSignerEvent) => note(events, event) })(
      get(),
      encoded(body, 'br'),
    );
    expect(Buffer.from(await response.arrayBuffer())).toEqual(body);
    expect(events).toEqual([{ type: 'passed', reason: 'encoding' }]);
  });

  test('that is corrupt passes as it came, and is reported', async () => {
    const events: ImageSignerEvent[] = [];
    const body = gzipSync(page).subarray(0, -9);
    const response = await sign({ report: (event: ImageSignerEvent) => note(events, event) })(
      get(),
      encoded(body, 'gzip'),
    );
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(body));
    expect(events).toEqual([{ type: 'passed', reason: 'corrupt-body' }]);
  });

  test('that fails at its first byte fails whoever reads it, and not the call', async () => {
    const failing = new ReadableStream({ pull: (controller) => controller.error(new Error('broken')) });
    const response = await sign()(
      get(),
      () => new Response(failing, { headers: { ...html, 'content-encoding': 'gzip' } }),
    );
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow('broken');
  });

  test('that turns out corrupt late breaks off', async () => {
    const long = `${page}${Array.from({ length: 60_000 }, (_, i) => i * 7919).join(' ')}`;
    const whole = gzipSync(long);
    const body = Buffer.concat([whole.subarray(0, -8), Buffer.alloc(8)]);
    const response = await sign()(get(), encoded(body, 'gzip'));
    await expect(response.arrayBuffer()).rejects.toThrow();
  });
});

test('in Hono, by the recipe from before Hono had an entry of its own', async () => {
  const app = signedHono();
  app.get('/', (context) => {
    context.header('ETag', '"a"');
    context.header('Cache-Control', 'public, max-age=31536000');
    return context.html(page);
  });
  const response = await app.request('/');
  expect(response.headers.get('etag')).toMatch(/^W\/"a-is\./);
  expect(response.headers.get('cache-control')).toBe('public, max-age=43200');
  expect(await textOf(response)).toEqual([page, 1]);
});
