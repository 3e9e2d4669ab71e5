/** Bunny: its own vectors, a second implementation of its published algorithm, and what is not signed. */
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { partsOf } from '../../src/schemes/definition.ts';
import { bunny } from '../../src/schemes.ts';
import { randomFrom } from '../support/random.ts';
import { randomKey, shapes } from '../support/random-keys.ts';
import { everything, pick, randomPath, randomQuery } from '../support/random-urls.ts';
import { callsOf, expectToken } from '../support/scheme-calls.ts';
import { atLength, seed } from '../support/seed.ts';
import vectors from '../vectors/bunny.json' with { type: 'json' };

const base = 'https://shop.b-cdn.net';
const url = `${base}/photos/cat.jpg`;
const calls = callsOf(bunny({ url: base, key: 'a-bunny-key-for-tests' }));

test.each(vectors.vectors)("Bunny's vector $name is signed byte for byte, and verifies", ({ signedUrl }) => {
  const scheme = callsOf(bunny({ url: 'https://token-tester.b-cdn.net', key: vectors.key }));
  const bare = scheme.strip(signedUrl);
  expect(bare).not.toMatch(/[?&](?:token|expires)=/);
  expect(scheme.sign(bare, vectors.expires)).toBe(signedUrl);
  expect(scheme.verify(signedUrl, vectors.expires - 1)).toEqual({ ok: true, expiresAt: vectors.expires });
});

/** The published algorithm, over WHATWG `URL`. Its libraries sort the parameters that they write; here they stay. */
function oracle(text: string, key: string, exp: number): string {
  const { origin, pathname, search, searchParams } = new URL(text);
  const signed = [...searchParams].map(([name, value]) => `${name}=${value}`).sort();
  const mac = createHmac('sha256', key)
    .update(`${pathname}${exp}${signed.join('&')}`)
    .digest('base64');
  const token = `HS256-${mac.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}`;
  return `${origin}${pathname}?token=${token}${search.replace('?', '&')}&expires=${exp}`;
}

test('random URLs are signed as the published algorithm signs them', () => {
  const random = randomFrom(seed);
  for (let left = atLength(10_000); left > 0; left--) {
    const key = randomKey(random, pick(random, Object.keys(shapes)));
    const scheme = callsOf(bunny({ url: base, key }));
    const [path, query] = [randomPath(random, everything), randomQuery(random, everything)];
    const given = `${base}/${path}${query && `?${query}`}`;
    const exp = Math.floor(random() * 2 ** 32) + 1;
    const signed = oracle(given, key, exp);
    expectToken(scheme, given, signed, {
      id: decodeURIComponent(path),
      exp,
      changed: signed.replace('.jpg', '.jpeg'),
    });
  }
});

describe('path and expiry are signed without a separator, so that these are not signed:', () => {
  test('a path that ends with a digit, whose token would open another path', () => {
    const taken = calls.sign(`${base}/photos/1234`, 1_790_000_000).replace('/1234?', '/123?');
    const forever = taken.replace('expires=', 'expires=4');
    // What makes the rule necessary: the signed text is the same.
    expect(calls.verify(forever, 1_800_000_000)).toEqual({ ok: true, expiresAt: 41_790_000_000 });
    for (const path of ['photos/1234', 'photos/0', 'photo.v12', 'photo.12', '1'])
      expect(calls.match(`${base}/${path}`), path).toBeUndefined();
    for (const path of ['clip.mp4', '2024/a.JP2', '1234.jpg', '1234x'])
      expect(calls.match(`${base}/${path}`), path).toEqual({ id: path });
  });

  test.each(['?9=1', '?w=2&9=1', '?%39=1', '?=1', '?w=1&=2'])(
    'a first parameter that begins with a digit, or with nothing: %s',
    (query) => {
      expect(calls.match(url + query)).toBeUndefined();
    },
  );

  test.each(['?9=1&A9', '?w9=9', '?a=1&v=2', '?w', '?', '?token_countries=DE', '?limit=100'])(
    'but %s is, unless a digit comes first',
    (query) => {
      expect(calls.match(url + query)).toEqual(query.startsWith('?9') ? undefined : { id: 'photos/cat.jpg' });
    },
  );
});

test.each(['?w=1&w=2', '?w=1&%77=1', '?token_path=/', '?%74oken_path=/photos/', '?token_ignore_params=true'])(
  'a query that Bunny would read in another way is not signed: %s',
  (query) => {
    expect(calls.match(url + query)).toBeUndefined();
  },
);

test('a directory token in the path is not signed', () => {
  expect(calls.match(`${base}/bcdn_token=HS256-x&expires=9/photos/cat.jpg`)).toBeUndefined();
});

test('prefixes are compared with the decoded id, and limit the scheme', () => {
  const scheme = bunny({ url: base, key: 'a-bunny-key-for-tests', prefixes: 'é/' });
  expect(partsOf(scheme)!.traits).toEqual({ isLimited: true });
  expect(callsOf(scheme).match(`${base}/%C3%A9/1.png`)).toEqual({ id: 'é/1.png' });
  expect(callsOf(scheme).match(url)).toBeUndefined();
});

describe('the token', () => {
  test.each([
    ['?token=1', ''],
    ['?token=1&w=3&expires=2', '?w=3'],
    ['?%74oken=1&w=3&expires=2&Token=4&expires', '?w=3&Token=4'],
    ['?__proto__=1&constructor', '?__proto__=1&constructor'],
    ['?', '?'],
  ])('is stripped in any spelling: %s', (query, rest) => {
    expect(calls.strip(url + query)).toBe(url + rest);
    expect(calls.strip(calls.sign(url + rest, 9))).toBe(url + rest);
    expect(calls.verify(calls.sign(url + rest, 9), 8)).toEqual({ ok: true, expiresAt: 9 });
  });

  test.each([
    ['?w=3', 'missing-signature'],
    ['?token=1', 'malformed-signature'],
    ['?token=1&expires=09', 'malformed-signature'],
    ['?token=1&expires=9&expires=9', 'malformed-signature'],
    ['?token=HS256-AAAA&expires=9', 'bad-signature'],
  ])('of %s does not verify: %s', (query, reason) => {
    expect(calls.verify(url + query, 0)).toEqual({ ok: false, reason });
  });

  test('does not verify in another order or spelling, nor twice', () => {
    const signed = calls.sign(`${url}?w=3`, 9);
    const [token, , expires] = new URL(signed).search.slice(1).split('&');
    for (const query of [
      `${expires}&${token}&w=3`,
      `w=3&${token}&${expires}`,
      `%74${token!.slice(1)}&w=3&${expires}`,
      `${token}&w=4&${expires}`,
      `${token}&${expires}`,
      `${token}&${token}&w=3&${expires}`,
    ])
      expect(calls.verify(`${url}?${query}`, 0), query).toMatchObject({ ok: false });
    expect(calls.verify(`${url}?${token}&w=3&${expires}`, 0)).toMatchObject({ ok: true });
  });
});
