/** A path in which `URL` would change nothing is not parsed. That must give what the parser gives. */
import { expect, test } from 'vitest';
import { hasDotSegment, serializePath } from '../../src/url/canonical.ts';
import { randomFrom } from '../support/generators/random.ts';
import { everything, randomText } from '../support/generators/urls.ts';
import { runs, seed } from '../support/seed.ts';

test('random paths are written as URL writes them', () => {
  const random = randomFrom(seed);
  let unchanged = 0;
  for (let left = runs(20); left > 0; left--) {
    // Few characters that change, so that many paths have none.
    const alphabet = random() < 0.5 ? `${everything}^?#%` : "abAZ09-._~!$&'()*+,;=:@|[]%/";
    const path = `/${randomText(random, alphabet.replace(/[?#]/g, ''), 24)}`;
    if (hasDotSegment(path)) continue;
    const written = serializePath(path);
    expect(written, path).toBe(new URL(`http://host${path}?`).pathname);
    if (written === path) unchanged++;
  }
  expect(unchanged).toBeGreaterThan(runs(4));
});

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));

test.each(printable.filter((character) => !'\\?#'.includes(character)))('a path with %j', (character) => {
  const path = `/a${character}b`;
  expect(serializePath(path)).toBe(new URL(`http://host${path}?`).pathname);
});
