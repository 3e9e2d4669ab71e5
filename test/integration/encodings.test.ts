/** Bodies that the app, a proxy or a file has encoded: taken apart, signed and put together again; over real sockets. */

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  createBrotliCompress,
  createBrotliDecompress,
  createDeflateRaw,
  createGunzip,
  createGzip,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';
import compression from 'compression';
import { describe, expect, test } from 'vitest';
import {
  type ImageSignerEvent,
  type ImageSignerOptions,
  imageSigner,
  type Middleware,
} from '../../src/index.ts';
import { zstd } from '../../src/node/http/zstd.ts';
import { BytesBetween } from '../support/bytes-between.ts';
import { note } from '../support/events.ts';
import { frameworks, type Handler, serve, withSite } from '../support/frameworks.ts';
import { type RawRequest, type RawResponse, send } from '../support/raw.ts';
import { shareOf } from '../support/run-length.ts';
import { base, countTokens, url, withoutTokens } from '../support/samples.ts';
import { seed } from '../support/seed.ts';

const image = `<img src="${url()}">`;
const page = `<!DOCTYPE html><title>x</title>${image}${'<p>text</p>'.repeat(200)}${image}`;

interface Coding {
  readonly name: string;
  encode(text: string): Buffer;
  decode(bytes: Buffer): Buffer;
}

const codings: Coding[] = [
  { name: 'gzip', encode: (text) => gzipSync(text), decode: (bytes) => gunzipSync(bytes) },
  { name: 'X-GZIP', encode: (text) => gzipSync(text), decode: (bytes) => gunzipSync(bytes) },
  { name: 'deflate', encode: (text) => deflateSync(text), decode: (bytes) => inflateSync(bytes) },
  { name: 'br', encode: (text) => brotliCompressSync(text), decode: (bytes) => brotliDecompressSync(bytes) },
];
/** Node.js has Zstandard from 22.15 and 23.8 on. */
if (zstd !== undefined) {
  const { zstdCompressSync, zstdDecompressSync } = zstd;
  codings.push({
    name: 'zstd',
    encode: (text) => zstdCompressSync(Buffer.from(text)),
    decode: (bytes) => zstdDecompressSync(bytes, {}),
  });
}
const raw: Coding = {
  name: 'deflate',
  encode: (text) => deflateRawSync(text),
  decode: (bytes) => inflateRawSync(bytes),
};

/** An answer, and what was reported of it. */
interface Answer extends RawResponse {
  readonly events: readonly ImageSignerEvent[];
}

async function ask(
  framework: (typeof frameworks)[number],
  handler: Handler,
  request: RawRequest = {},
  after: readonly Middleware[] = [],
): Promise<Answer> {
  const events: ImageSignerEvent[] = [];
  const sign = imageSigner({
    ...base,
    report: (event) => note(events, event),
  } as ImageSignerOptions);
  const listener = framework.build([sign, ...after], handler);
  const response = await withSite(listener, (port) => send(port, '/', request));
  return { ...response, events };
}

function head(response: ServerResponse, encoding: string): ServerResponse {
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Content-Encoding', encoding);
  return response;
}

