import { describe, expect, test } from 'vitest';
import {
  type DeliveryBase,
  explainUnmatched,
  matchDelivery,
} from '../../../src/schemes/cloudflare-images/delivery-url.ts';
import { encodeSegment } from '../../../src/url/canonical.ts';

const plain: DeliveryBase = {
  text: 'https://imagedelivery.net',
  authority: 'imagedelivery.net',
  path: '',
  accountHash: undefined,
};
const shop: DeliveryBase = {
  text: 'https://shop.example/cdn-cgi/imagedelivery',
  authority: 'shop.example',
  path: '/cdn-cgi/imagedelivery',
  accountHash: undefined,
};
const port: DeliveryBase = {
  text: 'http://localhost:8787',
  authority: 'localhost:8787',
  path: '',
  accountHash: undefined,
};
const local: DeliveryBase = {
  text: '/images',
  authority: undefined,
  path: '/images',
  accountHash: undefined,
};
const short: DeliveryBase = {
  text: 'https://img.example',
  authority: 'img.example',
  path: '',
  accountHash: 'hash-1',
};
const bases = [shop, local, plain, port, short];

const ours: readonly [title: string, text: string, expected: object][] = [
  [
    'the plain case',
    'https://imagedelivery.net/h/id/thumb',
    { path: '/h/id/thumb', accountHash: 'h', variant: 'thumb' },
  ],
  ['http', 'http://imagedelivery.net/h/id/thumb', { path: '/h/id/thumb' }],
  ['no scheme', '//imagedelivery.net/h/id/thumb', { path: '/h/id/thumb' }],
  ['capitals in scheme and host', 'HTTPS://ImageDelivery.NET/h/id/thumb', { path: '/h/id/thumb' }],
  ['a query and a fragment', 'https://imagedelivery.net/h/id/thumb?a=/b/c/#/d/', { variant: 'thumb' }],
  ['an id with slashes', 'https://imagedelivery.net/h/a/b/c/thumb', { variant: 'thumb', id: 'a/b/c' }],
  ['a base with a path', 'https://shop.example/cdn-cgi/imagedelivery/h/id/thumb', { path: '/h/id/thumb' }],
  ['a port that the base names', 'http://localhost:8787/h/id/thumb', { path: '/h/id/thumb' }],
  ['a root-relative base', '/images/h/id/thumb', { path: '/h/id/thumb' }],
  [
    'a base that leaves the account out',
    'https://img.example/id/thumb',
    { path: '/id/thumb', accountHash: 'hash-1' },
  ],
  [
    'what URL has to write',
    'https://imagedelivery.net/h/é b/thumb',
    { path: '/h/%C3%A9%20b/thumb', id: 'é b' },
  ],
  [
    'what is written already',
    'https://imagedelivery.net/h/%C3%A9%20b/thumb',
    { path: '/h/%C3%A9%20b/thumb', id: 'é b' },
  ],
  ['a percent sign', 'https://imagedelivery.net/h/100%25/thumb', { path: '/h/100%25/thumb', id: '100%' }],
  ['a percent sign before one digit', 'https://imagedelivery.net/h/5%25a/thumb', { id: '5%a' }],
  ['a colon in an id', 'https://imagedelivery.net/h/product:12/thumb', { id: 'product:12' }],
  ['a bar that makes no drive', 'https://imagedelivery.net/h/a|b/c|/thumb', { id: 'a|b/c|' }],
  ['a scheme behind the first segment', 'https://imagedelivery.net/h/a/http:/b/thumb', { id: 'a/http:/b' }],
  [
    'the most parameters, and the longest query',
    `https://imagedelivery.net/h/a/thumb?${'a&'.repeat(63)}${'b'.repeat(2_048 - 126)}#${'c&'.repeat(100)}`,
    { id: 'a' },
  ],
  [
    'what URL has to write, under a base that leaves the account out',
    'https://img.example/é b/c/thumb',
    { path: '/%C3%A9%20b/c/thumb', id: 'é b/c', accountHash: 'hash-1', variant: 'thumb' },
  ],
  ['two segments of it', 'https://img.example/é/thumb', { path: '/%C3%A9/thumb', id: 'é' }],
  ['two dots among others', 'https://imagedelivery.net/h/.a/b./thumb', { id: '.a/b.' }],
  ['dots that are no dot segment', 'https://imagedelivery.net/h/...a/.b/thumb', { id: '...a/.b' }],
];

