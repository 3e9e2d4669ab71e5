/** A body that is there as text, rewritten by way of memory that all of them share. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readInScratch } from '../../src/simd/scratch.ts';
import { type BodyTransform, endAsBytes } from '../../src/text/body-transform.ts';
import { atLength } from '../support/seed.ts';

const ending = (end: (last: Uint8Array) => Uint8Array): BodyTransform => ({
  write: (chunk) => chunk,
  end: (last) => end(last!),
});
const room = 512 * 1024;
const texts = [
  '',
  'plain',
  '5 €',
  '\ud800 half',
  '€'.repeat(131_072),
  '€'.repeat(room / 3),
  'x'.repeat(room),
];

test.each(texts)('its bytes are those of UTF-8 (%#)', (text) => {
  const expected = Buffer.from(text);
  expect(readInScratch(text, 'utf8', (bytes) => bytes.equals(expected))).toBe(true);
  // Behind another text there is less room.
  const inner = (): boolean => readInScratch(text, 'utf8', (bytes) => bytes.equals(expected));
  expect(readInScratch('outer €', 'utf8', (bytes) => inner() && bytes.toString())).toBe('outer €');
});

test('one that stays as it is outlives the next one', () => {
  const first = endAsBytes(
    ending((last) => last),
    'first',
  );
  const part = endAsBytes(
    ending((last) => last.subarray(1)),
    'a part',
  );
  endAsBytes(
    ending((last) => last),
    'another',
  );
  expect([first.toString(), part.toString()]).toEqual(['first', ' part']);
});

test('one that is rewritten within another leaves that one alone', () => {
  const out = endAsBytes(
    ending((last) => {
      expect(
        endAsBytes(
          ending((inner) => inner),
          'inner',
        ).toString(),
      ).toBe('inner');
      return last;
    }),
    'outer',
  );
  expect(out.toString()).toBe('outer');
});

test('one that fails leaves the memory to the next', () => {
  const fails = ending(() => {
    throw new Error('fails');
  });
  expect(() => endAsBytes(fails, 'a')).toThrow('fails');
  expect(
    endAsBytes(
      ending((last) => last),
      'b',
    ).toString(),
  ).toBe('b');
});

test('property: so are those of any text, however long, and wherever pairs of surrogates are', () => {
  const unit = fc.oneof(
    { weight: 20, arbitrary: fc.constant('x'.repeat(40)) },
    fc.constantFrom(
      'é',
      '€',
      '😀',
      '\ud83d',
      '\ude00',
      '\x7f',
      '\x80',
      '\u07ff',
      '\u0800',
      '\uffff',
      'ä'.repeat(99),
    ),
  );
  const pieces = fc.array(unit, { maxLength: 60 });
  // Around the place where a text is cut to be encoded.
  const lead = fc.constantFrom(0, 32_767 - 40, 32_760, 32_766, 32_767, 32_768, 65_535);
  fc.assert(
    fc.property(pieces, lead, (list, length) => {
      const text = 'y'.repeat(length) + list.join('');
      expect(readInScratch(text, 'utf8', (bytes) => Buffer.compare(bytes, Buffer.from(text)))).toBe(0);
    }),
    { numRuns: atLength(2_000) },
  );
});
