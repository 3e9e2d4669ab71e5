/**
 * Bodies that the app, a proxy or a file has encoded, over real sockets. That they are signed however they are encoded and
 * handed over, and pass if they are corrupt, is the law of encodings; here is what the law does not see.
 */
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import * as zlib from 'node:zlib';
import compression from 'compression';
import { describe, expect, test } from 'vitest';
import { type ImageSignerEvent, imageSigner, type Middleware } from '../../src/index.ts';
import { zstd } from '../../src/node/http/zstd.ts';
import { note } from '../support/events.ts';
import { type RawRequest, type RawResponse, send } from '../support/http/raw.ts';
import { base, countTokens, url, withoutTokens } from '../support/samples.ts';
import { frameworks, type Handler, withSite } from '../support/servers/frameworks.ts';

const { brotliCompressSync, brotliDecompressSync, deflateSync, gunzipSync, gzipSync, inflateSync } = zlib;
const image = `<img src="${url()}">`;
const page = `\n${image}${Array.from({ length: 200 }, (_, i) => `<p>${i * 7919}</p>`).join('')}${image}`;
const html = { 'Content-Type': 'text/html; charset=utf-8' };

const codings = [
  { name: 'gzip', encode: (text: string) => gzipSync(text), decode: gunzipSync },
  { name: 'deflate', encode: (text: string) => deflateSync(text), decode: inflateSync },
  { name: 'br', encode: (text: string) => brotliCompressSync(text), decode: brotliDecompressSync },
] as const;

function head(response: ServerResponse, encoding: string): ServerResponse {
  return response
    .setHeader('Content-Type', 'text/html; charset=utf-8')
    .setHeader('Content-Encoding', encoding);
}

/** The two ways in which a response is hooked: methods of its own, and those that an app's responses inherit. */
const twoFrameworks = frameworks.filter(({ name }) => name === 'node:http' || name === 'Express 5');

