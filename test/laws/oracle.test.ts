/**
 * The engine against parse5's DOM: what a browser reads as a URL is signed, nothing else is, and every other byte stays,
 * however a page is cut. Documents by the hundred thousand; `npm run fuzz` reads millions.
 */
import { describe, expect, test } from 'vitest';
import { nastyDocument } from '../support/nasty-documents.ts';
import { faultOf } from '../support/oracle.ts';
import { randomFrom } from '../support/random.ts';
import { accountHash, signerWith } from '../support/samples.ts';
import { seed } from '../support/seed.ts';

const perTest = 50_000;

test.each([0, 1, 2, 3])('part %d of 4: 50,000 documents', { timeout: 240_000 }, (part) => {
  // One signer for all: what it remembers of one document has to hold in the next.
  const signer = signerWith({ accountHash });
  const random = randomFrom(seed + part);
  const first = seed + part * perTest;
  let signed = 0;
  for (let at = first; at < first + perTest; at++) {
    const page = nastyDocument(at);
    const places = Array.from({ length: 5 }, () => Math.floor(random() * (page.length + 1)));
    const fault = faultOf(signer, page, places);
    if (fault !== undefined) expect.fail(`document ${at}: ${fault}\n${JSON.stringify(page.toString())}`);
    if (signer.rewriteHtml(page).length > page.length) signed++;
  }
  expect(signed).toBeGreaterThan(perTest / 10); // else the documents hold too little to sign
});

describe('the oracle itself', () => {
  const page = Buffer.from(
    '<p title="https://imagedelivery.net/a/b/thumb"><img src=https://imagedelivery.net/a/b/thumb>',
  );

  test.each<[title: string, rewrite: (page: Buffer) => Buffer]>([
    ['a URL that is left unsigned', (bytes) => bytes],
    [
      'a URL that is signed where no browser loads it',
      (bytes) => Buffer.from(bytes.toString().replaceAll('thumb', `thumb?exp=1&sig=${'0'.repeat(64)}`)),
    ],
    [
      'a byte that is lost',
      (bytes) => Buffer.from(signerWith().rewriteHtml(bytes).toString().replace('<p ', '<p')),
    ],
  ])('finds %s', (_title, rewrite) => {
    const signer = signerWith();
    const lying = {
      ...signer,
      htmlRewriter: () => ({
        write: (chunk: Uint8Array) => rewrite(Buffer.from(chunk)),
        end: () => Buffer.alloc(0),
      }),
    };
    expect(faultOf(signer, page, [3])).toBeUndefined();
    expect(faultOf(lying, page, [3])).toBeDefined();
  });
});
