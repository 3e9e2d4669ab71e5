/**
 * Which coding a body over fetch is in, by its first bytes: those that cannot be taken off pass as they came.
 * Longer than most files: each coding is tried by the same requests.
 */
import { runInNewContext } from 'node:vm';
import * as zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type ImageSignerEvent, imageSigner } from '../../../src/fetch.ts';
import { note } from '../../support/events.ts';
import { base, countTokens, url, withoutTokens } from '../../support/samples.ts';

const { brotliCompressSync, constants, deflateRawSync, deflateSync, gunzipSync, gzipSync } = zlib;
const { inflateRawSync, inflateSync } = zlib;
const html = 'text/html; charset=utf-8';
type Body = ConstructorParameters<typeof Response>[0];

/** What becomes of a body in a coding. */
function sign(body: Body, coding?: string, type: string = html, options: object = {}): Promise<Response> {
  const headers = { 'content-type': type, ...(coding !== undefined && { 'content-encoding': coding }) };
  const signing = imageSigner({ ...base, ...options } as never);
  return signing(new Request('https://shop.example/'), () => new Response(body, { headers }));
}

/** Options of which the events are noted, but for what went well. */
function noting(events: unknown[]): object {
  return { report: (event: ImageSignerEvent) => note(events, event) };
}

/** That an encoder has something to do, and more than one kind of letter. */
function pageOf(bytes: number): string {
  const lines = Array.from({ length: bytes / 24 }, (_, index) => `<p>${index} ${Math.sin(index)}`);
  return `<img src="${url()}">${lines.join('\n')}`.slice(0, bytes);
}

async function passed(body: Uint8Array, coding: string): Promise<[coding: string | null, body: Buffer]> {
  const response = await sign(Buffer.from(body), coding);
  return [response.headers.get('content-encoding'), Buffer.from(await response.arrayBuffer())];
}

const read = (bytes: Uint8Array): [string, number] => {
  const text = Buffer.from(bytes).toString('latin1');
  return [withoutTokens(text), countTokens(text)];
};

const bytesOf = (body: Uint8Array): Uint8Array[] => Array.from(body, (byte) => Uint8Array.of(byte));

/** It reads no further than it is asked. */
function streamOf(
  chunks: Iterable<Uint8Array>,
  atEnd?: Error,
): { stream: ReadableStream; pulls: () => number } {
  const iterator = chunks[Symbol.iterator]();
  let pulls = 0;
  const pull = (controller: ReadableStreamDefaultController): void => {
    pulls++;
    const { done, value } = iterator.next();
    if (!done) controller.enqueue(new Uint8Array(value));
    else if (atEnd === undefined) controller.close();
    else controller.error(atEnd);
  };
  return { stream: new ReadableStream({ pull }, { highWaterMark: 0 }), pulls: () => pulls };
}

test.each([300, 20_000, 100_000, 500_000])('brotli of %i bytes', async (length) => {
  for (const window of [16, 18, 20, 22, 24]) {
    for (const quality of [1, 5]) {
      const params = { [constants.BROTLI_PARAM_LGWIN]: window, [constants.BROTLI_PARAM_QUALITY]: quality };
      const body = brotliCompressSync(pageOf(length), { params });
      const [coding, given] = await passed(body, 'br');
      expect([coding, given.equals(body)], `window ${window}, begins ${body[0]}`).toEqual(['br', true]);
    }
  }
});

test.each(['br', 'zstd'])(
  'text that says it is in %s has been decoded on its way, and is signed',
  async (coding) => {
    for (const text of [pageOf(100_000), `<!--\x01-->${pageOf(2_000)}`, `\t\f\v${pageOf(300)}`]) {
      const [left, body] = await passed(Buffer.from(text), coding);
      expect([left, countTokens(body.toString())]).toEqual([null, 1]);
    }
  },
);

test.each(['gzip', 'br', 'deflate', 'zstd'])(
  'no bytes at all in %s: the header stays, as it does for HEAD',
  async (coding) => expect(await passed(Buffer.alloc(0), coding)).toEqual([coding, Buffer.alloc(0)]),
);

