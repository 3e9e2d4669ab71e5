/** The endpoint of the example Worker, in workerd: what it signs, for whom, and what it says to everybody else. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  accountHash,
  countTokens,
  id,
  otherAccount,
  otherId,
  signerWith,
  url,
  withoutTokens,
} from '../support/samples.ts';
import {
  type Answer,
  asBearer,
  bindings,
  inCookie,
  type RunningWorker,
  type Sent,
  send,
  sessionOf,
  startWorker,
} from '../support/worker.ts';

/** Whose pages are each viewer's own, and whose are for all. */
let own: RunningWorker;
let everybody: RunningWorker;

beforeAll(async () => {
  const ORIGIN = 'http://127.0.0.1:1'; // nobody is there, and nobody is asked
  [own, everybody] = await Promise.all([
    startWorker({ ...bindings, ORIGIN }),
    startWorker({ ...bindings, ORIGIN, PAGES: 'everybody' }),
  ]);
});
afterAll(() => Promise.all([own?.stop(), everybody?.stop()]));

/** With the Worker's clock, which is the machine's. */
const verifies = (signed: string): boolean => signerWith({ now: Date.now }).verifyImage(signed).ok;
const session = await sessionOf();
const ask = (path: string, sent: Sent = {}): Promise<Answer> => send(own.address, path, sent);
const byQuery = (image: string): string => `/sign?url=${encodeURIComponent(image)}`;
const batch = (urls: readonly string[], headers: Sent['headers'] = {}): Sent => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({ urls }),
});

test('signs by path, as the documented Worker does, by query, and many at once', async () => {
  const byPath = await ask(`/sign/${url('card')}`, asBearer(session));
  const asked = await ask(byQuery(url('card')), inCookie(session));
  const { urls } = JSON.parse(
    (await ask('/sign', batch([url('card'), url('card', otherId)], asBearer(session).headers))).text,
  );
  for (const signed of [byPath.text, asked.text, urls[url('card')].url])
    expect([withoutTokens(signed), verifies(signed)]).toEqual([url('card'), true]);
  expect(urls[url('card', otherId)]).toEqual({ error: expect.any(String) });
  for (const { status, headers } of [byPath, asked]) {
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(headers['access-control-allow-origin']).toBeUndefined();
  }
});

test('refuses whoever has no session, and the picture of somebody else, in the same words', async () => {
  for (const worker of [own, everybody]) {
    const answers = [
      await send(worker.address, byQuery(url('card'))),
      await send(worker.address, byQuery(url('card')), asBearer(`${session}x`)),
      await send(worker.address, byQuery(url('card', otherId)), asBearer(session)),
      await send(worker.address, `/sign/${url('card', otherId)}`, asBearer(session)),
      await send(worker.address, byQuery(url('hero')), asBearer(session)),
      await send(worker.address, byQuery(url('card', id, otherAccount)), asBearer(session)),
    ];
    for (const { status, text } of answers)
      expect([status, text]).toEqual([403, 'This image is not signed for you.\n']);
    const { text } = await send(worker.address, '/sign', batch([url('card')]));
    expect(countTokens(text)).toBe(0);
  }
});

test.each([
  '/sign/https://evil.example/a/b/card',
  '/sign//evil.example/a/b/card',
  `/sign/https://imagedelivery.net@evil.example/${accountHash}/${id}/card`,
  `/sign/https://imagedelivery.net/${accountHash}/${id}/../card`,
  `/sign/https://imagedelivery.net/${accountHash}/${id}/card/`,
  `/sign/https://imagedelivery.net/${accountHash}/${id}%2f/card`,
  '/sign/javascript:alert(1)',
  '/sign/%',
  '/sign/%E0%A4%A',
  '/sign?url=%',
  '/sign?url=a&url=b',
  '/sign?__proto__[url]=x',
  '/sign',
  `/sign/${'a'.repeat(10_000)}`,
])('answers %.60s with 4xx, and asks no origin', async (target) => {
  const { status, headers, text } = await ask(target, asBearer(session));
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'content-type': 'text/plain; charset=utf-8',
  });
  expect(text.split('\n')).toHaveLength(2);
  expect(countTokens(text)).toBe(0);
});

test.each<[title: string, status: number, sent: Sent]>([
  ['a form', 415, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"urls":[]}' }],
  ['no JSON', 400, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' }],
  ['101 URLs', 413, batch(Array.from({ length: 101 }, (_, index) => `${url('card')}?v=${index}`))],
  ['more than 64 KiB', 413, batch(['x'.repeat(70_000)])],
  ['another method', 405, { method: 'DELETE' }],
])('answers %s with %i', async (_title, status, sent) => {
  expect((await ask('/sign', sent)).status).toBe(status);
});