test.each(ours)('ours: %s', (_title, text, expected) => {
  const match = matchDelivery(text, bases);
  if (typeof match !== 'object') throw new Error(`expected a match, got ${match}`);
  expect(match).toMatchObject(expected);
});

const foreign: readonly [title: string, text: string][] = [
  ['another host', 'https://example.com/h/id/thumb'],
  ['a host that ends alike', 'https://evilimagedelivery.net/h/id/thumb'],
  ['a host that begins alike', 'https://imagedelivery.net.evil.example/h/id/thumb'],
  ['a subdomain', 'https://upload.imagedelivery.net/h/id/thumb'],
  ['credentials', 'https://user@imagedelivery.net/h/id/thumb'],
  ['credentials that look like the host', 'https://imagedelivery.net@evil.example/h/id/thumb'],
  ['a default port', 'https://imagedelivery.net:443/h/id/thumb'],
  ['a missing port', 'http://localhost/h/id/thumb'],
  ['another scheme', 'ftp://imagedelivery.net/h/id/thumb'],
  ['a scheme that begins alike', 'httpss://imagedelivery.net/h/id/thumb'],
  ['one slash', 'https:/imagedelivery.net/h/id/thumb'],
  ['three slashes', 'https:///imagedelivery.net/h/id/thumb'],
  ['no slashes', 'https:imagedelivery.net/h/id/thumb'],
  ['backslashes for slashes', 'https:\\\\imagedelivery.net/h/id/thumb'],
  ['a backslash in the path', 'https://imagedelivery.net/h\\id/thumb'],
  ['a backslash in the query', 'https://imagedelivery.net/h/id/thumb?a=\\'],
  ['a tab in the host', 'https://image\tdelivery.net/h/id/thumb'],
  ['a line feed in the path', 'https://imagedelivery.net/h/i\nd/thumb'],
  ['a control character in the query', 'https://imagedelivery.net/h/id/thumb?a=\u0001'],
  ['a C1 control character', 'https://imagedelivery.net/h/i\u0085d/thumb'],
  ['white space before it', ' https://imagedelivery.net/h/id/thumb'],
  ['full-width letters in the host', 'https://ｉmagedelivery.net/h/id/thumb'],
  [
    'a letter that only folds to one of the host',
    'https://imagedelivery.net'.replace('i', 'İ') + '/h/id/thumb',
  ],
  ['the Kelvin sign for a k', 'https://Koala.example/h/id/thumb'],
  ['a base under which nothing follows', '/images'],
  ['a folder that begins alike', '/imagesx/h/id/thumb'],
  ['a root-relative base under a host', 'https://imagedelivery.example/images/h/id/thumb'],
  ['a base without its path', 'https://shop.example/h/id/thumb'],
  ['a relative path', 'images/h/id/thumb'],
  ['nothing', ''],
  ['a data URL', 'data:image/gif;base64,R0lGODlhAQABAAAAACw='],
];

test.each(foreign)("somebody else's: %s", (_title, text) => {
  expect(matchDelivery(text, bases)).toBeUndefined();
});

