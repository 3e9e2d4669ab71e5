/** Which whole pages are kept, and how many; what a page becomes here is its text in capitals. */
import { expect, test } from 'vitest';
import type { Reading } from '../../src/caches/page-cache.ts';
import { PageCache, UrlCounts } from '../../src/caches/page-cache.ts';
import type { BodyTransform } from '../../src/text/body-transform.ts';

const page = '<p>text</p><img src="/image.png">';
const usual: Reading = { charset: 'utf-8', rewritesCss: true, hasHashedScripts: false };

interface Visit {
  readonly reading?: Reading;
  readonly isRepeatable?: boolean;
  readonly hasReported?: boolean;
}

interface Outcome {
  /** The page came from the cache. */
  readonly isFound: boolean;
  readonly counts: UrlCounts;
}

function visit(cache: PageCache, text: string, { reading = usual, ...rest }: Visit = {}): Outcome {
  const { isRepeatable = true, hasReported = false } = rest;
  const counts = new UrlCounts();
  counts.signed = 5; // of headers, before the body
  let isFound = true;
  const response = { signer: { isRepeatable, counts }, reporter: { hasReported } };
  const body = cache.body(response, reading, (): BodyTransform => {
    isFound = false;
    const capitals = (bytes: Uint8Array): Buffer => {
      counts.signed += 2;
      counts.kept += 1;
      return Buffer.from(Buffer.from(bytes).toString().toUpperCase());
    };
    return { write: capitals, end: (last = new Uint8Array()) => capitals(last) };
  });
  const out = body.end(Buffer.from(text));
  expect(Buffer.from(out).toString()).toBe(text.toUpperCase());
  out.fill(0); // whoever sends it may write into it
  return { isFound, counts };
}

const found = (cache: PageCache, text: string, how?: Visit): boolean => visit(cache, text, how).isFound;

test('a page is known from its third visit on, with its counts', () => {
  const cache = new PageCache(2 ** 20);
  expect([1, 2, 3, 4].map(() => found(cache, page))).toEqual([false, false, true, true]);
  expect(visit(cache, page).counts).toMatchObject({ signed: 7, kept: 1, skipped: 0, denied: 0 });
});

test('no page of more than 128 KiB is known, and no more than their memory holds', () => {
  const cache = new PageCache(2 ** 20);
  const long = 'x'.repeat(128 * 1024 + 1);
  expect([1, 2, 3].map(() => found(cache, long))).toEqual([false, false, false]);
  const filler = 'x'.repeat(32 * 1024);
  const many = Array.from({ length: 200 }, (_, i) => `${page}${i}${filler}`);
  for (const each of [...many, ...many]) visit(cache, each);
  const bytes = many.filter((each) => found(cache, each)).length * 2 * filler.length;
  expect(bytes).toBeGreaterThan(2 ** 17);
  expect(bytes).toBeLessThanOrEqual(2 ** 20);
});

test.each<[string, Visit]>([
  ['whose URLs depend on the viewer or the response', { isRepeatable: false }],
  ['of which something was reported', { hasReported: true }],
  ['whose style sheets stay unsigned', { reading: { ...usual, rewritesCss: false } }],
])('a page is neither kept nor found for a response %s', (_title, how) => {
  const cache = new PageCache(2 ** 20);
  for (let times = 0; times < 4; times++) expect(found(cache, page, how)).toBe(false);
  expect([1, 2, 3].map(() => found(cache, page))).toEqual([false, false, true]);
  expect(found(cache, page, how)).toBe(false);
});

test('the same page under other header fields is another one', () => {
  const cache = new PageCache(2 ** 20);
  const readings: Reading[] = [
    usual,
    { ...usual, charset: undefined },
    { ...usual, charset: 'other' },
    { ...usual, hasHashedScripts: true },
  ];
  for (const [index, reading] of readings.entries()) {
    expect(found(cache, page, { reading }), `${index}`).toBe(false);
    expect([1, 2].map(() => found(cache, page, { reading }))).toEqual([false, true]);
  }
});
