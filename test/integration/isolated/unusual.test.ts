/** What apps seldom do: put Node's methods back, send more than a body's end, cork what is encoded. */
import { once } from 'node:events';
import { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type ImageSignerEvent, imageGuard, type Middleware } from '../../../src/index.ts';
import { note } from '../../support/events.ts';
import { type RawResponse, send } from '../../support/http/raw.ts';
import { ours } from '../../support/http/wire.ts';
import { countTokens, signerWith, url, withoutTokens } from '../../support/samples.ts';
import { frameworks, type Handler, withSite } from '../../support/servers/frameworks.ts';

const page = `<img src="${url()}">`;
const bare = frameworks[0]!;
const headersOf = (coding = 'gzip') => ({ 'Content-Type': 'text/html', 'Content-Encoding': coding });
const ask = (handler: Handler, mount: Middleware = ours(), target = '/'): Promise<RawResponse> =>
  withSite(bare.build([mount], handler), (port) => send(port, target));

test.each(frameworks)(
  '$name: a handler puts the writeHead of Node back, which no hook sees',
  async ({ build }) => {
    const { writeHead } = ServerResponse.prototype;
    const site = build([ours()], (_request, response) => {
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.setHeader('Content-Length', String(page.length));
      response.setHeader('Cache-Control', 'public, max-age=31536000');
      response.setHeader('ETag', '"app"');
      Object.assign(response, { writeHead }).end(page);
    });
    const { text, body, header, isComplete } = await withSite(site, (port) => send(port, '/'));
    expect([countTokens(text), isComplete, header('content-length')]).toEqual([1, true, String(body.length)]);
    expect(header('cache-control')).toBe('public, max-age=43200');
    expect(header('etag')).toMatch(/^W\/"app-is\.[0-9a-f]{24}"$/);
  },
);

test.each([
  ['gzip', 'gzip', gzipSync],
  ['deflate', 'deflate', deflateSync],
  ['raw deflate', 'deflate', deflateRawSync],
  ['br', 'br', brotliCompressSync],
] as const)(
  'what follows the end of an encoded body does not hold the response up: %s',
  async (_, coding, encode) => {
    const more = Buffer.alloc(16);
    for (const parts of [[Buffer.concat([encode(page), more])], [encode(page), more]]) {
      const { isComplete } = await ask((_request, response) => {
        response.writeHead(200, headersOf(coding));
        for (const part of parts) response.write(part);
        response.end();
      });
      expect(isComplete).toBe(true);
    }
  },
);

test('an encoded body that is corked when it ends goes out', async () => {
  const body = gzipSync(page);
  const { isComplete } = await ask((_, response) => {
    response.writeHead(200, headersOf()).cork();
    response.write(body.subarray(0, 9));
    response.write(body.subarray(9));
    response.end();
  });
  expect(isComplete).toBe(true);
});

test('a body that turns out corrupt late calls back every write, and is reported once', async () => {
  const long = `${page}${Array.from({ length: 60_000 }, (_, i) => i * 7919).join(' ')}`;
  const events: ImageSignerEvent[] = [];
  const callbacks: number[] = [];
  let closed: Promise<unknown> | undefined;
  const handler: Handler = (_, response) => {
    closed = once(response.writeHead(200, headersOf()), 'close');
    response.write(gzipSync(long).subarray(0, -8), () => callbacks.push(0));
    for (const n of [1, 2, 3]) response.write('none of this is gzip', () => callbacks.push(n));
  };
  await withSite(
    bare.build([ours({ report: (event: ImageSignerEvent) => note(events, event) })], handler),
    async (port) => {
      await send(port, '/');
      await closed;
      await new Promise(setImmediate);
    },
  );
  expect(callbacks).toEqual([0, 1, 2, 3]);
  expect(events).toEqual([{ type: 'passed', reason: 'corrupt-body' }]);
});

test('the guard keeps each of two headers of one name', async () => {
  const signer = signerWith({ delivery: '/images', accountHash: 'mine', variants: { thumb: {} } });
  const handler: Handler = (_, response) =>
    void response.writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']).end();
  const signed = signer.signImage('/images/mine/photo/thumb');
  const { headers } = await ask(handler, imageGuard({ signer }) as Middleware, signed);
  expect(headers.filter(([name]) => name === 'set-cookie')).toHaveLength(2);
});

test('of a pair with more than two members Node reads two, and so do we', async () => {
  const pairs: unknown = [
    ['Content-Type', 'text/html'],
    ['X-A', '1', 'more'],
    ['X-B', '2', 'more'],
  ];
  const { headers, text } = await ask(
    (_, response) => void response.writeHead(200, pairs as string[]).end(page),
  );
  expect([withoutTokens(text), countTokens(text)]).toEqual([page, 1]);
  expect(headers.filter(([name]) => name.startsWith('x-') || name === 'more')).toEqual([
    ['x-a', '1'],
    ['x-b', '2'],
  ]);
});
