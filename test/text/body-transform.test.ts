/** A body that is there as text, rewritten by way of memory that all of them share. */
import { expect, test } from 'vitest';
import { readInScratch } from '../../src/simd/scratch.ts';
import { type BodyTransform, endAsBytes } from '../../src/text/body-transform.ts';

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
