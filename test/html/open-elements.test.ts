import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OpenTagCounts } from '../../src/html/foreign-content.ts';
import { runs } from '../support/seed.ts';

/** One tag of one of the pages that are read in turn, and what that page does afterwards. */
const step = fc.record({
  page: fc.nat(2),
  first: fc.integer({ min: 97, max: 122 }),
  length: fc.integer({ min: 1, max: 40 }),
  isEndTag: fc.boolean(),
  afterwards: fc.constantFrom('read', 'rest', 'drop'),
});

test('pages that are read in turn count as each would alone', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const inTurn = [0, 1, 2].map(() => new OpenTagCounts());
      const alone = [0, 1, 2].map(() => new OpenTagCounts()); // never at rest: each keeps its table
      for (const { page, first, length, isEndTag, afterwards } of steps) {
        for (const counts of [inTurn, alone]) counts[page]!.add(first, first, length, isEndTag);
        if (afterwards === 'rest') inTurn[page]!.rest();
        if (afterwards !== 'drop') continue;
        inTurn[page]!.drop();
        alone[page] = new OpenTagCounts();
      }
      for (const [page, { counts }] of alone.entries())
        expect(inTurn[page]!.counts.equals(counts)).toBe(true);
    }),
    { numRuns: runs(3) },
  );
});

test('more counts than a list is worth are kept as well', () => {
  const [many, other] = [new OpenTagCounts(), new OpenTagCounts()];
  for (let length = 1; length <= 40; length++)
    for (let first = 97; first <= 122; first++) many.add(first, first, length, false);
  const before = Buffer.from(many.counts);
  many.rest();
  other.add(97, 97, 1, false);
  expect(many.counts.equals(before)).toBe(true);
  expect(other.mayBeOpen('a')).toBe(true);
});