describe('in whatever chunks its first bytes come', () => {
  const page = pageOf(300);
  // A frame of RFC 8878, 3.1.1: magic number, header, one block of bytes as they are.
  const zstd = Buffer.from(`28b52ffd20c0010600${Buffer.from(page.slice(0, 192)).toString('hex')}`, 'hex');
  const asItIs = (bytes: Buffer): Buffer => bytes;
  const lettered = brotliCompressSync(pageOf(100_000));

  type Decode = (bytes: Buffer) => Buffer;
  /** The last two say what the header says then, and how a body that is signed is read. */
  test.each<[name: string, coding: string, body: Buffer, left: string | null, decode?: Decode]>([
    ['gzip', 'gzip', gzipSync(page), 'gzip', gunzipSync],
    ['x-gzip', 'X-Gzip', gzipSync(page), 'X-Gzip', gunzipSync],
    ['deflate', 'deflate', deflateSync(page), 'deflate', inflateSync],
    ['bare deflate', 'deflate', deflateRawSync(page), 'deflate', inflateRawSync],
    ['brotli', 'br', brotliCompressSync(page), 'br'],
    ['brotli that begins with a letter', 'br', lettered, 'br'],
    ['zstd', 'zstd', zstd, 'zstd'],
    ['two codings', 'gzip, br', brotliCompressSync(gzipSync(page)), 'gzip, br'],
    ...['gzip', 'deflate', 'br', 'zstd', 'gzip, br'].map(
      (coding) => [`text that was in ${coding}`, coding, Buffer.from(`\n${page}`), null, asItIs] as const,
    ),
  ] as never)('%s is told', async (_name, coding, body, left, decode) => {
    const nothing = new Uint8Array();
    const cuts = Array.from({ length: 140 }, (_, at) => [
      nothing,
      body.subarray(0, at),
      nothing,
      body.subarray(at),
    ]);
    for (const chunks of [...cuts, [...bytesOf(body.subarray(0, 200)), body.subarray(200)]]) {
      const response = await sign(streamOf(chunks).stream, coding);
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(response.headers.get('content-encoding')).toBe(left);
      if (decode === undefined) expect(bytes.equals(body)).toBe(true);
      else expect(read(decode(bytes))).toEqual([decode(body).toString('latin1'), 1]);
    }
  });

  test.each([
    ['gzip', gzipSync(page), 2],
    ['deflate', deflateSync(page), 2],
    ['br', brotliCompressSync(page), 1], // what text cannot begin with
    ['br', lettered, 128],
    ['br', Buffer.from(page), 1], // `<`
    ['gzip', Buffer.from(page), 1],
    ['deflate', Buffer.from(page), 128],
  ] as const)('of %s no more is read than tells it: %#', async (coding, body, bytes) => {
    const { stream, pulls } = streamOf(bytesOf(body));
    const response = await sign(stream, coding);
    // A plain page is looked at once or twice more, lest it be there as a whole.
    expect(pulls()).toBeLessThanOrEqual(bytes + (response.headers.has('content-encoding') ? 0 : 2));
    expect(pulls()).toBeGreaterThanOrEqual(bytes);
    await response.body!.cancel();
  });

  test.each(['gzip', 'deflate', 'br', 'odd'])(
    'a body in %s that fails while they are read fails whoever reads it, behind what has come',
    async (coding) => {
      for (const chunks of [[], [Uint8Array.of(0x1f)]]) {
        const { body } = await sign(streamOf(chunks, new Error('broken')).stream, coding);
        const reader = body!.getReader();
        for (const chunk of chunks) expect((await reader.read()).value).toEqual(chunk);
        await expect(reader.read()).rejects.toThrow('broken');
      }
    },
  );

  test.each(['gzip', 'deflate', 'br'])('a body in %s of one byte, or of none, is one', async (coding) => {
    for (const chunks of [[Uint8Array.of(0x5b)], [new Uint8Array(), new Uint8Array()]]) {
      const response = await sign(streamOf(chunks).stream, coding);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.concat(chunks));
    }
  });

  test('a source that fails is no corrupt body', async () => {
    const events: unknown[] = [];
    const { stream } = streamOf([gzipSync(page).subarray(0, 60)], new Error('broken'));
    const response = await sign(stream, 'gzip', html, noting(events));
    await expect(response.arrayBuffer()).rejects.toThrow('broken');
    expect(events).toEqual([]);
  });
});

/** What `cancel` of a source has got, for a client that goes after some reads. */
async function reasonsOf(source: object, coding: string, type?: string, reads = 0): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const cancel = (reason: unknown): void => void reasons.push(reason);
  const live = { rewrite: { json: true } };
  const { body } = await sign(new ReadableStream({ ...source, cancel }), coding, type, live);
  const reader = body!.getReader();
  for (let read = 0; read < reads; read++) await reader.read();
  await reader.cancel('gone');
  return reasons;
}

const event = `data: ["${url()}"]\n\n`;
const events = 'text/event-stream';
const flushed = gzipSync(event, { finishFlush: constants.Z_SYNC_FLUSH });

test.each<[title: string, coding: string, chunks: readonly Uint8Array[], type?: string, reads?: number]>([
  ['gzip', 'gzip', bytesOf(gzipSync(pageOf(300)).subarray(0, 12))],
  ['brotli', 'br', bytesOf(brotliCompressSync(pageOf(300)).subarray(0, 12))],
  ['gzip that is silent', 'gzip', []],
  ['deflate that is silent', 'deflate', []],
  ['events in gzip', 'gzip', [flushed], events, 1],
])('whoever goes away cancels the source: %s', async (_title, coding, chunks, type, reads) => {
  const rest = [...chunks];
  const pull = (controller: ReadableStreamDefaultController): void => {
    if (chunks.length > 0) controller.enqueue(new Uint8Array(rest.shift() ?? [0]));
  };
  expect(await reasonsOf({ pull }, coding, type, reads)).toEqual(['gone']);
});

