/** What is left out over fetch for most requests and responses, and when it must not be. */
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type FetchHandler, imageSigner } from '../../../src/fetch.ts';
import { imageSigner as signHono } from '../../../src/hono.ts';
import { conditionalFields } from '../../../src/http/conditional-requests.ts';
import type { ImageSignerEvent } from '../../../src/options/events.ts';
import { type RawResponse, send } from '../../support/http/raw.ts';
import { base, countTokens, url, withoutTokens } from '../../support/samples.ts';
import { withSite } from '../../support/servers/frameworks.ts';

const page = `<p>5 €</p><img src="${url()}">`;
const html = { 'content-type': 'text/html; charset=utf-8' };
const options = (more: object = {}): never => ({ ...base, ...more }) as never;
const answer: FetchHandler = () => new Response(page, { headers: html });

afterEach(() => void vi.unstubAllEnvs());

async function seenOf(request: Request): Promise<Request> {
  let seen = request;
  await imageSigner(options())(request, (each, helpers) => {
    seen = each;
    return answer(each, helpers);
  });
  return seen;
}

test('a request without conditions reaches the app as it is', async () => {
  const request = new Request('http://localhost/', { headers: { accept: 'text/html' } });
  expect(await seenOf(request)).toBe(request);
});

test.each(conditionalFields)('a request for a page reaches the app without its %s', async (name) => {
  const headers = { accept: 'text/html', [name]: '"a"' };
  const seen = await seenOf(new Request('http://localhost/', { headers }));
  expect([seen.headers.get('accept'), seen.headers.has(name)]).toEqual(['text/html', false]);
});

test('a request that two middlewares see without conditions is answered by the one further in', async () => {
  const events: string[] = [];
  const report = ({ type }: ImageSignerEvent): unknown => events.push(type);
  const inner = imageSigner(options({ key: 'another-key-than-that-of-the-outer-one' }));
  const request = new Request('http://localhost/');
  const alone = await (await inner(request, answer)).text();
  const outer = imageSigner(options({ report }));
  const both = await (await outer(request, (each) => inner(each, answer))).text();
  expect([both, countTokens(both), events.includes('rewritten')]).toEqual([alone, 1, false]);
});

test('JSON is returned itself, but where the app has signed a URL', async () => {
  vi.stubEnv('NODE_ENV', 'production'); // in development a text that is not read is watched
  const sign = imageSigner(options());
  const json = Response.json({ a: 1 }, { headers: { 'cache-control': 'max-age=9999999' } });
  expect(await sign(new Request('http://localhost/'), () => json)).toBe(json);
  const limited = await sign(new Request('http://localhost/'), (_request, { signImage }) => {
    signImage(url());
    return json;
  });
  expect(limited.headers.get('cache-control')).toBe('max-age=43200');
});

describe('on a server of Hono', () => {
  const asItIs: MiddlewareHandler = (_context, next) => next();

  function visit(
    between: MiddlewareHandler,
    answer: (context: Context) => Response | Promise<Response>,
    method = 'GET',
  ): Promise<RawResponse> {
    const app = new Hono().use(signHono(options())).use(between).get('/', answer);
    return withSite(getRequestListener(app.fetch), (port) => send(port, '/', { method }));
  }

  /** Runs when there is a response. */
  const then =
    (change: (context: Context) => unknown): MiddlewareHandler =>
    async (context, next) => {
      await next();
      await change(context);
    };

  test.each<[title: string, between: MiddlewareHandler]>([
    ['as it is', asItIs],
    ['that was cloned', then((context) => context.res.clone().text())],
    ['that was looked into', then((context) => expect(context.res.body).not.toBeNull())],
    ['with another header', then((context) => context.header('x-other', 'yes'))],
    [
      'that was wrapped',
      then((context) => {
        context.res = new Response(context.res.body, context.res);
      }),
    ],
  ])('a page %s is signed', async (_title, between) => {
    const { status, header, text } = await visit(between, (context) =>
      context.html(page, 201, { 'content-length': String(Buffer.byteLength(page)), etag: '"a"' }),
    );
    expect([status, withoutTokens(text), countTokens(text)]).toEqual([201, page, 1]);
    expect(header('content-length')).toBe(String(Buffer.byteLength(text)));
    expect(header('etag')).toMatch(/^W\/"a-is\.[0-9a-f]{24}"$/);
  });

  test.each([
    ['that must not be changed is not', { 'cache-control': 'no-transform' }, 0],
    ['that claims to be encoded is signed as any', { 'content-encoding': 'identity' }, 1],
  ])('a page %s', async (_title, headers, tokens) => {
    const { text } = await visit(asItIs, (context) => context.html(page, 200, headers as never));
    expect([withoutTokens(text), countTokens(text)]).toEqual([page, tokens]);
  });

  test('a HEAD has no length of the app', async () => {
    const { text, header } = await visit(asItIs, (context) => context.html(page), 'HEAD');
    expect([text, header('content-length')]).toEqual(['', undefined]);
  });
});
