/** What the cache of values returns is what was put in, and all of it together stays within its memory. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CachedKind, ValueCache, type ValuePlace } from '../../src/caches/value-cache.ts';
import { parseSigner } from '../../src/options/parse.ts';
import { applyEdits } from '../../src/text/edit.ts';
import { id, url } from '../support/samples.ts';
import { runs } from '../support/seed.ts';

function placeOf(source: string, kind: CachedKind = 'url', quote: ValuePlace['quote'] = 0x22): ValuePlace {
  return { start: 10, quote, kind, source };
}

/** Right behind the value. */
function endOf({ start, source }: ValuePlace): { start: number; end: number } {
  return { start: start + source.length, end: start + source.length };
}

const source = fc.oneof(
  fc.stringMatching(/^[ -~]{0,30}$/),
  fc.stringMatching(/^[a\x80\xff]{0,12}$/),
  fc.integer({ min: 0, max: 9_999 }).map((n) => `https://imagedelivery.net/account/product-${n}/thumb`),
);
const kinds = fc.constantFrom<CachedKind>('url', 'srcset');
const quotes = fc.constantFrom<ValuePlace['quote']>(0, 0x22, 0x27);

const value = fc.record({
  text: source,
  kind: kinds,
  quote: quotes,
  cuts: fc.uniqueArray(fc.nat({ max: 30 }), { maxLength: 4 }),
});
const values = fc.uniqueArray(value, { maxLength: 200, selector: ({ text }) => text });

test('property: each value gets its own edits, joined or not', () => {
  fc.assert(
    fc.property(values, (given) => {
      const cache = new ValueCache(2 ** 20);
      const expected = given.map(({ text, kind, quote, cuts }, index) => {
        const starts = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
        const edits = starts.map((start) => ({ start, end: start, text: `+${index}` }));
        const place = placeOf(text, kind, quote);
        const inPage = edits.map((edit) => ({ ...edit, start: edit.start + 10, end: edit.end + 10 }));
        cache.set(place, { edits: inPage, urls: edits.length });
        return { place, urls: edits.length, result: applyEdits(text, edits) };
      });
      for (const { place, urls, result } of expected) {
        const found = cache.get(place);
        if (found === undefined) continue; // it decides in a script
        expect(applyEdits(place.source, found.edits)).toBe(result);
        expect(found.urls).toBe(urls);
      }
      // In a script, brackets, braces and a hyphen at the end decide about the URL, which the cache does not know.
      const isKept = (place: ValuePlace): boolean => cache.get(place) !== undefined;
      expect(expected.map(({ place }) => isKept(place))).toEqual(
        given.map(({ text }) => !/[<>{}]|-$/.test(text)),
      );
    }),
    { numRuns: runs(0.3) },
  );
});

test('the same text of another kind, or in other quotes, is another value', () => {
  const cache = new ValueCache(2 ** 20);
  cache.set(placeOf('a', 'srcset', 0x27), { edits: [{ start: 10, end: 10, text: '?x' }], urls: 1 });
  expect(cache.get(placeOf('a', 'srcset', 0x22))).toBeUndefined();
  expect(cache.get(placeOf('a', 'url', 0x27))).toBeUndefined();
  expect(cache.get(placeOf('a', 'srcset', 0x27))?.urls).toBe(1);
  cache.set(placeOf('a'), { edits: [], urls: 2 });
  expect(cache.get(placeOf('a'))?.urls).toBe(2);
  expect(cache.get(placeOf('a', 'srcset', 0x27))?.urls).toBe(1);
});

test('bytes beyond ASCII between two edits are not written again', () => {
  const cache = new ValueCache(2 ** 20);
  const place = placeOf('a\xff b', 'srcset');
  const edits = [
    { start: 11, end: 11, text: '?x' },
    { start: 14, end: 14, text: '?y' },
  ];
  cache.set(place, { edits, urls: 2 });
  expect(cache.get(place)!.edits).toEqual([
    { start: 1, end: 1, text: '?x' },
    { start: 4, end: 4, text: '?y' },
  ]);
});

test.each([1, 4])('%s MiB hold as many values as fit, and no more', (mebibytes) => {
  const cache = new ValueCache(mebibytes * 2 ** 20);
  const token = 'x'.repeat(80);
  const places = Array.from({ length: 40_000 }, (_, n) =>
    placeOf(`https://imagedelivery.net/account/${n}/thumb`),
  );
  for (let round = 0; round < 2; round++)
    for (const place of places) cache.set(place, { edits: [{ ...endOf(place), text: token }], urls: 1 });
  const found = places.filter((place) => cache.get(place) !== undefined);
  const characters = found.reduce((sum, place) => sum + place.source.length + token.length, 0);
  expect(characters).toBeLessThanOrEqual(mebibytes * 2 ** 20);
  expect(characters).toBeGreaterThan(mebibytes * 2 ** 17);
});

test('the default holds the values of a site with ten thousand images', () => {
  const { memory } = parseSigner('createSigner', { key: 'a-key', ttl: '1d', variants: ['thumb'] });
  const cache = new ValueCache(memory.values);
  const token = '?exp=1790100000&amp;sig='.padEnd(88, 'f');
  const images = Array.from({ length: 10_000 }, (_, n) => placeOf(url('thumb', `${id.slice(0, -5)}${n}`)));
  const sets = images.map(({ source: one }) => placeOf(`${one} 320w, ${one} 640w, ${one} 1280w`, 'srcset'));
  const places = [...images, ...sets];
  for (let round = 0; round < 2; round++) {
    for (const place of places) {
      if (cache.get(place) !== undefined) continue;
      const tokens = place.kind === 'url' ? token : token.repeat(3);
      cache.set(place, { edits: [{ ...endOf(place), text: tokens }], urls: 1 });
    }
  }
  const found = places.filter((place) => cache.get(place) !== undefined);
  expect(found.length).toBe(20_000);
});