const notCanonical: readonly [title: string, path: string][] = [
  ['too few segments', '/h/thumb'],
  ['one segment', '/thumb'],
  ['too few segments, of which URL has to write one', '/é/thumb'],
  ['a trailing slash', '/h/id/thumb/'],
  ['an empty segment', '/h//thumb'],
  ['an empty account', '//id/thumb'],
  ['a dot segment', '/h/./thumb'],
  ['two dots', '/h/x/../id/thumb'],
  ['an encoded dot segment', '/h/%2e/thumb'],
  ['dots in every spelling', '/h/.%2E/id/thumb'],
  ['an escape where none is needed', '/h/%61/thumb'],
  ['an escape in the variant', '/h/id/%74humb'],
  ['an escape in the account', '/%68/id/thumb'],
  ['an encoded slash', '/h/a%2Fb/thumb'],
  ['an encoded backslash', '/h/a%5Cb/thumb'],
  ['a circumflex', '/h/a^b/thumb'],
  ['an encoded circumflex', '/h/a%5Eb/thumb'],
  ['an escape in lower case', '/h/caf%c3%a9/thumb'],
  ['an escape that is cut off', '/h/50%/thumb'],
  ['an escape that is none', '/h/5%zz/thumb'],
  ['bytes that are not UTF-8', '/h/%FF/thumb'],
  ['an encoded control character', '/h/a%0Ab/thumb'],
  ['an encoded DEL', '/h/a%7Fb/thumb'],
  ['an encoded C1 control character', '/h/a%C2%85b/thumb'],
  ['an encoded comma, as encodeURIComponent writes it', '/h/a%2Cb/thumb'],
  ['half of a surrogate pair', '/h/a\ud800b/thumb'],
  ['an encoded question mark', '/h/a%3Fb/thumb'],
  ['an encoded number sign', '/h/a%23b/thumb'],
  ['an encoded question mark in the account', '/h%3F/a/thumb'],
  ['an encoded number sign in the variant', '/h/a/thumb%23'],
  ['an escape that is encoded once more', '/h/a%2541/thumb'],
  ['a slash that is encoded twice', '/h/a%252fb/thumb'],
  ...[
    'http:/x',
    'HTTPS:',
    'https:x/y',
    'ws:',
    'wss:/a',
    'ftp:/a',
    'File:/etc',
    'data:image/png,a',
    'blob:a',
    'C:/a',
    'C|/a',
    'c|',
  ].map((id) => [`an id that is absolute: ${id}`, `/h/${id}/thumb`] as [string, string]),
  ['65 parameters', `/h/id/thumb?${'&'.repeat(64)}`],
  ['a query of more than 2 KiB', `/h/id/thumb?${'a'.repeat(2_049)}`],
];

test.each(notCanonical)('ours, but not canonical: %s', (_title, path) => {
  expect(matchDelivery(`https://imagedelivery.net${path}`, bases)).toBe('not-canonical');
});

test.each(['/é', '/thumb', '/', '/%20a/thumb', '/a%20/thumb', '/a/%20/thumb', '/a: b', '/c:/thumb'])(
  'ours, without the account, but not canonical: %s',
  (path) => {
    expect(matchDelivery(`https://img.example${path}`, bases)).toBe('not-canonical');
  },
);

describe('a segment has one spelling', () => {
  test.each([
    ['a', 'a'],
    ['é', '%C3%A9'],
    ['100%', '100%25'],
    ['a b', 'a%20b'],
    [' a ', '%20a%20'],
    ['5%a', '5%25a'],
    ['%', '%25'],
    ["it's(1)+a,b;c=d@e:f~g!$&*|[]", "it's(1)+a,b;c=d@e:f~g!$&*|[]"],
    ['"<>`{}', '%22%3C%3E%60%7B%7D'],
    ['😀', '%F0%9F%98%80'],
  ])('%j is %s', (text, segment) => {
    expect(encodeSegment(text)).toBe(segment);
  });

  test.each([
    ...['', '.', '..', 'a/b', 'a\\b', 'a^b', 'a\u0000', 'a\n', '\u007f', '\u0085', '\ud800'],
    ...['a?b', 'thumb?', 'a#', '#', '%61', 'a%2f', '%2525', 'x%Ff'],
  ])('%j has none', (text) => {
    expect(encodeSegment(text)).toBeUndefined();
  });
});

