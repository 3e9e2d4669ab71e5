/** A query is written as the documented Worker has `URL` and `URLSearchParams` write it, whatever stands in it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { serializeQuery } from '../../../src/schemes/cloudflare-images/token.ts';
import { decodeSegment, encodeSegment, serializePath } from '../../../src/url/canonical.ts';
import { percentDecode } from '../../../src/url/percent-encoding.ts';

import { runs } from '../../support/seed.ts';

const pieces = (
  'a exp sig % %4 %41 %e9 %C3%A9 é 表 😀 + = = & & && \' " < ` %EF%BB%BF \ufeff %2B %26 %00 ~ * - . _ %F0%9F %ED%A0%80 ' +
  '%C0%80 ( ; %% %zz ? / | ^ { \ud800 \udc00 %65xp %73ig'
).split(' ');

const textOf = (...alphabet: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...pieces, ...alphabet), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.join(''));

function documented(query: string): string {
  const { searchParams } = new URL(`http://host/?${query}#`);
  searchParams.delete('exp');
  searchParams.delete('sig');
  searchParams.append('exp', '5');
  return searchParams.toString();
}

test('random queries', () => {
  fc.assert(
    fc.property(textOf(' '), (query) => {
      expect(serializeQuery(query, 5)).toBe(documented(query));
    }),
    { numRuns: runs(100) },
  );
});

test('random segments are written as URL writes them, or not at all', () => {
  fc.assert(
    fc.property(textOf(...'[]@:,!$>} '), (text) => {
      const segment = encodeSegment(text);
      if (segment === undefined) return;
      expect(segment).toBe(serializePath(`/${text.replaceAll('%', '%25')}`).slice(1));
      expect(decodeSegment(segment)).toBe(text);
    }),
    { numRuns: runs(100) },
  );
});

test.each([
  ['%', '%'],
  ['%4', '%4'],
  ['%zz%', '%zz%'],
  ['%41%6a', 'Aj'],
  ['%E2%82', '\ufffd'],
  ['é%C3%A9', 'éé'],
  ['%25%32%35', '%25'],
])('%j decoded is %j', (text, decoded) => {
  expect(percentDecode(text)).toBe(decoded);
});
