/** The encoders of streamed bodies: what they write is decoded by `node:zlib`, and what they hold is small. */
import { constants, gunzipSync, gzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { DeflateEncoder, gzipFrame, rawFrame, zlibFrame } from '../../../src/node/http/stream-coders.ts';
import { randomFrom } from '../../support/generators/random.ts';
import { seed } from '../../support/seed.ts';
import { products, shopPage } from '../../support/servers/shop.ts';
import { ZlibHandles } from '../../support/zlib-handles.ts';

const kinds = [
  { name: 'gzip', frame: gzipFrame, decode: gunzipSync },
  { name: 'zlib', frame: zlibFrame, decode: inflateSync },
  { name: 'raw deflate', frame: rawFrame, decode: inflateRawSync },
] as const;

async function all(output: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of output) pieces.push(piece);
  return Buffer.concat(pieces);
}

const page = Buffer.from(shopPage(products(3, 60, 500)));
const KiB = 1024;

describe.each(kinds)('$name', ({ frame, decode }) => {
  test.each([0, 1, 32 * KiB - 1, 32 * KiB, 32 * KiB + 1, 64 * KiB, 65_000])(
    '%d bytes come back, however they are cut and flushed',
    async (size) => {
      const content = page.subarray(0, size);
      const random = randomFrom(seed + size);
      for (const step of [1, 100, 16 * KiB, 100_000]) {
        const encoder = new DeflateEncoder(frame);
        const out: Buffer[] = [];
        for (let at = 0; at < size; at += step) {
          out.push(await all(encoder.write(content.subarray(at, at + step))));
          if (random() < 10 / size) out.push(await all(encoder.flush()));
        }
        out.push(await all(encoder.end()));
        expect(decode(Buffer.concat(out)).equals(content)).toBe(true);
      }
    },
  );

  test('four megabytes without a pattern come back', async () => {
    const random = randomFrom(seed);
    const content = Buffer.from(Uint32Array.from({ length: KiB * KiB }, () => random() * 2 ** 32).buffer);
    const encoder = new DeflateEncoder(frame);
    const out = Buffer.concat([await all(encoder.write(content)), await all(encoder.end())]);
    expect(decode(out).equals(content)).toBe(true);
  });

  test('after a flush all that was written can be decoded, and a second flush writes nothing', async () => {
    const encoder = new DeflateEncoder(frame);
    const out: Buffer[] = [];
    for (let at = 0; at < page.length; at += 9_000) {
      out.push(await all(encoder.write(page.subarray(at, at + 9_000))), await all(encoder.flush()));
      expect((await all(encoder.flush())).length).toBe(0);
      const decoded = decode(Buffer.concat(out), { finishFlush: constants.Z_SYNC_FLUSH });
      expect(decoded.equals(page.subarray(0, at + 9_000))).toBe(true);
    }
  });
});

test('what the app does with its memory afterwards changes nothing', async () => {
  const encoder = new DeflateEncoder(rawFrame);
  const memory = Buffer.from(page.subarray(0, 5_000));
  const out = [await all(encoder.write(memory))];
  memory.fill(0);
  out.push(await all(encoder.end()));
  expect(inflateRawSync(Buffer.concat(out)).equals(page.subarray(0, 5_000))).toBe(true);
});

test('a page is no longer than one that zlib encodes as a whole, but for a hundredth', async () => {
  const encoder = new DeflateEncoder(gzipFrame);
  const out = [await all(encoder.write(page)), await all(encoder.end())];
  expect(Buffer.concat(out).length).toBeLessThan(1.01 * gzipSync(page).length);
});

test('between two pieces nothing of zlib is open', async () => {
  const handles = new ZlibHandles().start();
  const encoder = new DeflateEncoder(gzipFrame);
  const open: number[] = [];
  for (let at = 0; at < page.length; at += 20_000) {
    await all(encoder.write(page.subarray(at, at + 20_000)));
    await all(encoder.flush());
    await new Promise(setImmediate);
    open.push(handles.open);
  }
  handles.stop();
  expect(handles.made).toBeGreaterThanOrEqual(4);
  expect(open).toEqual(open.map(() => 0));
});