test('bytes of another realm are signed, in one chunk and in several', async () => {
  const foreign = (text: string): Uint8Array =>
    runInNewContext('Uint8Array.from(bytes)', { bytes: [...Buffer.from(text)] }) as Uint8Array;
  const page = `<img src="${url()}">`;
  for (const parts of [[page], [page.slice(0, 9), page.slice(9)]]) {
    const atOnce = new ReadableStream({
      start(controller) {
        for (const part of parts) controller.enqueue(foreign(part));
        controller.close();
      },
    });
    for (const body of [ReadableStream.from(parts.map(foreign)), atOnce]) {
      const response = await sign(body as ReadableStream);
      expect(read(new Uint8Array(await response.arrayBuffer()))).toEqual([page, 1]);
    }
  }
});

test('a client that leaves a good page in gzip is reported as nothing, whenever it leaves', async () => {
  const events: unknown[] = [];
  const whole = gzipSync(pageOf(400_000));
  for (const parts of [1, 2, 5, 20]) {
    const size = Math.ceil(whole.length / parts);
    for (const reads of [0, 1, 2, 3]) {
      const chunks = Array.from({ length: parts }, (_, at) => whole.subarray(at * size, (at + 1) * size));
      const { body } = await sign(streamOf(chunks).stream, 'gzip', html, noting(events));
      const reader = body!.getReader();
      for (let read = 0; read < reads; read++) await reader.read();
      const pending = reader.read().catch(() => {});
      await reader.cancel('gone');
      await pending;
    }
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(events).toEqual([]);
});

/** A stream whose parts come when they are asked for by hand. */
function silent(): { stream: ReadableStream<Uint8Array>; send(...chunks: Uint8Array[]): void; end(): void } {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const start = (given: ReadableStreamDefaultController<Uint8Array>): void => {
    controller = given;
  };
  const send = (...chunks: Uint8Array[]): void => {
    for (const each of chunks) controller!.enqueue(new Uint8Array(each));
  };
  return { stream: new ReadableStream({ start }), send, end: () => controller!.close() };
}

const page = pageOf(3_000);

test.each<[title: string, coding: string, bytes: Buffer, decode: (bytes: Uint8Array) => Buffer]>([
  ['gzip', 'gzip', gzipSync(page), gunzipSync],
  ['deflate', 'deflate', deflateSync(page), inflateSync],
  ['gzip that was decoded on its way', 'gzip', Buffer.from(page), gunzipSync],
  ['deflate that was decoded on its way', 'deflate', Buffer.from(page), inflateSync],
])(
  'a source that is silent holds no headers back, and its page is signed: %s',
  async (_, coding, bytes, decode) => {
    const { stream, send, end } = silent();
    const response = await sign(stream, coding);
    expect(response.headers.get('content-encoding')).toBe(coding);
    send(bytes.subarray(0, 100), bytes.subarray(100)); // not before the headers are there
    end();
    expect(read(decode(new Uint8Array(await response.arrayBuffer())))).toEqual([page, 1]);
  },
);

describe('an event stream goes out as it is decoded, since no encoder can be flushed', () => {
  const live = { rewrite: { json: true } };

  test.each<[title: string, coding: string, first: Uint8Array, isLate: boolean, left: string | null]>([
    ['event by event', 'gzip', flushed, false, null],
    ['also where the first event comes after the headers', 'gzip', flushed, true, null],
    ['and waits for no other where br was taken off', 'br', Buffer.from(event), false, null],
    ['nor where the coding is none', 'none', Buffer.from(event), false, 'none'],
    ['nor where nobody knows it', 'x-unknown', Buffer.from(event), false, null],
  ])('%s', async (_title, coding, first, isLate, left) => {
    const { stream, send } = silent();
    if (!isLate) send(first);
    const response = await sign(stream, coding, events, live);
    const reading = response.body!.getReader().read();
    if (isLate) send(first);
    expect(read((await reading).value!)).toEqual([event, 1]);
    expect(response.headers.get('content-encoding')).toBe(left);
  });

  test('and one that is corrupt breaks off, and is reported', async () => {
    const told: unknown[] = [];
    const body = Buffer.concat([flushed, Buffer.alloc(40, 0xff)]);
    const response = await sign(body, 'gzip', events, { ...live, ...noting(told) });
    await expect(response.text()).rejects.toThrow();
    expect(told).toContainEqual({ type: 'passed', reason: 'corrupt-body' });
  });
});
