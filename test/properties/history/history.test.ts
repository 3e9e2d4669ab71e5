/**
 * Law: history does not matter. What a signer says never depends on what it was asked before: whatever it has cached, it
 * says what a fresh one would. Only a URL that was given out with a life of its own is remembered, and only for pages that
 * hold it. `NUM_RUNS=5000` plays longer.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endOnFailure, randoms } from '../../support/generators/random.ts';
import { runs } from '../../support/seed.ts';
import { play } from './property.ts';

test('a signer that was used says what a fresh one says', async () => {
  const sum = { calls: 0, signed: 0 };
  await fc.assert(
    fc.asyncProperty(randoms, async (random) => {
      const { fault, calls, signed } = await play(random);
      expect(fault).toBeUndefined();
      sum.calls += calls;
      sum.signed += signed;
    }),
    { numRuns: runs(0.06), endOnFailure },
  );
  console.log(`${sum.calls} calls, ${sum.signed} of them signed`);
  // Else the law would hold of nothing.
  expect(sum.signed).toBeGreaterThan(0);
});
