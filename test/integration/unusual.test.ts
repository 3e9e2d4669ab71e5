/** What apps seldom do: call each other as handlers, send more than a body's end, cork what is encoded, lose a clock. */
import { once } from 'node:events';
import { ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import express from 'express';
import express4 from 'express4';
import { describe, expect, test } from 'vitest';
import {
  type ImageSignerEvent,
  type ImageSignerOptions,
  imageGuard,
  imageSigner,
  type Middleware,
} from '../../src/index.ts';
import { note } from '../support/events.ts';
import { frameworks, withSite } from '../support/frameworks.ts';
import { send } from '../support/raw.ts';
import { base, countTokens, signerWith, url } from '../support/samples.ts';

const page = `<img src="${url()}">`;
const long = `${page}${Array.from({ length: 60_000 }, (_, i) => i * 7919).join(' ')}`;
const bare = frameworks[0]!;
const sign = (options: object = {}): Middleware => imageSigner({ ...base, ...options } as ImageSignerOptions);
const gzipped = { 'Content-Type': 'text/html', 'Content-Encoding': 'gzip' };

describe.each([
  ['Express 4', express4 as unknown as typeof express],
  ['Express 5', express],
])('%s', (_name, create) => {
  const answer: express.RequestHandler = (req, res) => void res.send(`${page}${typeof req.signImage}`);

  test('an app that is called as a handler, as vhost does, is signed, and has the helpers', async () => {
    const [app, called] = [create(), create()];
    called.get('/page', answer);
    app.use(sign());
    app.use((req, res) => called(req, res));
    const { text } = await withSite(app, (port) => send(port, '/page'));
    expect([countTokens(text), text.endsWith('function')]).toEqual([1, true]);
  });

  test('with the middleware in both, too', async () => {
    const [app, called] = [create(), create()];
    called.use(sign()).get('/page', answer);
    app.use(sign());
    app.use((req, res) => called(req, res));
    const { text } = await withSite(app, (port) => send(port, '/page'));
    expect([countTokens(text), text.endsWith('function')]).toEqual([1, true]);
  });

  test('an app that is mounted in two others is signed in the first one', async () => {
    const [first, second, mounted] = [create(), create(), create()];
    mounted.get('/page', answer);
    first.use(sign());
    first.use(mounted);
    second.use(mounted);
    const { text } = await withSite(first, (port) => send(port, '/page'));
    expect([countTokens(text), text.endsWith('function')]).toEqual([1, true]);
  });

  test('views have the helpers where the middleware stands outside the app as well as in it', async () => {
    const middleware = sign();
    const app = create();
    app.use(middleware);
    app.get('/', (_, res) => void res.send(typeof res.locals['signImage']));
    const { text } = await withSite(bare.build([middleware], app), (port) => send(port, '/'));
    expect(text).toBe('function');
  });
});

test('an app of another copy of Express, called as a handler, is signed by the middleware in it', async () => {
  const [app, called] = [express(), express4()];
  (called as unknown as express.Express).use(sign()).get('/page', (_req, res) => void res.send(page));
  app.use(sign());
  app.use(called as unknown as express.RequestHandler);
  for (let i = 0; i < 2; i++)
    expect(countTokens((await withSite(app, (port) => send(port, '/page'))).text)).toBe(1);
});

test.each(frameworks)(
  '$name: a handler puts the writeHead of Node back, which no hook sees',
  async ({ build }) => {
    const { writeHead } = ServerResponse.prototype;
    const site = build([sign()], (_request, response) => {
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.setHeader('Content-Length', String(page.length));
      response.setHeader('Cache-Control', 'public, max-age=31536000');
      response.setHeader('ETag', '"app"');
      response.writeHead = writeHead;
      response.end(page);
    });
    const { text, body, header, isComplete } = await withSite(site, (port) => send(port, '/'));
    expect([countTokens(text), isComplete, header('content-length')]).toEqual([1, true, String(body.length)]);
    expect(header('cache-control')).toBe('public, max-age=43200');
    expect(header('etag')).toMatch(/^W\/"app-is\.[0-9a-f]{24}"$/);
  },
);

describe('what follows the end of an encoded body does not hold the response up', () => {
  const kinds = [
    ['gzip', 'gzip', gzipSync],
    ['deflate', 'deflate', deflateSync],
    ['raw deflate', 'deflate', deflateRawSync],
    ['br', 'br', brotliCompressSync],
  ] as const;
  test.each(kinds)('%s', async (_title, coding, encode) => {
    for (const parts of [
      [Buffer.concat([encode(page), Buffer.alloc(16)])],
      [encode(page), Buffer.alloc(16)],
    ]) {
      const answer = await withSite(
        bare.build([sign()], (_, response) => {
          response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Encoding': coding });
          for (const part of parts) response.write(part);
          response.end();
        }),
        (port) => send(port, '/'),
      );
      expect(answer.isComplete).toBe(true);
    }
  });
});

test('an encoded body that is corked when it ends goes out', async () => {
  const body = gzipSync(page);
  const answer = await withSite(
    bare.build([sign()], (_, response) => {
      response.writeHead(200, gzipped);
      response.cork();
      response.write(body.subarray(0, 9));
      response.write(body.subarray(9));
      response.end();
    }),
    (port) => send(port, '/'),
  );
  expect(answer.isComplete).toBe(true);
});

test('a body that turns out corrupt late calls back every write, and is reported once', async () => {
  const events: ImageSignerEvent[] = [];
  const callbacks: number[] = [];
  let closed: Promise<unknown> | undefined;
  await withSite(
    bare.build([sign({ report: (event: ImageSignerEvent) => note(events, event) })], (_, response) => {
      response.writeHead(200, gzipped);
      closed = once(response, 'close');
      response.write(gzipSync(long).subarray(0, -8), () => callbacks.push(0));
      for (const n of [1, 2, 3]) response.write('none of this is gzip', () => callbacks.push(n));
    }),
    async (port) => {
      await send(port, '/');
      await closed;
      await new Promise(setImmediate);
    },
  );
  expect(callbacks).toEqual([0, 1, 2, 3]);
  expect(events).toEqual([{ type: 'passed', reason: 'corrupt-body' }]);
});

test('over HTTP/2 a body that turns out corrupt late is never ended cleanly', async () => {
  const server = createHttp2((request, response) =>
    (sign() as (...args: unknown[]) => void)(request, response, () => {
      response.setHeader('content-type', 'text/html');
      response.setHeader('content-encoding', 'gzip');
      response.write(gzipSync(long).subarray(0, -8));
      response.once('drain', () => response.end('none of this is gzip'));
    }),
  ).listen(0);
  const session = connectHttp2(`http://localhost:${(server.address() as AddressInfo).port}`);
  const stream = session.request();
  let hasEnded = false;
  stream.on('error', () => {});
  stream.on('end', () => {
    hasEnded = true;
  });
  stream.resume();
  await new Promise((resolve) => stream.once('close', resolve));
  session.destroy();
  server.close();
  expect(hasEnded).toBe(false);
});

test('the guard keeps each of two headers of one name', async () => {
  const signer = signerWith({ delivery: '/images', accountHash: 'mine', variants: { thumb: {} } });
  const { headers } = await withSite(
    bare.build([imageGuard({ signer }) as Middleware], (_, response) =>
      response.writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']).end(),
    ),
    (port) => send(port, signer.signImage('/images/mine/photo/thumb')),
  );
  expect(headers.filter(([name]) => name === 'set-cookie')).toHaveLength(2);
});

test('of a pair with more than two members Node reads two, and so do we', async () => {
  const { headers } = await withSite(
    bare.build([sign()], (_, response) => {
      const pairs: unknown = [
        ['Content-Type', 'text/html'],
        ['X-A', '1', 'more'],
        ['X-B', '2', 'more'],
      ];
      response.writeHead(200, pairs as string[]).end(page);
    }),
    (port) => send(port, '/'),
  );
  expect(headers.filter(([name]) => name.startsWith('x-') || name === 'more')).toEqual([
    ['x-a', '1'],
    ['x-b', '2'],
  ]);
});

test('a clock that fails leaves early hints as they are', async () => {
  let isBroken = false;
  let thrown: unknown;
  const now = (): number => {
    if (isBroken) throw new Error('no clock');
    return Date.now();
  };
  const middleware = sign({ now });
  isBroken = true;
  await withSite(
    bare.build([middleware], (_, response) => {
      try {
        response.writeEarlyHints({ link: `<${url()}>; rel=preload; as=image` });
      } catch (error) {
        thrown = error;
      }
      response.end();
    }),
    (port) => send(port, '/'),
  );
  expect(thrown).toBeUndefined();
});
