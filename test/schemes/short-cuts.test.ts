/** Short cuts for the usual URL, and what is remembered from one call to the next: both against the long way. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readUrl } from '../../src/schemes/imgproxy.ts';
import { normalSpelling } from '../../src/schemes/normal-spelling.ts';
import { withoutParameters } from '../../src/schemes/url-parts.ts';
import { writeUrl } from '../../src/schemes/written-url.ts';
import { imgproxy, type Scheme, s3 } from '../../src/schemes.ts';
import { hasDotSegment } from '../../src/url/canonical.ts';
import { formDecode } from '../../src/url/percent-encoding.ts';
import { callsOf } from '../support/schemes/calls.ts';
import { runs } from '../support/seed.ts';

/** A text of these characters. */
const textOf = (characters: string, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...characters), maxLength });
const listOf = (values: string, maxLength: number, minLength = 0): fc.Arbitrary<string[]> =>
  fc.array(fc.constantFrom(...values.split('|')), { minLength, maxLength });
const rules = { isFree: false, isPlainOnly: false, tokenSegment: undefined, sitePaths: [] };
const base = { text: 'https://cdn.example/img', authority: 'cdn.example', path: '/img' };

test.each([false, true])('a URL is written alike with a fragment and without; free path: %s', (isFree) => {
  fc.assert(
    fc.property(textOf('ab.;/%23eE[]|~é^ ', 10), fc.option(textOf("ab&=%2'[|é +", 8)), (tail, search) => {
      const path = `/${tail}`;
      const query = search === null ? '' : `?${search}`;
      const [without, withOne] = ['', '#f'].map((end) =>
        writeUrl(`${base.text}${path}${query}${end}`, [base], { ...rules, isFree }),
      );
      if (typeof without !== 'object') {
        expect(withOne).toBe(without);
        return;
      }
      expect(withOne).toMatchObject({ url: without.url, fragment: '#f', place: without.place });
      expect(without.url.slice(0, without.place.path)).toBe(base.text);
      expect(hasDotSegment(without.url.slice(without.place.path, without.place.query)), path).toBe(false);
    }),
    { numRuns: runs(8) },
  );
});

test('a dot segment with parameters behind it is one in a plain path, too', () => {
  for (const path of ['/a/..;/b', '/..;x', '/.;', '/a/.;b/c'])
    expect(writeUrl(base.text + path, [base], rules), path).toBe('dot-segment');
  for (const path of ['/a;/b', '/..a;', '/a..;b', '/...;'])
    expect(writeUrl(base.text + path, [base], rules), path).toHaveProperty('url', base.text + path);
});

test('parameters are taken off by their decoded names, and only these', () => {
  const isToken = (name: string): boolean => name === 'sig' || name === 's ';
  fc.assert(
    fc.property(listOf('sig=1|s%69g|%73ig=|s+=1|s%20|a=sig||sigs=1|=sig|?sig=1|b', 3), (parts) => {
      const url = `https://cdn.example/a${parts.length > 0 ? `?${parts.join('&')}` : ''}`;
      const kept = parts.filter((part) => !isToken(formDecode(part.split('=')[0]!)));
      const expected = `https://cdn.example/a${kept.length > 0 ? `?${kept.join('&')}` : ''}`;
      expect(withoutParameters(url, isToken)).toBe(kept.length === parts.length ? url : expected);
    }),
    { numRuns: runs(8) },
  );
});

describe('one spelling', () => {
  const unreserved = /[A-Za-z\d\-._~]/;
  test.each(['', '/', ":/?#[]@!$&'()*+,;="])('with %j kept', (kept) => {
    const spell = normalSpelling(kept);
    const encode = (character: string): string =>
      `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
    fc.assert(
      fc.property(textOf('aZ09-._~%%%2fF5E /:?#[]^\\{}|"\'<>`=&+,;()*$!@', 20), (text) => {
        const expected = text.replace(/%[\da-f]{2}|./gi, (part) => {
          if (part.length === 1) return unreserved.test(part) || kept.includes(part) ? part : encode(part);
          const character = String.fromCharCode(Number.parseInt(part.slice(1), 16));
          return unreserved.test(character) ? character : part.toUpperCase();
        });
        expect(spell(text)).toBe(expected);
        if (!kept.includes('+'))
          expect(normalSpelling(kept, '%20')(text)).toBe(spell(text.replaceAll('+', '%20')));
      }),
      { numRuns: runs(10) },
    );
  });
});

