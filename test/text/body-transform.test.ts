/** A body that is there as text, rewritten by way of memory that all of them share. */
import { expect, test } from 'vitest';
import { type BodyTransform, endAsBytes, readAsBytes } from '../../src/text/body-transform.ts';

/** The bytes that a text becomes whose rewriter does this to them. */
const ended = (text: string, end: (last: Uint8Array) => Uint8Array = (last) => last): Uint8Array => {
  const transform: BodyTransform = { write: (chunk) => chunk, end: (last) => end(last!) };
  return endAsBytes(transform, text);
};
const room = 768 * 1024;
const long = [room / 3, room / 3 + 1].map((count) => '€'.repeat(count));
const texts = ['', 'plain', '5 €', '\ud800 half', ...long, 'x'.repeat(room)];

test.each(texts)('its bytes are those of UTF-8 (%#)', (text) => {
  const expected = Buffer.from(text);
  expect(readAsBytes(text, (bytes) => bytes.equals(expected))).toBe(true);
  expect(readAsBytes('outer €', () => readAsBytes(text, (bytes) => bytes.equals(expected)))).toBe(true);
});

test('one that stays as it is outlives the next one', () => {
  const [first, part] = [ended('first'), ended('a part', (last) => last.subarray(1))];
  ended('another');
  expect([first, part].map(String)).toEqual(['first', ' part']);
});

test('one that is rewritten within another leaves that one alone', () => {
  const out = ended('outer', (last) => {
    expect(ended('inner').toString()).toBe('inner');
    return last;
  });
  expect(out.toString()).toBe('outer');
});

test('one that fails leaves the memory to the next', () => {
  const fail = (): never => {
    throw new Error('fails');
  };
  expect(() => ended('a', fail)).toThrow('fails');
  expect(ended('b').toString()).toBe('b');
});
