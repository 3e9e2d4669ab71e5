/**
 * The engine against parse5's DOM: what a browser reads as a URL is signed, nothing else is, and every other byte stays,
 * however a page is cut; a second time nothing changes. `NUM_RUNS=5000` reads documents by the ten thousand.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rewriteInChunks } from '../../support/generators/chunks.ts';
import { foreignDocument } from '../../support/generators/foreign-pages.ts';
import { nastyDocument } from '../../support/generators/nasty-documents.ts';
import { endsInNoscript, leavesForeignContent } from '../../support/oracles/browser-reading.ts';
import { accountHash, signerWith } from '../../support/samples.ts';
import { runs } from '../../support/seed.ts';
import { faultOf, reopensFormatting } from './judge.ts';

const documents = runs(16);

test(`${documents} documents`, { timeout: 240_000 }, () => {
  // One signer for all: what it remembers of one document has to hold in the next.
  const signer = signerWith({ accountHash });
  let signed = 0;
  let guessed = 0;
  fc.assert(
    fc.property(fc.nat(), fc.array(fc.nat(), { maxLength: 5 }), (at, cuts) => {
      const page = nastyDocument(at);
      const places = cuts.map((each) => each % (page.length + 1));
      const fault = faultOf(signer, page, places);
      if (fault !== undefined) {
        console.log(`document ${at}: ${fault}\n${JSON.stringify(page.toString())}`);
        // One in millions, where a foreign element is left open: by design, of which no more is borne than that.
        const text = page.toString();
        if (!leavesForeignContent(text) && !endsInNoscript(text))
          expect.fail('nothing there has to be guessed');
        guessed++;
      }
      if (at % 4 === 0 && signer.rewriteHtml(page).length > page.length) signed++;
    }),
    { numRuns: documents },
  );
  expect(guessed).toBeLessThanOrEqual(1);
  expect(signed).toBeGreaterThan(documents / 100); // else the documents hold too little to sign
});

test('bytes without an image stay as they are', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(rewriteInChunks(signerWith().htmlRewriter(), [bytes]).equals(bytes)).toBe(true);
    }),
    { numRuns: runs(4) },
  );
});

const foreignDocuments = runs(5);

test(`${foreignDocuments} documents of SVG and MathML with errors in their tags`, {
  timeout: 120_000,
}, () => {
  const signer = signerWith({ accountHash });
  let guessed = 0;
  let unexplained = 0;
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (at, cut) => {
      const page = foreignDocument(at);
      const fault = faultOf(signer, page, [cut % page.length]);
      if (fault === undefined) return;
      guessed++;
      const text = page.toString();
      if (leavesForeignContent(text) || reopensFormatting(text)) return;
      unexplained++;
      console.log(`document ${at}: ${fault}\n${JSON.stringify(text)}`);
    }),
    { numRuns: foreignDocuments },
  );
  // Some in a million: a stray `td`, which a browser drops, counts as one that is open around the svg.
  expect(unexplained).toBeLessThanOrEqual(2);
  // One in 400 is guessed wrong: an end tag leaves the svg, and what it would close around it is out of its reach.
  expect(guessed).toBeLessThan(foreignDocuments / 200 + 10);
});

describe('the oracle itself', () => {
  test.each([
    ['<p>a</p><svg><g></g></svg>', false],
    ['<div><svg><g></div>', true],
    ['<svg><g></p>', true],
    ['<svg><foreignObject><b></b></foreignObject></svg>', false],
    ['<table><foreignObject><table><math><noframes></foreignObject><style>', true],
  ])('knows where it has to be guessed what an end tag ends: %s', (text, isGuess) => {
    expect(leavesForeignContent(text)).toBe(isGuess);
  });

  test.each([
    ['<svg><desc><p><b></p></desc></svg>', false],
    ['<svg><desc><p><b></p>text</desc></svg>', true],
    ['<p><b></p><svg><desc>text</desc></svg>', false],
  ])('knows where a formatting element is opened again: %s', (text, isReopened) => {
    expect(reopensFormatting(text)).toBe(isReopened);
  });

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
