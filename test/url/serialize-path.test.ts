/** A path in which `URL` would change nothing is not parsed. That must give what the parser gives. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasDotSegment, serializePath } from '../../src/url/canonical.ts';
import { randoms } from '../support/generators/random.ts';
import { everything, randomText } from '../support/generators/urls.ts';
import { runs } from '../support/seed.ts';

test('random paths are written as URL writes them', () => {
  let unchanged = 0;
  fc.assert(
    fc.property(randoms, (random) => {
      // Few characters that change, so that many paths have none.
      const alphabet = random() < 0.5 ? `${everything}^?#%` : "abAZ09-._~!$&'()*+,;=:@|[]%/";
      const path = `/${randomText(random, alphabet.replace(/[?#]/g, ''), 24)}`;
      if (hasDotSegment(path)) return;
      const written = serializePath(path);
      expect(written, path).toBe(new URL(`http://host${path}?`).pathname);
      if (written === path) unchanged++;
    }),
    { numRuns: runs(20) },
  );
  expect(unchanged).toBeGreaterThan(runs(4));
});

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));

test.each(printable.filter((character) => !'\\?#'.includes(character)))('a path with %j', (character) => {
  const path = `/a${character}b`;
  expect(serializePath(path)).toBe(new URL(`http://host${path}?`).pathname);
});
