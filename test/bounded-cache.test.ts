/** Whatever is put in and asked for, the cache gives what was put in last, or nothing, and never holds more than it may. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedCache } from '../src/bounded-cache.ts';
import { atLength } from './support/seed.ts';

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
        expect(cache.get(key)).toBe(weight > limit ? undefined : value);
        const held = [...last].filter(([each]) => cache.get(each) !== undefined);
        for (const [each, expected] of held) expect(cache.get(each)).toBe(expected);
        expect(held.reduce((sum, [, each]) => sum + each.weight, 0)).toBeLessThanOrEqual(limit);
      }
    }),
    { numRuns: atLength(2_000) },
  );
});

test('what fits stays, however often it is set', () => {
  const cache = new BoundedCache<number>(100);
  for (let round = 0; round < 9; round++) for (let key = 0; key < 100; key++) cache.set(`${key}`, round);
  expect(Array.from({ length: 100 }, (_, key) => cache.get(`${key}`))).toEqual(new Array(100).fill(8));
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
