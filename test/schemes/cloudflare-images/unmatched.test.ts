/** Why a URL is not a delivery URL: a reason is given only if the URL matches once it is mended. */
import { describe, expect, test } from 'vitest';
import type { DeliveryBase } from '../../../src/schemes/cloudflare-images/delivery-url.ts';
import { explainUnmatched } from '../../../src/schemes/cloudflare-images/unmatched.ts';

const base = (text: string, accountHash?: string): DeliveryBase => {
  const [, authority, path = ''] = /^(?:https:\/\/([^/]+))?(.*)$/.exec(text)!;
  return { text, authority, path, accountHash };
};
const bases = [
  base('https://shop.example/img'),
  base('/pictures', 'acct'),
  base('https://imagedelivery.net'),
];

describe('explainUnmatched', () => {
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
