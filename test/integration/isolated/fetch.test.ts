/** The entry of the fetch standard, called as a runtime calls it: a `Request` in, a `Response` out. */
import { afterEach, expect, test, vi } from 'vitest';
import { imageSigner } from '../../../src/fetch.ts';
import { base, countTokens, url, withoutTokens } from '../../support/samples.ts';

const page = `<p>text</p><img src="${url()}">`;
const html = { 'content-type': 'text/html; charset=utf-8' };

/** What becomes of a response. */
function sign(given: Response, method = 'GET'): Promise<Response> {
  return imageSigner(base as never)(new Request('https://shop.example/', { method }), () => given);
}

type Source = ConstructorParameters<typeof ReadableStream>[0];
const signStream = (source: Source): Promise<Response> =>
  sign(new Response(new ReadableStream(source) as ReadableStream, { headers: html }));
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

afterEach(() => void vi.unstubAllEnvs());

test('a page is signed, its status kept, and what was true of the old body gone', async () => {
  const old = { 'content-length': '1', 'last-modified': 'x', etag: '"a"', 'set-cookie': 'a=1' };
  const given = { status: 404, statusText: 'Gone Fishing', headers: { ...html, ...old } };
  const response = await sign(new Response(page, given));
  expect([response.status, response.statusText]).toEqual([404, 'Gone Fishing']);
  expect(Object.fromEntries(response.headers)).toEqual({
    ...html,
    'cache-control': 'no-cache',
    'set-cookie': 'a=1',
    etag: expect.stringMatching(/^W\/"a-is\.\w{24}"$/),
  });
  const text = await response.text();
  expect([withoutTokens(text), countTokens(text)]).toEqual([page, 1]);
});

test('to HEAD goes no body of which a runtime such as Bun or Deno could tell a length that is not the page’s', async () => {
  const given = new Response(page, { headers: html });
  const { body } = given;
  const response = await sign(given, 'HEAD');
  expect(response.headers.get('content-length')).toBeNull();
  expect(response.body).not.toBeNull(); // no body is one of length 0
  expect(response.body).not.toBe(body);
  await response.body!.cancel();
});

test('of a stream that always has more no more is read than is asked for', async () => {
  let pulls = 0;
  const { body } = await signStream({
    pull: (controller) => controller.enqueue(Buffer.from(page + ++pulls)),
  });
  const reader = body!.getReader();
  for (let read = 1; read <= 10; read++)
    expect(textOf((await reader.read()).value!)).toMatch(RegExp(`>${read}$`));
  expect(pulls).toBeLessThanOrEqual(10 + 4); // what the streams between keep ready
});

test.each([0, 1])('a source that fails behind %i chunks fails the page behind them', async (chunks) => {
  let pulls = 0;
  const { body } = await signStream({
    pull: (controller) =>
      ++pulls <= chunks ? controller.enqueue(Buffer.from(page)) : controller.error(new Error('broken')),
  });
  const reader = body!.getReader();
  if (chunks > 0) expect(countTokens(textOf((await reader.read()).value!))).toBe(1);
  await expect(reader.read()).rejects.toThrow('broken');
});

test.each(['text/html', 'text/plain'])('a reader that goes cancels a source of %s', async (type) => {
  const reasons: unknown[] = [];
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(Buffer.from(page)),
    cancel: (reason) => void reasons.push(reason),
  });
  const response = await sign(new Response(endless, { headers: { 'content-type': type } }));
  await response.body!.cancel('gone');
  expect(reasons).toEqual(['gone']);
});

test.each<[title: string, create: () => Response]>([
  ['JSON', () => Response.json({ image: url() })],
  ['an image', () => new Response('x', { headers: { 'content-type': 'image/png' } })],
  ['a body that is used', () => spoilt((response) => void response.text())],
  ['a body that is locked', () => spoilt((response) => void response.body!.getReader())],
])('%s goes by, the very response', async (_title, create) => {
  vi.stubEnv('NODE_ENV', 'production'); // in development a text that is not read is watched
  const given = create();
  expect(await sign(given)).toBe(given);
});

function spoilt(spoil: (response: Response) => void): Response {
  const response = new Response(page, { headers: html });
  spoil(response);
  return response;
}

test('a response without a body has none', async () => {
  for (const given of [new Response(null, { headers: html }), new Response(null, { status: 204 })]) {
    const { status, body } = await sign(given);
    expect([status, body]).toEqual([given.status, null]);
  }
});
