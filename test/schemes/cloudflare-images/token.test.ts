import { expect, test } from 'vitest';
import { readToken, withoutToken } from '../../../src/schemes/cloudflare-images/token.ts';
import { redactUrl } from '../../../src/url/redaction.ts';

const sig = 'b3f1c09ad27e4586f0e1d2c3b4a5968778695a4b3c2d1e0f112233445566778f';

test('a token is read with the query that it signs', () => {
  expect(readToken(`exp=1790000000&sig=${sig}`)).toEqual({
    expiresAt: 1790000000,
    signature: sig,
    signedQuery: 'exp=1790000000',
  });
  expect(readToken(`v=1&a=b%26sig%3D&exp=9&sig=${sig}`)).toMatchObject({
    signedQuery: 'v=1&a=b%26sig%3D&exp=9',
  });
});

test.each(['', 'v=1', 'exp=1790000000', 'EXP=1', 'sigs=1', 'exp', 'signature=1'])(
  '%j has no signature',
  (query) => {
    expect(readToken(query)).toBe(query === 'exp' ? 'malformed' : 'missing');
  },
);

test.each([
  ['no expiry', `sig=${sig}`],
  ['the signature first', `sig=${sig}&exp=1`],
  ['something behind the signature', `exp=1&sig=${sig}&v=1`],
  ['an ampersand behind it', `exp=1&sig=${sig}&`],
  ['two expiries', `exp=1&exp=2&sig=${sig}`],
  ['two signatures', `exp=1&sig=${sig}&sig=${sig}`],
  ['an expiry spelled with an escape', `%65xp=1&sig=${sig}`],
  ['a second one spelled with an escape', `exp=1&%65xp=2&sig=${sig}`],
  ['a signature spelled with an escape', `exp=1&%73ig=${sig}`],
  ['upper-case digits', `exp=1&sig=${sig.toUpperCase()}`],
  ['a digit too few', `exp=1&sig=${sig.slice(1)}`],
  ['a digit too many', `exp=1&sig=${sig}0`],
  ['an escape in the signature', `exp=1&sig=%62${sig.slice(3)}`],
  ['an empty signature', 'exp=1&sig='],
  ...[
    '',
    '0',
    '01',
    '+1',
    '-1',
    '1.5',
    '1e9',
    '0x1',
    ' 1',
    '1 ',
    'NaN',
    'Infinity',
    '١',
    '1_0',
    '123456789012',
    '1;exp=2',
    '%31',
  ].map((exp) => [`the expiry ${JSON.stringify(exp)}`, `exp=${exp}&sig=${sig}`] as const),
] as [string, string][])('malformed: %s', (_title, query) => {
  expect(readToken(query)).toBe('malformed');
});

test.each([
  ['/a?exp=1&sig=2', '/a'],
  ['/a?v=1&exp=1&sig=2', '/a?v=1'],
  ['/a?sig=2&v=1&exp=1', '/a?v=1'],
  ['/a?exp=1&v=%7E~&sig=2#top', '/a?v=%7E~#top'],
  ['/a?%65xp=1&s%69g=2&v', '/a?v'],
  ['/a?exp', '/a'],
  ['/a?exp=1&exp=2&&sig', '/a?'],
  ['/a?expires=1&signature=2', '/a?expires=1&signature=2'],
  ['/a?EXP=1', '/a?EXP=1'],
  ['/a#?exp=1', '/a#?exp=1'],
  ['/a', '/a'],
  ['/a?', '/a?'],
])('%s without its token is %s', (text, expected) => {
  expect(withoutToken(text)).toBe(expected);
});

