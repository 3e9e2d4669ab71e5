/** The client reads the tokens that the built-in schemes write, without the schemes. */
import { describe, expect, test } from 'vitest';
import { formOf, readEnd } from '../../src/client/tokens.ts';
import { createSigner } from '../../src/index.ts';
import { edgeAuth, imgix, type Scheme } from '../../src/schemes.ts';
import { type TextScheme, textSchemes } from '../support/generators/text-schemes.ts';
import { instant } from '../support/samples.ts';

const builtIn = textSchemes.filter(({ name }) => !name.startsWith('a scheme of an app'));
/** Their tokens have the time of issue, and the store knows for how long they are valid. */
const withoutEnd = builtIn.filter(({ name }) => name.startsWith('cloudflareWaf'));
const withEnd = builtIn.filter((each) => !withoutEnd.includes(each));

const hour = 3_600_000;

function signAt(scheme: Scheme, url: string, time: number): { url: string; expiresAt: number | undefined } {
  const signer = createSigner({ scheme, ttl: '1h', now: () => time, report: false } as never);
  const signed = signer.signImage(url);
  const verified = signer.verifyImage(signed) as { expiresAt?: number };
  return { url: signed, expiresAt: verified.expiresAt };
}

function urlOf({ base, path: [before, behind] }: TextScheme, name: string, query = ''): string {
  return base + before + name + behind + query;
}

/** imgproxy has no parameters, and of others it would be the signature that differs. */
const withParameters = builtIn.filter(({ name }) => name !== 'imgproxy');

describe('the end of a token', () => {
  test.each(withEnd)('$name', (each) => {
    for (const query of ['', ...(withParameters.includes(each) ? ['?v=b'] : [])]) {
      const { url, expiresAt } = signAt(each.scheme, urlOf(each, 'cat', query), instant);
      expect(expiresAt).toBeGreaterThan(instant / 1000);
      expect(readEnd(url)).toBe(expiresAt);
    }
  });

  test.each(withoutEnd)('$name says none', (each) => {
    expect(readEnd(signAt(each.scheme, urlOf(each, 'cat'), instant).url) || 0).toBe(0);
  });

  test.each(builtIn)('none before $name signs', (each) => {
    expect(readEnd(urlOf(each, 'cat', '?v=1700000000')) || 0).toBe(0);
  });

  test('of what only looks like one it is none, and nothing throws', () => {
    for (const query of 'exp= exp=17 se= se=% token=eyJ.% x=eyJhbGciOiJub25lIn0.!! Policy=~ %'.split(' '))
      expect(readEnd(`https://photos.example/cat.jpg?${query}`) || 0).toBe(0);
  });
});

describe('two tokens of an image leave the same', () => {
  test.each(builtIn)('$name', (each) => {
    const first = signAt(each.scheme, urlOf(each, 'cat'), instant).url;
    const second = signAt(each.scheme, urlOf(each, 'cat'), instant + 30 * 1000).url;
    const later = signAt(
      each.scheme,
      urlOf(each, 'cat'),
      instant + (each.name.includes('delegation') ? 0 : 3 * hour),
    ).url;
    expect(formOf(second)).toBe(formOf(first));
    expect(formOf(later)).toBe(formOf(first));
    expect(formOf(first)).not.toBe(first);
  });

  test.each(withParameters)('and of two images of $name they do not', (each) => {
    const keys = [
      urlOf(each, 'cat'),
      urlOf(each, 'dog'),
      urlOf(each, 'cat', '?v=a'),
      urlOf(each, 'cat', '?v=b'),
    ].map((url) => formOf(signAt(each.scheme, url, instant).url));
    expect(new Set(keys).size).toBe(keys.length);
  });

  test.each([
    [
      'a parameter that one of Cloudinary, and one that an app names',
      ({ url, key }: { url: string; key: string }) => [
        edgeAuth({ url, key, preset: 'cloudinary', prefixes: 'a/' } as never),
        edgeAuth({ url, key, token: 'my_auth', prefixes: 'a/' } as never),
      ],
    ],
  ])('%s', (_, make) => {
    for (const scheme of make({ url: 'https://edge.example', key: 'ab'.repeat(16) })) {
      const [first, later] = [instant, instant + hour].map(
        (time) => signAt(scheme, 'https://edge.example/a/cat.jpg', time).url,
      );
      expect(formOf(later!)).toBe(formOf(first!));
    }
  });

  test('a parameter of the author that has the name of the signature elsewhere stays', () => {
    const url = 'https://photos.example/cat.jpg?s=200';
    expect(formOf(url)).toBe(url);
    const scheme = imgix({ url: 'https://shop.imgix.net', key: 'k'.repeat(20), prefixes: 'a/' });
    const [small, large] = [200, 400].map(
      (w) => signAt(scheme, `https://shop.imgix.net/a/cat.jpg?w=${w}`, instant).url,
    );
    expect(formOf(small!)).not.toBe(formOf(large!));
  });
});

describe('what a stranger writes has the key of no other image', () => {
  const signature = 'a'.repeat(43);

  test.each([
    // The end of one host becomes the middle of another's URL.
    ['https://photos.example.com/cat.jpg', `https://photos.example.co/${signature}/exp:9999999999m/cat.jpg`],
    ['https://photos.example/cat.jpg', `https://${signature}/exp:9999999999photos.example/cat.jpg`],
    ['https://photos.example/cat.jpg', `https:/${signature}/exp:9999999999//photos.example/cat.jpg`],
    ['https://photos.example/u/cat.jpg', `https://photos.example/u/c/${signature}/exp:9999999999at.jpg`],
  ])('%s and %s', (url, theirs) => {
    const query = '?exp=9999999999&sig=00';
    expect(formOf(theirs + query)).not.toBe(formOf(url + query));
    expect(formOf(theirs)).not.toBe(url);
  });

  // As a background, or as a candidate, it would be the end of the URL, and more.
  test.each([
    ...[
      ' 1x, https://thief.example/',
      ') ; position: fixed',
      '",url(//thief.example/',
      "'",
      '\\',
      ',',
      '\n',
      '\t',
    ],
  ])('a token followed by %j', (text) => {
    const url = 'https://photos.example/cat.jpg?sig=00&exp=';
    expect(formOf(`${url}9999999999${text}`)).not.toBe(formOf(`${url}1795943097`));
  });
});

test.each([
  ['another length', `exp=9999999999&sig=${'a'.repeat(2100)}`],
  ['another alphabet', `exp=9999999999&sig=${'A'.repeat(64)}`],
  ['no digits', `exp=soon-soon-&sig=${'a'.repeat(64)}`],
  ['another order', `sig=${'a'.repeat(64)}&exp=9999999999`],
  ['what ends a URL in CSS', `exp=9999999999&sig=${'a'.repeat(60)}%);`],
])('a token of %s leaves another text', (_, query) => {
  const url = 'https://photos.example/cat.jpg?';
  const own = formOf(`${url}exp=1795943097&sig=${'0a'.repeat(32)}`);
  expect(formOf(url + query)).not.toBe(own);
  expect(formOf(`${url}exp=9999999999&sig=${'f'.repeat(64)}`)).toBe(own);
});

test.each([
  ['#cat', '#dog'],
  ['&x-oss-process=image/resize,w_80', '&x-oss-process=image/resize,w_800'],
])('two views of a file stay apart: %s and %s', (first, second) => {
  const url = 'https://photos.example/all.svg?exp=1795943097&sig=00';
  expect(formOf(url + first)).not.toBe(formOf(url + second));
});