describe.each(twoFrameworks)('$name', ({ build }) => {
  async function ask(
    handler: Handler,
    request: RawRequest = {},
    after: readonly Middleware[] = [],
  ): Promise<RawResponse & { readonly events: readonly ImageSignerEvent[] }> {
    const events: ImageSignerEvent[] = [];
    const sign = imageSigner({ ...base, report: (event) => note(events, event) });
    const response = await withSite(build([sign, ...after], handler), (port) => send(port, '/', request));
    return { ...response, events };
  }

  describe.each(codings)('$name', ({ name, encode, decode }) => {
    test('a whole body is signed at once, and has a length', async () => {
      const out = await ask((_, response) => {
        head(response, name).end(encode(page));
        expect([response.headersSent, response.writableEnded]).toEqual([true, true]);
      });
      expect(out.header('content-length')).toBe(String(out.body.length));
      expect(countTokens(decode(out.body).toString())).toBe(2);
    });

    test('one without an image goes out as it came, byte for byte', async () => {
      const body = encode('<p>no image</p>');
      expect((await ask((_, response) => head(response, name).end(body))).body).toEqual(body);
    });

    const cuts = (body: Uint8Array): Uint8Array[][] => [
      ...[0, 1, 2, 3, 10, 127, 128, 129].map((at) => [
        new Uint8Array(),
        body.subarray(0, at),
        body.subarray(at),
      ]),
      Array.from(body, (byte) => Uint8Array.of(byte)),
    ];
    const compress = compression({ threshold: 0 }) as unknown as Middleware;

    test.each([true, false])(
      'with compression after it, whose first bytes tell who has encoded, a body is signed and encoded once: by the app %s',
      async (isEncoded) => {
        for (const chunks of cuts(isEncoded ? encode(page) : Buffer.from(page))) {
          let called = 0;
          const write: Handler = (_, response) => {
            response.writeHead(200, isEncoded ? { ...html, 'Content-Encoding': name } : html);
            for (const chunk of chunks) response.write(chunk, () => called++);
            response.end();
          };
          const accept = { headers: { 'accept-encoding': name } };
          const { body, header, isComplete } = await ask(write, accept, [compress]);
          const text = decode(body).toString();
          expect([header('content-encoding'), isComplete]).toEqual([name, true]);
          expect([withoutTokens(text), countTokens(text)]).toEqual([page, 2]);
          if (isEncoded) expect(called).toBe(chunks.length); // else compression calls nobody back
        }
      },
    );

    test.each([
      ['set', (response: ServerResponse) => head(response, name)],
      [
        'given first',
        (response: ServerResponse) => response.writeHead(200, { 'Content-Encoding': name, ...html }),
      ],
    ])('so is one whose coding is %s', async (_title, begin) => {
      const accept = { headers: { 'accept-encoding': name } };
      const { body } = await ask((_, response) => begin(response).end(encode(page)), accept, [compress]);
      expect(countTokens(decode(body).toString())).toBe(2);
    });
  });

  test.each([...(zstd === undefined ? ['zstd'] : []), 'gzip, br', 'zstd, gzip', 'compress', 'gzip;x'])(
    '%s passes as it came, and is reported',
    async (name) => {
      const { text, header, events } = await ask((_, response) => head(response, name).end(page));
      expect([text, header('cache-control')]).toEqual([page, undefined]);
      expect(events).toEqual([{ type: 'passed', reason: 'encoding' }]);
    },
  );

  test('identity is a body as it is', async () => {
    const { text } = await ask((_, response) => head(response, 'Identity').end(page));
    expect(countTokens(text)).toBe(2);
  });

  test('a body that turns out corrupt late is cut off, and never ended cleanly', async () => {
    const long = `${image}${Array.from({ length: 40_000 }, (_, i) => i * 7919).join(' ')}`;
    const { isComplete, events } = await ask((_, response) => {
      head(response, 'gzip').write(gzipSync(long).subarray(0, -8));
      response.once('drain', () => response.end('none of this is gzip'));
    });
    expect(isComplete).toBe(false);
    expect(events).toEqual([{ type: 'passed', reason: 'corrupt-body' }]);
  });

  const size = 16 * 1024 * 1024;
  const quick = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } };
  test.each([
    // Without the frame of gzip, which is ours.
    ['gzip', zlib.createGunzip, zlib.createDeflateRaw, gzipSync(Buffer.alloc(size))],
    [
      'br',
      zlib.createBrotliDecompress,
      zlib.createBrotliCompress,
      brotliCompressSync(Buffer.alloc(size), quick),
    ],
  ] as const)('a bomb in %s is streamed, a piece at a time', async (name, decoder, encoder, bomb) => {
    const between = watchBetween(decoder(), encoder());
    const { body, isComplete } = await ask((_, response) => head(response, name).end(bomb));
    between.stop();
    expect(isComplete).toBe(true);
    expect(body.length).toBeLessThan(200_000);
    expect(between.decoded).toBe(size);
    expect(between.most).toBeLessThanOrEqual(256 * 1024);
  });

  test('a call after end is refused as Node refuses it', async () => {
    const body = gzipSync(page);
    const codes: unknown[] = [];
    const { body: out } = await ask((_, response) => {
      head(response, 'gzip').write(body.subarray(0, 50));
      const hear = (error: Error | null | undefined): unknown =>
        codes.push((error as NodeJS.ErrnoException).code);
      response.on('error', hear);
      response.end(body.subarray(50));
      expect(response.write('late', hear)).toBe(false);
      expect(response.end()).toBe(response);
    });
    expect(countTokens(gunzipSync(out).toString())).toBe(2);
    expect(codes).toEqual(['ERR_STREAM_WRITE_AFTER_END', 'ERR_STREAM_WRITE_AFTER_END']);
  });

  test('the request names what it accepts as it came', async () => {
    const headers = { 'accept-encoding': 'br, gzip;q=0.5' };
    const { text } = await ask((request, response) => response.end(request.headers['accept-encoding']), {
      headers,
    });
    expect(text).toBe(headers['accept-encoding']);
  });
});

type Coder = Duplex & { readonly bytesWritten: number };

/**
 * Counts the bytes that decoders of a kind have produced and that no encoder of the other has consumed yet. The memory of
 * the process would not do: it depends on when V8 collects garbage.
 */
function watchBetween(decoder: Duplex, encoder: Duplex) {
  const [decoders, encoders] = [decoder, encoder].map((coder) => Object.getPrototypeOf(coder.destroy()));
  const seen = new Set<Coder>();
  const { push } = decoders;
  const watch = {
    decoded: 0,
    most: 0,
    stop() {
      for (const each of [decoders, encoders]) for (const name of ['push', 'write', 'end']) delete each[name];
    },
  };
  decoders.push = function (this: Duplex, chunk: Buffer | null, ...rest: unknown[]): boolean {
    watch.decoded += chunk?.length ?? 0;
    const encoded = [...seen].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
    watch.most = Math.max(watch.most, watch.decoded - encoded);
    return push.call(this, chunk, ...rest);
  };
  for (const name of ['write', 'end']) {
    const inherited = encoders[name];
    encoders[name] = function (this: Coder, ...given: unknown[]): unknown {
      seen.add(this);
      return inherited.apply(this, given);
    };
  }
  return watch;
}