test.each<readonly [text: string, shown: string]>([
  ['https://x/a?v=1&exp=1&sig=2', 'https://x/a?v=1'],
  ['https://x/a?exp=1&s%69g=2', 'https://x/a'],
  [`https://x/a?SIG=${sig}&a[sig]=${sig}`, 'https://x/a?a[sig]=…'],
  [`https://x/a?exp=1&amp;amp;sig=${sig}`, 'https://x/a?amp;amp;sig=…'],
  [`https://x/a#exp=1&sig=${sig}`, 'https://x/a#exp=1&sig=…'],
  [`https://x/a/${sig}/thumb?exp=1&sig=${sig}`, `https://x/a/${sig}/thumb`],
  [`/images/${sig}.webp/thumb?v=${sig}`, `/images/${sig}.webp/thumb?v=…`],
  [`${sig}/${sig.toUpperCase()}//thumb`, `${sig}/${sig.toUpperCase()}//thumb`],
  [`/a/b/thumb/${sig}`, '/a/b/thumb/…'],
  [`/a/b/thumb/exp/1/sig/${sig}/`, '/a/b/thumb/exp/1/sig/…/'],
  [`/a/b/thumb/sig-${sig}/`, '/a/b/thumb/sig-…/'],
  ...['#', ';', '&', '&amp;', '?v=1;', '%3F', '%253f', '\\3f ', '\uff1f', '%23', ' ', ','].map(
    (mark) => [`/a/b/thumb${mark}exp=1/${sig}/`, `/a/b/thumb${mark}exp=1/…/`] as const,
  ),
  [`/a/b/thumb;exp=1;sig=${sig}`, '/a/b/thumb;exp=1;sig=…'],
  [`/a/b/thumb%3Fexp%3D1%26sig%3D${sig}`, '/a/b/…'],
  [`/a#sig=${sig.slice(0, 32)}\n${sig.slice(32)}`, '/a#sig=…'],
  [`/a#sig=${sig.slice(0, 32)}\u200b${sig.slice(32)}`, '/a#sig=…'],
  [`/a#sig=${sig.replaceAll('a', '%61')}`, '/a#sig=…'],
  [`/a#sig=${sig.replaceAll('a', '%2561')}`, '/a#sig=…'],
  [`/${'x'.repeat(1000)};sig=${sig}`, `/${'x'.repeat(1000)};sig=…`],
  ['a\nb', 'a\\u{a}b'],
  ['a\u2028b\u202eb\u001b[31m', 'a\\u{2028}b\\u{202e}b\\u{1b}[31m'],
  [`/a#sig=${sig.slice(0, 32)}\u{e0061}\u034f${sig.slice(32)}`, '/a#sig=…'],
  ['/a/b/thumb?v=correct-horse-battery&w=320', '/a/b/thumb?v=…&w=320'],
  ['/a/b/thumb?v=1&correcthorsebattery', '/a/b/thumb?v=1&…'],
  ['/a/b/correct-horse-battery/?v=1', '/a/b/…/?v=1'],
  ['//x/a/b/correcthorsebattery', '//x/a/b/…'],
  ['/a/b/width=400,quality=85,format=auto', '/a/b/width=400,quality=85,format=auto'],
  ['/a/b/data-hero-image-large', '/a/b/data-hero-image-large'],
  ['an-id-that-is-longer-than-a-key', 'an-id-that-is-longer-than-a-key'],
  ['folder/0a64c1e2-7b3d-4f58-9c21-5d8e03b7f6a1', 'folder/0a64c1e2-7b3d-4f58-9c21-5d8e03b7f6a1'],
  ['x'.repeat(2000), `${'x'.repeat(1024)}…`],
])('%j is reported as %j', (text, expected) => {
  expect(redactUrl(text)).toBe(expected);
});

test('nothing invisible is reported as it is', () => {
  for (const [from, to] of [
    [0x00, 0x1f],
    [0x7f, 0x9f],
    [0xad, 0xad],
    [0x34f, 0x34f],
    [0x61c, 0x61c],
    [0x115f, 0x1160],
    [0x180b, 0x180f],
    [0x200b, 0x200f],
    [0x2028, 0x202e],
    [0x2060, 0x206f],
    [0x3164, 0x3164],
    [0xd800, 0xd800],
    [0xfe00, 0xfe0f],
    [0xfeff, 0xfeff],
    [0xffa0, 0xffa0],
    [0xfff9, 0xfffb],
    [0xe0000, 0xe007f],
    [0xe0100, 0xe01ef],
  ] as const) {
    for (let code = from; code <= to; code++) {
      expect(redactUrl(`a${String.fromCodePoint(code)}b`)).toBe(`a\\u{${code.toString(16)}}b`);
    }
  }
  expect(redactUrl('/größe/日本/🙂')).toBe('/größe/日本/🙂');
});
