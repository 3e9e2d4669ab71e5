import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxOriginalBytes, OriginalBytes } from '../../src/http/encoded-bytes.ts';
import { pick, randoms } from '../support/generators/random.ts';
import { runs } from '../support/seed.ts';

test('what is kept is what came, in order, in few pieces, however small the chunks were', () => {
  fc.assert(
    fc.property(randoms, (random) => {
      const kept = new OriginalBytes();
      const most = pick(random, [2, 100, 9_000, 40_000]);
      const chunks = Array.from({ length: 300 }, () =>
        new Uint8Array(Math.floor(random() * most)).fill(Math.floor(random() * 256)),
      );
      for (const chunk of chunks) kept.add(chunk);
      const all = Buffer.concat(chunks);
      const pieces = kept.take();
      expect(Buffer.concat(pieces).equals(all)).toBe(true);
      // Twice what is kept at the most: a block may stay half empty.
      const memory = new Set(pieces.map(({ buffer }) => buffer));
      expect([...memory].reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThanOrEqual(
        2 * all.length + 16 * 1024,
      );
    }),
    { numRuns: runs(2) },
  );
});

test('it is full behind a megabyte', () => {
  const kept = new OriginalBytes();
  kept.add(new Uint8Array(maxOriginalBytes));
  expect(kept.isFull).toBe(false);
  kept.add(new Uint8Array(0));
  expect(kept.isFull).toBe(false);
  kept.add(new Uint8Array(1));
  expect(kept.isFull).toBe(true);
});
