/** What two pages have in common is read once. */
import { expect, test } from 'vitest';
import { SimilarPages } from '../../src/caches/similar-pages.ts';
import { UrlCounts } from '../../src/caches/url-counts.ts';
import { ByteRewriter } from '../../src/rewriting/byte-rewriter.ts';
import { LiteralPrefilter } from '../../src/rewriting/literal-prefilter.ts';
import { createPageScanner, editNestedText } from '../../src/rewriting/rewriter.ts';
import { noExtraTargets } from '../../src/rewriting/rewriter-options.ts';
import type { Edit } from '../../src/text/edit.ts';
import { url } from '../support/samples.ts';

/** Rewrites pages one after the other; a URL gets a `!` at its end. */
function readerOf(
  isRepeatable = true,
  maxBytes = 4 * 2 ** 20,
): (page: string) => { out: string; mapped: number; counted: number } {
  const pages = new SimilarPages(maxBytes);
  return (page) => {
    let mapped = 0;
    const counts = new UrlCounts();
    const response = { signer: { isRepeatable, counts }, reporter: { hasReported: false } };
    const edits: Edit[] = [];
    const scanner = createPageScanner(
      {
        map(text) {
          mapped++;
          counts.signed++;
          return `${text}!`;
        },
        isStable: () => false,
        values: undefined,
        onCached() {},
        prefilter: new LiteralPrefilter(['imagedelivery']),
        extraTargets: noExtraTargets,
        rewritesCss: true,
        editText: editNestedText,
        onTooLong() {},
        onScriptState: undefined,
      },
      edits,
      'utf-8',
      { pages, response },
    );
    const rewriter = new ByteRewriter(scanner, edits, (error) => {
      throw error;
    });
    return { out: rewriter.end(Buffer.from(page)).toString(), mapped, counted: counts.signed };
  };
}

const text = '<p>A paragraph that is the same in all pages.</p>\n'.repeat(8);
const row = (index: number): string => `<img src="${url('thumb', `image-${index}`)}">${text}`;
const rows = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => row(from + index)).join('');
const page = (name: string): string =>
  `<!doctype html>${text}${text}${rows(0, 100)}<b>${name}</b>${rows(100, 200)}`;
const signed = (html: string): string => html.replace(/(imagedelivery[^"]*)"/g, '$1!"');

test('only what has changed is read, and all is counted', () => {
  const read = readerOf();
  expect(read(page('Ada'))).toEqual({ out: signed(page('Ada')), mapped: 200, counted: 200 });
  for (const name of ['Grace', '', 'A name that is much longer than the others', `Ada${row(7)}`]) {
    const { out, mapped, counted } = read(page(name));
    expect(out).toBe(signed(page(name)));
    expect(counted).toBe(name.includes('<img') ? 201 : 200);
    expect(mapped).toBeLessThan(40);
  }
});

test('behind an element that stays open all is read', () => {
  const read = readerOf();
  read(page('Ada'));
  const open = page('<table>');
  const { out, mapped, counted } = read(open);
  expect(out).toBe(signed(open));
  expect(counted).toBe(200);
  expect(mapped).toBeGreaterThanOrEqual(100);
});

test('a page that only some get is not kept', () => {
  const read = readerOf(false);
  read(page('Ada'));
  expect(read(page('Grace')).mapped).toBe(200);
});

test('pages that have less than half in common are read anew', () => {
  const read = readerOf();
  read(page('Ada'));
  const other = `<!doctype html>${text}${text}${rows(300, 500)}`;
  expect(read(other)).toEqual({ out: signed(other), mapped: 200, counted: 200 });
  expect(read(page('Grace')).mapped).toBeLessThan(40);
});

test('of nine kinds of pages the one that was not used longest is dropped', () => {
  const read = readerOf();
  const kind = (index: number): string =>
    page('Ada').replaceAll('image-', `kind-${index}-`).replaceAll('<p>A', `<p>${index}`);
  // Only every so many pages that are like none are kept, so that each kind comes until it is.
  for (let index = 0; index < 9; index++) {
    let visits = 0;
    while (read(kind(index)).mapped > 40) expect(visits++).toBeLessThan(17);
  }
  expect(read(kind(8)).mapped).toBeLessThan(40);
  expect(read(kind(0)).mapped).toBe(200);
});

test('a change that leaves the length as it was', () => {
  const read = readerOf();
  read(page('Ada'));
  for (let index = 0; index < 200; index += 7) {
    const image = `<img src="${url('thumb', `image-${index}`)}">`;
    const other = page('Ada').replace(image, image.replace('img src', 'img alt'));
    expect(read(other)).toMatchObject({ counted: 199 });
    expect(read(other).out).toBe(signed(other).replace(/(<img alt="[^"]*)!"/, '$1"'));
  }
});

test('two changes far apart, neither of which moves what is between them', () => {
  const read = readerOf();
  read(page('Ada'));
  const tags = [14, 60].map((index) => `<img src="${url('thumb', `image-${index}`)}">`);
  const other = tags.reduce((html, tag) => html.replace(tag, tag.replace('img src', 'img alt')), page('Ada'));
  const { out, counted } = read(other);
  expect(out).toBe(signed(other).replace(/(<img alt="[^"]*)!"/g, '$1"'));
  expect(counted).toBe(198);
});

test('no more pages are kept than their memory holds, and none that is larger than it', () => {
  const size = Buffer.byteLength(page('Ada'));
  const small = readerOf(true, size);
  small(page('Ada'));
  expect(small(page('Grace')).mapped).toBe(200);
  // Room for one with its edits and checkpoints, and not for two.
  const one = readerOf(true, 2 * size + 200 * 400);
  one(page('Ada'));
  expect(one(page('Grace')).mapped).toBeLessThan(40);
  const other = page('Ada').replaceAll('image-', 'other-').replaceAll('<p>A', '<p>B');
  for (let visit = 0; one(other).mapped > 40; visit++) expect(visit).toBeLessThan(17);
  expect(one(page('Grace')).mapped).toBe(200);
});