const bombSize = 16 * 1024 * 1024;
const bombs = {
  gzip: gzipSync(Buffer.alloc(bombSize)),
  br: brotliCompressSync(Buffer.alloc(bombSize), { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
};

/** Every way of cutting a body into two, and one into single bytes. */
function cuts(body: Buffer): Buffer[][] {
  const whole = Array.from({ length: 9 }, (_, i) => Math.floor(((i + 1) * body.length) / 10));
  return [
    ...whole.map((at) => [body.subarray(0, at), body.subarray(at)]),
    [...body].map((byte) => Buffer.from([byte])),
  ];
}

/** The two ways in which a response is hooked: methods of its own, and those that an app's responses inherit. */
const twoFrameworks = frameworks.filter(({ name }) => name === 'node:http' || name === 'Express 5');

describe.each(shareOf(twoFrameworks, 2, seed))('$name', (framework) => {
  describe.each([...codings, raw])('$name', ({ name, encode, decode }) => {
    test('a whole body is signed, and its length is right where the app gave one', async () => {
      const body = encode(page);
      const {
        header,
        body: out,
        isComplete,
      } = await ask(framework, (_, response) => {
        head(response, name).setHeader('Content-Length', body.length);
        response.end(body);
        expect([response.headersSent, response.writableEnded]).toEqual([true, true]);
      });
      const text = decode(out).toString();
      expect(withoutTokens(text)).toBe(page);
      expect(countTokens(text)).toBe(2);
      expect(header('content-encoding')).toBe(name);
      expect(header('content-length')).toBe(String(out.length));
      expect(isComplete).toBe(true);
      expect(header('cache-control')).toBe('no-cache');
    });

    test('so is one that comes in parts, however it is cut', async () => {
      for (const parts of cuts(encode(page))) {
        const called: number[] = [];
        const { header, body, isComplete, events } = await ask(framework, (_, response) => {
          head(response, name).setHeader('Content-Length', 1);
          const answers = parts.map((part, index) => response.write(part, () => called.push(index)));
          response.end(() => called.push(parts.length));
          expect(answers.every((answer) => answer === false)).toBe(true);
          expect(response.headersSent).toBe(true);
        });
        expect(isComplete).toBe(true);
        expect(header('content-length')).toBeUndefined();
        const text = decode(body).toString();
        expect(withoutTokens(text)).toBe(page);
        expect(countTokens(text)).toBe(2);
        expect(called).toEqual([...parts.keys(), parts.length]);
        expect(events).toEqual([]);
      }
    });

    test('one without an image goes out as it came, byte for byte', async () => {
      const body = encode('<p>no image</p>');
      const { body: out } = await ask(framework, (_, response) => void head(response, name).end(body));
      expect(out).toEqual(body);
    });

    test('a HEAD has the headers of the GET', async () => {
      const body = encode(page);
      const handler: Handler = (_, response) => void head(response, name).end(body);
      const fieldsOf = (response: RawResponse): string[] =>
        response.headers.map(([field]) => field).filter((field) => !/length|transfer|date/.test(field));
      const [get, headOnly] = [
        await ask(framework, handler),
        await ask(framework, handler, { method: 'HEAD' }),
      ];
      expect(fieldsOf(headOnly)).toEqual(fieldsOf(get));
      expect(headOnly.body.length).toBe(0);
    });
  });

  test.each([...(zstd === undefined ? ['zstd'] : []), 'gzip, br', 'zstd, gzip', 'compress', 'gzip;x'])(
    '%s passes as it came, and is reported',
    async (name) => {
      const { text, header, events } = await ask(
        framework,
        (_, response) => void head(response, name).end(page),
      );
      expect(text).toBe(page);
      expect(header('cache-control')).toBeUndefined();
      expect(events).toEqual([{ type: 'passed', reason: 'encoding' }]);
    },
  );

  test('identity is a body as it is', async () => {
    const { text } = await ask(framework, (_, response) => void head(response, 'Identity').end(page));
    expect(countTokens(text)).toBe(2);
  });

  test('two members of gzip are one body', async () => {
    const body = Buffer.concat([gzipSync(page.slice(0, 900)), gzipSync(page.slice(900))]);
    for (const parts of [[body], ...cuts(body)]) {
      const { body: out } = await ask(framework, (_, response) => {
        head(response, 'gzip');
        for (const part of parts.slice(0, -1)) response.write(part);
        response.end(parts.at(-1));
      });
      expect(countTokens(gunzipSync(out).toString())).toBe(2);
    }
  });

  describe('a corrupt body', () => {
    const good = gzipSync(page);
    test.each<[title: string, name: string, body: Buffer]>([
      ['that is cut off', 'gzip', good.subarray(0, -20)],
      ['with junk at its end', 'gzip', Buffer.concat([good, Buffer.from('junk')])],
      ['whose sum is wrong', 'gzip', Buffer.concat([good.subarray(0, -8), Buffer.alloc(8, 1)])],
      ['that is no gzip at all', 'gzip', Buffer.from(page)],
      ['that is no brotli', 'br', Buffer.from(page)],
      ['that is no deflate', 'deflate', Buffer.from(page)],
    ])('%s passes as it came, whole or in parts, and is reported', async (_title, name, body) => {
      for (const parts of [[body], [body.subarray(0, 700), body.subarray(700)], ...cuts(body).slice(-1)]) {
        const {
          body: out,
          isComplete,
          events,
        } = await ask(framework, (_, response) => {
          head(response, name);
          for (const part of parts.slice(0, -1)) response.write(part);
          response.end(parts.at(-1));
        });
        expect(out).toEqual(body);
        expect(isComplete).toBe(true);
        expect(events).toEqual([{ type: 'passed', reason: 'corrupt-body' }]);
      }
    });

    test('of which a part has gone out is cut off, and never ended cleanly', async () => {
      const long = `${image}${Array.from({ length: 40_000 }, (_, i) => i * 7919).join(' ')}`;
      const body = gzipSync(long);
      const { isComplete, events } = await ask(framework, (_, response) => {
        head(response, 'gzip').write(body.subarray(0, -8));
        response.once('drain', () => response.end('none of this is gzip'));
      });
      expect(isComplete).toBe(false);
      expect(events).toEqual([{ type: 'passed', reason: 'corrupt-body' }]);
    });
  });

  test.each([
    ['gzip', createGunzip, createDeflateRaw, bombs.gzip], // without the frame of gzip, which is ours
    ['br', createBrotliDecompress, createBrotliCompress, bombs.br],
  ] as const)('a bomb in %s is streamed, a piece at a time', async (name, decoder, encoder, bomb) => {
    const between = new BytesBetween(decoder(), encoder());
    try {
      const { body, isComplete } = await ask(framework, (_, response) => void head(response, name).end(bomb));
      expect(isComplete).toBe(true);
      expect(body.length).toBeLessThan(200_000);
    } finally {
      between.stop();
    }
    expect(between.decoded).toBe(bombSize);
    expect(between.most).toBeLessThanOrEqual(256 * 1024);
  });

  test('what the app has flushed is out before the rest is there', async () => {
    const kinds = [
      ['gzip', createGzip, createGunzip],
      ['br', createBrotliCompress, undefined],
    ] as const;
    for (const [name, createEncoder] of kinds) {
      const encoder = createEncoder();
      let respond: ServerResponse | undefined;
      const site = await serve(
        framework.build([imageSigner(base as ImageSignerOptions)], (_, response) => {
          respond = head(response, name);
          encoder.pipe(respond);
          encoder.write(`<p>first</p>${image}<p>`);
          encoder.flush();
        }),
      );
      const socket = await open(site.port);
      const first = await until(socket, (bytes) => decodesTo(name, bytes, 'sig='));
      expect(first).toContain('<p>first</p>');
      expect(respond?.writableEnded).toBe(false);
      encoder.end('rest</p>');
      expect(await until(socket, (bytes) => decodesTo(name, bytes, 'rest</p>'))).toContain('sig=');
      socket.destroy();
      await site.close();
    }
  });

  test('where a client goes, coders go, callbacks hear of it, and nothing is thrown', async () => {
    const body = gzipSync(Array.from({ length: 300_000 }, (_, i) => i * 7919).join(image));
    for (let at = 0; at < 12; at++) {
      let heard: (codes: (string | undefined)[]) => void = () => {};
      const codes = new Promise<(string | undefined)[]>((resolve) => {
        heard = resolve;
      });
      const site = await serve(
        framework.build([imageSigner(base as ImageSignerOptions)], (_, response) => {
          const all: Promise<string | undefined>[] = [];
          const write = (part: Buffer): void => {
            all.push(
              new Promise((resolve) =>
                response.write(part, (error) => resolve((error as NodeJS.ErrnoException | undefined)?.code)),
              ),
            );
          };
          head(response, 'gzip');
          write(body.subarray(0, 100_000));
          write(body.subarray(100_000, 200_000));
          response.once('close', () => {
            write(Buffer.from('late'));
            void Promise.all(all).then(heard);
          });
        }),
      );
      const socket = await open(site.port);
      if (at > 0) await until(socket, (bytes) => bytes.length > at * 3000);
      socket.destroy();
      expect((await codes).at(-1)).toBe('ERR_STREAM_DESTROYED');
      await site.close();
    }
  });

  test('a call after end is refused as Node refuses it', async () => {
    const body = gzipSync(page);
    const codes: unknown[] = [];
    const { body: out } = await ask(framework, (_, response) => {
      head(response, 'gzip').write(body.subarray(0, 50));
      response.on('error', (error: NodeJS.ErrnoException) => codes.push(error.code));
      response.end(body.subarray(50));
      expect(response.write('late', (error) => codes.push((error as NodeJS.ErrnoException).code))).toBe(
        false,
      );
      expect(response.end()).toBe(response);
    });
    expect(countTokens(gunzipSync(out).toString())).toBe(2);
    expect(codes).toEqual(['ERR_STREAM_WRITE_AFTER_END', 'ERR_STREAM_WRITE_AFTER_END']);
  });

  describe('with compression mounted after', () => {
    const after = [compression({ threshold: 0 }) as unknown as Middleware];
    const request = { headers: { 'accept-encoding': 'gzip' } };

    test.each<[title: string, handler: Handler]>([
      ['by setHeader', (_, response) => void head(response, 'gzip').end(gzipSync(page))],
      [
        'by writeHead, the type first',
        (_, response) =>
          void response
            .writeHead(200, { 'Content-Type': 'text/html', 'Content-Encoding': 'gzip' })
            .end(gzipSync(page)),
      ],
      [
        'by writeHead, the encoding first',
        (_, response) =>
          void response
            .writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Type': 'text/html' })
            .end(gzipSync(page)),
      ],
    ])('what the app encodes itself is signed and encoded once: %s', async (_title, handler) => {
      const { body, header } = await ask(framework, handler, request, after);
      expect(header('content-encoding')).toBe('gzip');
      expect(countTokens(gunzipSync(body).toString())).toBe(2);
    });

    test.each(['gzip', 'br', 'deflate'])(
      'what it does not is signed and then compressed: %s',
      async (name) => {
        const { body, header } = await ask(
          framework,
          (_, response) => void response.writeHead(200, { 'Content-Type': 'text/html' }).end(page),
          { headers: { 'accept-encoding': name } },
          after,
        );
        expect(header('content-encoding')).toBe(name);
        expect(
          countTokens(
            codings
              .find((each) => each.name === name)!
              .decode(body)
              .toString(),
          ),
        ).toBe(2);
      },
    );
  });

  test('the request names what it accepts as it came', async () => {
    let seen: unknown;
    await ask(
      framework,
      (request, response) => {
        seen = request.headers['accept-encoding'];
        response.end();
      },
      { headers: { 'accept-encoding': 'br, gzip;q=0.5' } },
    );
    expect(seen).toBe('br, gzip;q=0.5');
  });
});

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => {});
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  return socket;
}

/** Reads until what came is what is waited for; the bytes of one socket are kept on it. */
async function until<T>(socket: Socket & { seen?: Buffer }, find: (bytes: Buffer) => T | false): Promise<T> {
  for (;;) {
    const found = find(socket.seen ?? Buffer.alloc(0));
    if (found !== false) return found;
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    socket.seen = Buffer.concat([socket.seen ?? Buffer.alloc(0), chunk]);
  }
}

/** What a chunked body decodes to so far, once it holds a text. */
function decodesTo(name: string, bytes: Buffer, text: string): string | false {
  const start = bytes.indexOf('\r\n\r\n');
  if (start < 0) return false;
  const parts: Buffer[] = [];
  for (let at = start + 4; at < bytes.length; ) {
    const end = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.toString('latin1', at, end), 16);
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  const body = Buffer.concat(parts);
  const decoded =
    name === 'br'
      ? brotliDecompressSync(body, { finishFlush: constants.BROTLI_OPERATION_FLUSH })
      : gunzipSync(body, { finishFlush: constants.Z_SYNC_FLUSH });
  return decoded.includes(text) ? decoded.toString() : false;
}
