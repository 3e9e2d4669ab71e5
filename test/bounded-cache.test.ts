/** Whatever is put in and asked for, the cache gives what was put in last, or nothing, and never holds more than it may. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedCache } from '../src/bounded-cache.ts';
import { runs } from './support/seed.ts';

const step = fc.record({ key: fc.nat({ max: 30 }).map(String), weight: fc.nat({ max: 12 }) });

test('property: a value is the last one of its key, or gone, and all together weigh no more than allowed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 60 }), (steps, limit) => {
      const cache = new BoundedCache<{ readonly weight: number }>(limit, (_key, { weight }) => weight);
      const last = new Map<string, { readonly weight: number }>();
      for (const { key, weight } of steps) {
        const value = { weight };
        last.set(key, value);
        cache.set(key, value);
        expect(cache.get(key)).toBe(weight > (limit * 7) / 8 ? undefined : value);
        const held = [...last].filter(([each]) => cache.get(each) !== undefined);
        for (const [each, expected] of held) expect(cache.get(each)).toBe(expected);
        expect(held.reduce((sum, [, each]) => sum + each.weight, 0)).toBeLessThanOrEqual(limit);
      }
    }),
    { numRuns: runs(2) },
  );
});

test('what fits stays, and of more the last eighth', () => {
  const cache = new BoundedCache<number>(100);
  const found = (from: number, to: number): boolean =>
    Array.from({ length: to - from }, (_, index) => cache.get(`${from + index}`)).every(
      (value, index) => value === from + index,
    );
  for (let key = 0; key < 1_000; key++) {
    cache.set(`${key}`, key);
    if (key < 96) expect(found(0, key + 1)).toBe(true);
    expect(found(Math.max(0, key - 11), key + 1)).toBe(true);
  }
});

test('of twice as many entries as fit, used in turn, some are found', () => {
  const cache = new BoundedCache<true>(1_000);
  let found = 0;
  for (let round = 0; round < 10; round++) {
    for (let key = 0; key < 2_000; key++) {
      if (cache.get(`${key}`)) found++;
      else cache.set(`${key}`, true);
    }
  }
  expect(found).toBeGreaterThan(2_000);
});
