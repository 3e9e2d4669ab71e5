/** Which coding a body over fetch is in, by its first bytes: those that cannot be taken off pass as they came. */
import { runInNewContext } from 'node:vm';
import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type ImageSignerEvent, imageSigner } from '../../src/fetch.ts';
import { note } from '../support/events.ts';
import { shareOf } from '../support/run-length.ts';
import { base, countTokens, url, withoutTokens } from '../support/samples.ts';
import { seed } from '../support/seed.ts';

const html = { 'content-type': 'text/html; charset=utf-8' };
const sign = imageSigner(base as never);

/** That an encoder has something to do, and more than one kind of letter. */
function pageOf(bytes: number): string {
  const lines = Array.from({ length: bytes / 24 }, (_, index) => `<p>${index} ${Math.sin(index)}`);
  return `<img src="${url()}">${lines.join('\n')}`.slice(0, bytes);
}

async function passed(body: Uint8Array, coding: string): Promise<[coding: string | null, body: Buffer]> {
  const response = await sign(
    new Request('https://shop.example/'),
    () => new Response(Buffer.from(body), { headers: { ...html, 'content-encoding': coding } }),
  );
  return [response.headers.get('content-encoding'), Buffer.from(await response.arrayBuffer())];
}

const windows = [16, 18, 20, 22, 24];

test.each([300, 20_000, 100_000, 500_000])('brotli of %i bytes', async (length) => {
  for (const window of windows) {
    for (const quality of [1, 5]) {
      const params = { [constants.BROTLI_PARAM_LGWIN]: window, [constants.BROTLI_PARAM_QUALITY]: quality };
      const body = brotliCompressSync(pageOf(length), { params });
      const [coding, given] = await passed(body, 'br');
      expect([coding, given.equals(body)], `window ${window}, begins ${body[0]}`).toEqual(['br', true]);
    }
  }
});

