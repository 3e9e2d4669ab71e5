/** What is left out over fetch for most requests and responses, and when it must not be. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { imageSigner as fetchImageSigner } from '../../src/fetch.ts';
import { imageSigner } from '../../src/hono.ts';
import { conditionalFields } from '../../src/http/conditional-requests.ts';
import type { ImageSignerEvent } from '../../src/options/events.ts';
import { base, countTokens, url, withoutTokens } from '../support/samples.ts';

const page = `<p>5 €</p><img src="${url()}">`;
const html = { 'content-type': 'text/html; charset=utf-8' };
const options = (more: object = {}): never => ({ ...base, ...more }) as never;
const NodesResponse = Response;
getRequestListener(() => new NodesResponse()); // puts a Response of its own in the place of Node's

const _headerShapes: Readonly<Record<string, () => unknown>> = {
  'the only field': () => ({ 'content-type': 'text/html' }),
  'a field in capitals': () => ({ 'CONTENT-TYPE': 'text/html' }),
  'an empty text': () => ({ 'content-type': '' }),
  'a field with white space': () => ({ 'content-type': ' text/html\t' }),
  'a number': () => ({ 'content-type': 5 }),
  'a list of texts': () => ({ 'content-type': ['text/plain', 'text/html'] }),
  'an object that turns into text': () => ({ 'content-type': { toString: () => 'text/html' } }),
  'two spellings': () => ({ 'Content-Type': 'text/plain', 'content-type': 'text/html' }),
  'one of two fields': () => ({ 'content-type': 'text/html', 'x-other': '1' }),
  'another field': () => ({ 'x-other': '1' }),
  nothing: () => ({}),
  undefined: () => undefined,
  'a list of pairs': () => [['content-type', 'text/html']],
  'a list of two pairs': () => [
    ['content-type', 'text/plain'],
    ['content-type', 'text/html'],
  ],
  'a map': () => new Map([['content-type', 'text/html']]),
  Headers: () => new Headers({ 'content-type': 'text/html' }),
  'a field of the prototype': () => Object.create({ 'content-type': 'text/html' }),
  'a field without a prototype': () => Object.assign(Object.create(null), { 'content-type': 'text/html' }),
  'a field of a class': () =>
    new (class Fields {
      'content-type' = 'text/html';
    })(),
  'a getter': () => ({
    get 'content-type'() {
      return 'text/html';
    },
  }),
  'a field that nobody lists': () =>
    Object.defineProperty({ 'x-other': '1' }, 'content-type', { value: 'text/html', enumerable: false }),
  'an object that can be iterated': () => ({
    'content-type': 'text/plain',
    [Symbol.iterator]: () => [['content-type', 'text/html']].values(),
  }),
};

describe('a request', () => {
  const signs = fetchImageSigner(options());
  const seenBy = async (headers: Record<string, string>): Promise<Request> => {
    let seen: Request | undefined;
    await signs(new Request('http://localhost/', { headers }), (request) => {
      seen = request;
      return new Response(page, { headers: html });
    });
    return seen!;
  };

  test('without conditions reaches the app as it is', async () => {
    const request = new Request('http://localhost/', { headers: { accept: 'text/html' } });
    let seen: Request | undefined;
    await signs(request, (each) => {
      seen = each;
      return new Response('');
    });
    expect(seen).toBe(request);
  });

  test.each(conditionalFields)('for a page reaches the app without its %s', async (name) => {
    const seen = await seenBy({ accept: 'text/html', [name]: '"a"' });
    expect(seen.headers.get('accept')).toBe('text/html');
    expect(seen.headers.has(name)).toBe(false);
  });

  test('that two middleware see without conditions is answered by the one further in', async () => {
    const events: ImageSignerEvent[] = [];
    const outer = fetchImageSigner(options({ report: (event: ImageSignerEvent) => events.push(event) }));
    const inner = fetchImageSigner(options({ key: 'another-key-than-that-of-the-outer-one' }));
    const request = new Request('http://localhost/');
    const answer = (): Response => new Response(page, { headers: html });
    const alone = await (await inner(request, answer)).text();
    const both = await (await outer(request, (each) => inner(each, answer))).text();
    expect(both).toBe(alone);
    expect(countTokens(both)).toBe(1);
    expect(events.map(({ type }) => type)).not.toContain('rewritten');
  });
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a response', () => {
  test('of JSON is returned itself, but for one that holds URLs of its own', async () => {
    vi.stubEnv('NODE_ENV', 'production'); // in development a text that is not read is watched
    const sign = fetchImageSigner(options());
    const json = Response.json({ a: 1 }, { headers: { 'cache-control': 'max-age=9999999' } });
    expect(await sign(new Request('http://localhost/'), () => json)).toBe(json);
    const limited = await sign(new Request('http://localhost/'), (_request, { signImage }) => {
      signImage(url());
      return json;
    });
    expect(limited.headers.get('cache-control')).toBe('max-age=43200');
  });
});

describe('on a server of Hono', () => {
  const answers: Readonly<Record<string, MiddlewareHandler>> = {
    'as it is': async (_context, next) => next(),
    'that was cloned': async (context, next) => {
      await next();
      await context.res.clone().text();
    },
    'that was looked into': async (context, next) => {
      await next();
      expect(context.res.body).not.toBeNull();
    },
    'with another header': async (context, next) => {
      await next();
      context.header('x-other', 'yes');
    },
    'that was wrapped': async (context, next) => {
      await next();
      context.res = new Response(context.res.body, context.res);
    },
  };

  test.each(Object.keys(answers))('a page %s is signed', async (name) => {
    const { status, headers, text } = await visit(answers[name]!, (context) =>
      context.html(page, 201, { 'content-length': String(Buffer.byteLength(page)), etag: '"a"' }),
    );
    expect([status, withoutTokens(text), countTokens(text)]).toEqual([201, page, 1]);
    expect(headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
    expect(headers.get('etag')).toMatch(/^W\/"a-is\.[0-9a-f]{24}"$/);
  });

  test('a page that says it must not be changed is not, and a HEAD has no length of the app', async () => {
    const kept = await visit(answers['as it is']!, (context) =>
      context.html(page, 200, { 'cache-control': 'no-transform' }),
    );
    expect(kept.text).toBe(page);
    const head = await visit(answers['as it is']!, (context) => context.html(page), 'HEAD');
    expect([head.text, head.headers.get('content-length')]).toEqual(['', null]);
  });

  test('a text that claims to be encoded is not taken for the page of that coding', async () => {
    const { text } = await visit(answers['as it is']!, (context) =>
      context.html(page, 200, { 'content-encoding': 'identity' }),
    );
    expect(countTokens(text)).toBe(1);
  });
});

function _keptLike(kept: unknown): object {
  const [symbol] = Object.getOwnPropertySymbols(new Response('')).filter(
    ({ description }) => description === 'cache',
  );
  return { [symbol!]: kept };
}

async function visit(
  between: MiddlewareHandler,
  answer: (context: Context) => Response | Promise<Response>,
  method = 'GET',
): Promise<{ status: number; headers: Headers; text: string }> {
  const app = new Hono().use(imageSigner(options())).use(between).get('/', answer);
  const server = createServer(getRequestListener(app.fetch)).listen(0, '127.0.0.1');
  try {
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/`, { method });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