test('the path of imgproxy is split at its slashes', () => {
  fc.assert(
    fc.property(listOf('insecure|rs:1:2|exp:1|w%3A1|w%3a1|%3b||plain|https:|a.jpg|%', 5, 1), (segments) => {
      const [signature, ...rest] = segments;
      const found = rest.findIndex((segment) => !/:|%3a/i.test(segment));
      const end = found < 0 ? rest.length : found;
      expect(readUrl(`/${segments.join('/')}`, 0)).toMatchObject({
        signature,
        options: rest.slice(0, end),
        source: rest.slice(end).join('/'),
      });
    }),
    { numRuns: runs(8) },
  );
});

/** Calls one scheme again and again, and a new one for each call. */
function expectForgetful(makeScheme: () => Scheme, urls: readonly string[]): void {
  const same = callsOf(makeScheme());
  fc.assert(
    fc.property(
      fc.constantFrom(...urls),
      fc.constantFrom('match', 'strip', 'sign', 'verify'),
      fc.nat(2),
      (url, call, later) => {
        const other = callsOf(makeScheme());
        const exp = 1_790_000_000 + later;
        const results = [same, other].map((calls) => {
          if (call === 'sign') return calls.sign(calls.strip(url), exp);
          return call === 'verify' ? calls.verify(url, exp) : calls[call](url);
        });
        expect(results[0], `${call} ${url}`).toEqual(results[1]);
      },
    ),
    { numRuns: runs(2) },
  );
}

test('imgproxy answers alike, whatever it was asked before', () => {
  const make = (): Scheme =>
    imgproxy({ url: ['https://img.example', 'https://img.example/in'], key: '61', salt: '62' });
  const urls = ['https://img.example', 'https://img.example/in', 'https://IMG.example'].flatMap((start) =>
    ['insecure/w:1', '_/exp:5/w:1', 'unsafe/in/w:1', 'in/insecure/w:1'].flatMap((middle) =>
      ['plain/https://a.example/b', 'plain/local:///b?x=1', ''].map((end) => `${start}/${middle}/${end}`),
    ),
  );
  const signed = urls.map((url) => callsOf(make()).sign(url, 1_790_000_002));
  expectForgetful(make, [...urls, ...signed]);
});

test('s3 answers alike, whatever it was asked before', () => {
  const make = (): Scheme =>
    s3({
      url: ['https://a.example', 'https://b.example/c'],
      region: 'auto',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
  const urls = [
    'https://a.example/d.jpg',
    'https://B.example/c/d%20e.jpg?v=1',
    'https://b.example/c/é?a=b&a=a',
  ];
  const ascii = urls.map((url) => encodeURI(decodeURI(url)));
  const signed = ascii.map((url) => callsOf(make()).sign(url, 1_790_000_002));
  expectForgetful(make, [...ascii, ...signed]);
});

test('a dot segment is found wherever it is', () => {
  fc.assert(
    fc.property(listOf('a||.|..|%2e|%2E.|%u002e|..;a|.%3Bb|...|.a|%2f|%2ea|;..', 3, 1), (segments) => {
      const isOne = (segment: string): boolean =>
        /^\.{1,2}(?:;|$)/.test(segment.replace(/%(?:u00)?2e/gi, '.').replace(/%3b/gi, ';'));
      expect(hasDotSegment(segments.join('/')), segments.join('/')).toBe(segments.some(isOne));
    }),
    { numRuns: runs(8) },
  );
});
