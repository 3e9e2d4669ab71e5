/** A body that is there as text, rewritten by way of memory that all of them share. */
import { expect, test } from 'vitest';
import { type BodyTransform, endAsBytes, readAsBytes } from '../../src/text/body-transform.ts';

const ending = (end: (last: Uint8Array) => Uint8Array): BodyTransform => ({
  write: (chunk) => chunk,
  end: (last) => end(last!),
});
const room = 768 * 1024;
const texts = [
  '',
  'plain',
  '5 €',
  '\ud800 half',
  '€'.repeat(room / 3),
  '€'.repeat(room / 3 + 1),
  'x'.repeat(room),
];

test.each(texts)('its bytes are those of UTF-8 (%#)', (text) => {
  const expected = Buffer.from(text);
  expect(readAsBytes(text, (bytes) => bytes.equals(expected))).toBe(true);
  expect(readAsBytes('outer €', () => readAsBytes(text, (bytes) => bytes.equals(expected)))).toBe(true);
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
