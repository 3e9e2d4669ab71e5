/** imgix: against its own library, and what of a URL is token. */
import ImgixClient from '@imgix/js-core';
import { describe, expect, test } from 'vitest';
import { createSigner } from '../../src/index.ts';
import { definitionOf } from '../../src/schemes/definition.ts';
import { imgix } from '../../src/schemes.ts';
import { Secret } from '../../src/signing/digests.ts';
import { randomFrom } from '../support/random.ts';
import { randomKey, shapes } from '../support/random-keys.ts';
import { everything, pick, randomPath, randomQuery } from '../support/random-urls.ts';
import { callsOf, expectToken } from '../support/scheme-calls.ts';
import { atLength, seed } from '../support/seed.ts';

const key = 'FOO123bar';
const calls = callsOf(imgix({ url: 'https://shop.imgix.net', key }));
const url = 'https://shop.imgix.net/users/1.png';

test('the hash of imgix-blueprint is right', () => {
  expect(new Secret(key).hashWith('md5', '/users/1.png')).toBe('6797c24146142d5b40bde3141fd3600c');
});

test('random URLs are signed as @imgix/js-core signs them', () => {
  const random = randomFrom(seed);
  for (let left = atLength(4_000); left > 0; left--) {
    const secureURLToken = randomKey(random, pick(random, Object.keys(shapes)));
    const [path, query] = [randomPath(random, everything), randomQuery(random, everything)];
    const exp = Math.floor(random() * 2 ** 32) + 1;
    const client = new ImgixClient({ domain: 'shop.imgix.net', secureURLToken, includeLibraryParam: false });
    const params = { ...Object.fromEntries(new URLSearchParams(query)), expires: exp };
    const wanted = client.buildURL(path, params, { disablePathEncoding: true });
    const scheme = callsOf(imgix({ url: 'https://shop.imgix.net', key: secureURLToken }));
    expectToken(scheme, `https://shop.imgix.net/${path}${query && `?${query}`}`, wanted, {
      id: decodeURIComponent(path),
      exp,
      changed: wanted.replace('.jpg', '.jpeg'),
    });
  }
});

test('the path of the base is signed as well, and is no part of the id', () => {
  const scheme = callsOf(imgix({ url: ['https://shop.imgix.net', 'https://shop.imgix.net/users'], key }));
  expect(scheme.match(url)).toEqual({ id: '1.png' });
  expect(scheme.match('https://shop.imgix.net/caf%C3%A9.png')).toEqual({ id: 'café.png' });
  expect(scheme.sign(url, 5)).toBe(calls.sign(url, 5));
});

test('prefixes are compared with the decoded id, and limit the scheme', () => {
  const scheme = imgix({ url: 'https://shop.imgix.net', key, prefixes: ['é/', 'users/'] });
  expect(definitionOf(scheme)!).toMatchObject({ isLimited: true });
  expect(callsOf(scheme).match('https://shop.imgix.net/%C3%A9/1.png')).toEqual({ id: 'é/1.png' });
  expect(callsOf(scheme).match(url)).toEqual({ id: 'users/1.png' });
  expect(callsOf(scheme).match('https://shop.imgix.net/user/1.png')).toBeUndefined();
  expect(definitionOf(imgix({ url: 'https://shop.imgix.net', key }))!).toMatchObject({ isLimited: false });
});

describe('the token', () => {
  test.each([
    ['?s=1', ''],
    ['?expires=1&s=2&w=3', '?w=3'],
    ['?w=3&%73=1&e%78pires=4&expires', '?w=3'],
    ['?w=3&s=1&s=2&ss=4&S=5', '?w=3&ss=4&S=5'],
    ['?w=a%20b&fit=crop', '?w=a%20b&fit=crop'],
    ['?__proto__=1&constructor', '?__proto__=1&constructor'],
  ])('is stripped in any spelling: %s', (query, rest) => {
    expect(calls.strip(url + query)).toBe(url + rest);
    expect(calls.strip(calls.sign(url + rest, 9))).toBe(url + rest);
    expect(calls.verify(calls.sign(url + rest, 9), 8)).toEqual({ ok: true, expiresAt: 9 });
  });

  test('takes the place of a ? alone, which no URL has that is signed again', () => {
    expect(calls.sign(`${url}?`, 9)).toBe(calls.sign(url, 9));
  });

  test.each([
    ['', 'missing-signature'],
    ['?w=3', 'missing-signature'],
    ['?s=1', 'malformed-signature'],
    ['?expires=0&s=1', 'malformed-signature'],
    ['?expires=09&s=1', 'malformed-signature'],
    ['?expires=1e3&s=1', 'malformed-signature'],
    ['?expires=9&expires=9&s=1', 'malformed-signature'],
    ['?expires=9', 'bad-signature'],
    ['?expires=9&s=00000000000000000000000000000000', 'bad-signature'],
  ])('of %s does not verify: %s', (query, reason) => {
    expect(calls.verify(url + query, 0)).toEqual({ ok: false, reason });
  });

  test('is valid before its expiry, not at it, and not by a clock that is none', () => {
    const signed = calls.sign(url, 1_790_000_000);
    expect(calls.verify(signed, 1_789_999_999)).toEqual({ ok: true, expiresAt: 1_790_000_000 });
    for (const now of [1_790_000_000, Number.NaN])
      expect(calls.verify(signed, now)).toEqual({ ok: false, reason: 'expired' });
  });

  test.each(['&s=1', '&w=3', '&%73=1', '&'])('does not verify with %s appended', (more) => {
    expect(calls.verify(calls.sign(url, 9) + more, 0)).toMatchObject({ ok: false });
  });
});

test('a value that ends with a question mark stays as it is when the URL is signed again', () => {
  const scheme = imgix({ url: 'https://shop.imgix.net', key, prefixes: 'users/' });
  const signer = createSigner({ scheme, ttl: '1h', now: () => 1_790_000_000_000 });
  const signed = signer.signImage(`${url}?v=?`);
  expect(signer.signImage(signed)).toBe(signed);
  expect(signer.unsignImage(signed)).toBe(`${url}?v=?`);
});

test('a token that stood alone behind separators takes its question mark along', () => {
  const scheme = imgix({ url: 'https://shop.imgix.net', key, prefixes: 'users/' });
  const signer = createSigner({ scheme, ttl: '1h', now: () => 1_790_000_000_000 });
  expect(signer.unsignImage(`${url}?&expires=9&s=0`)).toBe(url);
  expect(signer.signImage(`${url}?&expires=9&s=0`)).toBe(signer.signImage(url));
});
