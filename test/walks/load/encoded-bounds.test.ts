/** Encoded bodies in Node.js: how long they make others wait. */
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type ImageSignerOptions, imageSigner } from '../../../src/index.ts';
import { send } from '../../support/http/raw.ts';
import { base, url } from '../../support/samples.ts';
import { frameworks, withSite } from '../../support/servers/frameworks.ts';

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
    const listener = frameworks[0]!.build([sign], (_, response) => {
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

  test.each(codings)(
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
