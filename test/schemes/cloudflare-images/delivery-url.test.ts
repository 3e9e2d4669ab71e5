import { describe, expect, test } from 'vitest';
import {
  type DeliveryBase,
  explainUnmatched,
  matchDelivery,
} from '../../../src/schemes/cloudflare-images/delivery-url.ts';
import { encodeSegment } from '../../../src/url/canonical.ts';
import urls from '../../vectors/delivery-urls.json' with { type: 'json' };

const base = (text: string, accountHash?: string): DeliveryBase => {
  const [, authority, path = ''] = /^(?:https?:\/\/([^/]+))?(.*)$/.exec(text)!;
  return { text, authority, path, accountHash };
};
const shop = base('https://shop.example/cdn-cgi/imagedelivery');
const plain = base('https://imagedelivery.net');
const port = base('http://localhost:8787');
const local = base('/images');
const short = base('https://img.example', 'hash-1');
const bases = [shop, local, plain, port, short];

test.each(urls.ours as [string, string, object][])('ours: %s', (_title, text, expected) => {
  const match = matchDelivery(text, bases);
  if (typeof match !== 'object') throw new Error(`expected a match, got ${match}`);
  expect(match).toMatchObject(expected);
});

test.each(urls.foreign as [string, string][])("somebody else's: %s", (_title, text) => {
  expect(matchDelivery(text, bases)).toBeUndefined();
});

/** Which JSON does not hold. */
const half = ['half of a surrogate pair', '/h/a\ud800b/thumb'];
test.each([...urls.notCanonical, half] as [string, string][])(
  'ours, but not canonical: %s',
  (_title, path) => {
    expect(matchDelivery(`https://imagedelivery.net${path}`, bases)).toBe('not-canonical');
  },
);

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
  const bases = [
    base('https://shop.example/img'),
    base('/pictures', 'acct'),
    base('https://imagedelivery.net'),
  ];

  test.each(urls.explained as [string, object][])('%s', (text, expected) => {
    expect(explainUnmatched(text, bases)).toEqual(expected);
  });

  test("Cloudflare's own host is told where only a custom domain is listed", () => {
    expect(explainUnmatched('https://IMAGEDELIVERY.net/acct/photo/thumb', [bases[0]!])).toEqual({
      reason: 'not-under-delivery',
      delivery: 'https://imagedelivery.net',
    });
  });
});