test('zstd, whose frames begin with a letter', async () => {
  // A frame of RFC 8878, 3.1.1: magic number, header, one block of 16 bytes as they are.
  const body = Buffer.from('28b52ffd2010810000' + Buffer.from('<img src="a.png"').toString('hex'), 'hex');
  expect(await passed(body, 'zstd')).toEqual(['zstd', body]);
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
  async (coding) => {
    expect(await passed(Buffer.alloc(0), coding)).toEqual([coding, Buffer.alloc(0)]);
  },
);

describe('in whatever chunks its first bytes come', () => {
  const page = pageOf(300);
  const zstd = Buffer.from(`28b52ffd20c0010600${Buffer.from(page.slice(0, 192)).toString('hex')}`, 'hex');
  const asItIs = (bytes: Buffer): Buffer => bytes;

  interface Case {
    readonly name: string;
    readonly coding: string;
    readonly body: Buffer;
    /** What the header says then, how to read the body, and whether it is signed. */
    readonly left: string | null;
    readonly decode: (bytes: Buffer) => Buffer;
    readonly tokens: number;
  }
  const cases: readonly Case[] = [
    { name: 'gzip', coding: 'gzip', body: gzipSync(page), left: 'gzip', decode: gunzipSync, tokens: 1 },
    { name: 'x-gzip', coding: 'X-Gzip', body: gzipSync(page), left: 'X-Gzip', decode: gunzipSync, tokens: 1 },
    {
      name: 'deflate',
      coding: 'deflate',
      body: deflateSync(page),
      left: 'deflate',
      decode: inflateSync,
      tokens: 1,
    },
    {
      name: 'bare deflate',
      coding: 'deflate',
      body: deflateRawSync(page),
      left: 'deflate',
      decode: inflateRawSync,
      tokens: 1,
    },
    { name: 'brotli', coding: 'br', body: brotliCompressSync(page), left: 'br', decode: asItIs, tokens: 0 },
    {
      name: 'brotli that begins with a letter',
      coding: 'br',
      body: brotliCompressSync(pageOf(100_000)),
      left: 'br',
      decode: asItIs,
      tokens: 0,
    },
    { name: 'zstd', coding: 'zstd', body: zstd, left: 'zstd', decode: asItIs, tokens: 0 },
    {
      name: 'two codings',
      coding: 'gzip, br',
      body: brotliCompressSync(gzipSync(page)),
      left: 'gzip, br',
      decode: asItIs,
      tokens: 0,
    },
    ...['gzip', 'deflate', 'br', 'zstd', 'gzip, br'].map((coding) => ({
      name: `text that was in ${coding}`,
      coding,
      body: Buffer.from(`\n${page}`),
      left: null,
      decode: asItIs,
      tokens: 1,
    })),
  ];

  function streamOf(
    chunks: Iterable<Uint8Array>,
    atEnd?: Error,
  ): { stream: ReadableStream; pulls: () => number } {
    const iterator = chunks[Symbol.iterator]();
    let pulls = 0;
    const stream = new ReadableStream(
      {
        pull(controller) {
          pulls++;
          const { done, value } = iterator.next();
          if (!done) controller.enqueue(new Uint8Array(value));
          else if (atEnd === undefined) controller.close();
          else controller.error(atEnd);
        },
      },
      { highWaterMark: 0 },
    );
    return { stream, pulls: () => pulls };
  }

  const answer = (stream: ReadableStream, coding: string): Promise<Response> =>
    sign(
      new Request('https://shop.example/'),
      () => new Response(stream, { headers: { ...html, 'content-encoding': coding } }),
    );

  test.each(cases)('$name is told', async ({ coding, body, left, decode, tokens }) => {
    const nothing = new Uint8Array();
    const cuts = Array.from({ length: 140 }, (_, at) => [
      nothing,
      body.subarray(0, at),
      nothing,
      body.subarray(at),
    ]);
    const bytes = Array.from(body.subarray(0, 200), (byte) => Uint8Array.of(byte));
    for (const chunks of [...shareOf(cuts, 3, seed), [...bytes, body.subarray(200)]]) {
      const response = await answer(streamOf(chunks).stream, coding);
      const text = decode(Buffer.from(await response.arrayBuffer())).toString('latin1');
      expect([response.headers.get('content-encoding'), countTokens(text)]).toEqual([left, tokens]);
      expect(withoutTokens(text)).toBe(decode(body).toString('latin1'));
    }
  });

  test.each([
    ['gzip', gzipSync(page), 2],
    ['deflate', deflateSync(page), 2],
    ['br', brotliCompressSync(page), 1], // what text cannot begin with
    ['br', brotliCompressSync(pageOf(100_000)), 128],
    ['br', Buffer.from(page), 1], // `<`
    ['gzip', Buffer.from(page), 1],
    ['deflate', Buffer.from(page), 128],
  ] as const)('of %s no more is read than tells it: %#', async (coding, body, bytes) => {
    const { stream, pulls } = streamOf(Array.from(body, (byte) => Uint8Array.of(byte)));
    const response = await answer(stream, coding);
    // A plain page is looked at once or twice more, lest it be there as a whole.
    expect(pulls()).toBeLessThanOrEqual(bytes + (response.headers.has('content-encoding') ? 0 : 2));
    expect(pulls()).toBeGreaterThanOrEqual(bytes);
    await response.body!.cancel();
  });

  test.each(['gzip', 'deflate', 'br', 'odd'])(
    'a body in %s that fails while they are read fails whoever reads it, behind what has come',
    async (coding) => {
      const { stream } = streamOf([Uint8Array.of(0x1f)], new Error('broken'));
      const reader = (await answer(stream, coding)).body!.getReader();
      expect([...(await reader.read()).value!]).toEqual([0x1f]);
      await expect(reader.read()).rejects.toThrow('broken');
    },
  );

  test('whoever goes away cancels the source', async () => {
    for (const [coding, first] of [
      ['gzip', gzipSync(page).subarray(0, 12)],
      ['br', brotliCompressSync(page).subarray(0, 12)],
    ] as const) {
      const reasons: unknown[] = [];
      const chunks = Array.from(first, (byte) => Uint8Array.of(byte));
      const stream = new ReadableStream({
        pull: (controller) => controller.enqueue(chunks.shift() ?? new Uint8Array(1)),
        cancel: (reason) => void reasons.push(reason),
      });
      await (await answer(stream, coding)).body!.cancel('gone');
      expect(reasons).toEqual(['gone']);
    }
  });

  test.each(['gzip', 'deflate', 'br'])('a body in %s of one byte, or of none, is one', async (coding) => {
    for (const chunks of [[Uint8Array.of(0x5b)], [new Uint8Array(), new Uint8Array()]]) {
      const response = await answer(streamOf(chunks).stream, coding);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.concat(chunks));
    }
  });

  test('a source that fails is no corrupt body', async () => {
    const events: unknown[] = [];
    const watched = imageSigner({
      ...base,
      report: (event: ImageSignerEvent) => note(events, event),
    } as never);
    const { stream } = streamOf([gzipSync(page).subarray(0, 60)], new Error('broken'));
    const response = await watched(
      new Request('https://shop.example/'),
      () => new Response(stream, { headers: { ...html, 'content-encoding': 'gzip' } }),
    );
    await expect(response.arrayBuffer()).rejects.toThrow('broken');
    expect(events).toEqual([]);
  });
});

