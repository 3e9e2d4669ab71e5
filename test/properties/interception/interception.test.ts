/** But for what is rewritten, an app cannot tell a response with the middleware from Node's own: the same calls go to both. */
import { setImmediate as immediate } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runs } from '../../support/seed.ts';
import { type Differential, fightInMemory, openDifferential } from './differential.ts';
import { differenceOf } from './outcome-difference.ts';
import { scripts } from './scripts.ts';

let differential: Differential;
beforeAll(async () => {
  differential = await openDifferential();
});
afterAll(() => differential.close());

test('over sockets, random scripts do on a patched response what they do on a plain one', async () => {
  await fc.assert(
    fc.asyncProperty(scripts(false), async (script) => {
      expect(differenceOf(script, await differential.fight(script))).toBeUndefined();
    }),
    { numRuns: runs(3) },
  );
}, 240_000);

test('in memory, random scripts answer, throw and write on a patched response as on a plain one', async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(scripts(true), async (script) => {
      expect(differenceOf(script, fightInMemory(script))).toBeUndefined();
      if (count++ % 1_000 === 0) await immediate(); // for what the responses have put off
    }),
    { numRuns: runs(30) },
  );
}, 240_000);
