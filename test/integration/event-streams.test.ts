/** Encoded streams of events, lines and pages: what is written goes out at once, flushed by the app or by `compression`. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { PassThrough, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import compression from 'compression';
import { describe, expect, test } from 'vitest';
import { imageSigner, type Middleware } from '../../src/index.ts';
import { zstd } from '../../src/node/http/zstd.ts';
import { parse } from '../support/http/raw.ts';
import { base, countTokens, url, withoutTokens } from '../support/samples.ts';
import { frameworks, withSite } from '../support/servers/frameworks.ts';

type Flushing = Transform & { flush(): void };
type Compressed = ServerResponse & { flush(): void };

interface Coding {
  readonly name: string;
  readonly createEncoder: () => Transform;
  /** As far as it has come. */
  decode(bytes: Buffer): Buffer;
}

const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants;
const flushed = { finishFlush: Z_SYNC_FLUSH };
const gzip: Coding = {
  name: 'gzip',
  createEncoder: zlib.createGzip,
  decode: (bytes) => zlib.gunzipSync(bytes, flushed),
};
const deflate: Coding = {
  name: 'deflate',
  createEncoder: zlib.createDeflate,
  decode: (bytes) => zlib.inflateSync(bytes, flushed),
};
const br: Coding = {
  name: 'br',
  createEncoder: zlib.createBrotliCompress,
  decode: (bytes) => zlib.brotliDecompressSync(bytes, { finishFlush: BROTLI_OPERATION_FLUSH }),
};
const none: Coding = { name: 'none', createEncoder: () => new PassThrough(), decode: (bytes) => bytes };
const codings = [gzip, deflate, br];
/** Node.js has Zstandard from 22.15 and 23.8 on. */
if (zstd !== undefined) {
  const { createZstdCompress, zstdDecompressSync, constants } = zstd;
  codings.push({
    name: 'zstd',
    createEncoder: () => createZstdCompress({}) as unknown as Transform,
    decode: (bytes) => zstdDecompressSync(bytes, { finishFlush: constants.ZSTD_e_flush } as never),
  });
}

const type = { 'Content-Type': 'text/event-stream' };
const event = (index: number): string => `data: {"image":"${url('thumb', `photo-${index}`)}"}\n\n`;
const sign = imageSigner({ ...base, rewrite: { json: true } });
const compress = compression({ threshold: 0, filter: () => true }) as unknown as Middleware;

const twoFrameworks = frameworks.filter(({ name }) => name === 'node:http' || name === 'Express 5');

describe.each(twoFrameworks)('$name', ({ build }) => {
  /** `until` gives what has come once a text is in it, decoded. */
  async function visit(
    { name, decode }: Coding,
    mounts: readonly Middleware[],
    begin: (response: Compressed) => void,
    use: (until: (text: string) => Promise<string>, response: () => Compressed) => Promise<void>,
  ): Promise<void> {
    let response: Compressed | undefined;
    const handler = (_: unknown, given: ServerResponse): void => {
      response = given as Compressed;
      begin(response);
    };
    await withSite(build(mounts, handler), async (port) => {
      const socket = connect(port, '127.0.0.1');
      socket.write(`GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${name}\r\n\r\n`);
      let raw = Buffer.alloc(0);
      const decoded = (): string => {
        try {
          return decode(parse(raw).body).toString();
        } catch {
          return ''; // a part of a frame
        }
      };
      const until = async (text: string): Promise<string> => {
        while (raw.length === 0 || !decoded().includes(text))
          raw = Buffer.concat([raw, (await once(socket, 'data'))[0]]);
        expect(parse(raw).header('content-encoding')).toBe(name);
        return decoded();
      };
      await use(until, () => response!);
      socket.destroy();
    });
  }

  const pages = (index: number): string => `<p>${index}<img src="${url('thumb', `photo-${index}`)}"></p>`;
  test.each([
    ...codings.map((coding) => [coding.name, 'text/event-stream', coding, event] as const),
    ...[gzip, br].map((coding) => [coding.name, 'text/html', coding, pages] as const),
  ])('what the app sends in %s of %s', async (_name, kind, coding, part) => {
    const encoder = coding.createEncoder() as Flushing;
    const begin = (response: ServerResponse): void => {
      response.writeHead(200, { 'Content-Type': kind, 'Content-Encoding': coding.name });
      encoder.pipe(response);
    };
    await visit(coding, [sign], begin, async (until) => {
      let all = '';
      for (let count = 1; count < 5; count++) {
        all += part(count);
        encoder.write(part(count));
        encoder.flush();
        const text = await until(`photo-${count}/`);
        expect([countTokens(text), withoutTokens(text)]).toEqual([count, all]);
      }
    });
  });

  test('an event goes out where the next one has begun in the same chunk', async () => {
    const next = zlib.deflateRawSync(event(1));
    const first = zlib.gzipSync(event(0), flushed);
    const begin = (response: ServerResponse): void => {
      response.writeHead(200, { ...type, 'Content-Encoding': 'gzip' });
      response.write(Buffer.concat([first, next.subarray(0, 3)]));
    };
    await visit(gzip, [sign], begin, async (until, response) => {
      expect(withoutTokens(await until('\n\n'))).toBe(event(0));
      const sums = zlib.gzipSync(event(0) + event(1)).subarray(-8);
      response().end(Buffer.concat([next.subarray(3), sums]));
      expect(withoutTokens(await until('photo-1'))).toBe(event(0) + event(1));
    });
  });

  test('`Content-Encoding: none`, as GraphQL Yoga sends it, is no coding', async () => {
    const begin = (response: ServerResponse): void =>
      void response.writeHead(200, { ...type, 'Content-Encoding': 'none' }).write(event(1));
    await visit(none, [sign], begin, async (until) => {
      const text = await until('\n\n');
      expect([withoutTokens(text), countTokens(text)]).toEqual([event(1), 1]);
    });
  });

  const line = (index: number): string => `{"i":${index}}\n`;
  const short = (index: number): string => `data: ${index}\n\n`;
  test.each([
    ['events, mounted before', 'text/event-stream', [compress, sign], gzip, event],
    ['events, mounted after', 'text/event-stream', [sign, compress], gzip, event],
    ['short events, mounted after', 'text/event-stream', [sign, compress], br, short],
    ['short lines, mounted after', 'application/x-ndjson', [sign, compress], br, line],
    ['a page, mounted after', 'text/html; charset=utf-8', [sign, compress], br, (i: number) => `<p>${i}`],
  ] as const)('what compression encodes: %s', async (_title, kind, mounts, coding, part) => {
    const begin = (response: Compressed): void => {
      response.writeHead(200, { 'Content-Type': kind });
      response.write(part(1));
      response.flush();
    };
    await visit(coding, mounts, begin, async (until, response) => {
      const last = (index: number): string => (part === event ? `photo-${index}/` : part(index));
      expect(withoutTokens(await until(last(1)))).toBe(part(1));
      for (const half of [part(2).slice(0, -1), part(2).slice(-1)]) response().write(half);
      response().flush();
      const text = await until(last(2));
      expect([withoutTokens(text), countTokens(text)]).toEqual([part(1) + part(2), part === event ? 2 : 0]);
    });
  });
});