test('bytes of another realm are signed, in one chunk and in several', async () => {
  const foreign = (text: string): Uint8Array =>
    runInNewContext('Uint8Array.from(bytes)', { bytes: [...Buffer.from(text)] }) as Uint8Array;
  const page = `<img src="${url()}">`;
  for (const parts of [[page], [page.slice(0, 9), page.slice(9)]]) {
    const body = ReadableStream.from(parts.map(foreign));
    const response = await sign(
      new Request('https://shop.example/'),
      () => new Response(body, { headers: html }),
    );
    const text = await response.text();
    expect([withoutTokens(text), countTokens(text)]).toEqual([page, 1]);
  }
  const atOnce = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(foreign(page));
      controller.close();
    },
  });
  const response = await sign(
    new Request('https://shop.example/'),
    () => new Response(atOnce, { headers: html }),
  );
  expect(countTokens(await response.text())).toBe(1);
});

test('a client that leaves a good page in gzip is reported as nothing, whenever it leaves', async () => {
  const events: ImageSignerEvent[] = [];
  const report = (event: ImageSignerEvent): void => note(events, event);
  const signing = imageSigner({ ...base, report } as never);
  const whole = gzipSync(pageOf(400_000));
  for (const parts of [1, 2, 5, 20]) {
    for (const reads of [0, 1, 2, 3]) {
      let at = 0;
      const source = new ReadableStream<Uint8Array>({
        pull(controller) {
          const part = whole.subarray(at, at + Math.ceil(whole.length / parts));
          at += part.length;
          if (part.length === 0) controller.close();
          else controller.enqueue(new Uint8Array(part));
        },
      });
      const response = await signing(
        new Request('https://shop.example/'),
        () => new Response(source, { headers: { ...html, 'content-encoding': 'gzip' } }),
      );
      const reader = response.body!.getReader();
      for (let read = 0; read < reads; read++) await reader.read();
      const pending = reader.read().catch(() => {});
      await reader.cancel('gone');
      await pending;
    }
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(events.filter(({ type }) => type === 'passed')).toEqual([]);
});

describe.each(['gzip', 'deflate'])('a source that is silent under %s', (coding) => {
  const decode = (bytes: Uint8Array): string =>
    (coding === 'gzip' ? gunzipSync(bytes) : inflateSync(bytes)).toString();
  const page = pageOf(3_000);
  const encoded = coding === 'gzip' ? gzipSync(page) : deflateSync(page);

  test.each([
    ['encoded', encoded],
    ['decoded on its way', Buffer.from(page)],
  ])('holds no headers back, and its page is signed: %s', async (_title, bytes) => {
    let speak = (): void => {};
    const source = new ReadableStream<Uint8Array>({
      start(controller) {
        speak = () => {
          controller.enqueue(new Uint8Array(bytes.subarray(0, 100)));
          controller.enqueue(new Uint8Array(bytes.subarray(100)));
          controller.close();
        };
      },
    });
    const response = await sign(
      new Request('https://shop.example/'),
      () => new Response(source, { headers: { ...html, 'content-encoding': coding } }),
    );
    expect(response.headers.get('content-encoding')).toBe(coding);
    speak(); // not before the headers are there
    const text = decode(new Uint8Array(await response.arrayBuffer()));
    expect([withoutTokens(text), countTokens(text)]).toEqual([page, 1]);
  });

  test('is let go when the client leaves', async () => {
    let reason: unknown;
    const source = new ReadableStream<Uint8Array>({
      cancel(given) {
        reason = given;
      },
    });
    const response = await sign(
      new Request('https://shop.example/'),
      () => new Response(source, { headers: { ...html, 'content-encoding': coding } }),
    );
    await response.body!.cancel('gone');
    expect(reason).toBe('gone');
  });
});

describe('an event stream goes out as it is decoded, since no encoder can be flushed', () => {
  const live = imageSigner({ ...base, rewrite: { json: true } } as never);
  const event = `data: ["${url()}"]\n\n`;
  const headers = { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' };
  const flushed = gzipSync(event, { finishFlush: constants.Z_SYNC_FLUSH });

  type Pull = (controller: ReadableStreamDefaultController<Uint8Array>, pulls: number) => void;

  async function asked(pull: Pull, method = 'GET'): Promise<Response> {
    let pulls = 0;
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => pull(controller, pulls++) });
    const handler = (): Response => new Response(method === 'HEAD' ? null : body, { headers });
    return live(new Request('https://shop.example/', { method }), handler);
  }

  test('event by event', async () => {
    const response = await asked((controller, pulls) => {
      if (pulls === 0) controller.enqueue(flushed);
    });
    expect(response.headers.get('content-encoding')).toBeNull();
    const { value } = await response.body!.getReader().read();
    const text = Buffer.from(value!).toString();
    expect([withoutTokens(text), countTokens(text)]).toEqual([event, 1]);
  });

  test('also where the first event comes after the headers', async () => {
    let send: ((bytes: Uint8Array) => void) | undefined;
    const response = await asked((controller) => {
      send = (bytes) => controller.enqueue(bytes);
    });
    expect(response.headers.get('content-encoding')).toBeNull();
    const reading = response.body!.getReader().read();
    send!(flushed);
    expect(countTokens(Buffer.from((await reading).value!).toString())).toBe(1);
  });

  test.each(['br', 'none', 'x-unknown'])(
    'its first event, which is not encoded, waits for no other where the header says %s',
    async (coding) => {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(Buffer.from(event)),
      });
      const response = await live(
        new Request('https://shop.example/'),
        () => new Response(body, { headers: { ...headers, 'content-encoding': coding } }),
      );
      const { value } = await response.body!.getReader().read();
      const text = Buffer.from(value!).toString();
      expect([withoutTokens(text), countTokens(text)]).toEqual([event, 1]);
      expect(response.headers.get('content-encoding')).toBe(coding === 'none' ? 'none' : null);
    },
  );

  test('and one that is corrupt breaks off, and is reported', async () => {
    const events: ImageSignerEvent[] = [];
    const reporting = imageSigner({
      ...base,
      rewrite: { json: true },
      report: (each: ImageSignerEvent) => note(events, each),
    } as never);
    const body = Buffer.concat([flushed, Buffer.alloc(40, 0xff)]);
    const response = await reporting(
      new Request('https://shop.example/'),
      () => new Response(body, { headers }),
    );
    await expect(response.text()).rejects.toThrow();
    expect(events).toContainEqual({ type: 'passed', reason: 'corrupt-body' });
  });

  test('of a client that goes, the source hears', async () => {
    let reason: unknown;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(flushed),
      cancel(given) {
        reason = given;
      },
    });
    const response = await live(new Request('https://shop.example/'), () => new Response(body, { headers }));
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel('gone');
    expect(reason).toBe('gone');
  });
});
