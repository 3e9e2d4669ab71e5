/** Short cuts for the usual URL, and what is remembered from one call to the next: both against the long way. */
import { describe, expect, test } from 'vitest';
import { readUrl } from '../../src/schemes/imgproxy.ts';
import { normalSpelling } from '../../src/schemes/normal-spelling.ts';
import { withoutParameters } from '../../src/schemes/url-parts.ts';
import { writeUrl } from '../../src/schemes/written-url.ts';
import { imgproxy, type Scheme, s3 } from '../../src/schemes.ts';
import { hasDotSegment } from '../../src/url/canonical.ts';
import { formDecode } from '../../src/url/percent-encoding.ts';
import { pick, randomFrom } from '../support/generators/random.ts';
import { randomText } from '../support/generators/urls.ts';
import { callsOf } from '../support/schemes/calls.ts';
import { runs, seed } from '../support/seed.ts';

const random = randomFrom(seed);
const rules = { isFree: false, isPlainOnly: false, tokenSegment: undefined, sitePaths: [] };
const base = { text: 'https://cdn.example/img', authority: 'cdn.example', path: '/img' };

test.each([false, true])('a URL is written alike with a fragment and without; free path: %s', (isFree) => {
  for (let left = runs(8); left > 0; left--) {
    const path = `/${randomText(random, 'ab.;/%23eE[]|~é^ ', 10)}`;
    const query = random() < 0.5 ? '' : `?${randomText(random, "ab&=%2'[|é +", 8)}`;
    const [without, withOne] = ['', '#f'].map((end) =>
      writeUrl(`${base.text}${path}${query}${end}`, [base], { ...rules, isFree }),
    );
    if (typeof without !== 'object') {
      expect(withOne).toBe(without);
      continue;
    }
    expect(withOne).toMatchObject({ url: without.url, fragment: '#f', place: without.place });
    expect(without.url.slice(0, without.place.path)).toBe(base.text);
    expect(hasDotSegment(without.url.slice(without.place.path, without.place.query)), path).toBe(false);
  }
});

test('a dot segment with parameters behind it is one in a plain path, too', () => {
  for (const path of ['/a/..;/b', '/..;x', '/.;', '/a/.;b/c'])
    expect(writeUrl(base.text + path, [base], rules), path).toBe('dot-segment');
  for (const path of ['/a;/b', '/..a;', '/a..;b', '/...;'])
    expect(writeUrl(base.text + path, [base], rules), path).toHaveProperty('url', base.text + path);
});

test('parameters are taken off by their decoded names, and only these', () => {
  const isToken = (name: string): boolean => name === 'sig' || name === 's ';
  for (let left = runs(8); left > 0; left--) {
    const parts = Array.from({ length: Math.floor(random() * 4) }, () =>
      pick(random, [
        'sig=1',
        's%69g',
        '%73ig=',
        's+=1',
        's%20',
        'a=sig',
        '',
        'sigs=1',
        '=sig',
        '?sig=1',
        'b',
      ]),
    );
    const url = `https://cdn.example/a${parts.length > 0 ? `?${parts.join('&')}` : ''}`;
    const kept = parts.filter((part) => !isToken(formDecode(part.split('=')[0]!)));
    const expected = `https://cdn.example/a${kept.length > 0 ? `?${kept.join('&')}` : ''}`;
    expect(withoutParameters(url, isToken)).toBe(kept.length === parts.length ? url : expected);
  }
});

describe('one spelling', () => {
  const unreserved = /[A-Za-z\d\-._~]/;
  test.each(['', '/', ":/?#[]@!$&'()*+,;="])('with %j kept', (kept) => {
    const spell = normalSpelling(kept);
    const encode = (character: string): string =>
      `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
    for (let left = runs(10); left > 0; left--) {
      const text = randomText(random, 'aZ09-._~%%%2fF5E /:?#[]^\\{}|"\'<>`=&+,;()*$!@', 20);
      const expected = text.replace(/%[\da-f]{2}|./gi, (part) => {
        if (part.length === 1) return unreserved.test(part) || kept.includes(part) ? part : encode(part);
        const character = String.fromCharCode(Number.parseInt(part.slice(1), 16));
        return unreserved.test(character) ? character : part.toUpperCase();
      });
      expect(spell(text)).toBe(expected);
      if (!kept.includes('+'))
        expect(normalSpelling(kept, '%20')(text)).toBe(spell(text.replaceAll('+', '%20')));
    }
  });
});

test('the path of imgproxy is split at its slashes', () => {
  for (let left = runs(8); left > 0; left--) {
    const segments = Array.from({ length: 1 + Math.floor(random() * 5) }, () =>
      pick(random, [
        'insecure',
        'rs:1:2',
        'exp:1',
        'w%3A1',
        'w%3a1',
        '%3b',
        '',
        'plain',
        'https:',
        'a.jpg',
        '%',
      ]),
    );
    const [signature, ...rest] = segments;
    const found = rest.findIndex((segment) => !/:|%3a/i.test(segment));
    const end = found < 0 ? rest.length : found;
    expect(readUrl(`/${segments.join('/')}`, 0)).toMatchObject({
      signature,
      options: rest.slice(0, end),
      source: rest.slice(end).join('/'),
    });
  }
});

/** Calls one scheme again and again, and a new one for each call. */
function expectForgetful(makeScheme: () => Scheme, urls: readonly string[]): void {
  const same = callsOf(makeScheme());
  for (let left = runs(2); left > 0; left--) {
    const other = callsOf(makeScheme());
    const [url, exp] = [pick(random, urls), 1_790_000_000 + Math.floor(random() * 3)];
    const call = pick(random, ['match', 'strip', 'sign', 'verify'] as const);
    const results = [same, other].map((calls) => {
      if (call === 'sign') return calls.sign(calls.strip(url), exp);
      return call === 'verify' ? calls.verify(url, exp) : calls[call](url);
    });
    expect(results[0], `${call} ${url}`).toEqual(results[1]);
  }
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
  for (let left = runs(8); left > 0; left--) {
    const segments = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
      pick(random, [
        'a',
        '',
        '.',
        '..',
        '%2e',
        '%2E.',
        '%u002e',
        '..;a',
        '.%3Bb',
        '...',
        '.a',
        '%2f',
        '%2ea',
        ';..',
      ]),
    );
    const isOne = (segment: string): boolean =>
      /^\.{1,2}(?:;|$)/.test(segment.replace(/%(?:u00)?2e/gi, '.').replace(/%3b/gi, ';'));
    expect(hasDotSegment(segments.join('/')), segments.join('/')).toBe(segments.some(isOne));
  }
});
