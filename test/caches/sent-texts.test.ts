/** Which texts are kept, and what is known of them. */
import { expect, test } from 'vitest';
import { SentTexts } from '../../src/caches/sent-texts.ts';

const page = (name: string): string => `<p>${name}`.padEnd(2000, `${name} `);
const MiB = 1024 * 1024;

test('a text that comes again has its bytes, which are the same from then on', () => {
  const texts = new SentTexts(MiB);
  expect(texts.get(page('é'))).toBeUndefined();
  const sent = texts.get(page('é'))!;
  expect(sent.bytes).toEqual(Buffer.from(page('é')));
  expect(texts.get(page('é'))).toBe(sent);
});

test('texts of one length that differ where nobody looks are told apart, and the first one stays', () => {
  const texts = new SentTexts(MiB);
  const other = `${page('a').slice(0, -2)}!.`;
  texts.get(page('a'));
  const sent = texts.get(page('a'));
  expect([texts.get(other), texts.get(other)]).toEqual([undefined, undefined]);
  expect(texts.get(page('a'))).toBe(sent);
});

test('bytes take no more memory than they count, and a text whose bytes are taken is no longer passed on', () => {
  const texts = new SentTexts(MiB);
  texts.get(page('a'));
  const { bytes } = texts.get(page('a'))!;
  expect(bytes.buffer.byteLength).toBe(2000);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });
  expect(texts.get(page('a'))).toBeUndefined();
});

test('the tag is made once for each function', () => {
  const texts = new SentTexts(MiB);
  texts.get(page('a'));
  let calls = 0;
  const [first, second] = [1, 2].map((number) => (body: Buffer): string => {
    calls++;
    return `"${number}-${body.length}"`;
  });
  const tags = [first!, first!, second!].map((each) => texts.get(page('a'))?.tagBy(each));
  expect(tags).toEqual(['"1-2000"', '"1-2000"', '"2-2000"']);
  expect(calls).toBe(2);
});

test('texts and their bytes take no more memory than they may, and a long text is not kept', () => {
  const texts = new SentTexts(40_000);
  texts.get(page('first'));
  const first = texts.get(page('first'));
  const later = Array.from({ length: 12 }, (_, index) => page(`later ${index}`));
  for (const each of [...later, ...later]) texts.get(each);
  expect(texts.get(page('first'))).not.toBe(first);
  const tooLong = 'x'.repeat(200_000);
  expect([texts.get(tooLong), texts.get(tooLong)]).toEqual([undefined, undefined]);
});