test('the base with the longest path wins', () => {
  const whole: DeliveryBase = { ...shop, path: '', text: 'https://shop.example' };
  const match = matchDelivery('https://shop.example/cdn-cgi/imagedelivery/h/id/thumb', [shop, whole]);
  expect(match).toMatchObject({ base: shop, path: '/h/id/thumb' });
});

/** A reason is given only if the URL matches once it is fixed. */
describe('explainUnmatched', () => {
  const base = (text: string, accountHash?: string): DeliveryBase => {
    const [, authority, path = ''] = /^(?:https:\/\/([^/]+))?(.*)$/.exec(text)!;
    return { text, authority, path, accountHash };
  };
  const bases = [
    base('https://shop.example/img'),
    base('/pictures', 'acct'),
    base('https://imagedelivery.net'),
  ];

  test.each<[text: string, expected: ReturnType<typeof explainUnmatched>]>([
    ['https://imagedelivery.net/acct/photo/thumb/', { reason: 'trailing-slash' }],
    ['https://imagedelivery.net/acct/photo', { reason: 'variant-missing' }],
    ['https://imagedelivery.net/acct/photo/', { reason: 'variant-missing' }],
    ['/pictures/photo', { reason: 'variant-missing' }],
    ['https://imagedelivery.net/acct/a%2Cb/thumb', { reason: 'encoded-path', id: 'a,b' }],
    ['https://imagedelivery.net/acct/a%2Fb/thumb', { reason: 'encoded-path', id: 'a/b' }],
    ['/pictures/a%2Cb/thumb', { reason: 'encoded-path', id: 'a,b' }],
    ['https://shop.example/img/acct/%41/thumb', { reason: 'encoded-path', id: 'A' }],
    [`https://imagedelivery.net/acct/photo/thumb?${'a=1&'.repeat(70)}`, { reason: 'too-many-parameters' }],
    ['a%2Cb', { reason: 'encoded-path', id: 'a,b' }],
    ['https://imagedelivery.net/', { reason: 'not-a-delivery-url' }],
    ['https://imagedelivery.net/acct//thumb', { reason: 'not-a-delivery-url' }],
    ['https://imagedelivery.net/acct/%2e%2e/thumb', { reason: 'not-a-delivery-url' }],
    ['https://imagedelivery.net/acct/a%3Fb/thumb', { reason: 'not-a-delivery-url' }],
    ['https://www.gravatar.com/avatar/0', { reason: 'not-a-delivery-url' }],
    ['javascript:alert(1)', { reason: 'not-a-delivery-url' }],
    ['%E0%A4%A', { reason: 'not-a-delivery-url' }],
    ['', { reason: 'not-a-delivery-url' }],
    [
      'https://Other.example/cdn-cgi/imagedelivery/acct/photo/thumb',
      { reason: 'not-under-delivery', delivery: 'https://other.example/cdn-cgi/imagedelivery' },
    ],
    [
      '//other.example/a/cdn-cgi/imagedelivery/acct/photo/thumb',
      { reason: 'not-under-delivery', delivery: 'https://other.example/a/cdn-cgi/imagedelivery' },
    ],
    [
      '/cdn-cgi/imagedelivery/acct/photo/thumb',
      { reason: 'not-under-delivery', delivery: '/cdn-cgi/imagedelivery' },
    ],
    ['https://a@b.example/cdn-cgi/imagedelivery/acct/photo/thumb', { reason: 'not-a-delivery-url' }],
    ['https://b.example/?u=/cdn-cgi/imagedelivery/acct/photo/thumb', { reason: 'not-a-delivery-url' }],
  ])('%s', (text, expected) => {
    expect(explainUnmatched(text, bases)).toEqual(expected);
  });

  test("Cloudflare's own host is told where only a custom domain is listed", () => {
    expect(explainUnmatched('https://IMAGEDELIVERY.net/acct/photo/thumb', [bases[0]!])).toEqual({
      reason: 'not-under-delivery',
      delivery: 'https://imagedelivery.net',
    });
  });
});
