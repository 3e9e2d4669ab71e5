/** Encoded bodies in Node.js: how they are told where somebody below may encode, and how long they make others wait. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateSync,
} from 'node:zlib';
import compression from 'compression';
import { describe, expect, test } from 'vitest';
import { type ImageSignerOptions, imageSigner, type Middleware } from '../../src/index.ts';
import { frameworks, serve, withSite } from '../support/frameworks.ts';
import { send } from '../support/raw.ts';
import { shareOf } from '../support/run-length.ts';
import { base, countTokens, url, withoutTokens } from '../support/samples.ts';
import { seed } from '../support/seed.ts';

const image = `<img src="${url()}">`;
const page = `\n${image}${Array.from({ length: 200 }, (_, i) => `<p>${i * 7919}</p>`).join('')}${image}`;
const framework = frameworks.find(({ name }) => name === 'node:http')!;
const compress = compression({ threshold: 0 }) as unknown as Middleware;

describe.each([
  { name: 'gzip', encode: (text: string) => gzipSync(text), decode: gunzipSync },
  { name: 'deflate', encode: (text: string) => deflateSync(text), decode: inflateSync },
  { name: 'br', encode: (text: string) => brotliCompressSync(text), decode: brotliDecompressSync },
])('with compression mounted after, $name', ({ name, encode, decode }) => {
  /** The type is seen first, so that nobody can say yet who has encoded the body. */
  async function ask(
    chunks: readonly Uint8Array[],
    isEncoded: boolean,
  ): Promise<{ text: string; called: number }> {
    let called = 0;
    const sign = imageSigner(base as ImageSignerOptions);
    const listener = framework.build([sign, compress], (_, response) => {
      const type = { 'Content-Type': 'text/html; charset=utf-8' };
      response.writeHead(200, isEncoded ? { ...type, 'Content-Encoding': name } : type);
      for (const chunk of chunks) response.write(chunk, () => called++);
      response.end();
    });
    const { body, header, isComplete } = await withSite(listener, (port) =>
      send(port, '/', { headers: { 'accept-encoding': name } }),
    );
    expect([header('content-encoding'), isComplete]).toEqual([name, true]);
    return { text: decode(body).toString(), called };
  }

  const cuts = (body: Uint8Array): Uint8Array[][] => [
    ...[0, 1, 2, 3, 10, 127, 128, 129].map((at) => [
      new Uint8Array(),
      body.subarray(0, at),
      body.subarray(at),
    ]),
    Array.from(body, (byte) => Uint8Array.of(byte)),
  ];

  test('what the app has encoded is signed and encoded once, in whatever chunks its first bytes come, and each is called back', async () => {
    for (const chunks of cuts(encode(page))) {
      const { text, called } = await ask(chunks, true);
      expect([withoutTokens(text), countTokens(text), called]).toEqual([page, 2, chunks.length]);
    }
  });

  test('so is what it has not', async () => {
    for (const chunks of cuts(Buffer.from(page))) {
      const { text } = await ask(chunks, false); // compression calls nobody back
      expect([withoutTokens(text), countTokens(text)]).toEqual([page, 2]);
    }
  });
});

test('the first piece of a page is out, encoded by who is mounted after, before the second is there', async () => {
  let respond: ServerResponse | undefined;
  const sign = imageSigner(base as ImageSignerOptions);
  const site = await serve(
    framework.build([sign, compress], (_, response) => {
      respond = response;
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
      response.write('<p>');
      (response as ServerResponse & { flush(): void }).flush();
    }),
  );
  const socket = connect(site.port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: br\r\n\r\n');
  let seen = '';
  while (!/\r\n\r\n[1-9a-f]/.test(seen)) seen += String((await once(socket, 'data'))[0]);
  expect(seen).toContain('Content-Encoding: br');
  respond!.end();
  socket.destroy();
  await site.close();
});

/** Two megabytes in the quality that is there by default take seconds. */
function brotli(text: string): Buffer {
  return brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
}

describe('a whole page that is encoded', () => {
  /** How many images were judged in each turn of the event loop, from the call of `end` on. */
  async function turns(name: string, encode: (text: string) => Buffer, images: number): Promise<number[]> {
    const counts = [0];
    const authorize = (): boolean => counts.push(counts.pop()! + 1) > 0;
    const sign = imageSigner({ ...base, authorize } as ImageSignerOptions);
    const text = Array.from({ length: images }, (_, i) => `<img src="${url('thumb', `image-${i}`)}">`).join(
      '',
    );
    const body = encode(text);
    const listener = framework.build([sign], (_, response) => {
      response.setHeader('Content-Type', 'text/html; charset=utf-8').setHeader('Content-Encoding', name);
      response.end(body);
      const next = (): void => {
        if (counts.length === 1 || counts.at(-1)! > 0) counts.push(0); // turns of others are not counted
        if (!response.writableFinished) setImmediate(next);
      };
      next();
    });
    const { isComplete } = await withSite(listener, (port) => send(port, '/'));
    expect(isComplete).toBe(true);
    expect(counts.reduce((sum, count) => sum + count)).toBe(images);
    return counts;
  }

  const codings = [
    ['gzip', (text: string) => gzipSync(text)],
    ['deflate', (text: string) => deflateSync(text)],
    ['br', brotli],
  ] as const;

  test.each(shareOf<(typeof codings)[number]>(codings, 3, seed))(
    'in %s lets others have their turn as soon as it is longer than 256 KiB',
    async (name, encode) => {
      const small = 2_000;
      expect((await turns(name, encode, small))[0]).toBe(small); // 170 KiB: while the app waits, with its length
      const counts = await turns(name, encode, 20_000);
      expect(counts[0]).toBe(0);
      expect(Math.max(...counts)).toBeLessThan(4_000);
    },
  );
});
