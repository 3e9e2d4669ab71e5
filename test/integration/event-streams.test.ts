/** Event streams in the codings that Node.js can decode: each event goes out when it is written, flushed by the app or not. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import {
  brotliDecompressSync,
  constants,
  createBrotliCompress,
  createDeflate,
  createGzip,
  deflateRawSync,
  gunzipSync,
  gzipSync,
  inflateSync,
} from 'node:zlib';
import compression from 'compression';
import { describe, expect, test } from 'vitest';
import { type ImageSignerOptions, imageSigner } from '../../src/index.ts';
import { zstd } from '../../src/node/http/zstd.ts';
import { frameworks, serve } from '../support/frameworks.ts';
import { parse } from '../support/raw.ts';
import { shareOf } from '../support/run-length.ts';
import { base, countTokens, url, withoutTokens } from '../support/samples.ts';
import { seed } from '../support/seed.ts';

type Flushing = NodeJS.ReadWriteStream & { flush(done?: () => void): void };

interface Coding {
  readonly name: string;
  createEncoder(): Flushing;
  /** As far as it has come. */
  decode(bytes: Buffer): Buffer;
}

const codings: Coding[] = [
  {
    name: 'gzip',
    createEncoder: () => createGzip(),
    decode: (bytes) => gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }),
  },
  {
    name: 'deflate',
    createEncoder: () => createDeflate(),
    decode: (bytes) => inflateSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }),
  },
  {
    name: 'br',
    createEncoder: () => createBrotliCompress(),
    decode: (bytes) => brotliDecompressSync(bytes, { finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  },
];
if (zstd !== undefined) {
  const { createZstdCompress, zstdDecompressSync, constants: own } = zstd;
  codings.push({
    name: 'zstd',
    createEncoder: () => createZstdCompress({}) as unknown as Flushing,
    decode: (bytes) => zstdDecompressSync(bytes, { finishFlush: own.ZSTD_e_flush } as never),
  });
}

const event = (index: number): string => `data: {"image":"${url('thumb', `photo-${index}`)}"}\n\n`;
const sign = imageSigner({ ...base, rewrite: { json: true } } as ImageSignerOptions);

const plain: Coding = {
  name: 'identity',
  createEncoder: () => new PassThrough() as never,
  decode: (bytes) => bytes,
};

/** One visitor of a stream, who reads one event after the other. */
class Listener {
  readonly #socket: Socket;
  readonly #decode: (bytes: Buffer) => Buffer;
  #raw: Buffer = Buffer.alloc(0);

  constructor(port: number, { name, decode }: Coding) {
    this.#decode = decode;
    this.#socket = connect(port, '127.0.0.1', () =>
      this.#socket.write(`GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${name}\r\n\r\n`),
    );
    this.#socket.on('data', (chunk) => {
      this.#raw = Buffer.concat([this.#raw, chunk]);
    });
  }

  get coding(): string | undefined {
    return parse(this.#raw).header('content-encoding');
  }

  /** @returns what has come by then, decoded */
  async untilEvents(count: number, separator = '\n\n'): Promise<string> {
    for (;;) {
      const text = this.#text;
      if (text.split(separator).length > count) return text;
      await once(this.#socket, 'data');
    }
  }

  get #text(): string {
    const { body } = parse(this.#raw);
    try {
      return body.length === 0 ? '' : this.#decode(body).toString();
    } catch {
      return ''; // a part of a frame
    }
  }

  leave(): void {
    this.#socket.destroy();
  }
}

const twoFrameworks = frameworks.filter(({ name }) => name === 'node:http' || name === 'Express 5');

describe.each(shareOf(twoFrameworks, 2, seed))('$name', ({ build }) => {
  test.each(codings)('events that the app sends in $name', async (coding) => {
    let sent: Flushing | undefined;
    const site = await serve(
      build([sign], (_, response) => {
        response.setHeader('Content-Type', 'text/event-stream');
        response.setHeader('Content-Encoding', coding.name);
        sent = coding.createEncoder();
        sent.pipe(response);
        sent.write(event(0));
        sent.flush();
      }),
    );
    const listener = new Listener(site.port, coding);
    for (let count = 1; count < 5; count++) {
      const text = await listener.untilEvents(count);
      const events = Array.from({ length: count }, (_, index) => event(index)).join('');
      expect([withoutTokens(text), countTokens(text)]).toEqual([events, count]);
      sent!.write(event(count));
      sent!.flush();
    }
    expect(listener.coding).toBe(coding.name);
    listener.leave();
    await site.close();
  });

  test('an event goes out where the next one has begun in the same chunk', async () => {
    let sent: ServerResponse | undefined;
    const next = deflateRawSync(event(1));
    const site = await serve(
      build([sign], (_, response) => {
        sent = response;
        response.setHeader('Content-Type', 'text/event-stream');
        response.setHeader('Content-Encoding', 'gzip');
        const first = gzipSync(event(0), { finishFlush: constants.Z_SYNC_FLUSH });
        response.write(Buffer.concat([first, next.subarray(0, 3)]));
      }),
    );
    const listener = new Listener(site.port, codings[0]!);
    expect(withoutTokens(await listener.untilEvents(1))).toBe(event(0));
    const sums = gzipSync(event(0) + event(1)).subarray(-8);
    sent!.end(Buffer.concat([next.subarray(3), sums]));
    expect(withoutTokens(await listener.untilEvents(2))).toBe(event(0) + event(1));
    listener.leave();
    await site.close();
  });

  test.each(['text/event-stream', 'application/x-ndjson'])(
    'compression in Brotli, which the writeHead of the app begins: %s that is short',
    async (type) => {
      let response: (ServerResponse & { flush?(): void }) | undefined;
      const compress = compression({ threshold: 0, filter: () => true }) as never;
      const lines = type === 'application/x-ndjson';
      const text = (index: number): string => (lines ? `{"i":${index}}\n` : `data: ${index}\n\n`);
      const site = await serve(
        build([sign, compress], (_, given) => {
          response = given;
          given.writeHead(200, { 'Content-Type': type });
          given.write(text(1));
          response.flush?.();
        }),
      );
      const listener = new Listener(site.port, codings[2]!);
      const separator = lines ? '\n' : '\n\n';
      expect(await listener.untilEvents(1, separator)).toBe(text(1));
      response!.write(text(2));
      response!.flush?.();
      expect(await listener.untilEvents(2, separator)).toBe(text(1) + text(2));
      expect(listener.coding).toBe('br');
      listener.leave();
      await site.close();
    },
  );

  test('`Content-Encoding: none`, as GraphQL Yoga sends it, is no coding', async () => {
    const site = await serve(
      build([sign], (_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Content-Encoding': 'none' });
        response.write(event(1));
      }),
    );
    const listener = new Listener(site.port, plain);
    const text = await listener.untilEvents(1);
    expect([withoutTokens(text), countTokens(text), listener.coding]).toEqual([event(1), 1, 'none']);
    listener.leave();
    await site.close();
  });

  test.each(['before', 'after'])('and those that compression encodes, mounted %s', async (order) => {
    let response: (ServerResponse & { flush?(): void }) | undefined;
    const compress = compression({ threshold: 0 }) as never;
    const site = await serve(
      build(order === 'before' ? [compress, sign] : [sign, compress], (_, given) => {
        response = given;
        given.setHeader('Content-Type', 'text/event-stream');
        given.write(': hello\n\n');
        response.flush?.();
      }),
    );
    const listener = new Listener(site.port, codings[0]!);
    for (let count = 1; count < 4; count++) {
      expect(countTokens(await listener.untilEvents(count))).toBe(count - 1);
      response!.write(event(count).slice(0, -1));
      response!.write('\n');
      response!.flush?.();
    }
    expect(listener.coding).toBe('gzip');
    listener.leave();
    await site.close();
  });
});
