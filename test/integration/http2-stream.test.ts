/** What an app sends by `response.stream` of `node:http2`, or pushes: signed in its order, or told. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type IncomingHttpHeaders,
  sensitiveHeaders,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  createSigner,
  type ImageSignerEvent,
  type ImageSignerOptions,
  imageGuard,
  imageSigner,
} from '../../src/index.ts';
import { base, countTokens, url, withoutTokens } from '../support/samples.ts';

const page = `<p>text</p><img src="${url()}"><p>more</p><img src="${url('card')}">`;
const html = { ':status': 200, 'content-type': 'text/html' };
const told = [{ type: 'passed', reason: 'http2-stream' }];

type Handler = (response: Http2ServerResponse, request: Http2ServerRequest) => unknown;
type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

interface Answer {
  readonly headers: IncomingHttpHeaders & { readonly ':status'?: number };
  readonly body: Buffer;
  readonly text: string;
  readonly pushed: readonly { headers: IncomingHttpHeaders; text: string }[];
  readonly events: readonly object[];
}

async function read(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function get(session: ClientHttp2Session, headers: object): Promise<Omit<Answer, 'events'>> {
  const pushed: Promise<Answer['pushed'][number]>[] = [];
  session.on('stream', (stream) => {
    pushed.push(
      once(stream, 'push').then(async ([own]) => ({ headers: own, text: String(await read(stream)) })),
    );
  });
  const stream = session.request({ ':path': '/', ...headers });
  const [responded] = (await once(stream, 'response')) as [Answer['headers']];
  const body = await read(stream);
  return { headers: responded, body, text: body.toString(), pushed: await Promise.all(pushed) };
}

/** @param middleware - made with `report` */
async function ask(
  handler: Handler,
  headers: object = {},
  middleware: (options: ImageSignerOptions) => Middleware = (options) => imageSigner(options) as Middleware,
): Promise<Answer> {
  const events: ImageSignerEvent[] = [];
  const run = middleware({
    ...base,
    report: (event: ImageSignerEvent) => events.push(event),
  } as ImageSignerOptions);
  const server = createServer((request, response) => {
    const messages = [request, response] as unknown as [IncomingMessage, ServerResponse];
    run(...messages, () => handler(response, request));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    const answer = await get(session, headers);
    const heard = events.filter(({ type }) => type !== 'rewritten').map(({ page: _page, ...event }) => event);
    return { ...answer, events: heard };
  } finally {
    session.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

describe('what the stream gets of a page that is rewritten', () => {
  test.each<[title: string, handler: Handler]>([
    [
      'after a write that is held back',
      (response) => {
        response.setHeader('Content-Type', 'text/html');
        response.write(page.slice(0, 30));
        response.stream.write(page.slice(30, 60));
        response.write(page.slice(60, 90));
        response.stream.end(page.slice(90));
      },
    ],
    [
      'after writeHead alone',
      (response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.stream.write(Buffer.from(page.slice(0, 30)));
        response.stream.end(page.slice(30), 'utf8');
      },
    ],
    [
      'by a pipe',
      (response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        Readable.from([page.slice(0, 20), page.slice(20, 40), page.slice(40)], { objectMode: false }).pipe(
          response.stream,
        );
      },
    ],
    [
      'by a pipeline',
      async (response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        await pipeline(Readable.from([page.slice(0, 20), page.slice(20)]), response.stream);
      },
    ],
    [
      'and the end of the response',
      (response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.stream.write(page.slice(0, 30));
        response.end(page.slice(30));
      },
    ],
    [
      'by a method that the app has put on it',
      (response) => {
        const write = response.stream.write as (...args: unknown[]) => boolean;
        response.stream.write = ((...args: unknown[]) => write.apply(response.stream, args)) as never;
        response.writeHead(200, { 'content-type': 'text/html' });
        response.write(page.slice(0, 30));
        response.end(page.slice(30));
      },
    ],
  ])('comes in its order, signed: %s', async (_title, handler) => {
    const { text, events } = await ask(handler);
    expect(withoutTokens(text)).toBe(page);
    expect(countTokens(text)).toBe(2);
    expect(events).toEqual([]);
  });

  test('callbacks are called, end returns the stream that the app has, and drain follows where write said no', async () => {
    const seen: unknown[] = [];
    const body = gzipSync(page);
    const { body: out } = await ask((response) => {
      const { stream } = response;
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' });
      seen.push(stream.write(body.subarray(0, 40), () => seen.push('written')));
      stream.once('drain', () => {
        seen.push('drain');
        seen.push(stream.end(body.subarray(40), () => seen.push('ended')) === stream);
      });
    });
    expect(countTokens(gunzipSync(out).toString())).toBe(2);
    expect(seen).toEqual([false, 'written', 'drain', true, 'ended']);
  });

  test('a long encoded page that is piped to it arrives whole', async () => {
    const long = Buffer.from(page.repeat(5_000));
    const { body } = await ask((response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' });
      Readable.from(
        (function* () {
          const all = gzipSync(long, { level: 0 });
          for (let at = 0; at < all.length; at += 10_000) yield all.subarray(at, at + 10_000);
        })(),
        { objectMode: false },
      ).pipe(response.stream);
    });
    expect(withoutTokens(gunzipSync(body).toString())).toBe(long.toString());
  });
});

describe('headers that the stream sends', () => {
  test.each<[title: string, handler: Handler, isPage: boolean]>([
    [
      'a page by respond',
      ({ stream }) => {
        stream.respond(html);
        stream.end(page);
      },
      true,
    ],
    ['a page by respondWithFile', ({ stream }) => stream.respondWithFile(import.meta.filename, html), true],
    [
      'a style sheet',
      ({ stream }) => {
        stream.respond({ ':status': 200, 'content-type': 'text/css' });
        stream.end('a{}');
      },
      false,
    ],
    [
      'no type at all',
      ({ stream }) => {
        stream.respond();
        stream.end('text');
      },
      false,
    ],
    [
      'a page whose headers are out: Node refuses those of the stream',
      (response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        expect(() => response.stream.respond(html)).toThrow(/already been initiated/);
        response.end(page);
      },
      false,
    ],
  ])('are told where a page passes: %s', async (_title, handler, isPage) => {
    expect((await ask(handler)).events).toEqual(isPage ? told : []);
  });

  test('a page for HEAD has no body that could have been signed', async () => {
    const { events } = await ask(({ stream }) => stream.respond(html), { ':method': 'HEAD' });
    expect(events).toEqual([]);
  });

  test('arrive as they were given, but for the limits of the tokens that the app put in', async () => {
    const { headers, events } = await ask((response, request) => {
      const signed = (request as unknown as { signImage(image: string): string }).signImage(url());
      response.stream.respond({
        ':status': 201,
        'content-type': 'text/plain',
        'set-cookie': ['a=1', 'b=2'],
        'cache-control': 'public, max-age=31536000',
        [sensitiveHeaders]: ['set-cookie'],
      });
      response.stream.end(signed);
    });
    expect(headers).toMatchObject({
      ':status': 201,
      'content-type': 'text/plain',
      'set-cookie': ['a=1', 'b=2'],
    });
    expect(headers['cache-control']).toMatch(/^public, max-age=\d{1,5}$/);
    expect(headers[sensitiveHeaders as never]).toEqual(['set-cookie', 'set-cookie']); // one a cookie
    expect(events).toEqual([]);
  });

  test.each<[title: string, handler: Handler]>([
    [
      'respond',
      ({ stream }) => {
        stream.respond({ ':status': 200 });
        stream.end('image');
      },
    ],
    ['respondWithFile', ({ stream }) => stream.respondWithFile(import.meta.filename, { ':status': 200 })],
    [
      'with a lifetime of its own',
      ({ stream }) => {
        stream.respond({ ':status': 200, 'Cache-Control': 'public, max-age=31536000' });
        stream.end('image');
      },
    ],
  ])('an image behind the guard lives no longer than its token: %s', async (_title, handler) => {
    const signer = createSigner({ ...base, delivery: '/images' } as object as never);
    const path = signer.signImage(`/images/${url().split('/').slice(3).join('/')}`);
    const guard = (options: ImageSignerOptions): Middleware =>
      imageGuard({ ...options, delivery: '/images' } as object as never) as unknown as Middleware;
    const { headers } = await ask(handler, { ':path': path }, guard);
    expect(headers[':status']).toBe(200);
    expect(headers['cache-control']).toMatch(/^private, max-age=\d{1,6}$/);
  });
});

describe('what is pushed', () => {
  const push =
    (type: string): Handler =>
    (response) =>
      response.stream.pushStream({ ':path': '/pushed' }, (_error, stream) => {
        stream.respond({ ':status': 200, 'content-type': type });
        stream.end(page);
        response.end('text');
      });
  const createPush =
    (type: string): Handler =>
    (response) =>
      response.createPushResponse({ ':path': '/pushed' }, (_error, pushed) => {
        pushed.setHeader('content-type', type);
        pushed.end(page);
        response.end('text');
      });

  test.each([
    ['pushStream', 'text/html', push, told],
    ['createPushResponse', 'text/html', createPush, told],
    ['pushStream', 'text/css', push, []],
    ['createPushResponse', 'text/css', createPush, []],
  ] as const)('arrives as it was given; a page is told: %s of %s', async (_title, type, make, expected) => {
    const { text, pushed, events } = await ask(make(type));
    expect(text).toBe('text');
    expect(pushed).toMatchObject([{ headers: { 'content-type': type }, text: page }]);
    expect(events).toEqual(expected);
  });

  test('a callback that is none is refused as without us', async () => {
    let error: unknown;
    await ask((response) => {
      try {
        response.createPushResponse({}, undefined as never);
      } catch (thrown) {
        error = thrown;
      }
      response.end();
    });
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  });
});

test('the view of the stream is the stream in all else', async () => {
  await ask((response, request) => {
    const { stream } = response;
    expect(response.stream).toBe(stream);
    expect(stream.constructor.name).toBe('ServerHttp2Stream');
    expect(stream.on('close', () => {})).toBe(stream);
    expect(stream.listenerCount('close')).toBe(request.stream.listenerCount('close'));
    expect([stream.id, stream.session, stream.destroyed]).toEqual([
      request.stream.id,
      request.stream.session,
      false,
    ]);
    expect(String(stream)).toBe('[object Object]');
    (stream as { own?: string }).own = 'x';
    expect((request.stream as { own?: string }).own).toBe('x');
    response.end();
  });
});

test('the status that the stream is given decides: a redirect to an image is signed, a page with that `Location` is not', async () => {
  const made = (options: ImageSignerOptions): Middleware =>
    imageSigner({ ...options, rewrite: { location: true } } as ImageSignerOptions) as Middleware;
  for (const [status, tokens] of [
    [302, 1],
    [201, 0],
  ] as const) {
    const respond: Handler = ({ stream }) =>
      stream.respond({ ':status': status, location: url() }, { endStream: true });
    const { headers } = await ask(respond, {}, made);
    expect([status, countTokens(String(headers.location))]).toEqual([status, tokens]);
  }
});
