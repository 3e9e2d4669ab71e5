/** Bunny: its own vectors, a second implementation of its published algorithm, and what is not signed. */
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { explainUrl } from '../../src/diagnosis.ts';
import { createSigner } from '../../src/index.ts';
import { definitionOf } from '../../src/schemes/definition.ts';
import { bunny } from '../../src/schemes.ts';
import { edge, readingsOf } from '../support/bunny-edge.ts';
import { randomFrom } from '../support/random.ts';
import { randomKey, shapes } from '../support/random-keys.ts';
import { everything, pick, randomPath, randomQuery } from '../support/random-urls.ts';
import { callsOf, expectToken } from '../support/scheme-calls.ts';
import { atLength, seed } from '../support/seed.ts';
import vectors from '../vectors/bunny.json' with { type: 'json' };

const base = 'https://shop.b-cdn.net';
const url = `${base}/photos/cat.jpg`;
const calls = callsOf(bunny({ url: base, key: 'a-bunny-key-for-tests' }));

test.each(vectors.vectors)("Bunny's vector $name is signed byte for byte", ({ name, signedUrl }) => {
  const scheme = callsOf(bunny({ url: 'https://token-tester.b-cdn.net', key: vectors.key }));
  const bare = signedUrl.replace(/token=[^&]*&/, '').replace(/[?&]expires=\d+$/, '');
  expect(scheme.sign(bare, vectors.expires)).toBe(signedUrl);
  expect(scheme.strip(signedUrl)).toBe('https://token-tester.b-cdn.net/300kb.jpg');
  // What is a token of more than a file and a time is not what is signed here.
  expect(scheme.verify(signedUrl, vectors.expires - 1)).toEqual(
    name === 'plain' ? { ok: true, expiresAt: vectors.expires } : { ok: false, reason: 'bad-signature' },
  );
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
  let signedUrls = 0;
  for (let left = atLength(4_000); left > 0; left--) {
    const key = randomKey(random, pick(random, Object.keys(shapes)));
    const scheme = callsOf(bunny({ url: base, key }));
    const [path, query] = [randomPath(random, everything), randomQuery(random, everything)];
    const given = `${base}/${path}${query && `?${query}`}`;
    if (scheme.match(given) === undefined) continue; // it has another reading
    signedUrls++;
    const exp = Math.floor(random() * 2 ** 32) + 1;
    const signed = oracle(given, key, exp);
    expectToken(scheme, given, signed, {
      id: decodeURIComponent(path),
      exp,
      changed: signed.replace('.jpg', '.jpeg'),
    });
  }
  expect(signedUrls).toBeGreaterThan(atLength(4_000) / 2);
});

describe('a URL whose token could be read in another way is not signed:', () => {
  test('a path that ends with a digit, whose token would open another path', () => {
    const taken = calls.sign(`${base}/photos/1234`, 1_790_000_000).replace('/1234?', '/123?');
    const forever = taken.replace('expires=', 'expires=4');
    // What makes the rule necessary: the signed text is the same.
    expect(calls.verify(forever, 1_800_000_000)).toEqual({ ok: true, expiresAt: 41_790_000_000 });
    for (const path of ['photos/1234', 'photos/0', 'photo.v12', '1', 'clip.mp4', 'a.JP2', 'cat.jpg4'])
      expect(calls.match(`${base}/${path}`), path).toBeUndefined();
    for (const path of ['clip.m4v', '1234.jpg', '1234x', '2026-11-28/a.jpg'])
      expect(calls.match(`${base}/${path}`), path).toEqual({ id: path });
  });

  test.each([
    '/uploads/9999999999a?b=1', // an expiry within the path, and parameters behind it
    '/uploads/9999999999token_path=/uploads/&x=', // the same without a query
    '/uploads/9999999999=a.jpg',
    '/uploads/1700000000000.jpg?w=300', // milliseconds
    '/uploads/IMG_20261128120000.jpg?v=2',
    '/uploads/0001900000000.jpg?v=2',
    '/uploads/1767225600.jpg?v=2',
    '/a.jpg?v=1700000000000', // an expiry at the end, and what is before it as a path
    '/a.jpg?v=1700000000000&x=1',
    '/a.jpg?v=99999999991234', // an address of four bytes behind it
    '/a.jpg?v=9999999999-abc',
    '/a.jpg?v=/../../private/b.jpg9999999999',
  ])('digits in which a later expiry can be read: %s', (path) => {
    expect(calls.match(base + path)).toBeUndefined();
  });

  test.each([
    '/uploads/1700000000000.jpg',
    '/uploads/9999999999a',
    '/uploads/1700000-000000.jpg?w=300',
    '/uploads/1767225599.jpg?v=2', // has expired
    '/uploads/0000000000000.jpg?v=2',
    '/uploads/20261128.jpg?v=2',
    '/a.jpg?v=20261128',
    '/a.jpg?v=1700000000',
    '/a.jpg?v=9999999999-abcd',
  ])('but these digits are none: %s', (path) => {
    expect(calls.match(base + path)).toBeDefined();
  });

  test.each([
    ['a first name that begins with a digit', ['?9=1', '?w=2&9=1', '?%39=1', '?9=1&A9']],
    ['an empty name', ['?=1', '?w=1&=2']],
    ['a name that occurs twice', ['?w=1&w=2', '?w=1&%77=1']],
    ['separators in a name', ['?a%26b=1', '?a%3Db=1', '?a%26blur=1']],
    [
      'a separator between parameters in a value',
      ['?a=1%26b=2', '?b=1%26token_path=%2Fuploads%2F', '?a=%26'],
    ],
    ['bytes that are no text', ['?a=%00', '?a=%ff', '?%0A=1']],
    [
      'a name that is nearly one of a token',
      ['?Token_Path=/', '?bcdn_token=1', '?%20token_path=/', '?LIMIT=100', '?token_others=1'],
    ],
    [
      'a name with a meaning behind an address of four bytes',
      ['?abcdlimit=1', '?v=abblur=3', '?abcdtoken_path=/'],
    ],
    [
      'a parameter that hides a part of the picture beside another one',
      ['?blur=9&width=300', '?v=2&class=card', '?BLUR=9&v', '?crop=4,3&crop_gravity=north'],
    ],
    ['such a parameter with a second =', ['?class=a=b']],
  ])('%s', (_what, queries) => {
    for (const query of queries) expect(calls.match(url + query), query).toBeUndefined();
  });

  test.each([
    '?w9=9',
    '?a=1&v=2',
    '?w',
    '?',
    '?width=300',
    '?class=card',
    '?v=a==',
    '?crop=300,200',
    '?width=300&height=200',
    '?v=2&width=300',
    '?v=a%20b',
  ])('but %s is signed', (query) => {
    expect(calls.match(url + query)).toEqual({ id: 'photos/cat.jpg' });
  });
});

describe('whoever has a token has nothing else', () => {
  const key = 'a-bunny-key-for-tests';
  const [now, exp] = [1_800_000_000, 1_800_003_600];
  const client = Buffer.from([203, 0, 113, 7]);
  const meaning = new Set(['blur', 'class', 'crop']);

  /** What Bunny Optimizer, and the token, get to see. */
  const meantBy = (parameters: ReadonlyMap<string, string>): string =>
    JSON.stringify([...parameters].filter(([name]) => meaning.has(name) || name.startsWith('token_')));

  /** A URL with the same token that opens something else at some time from now on. */
  function otherReading(given: string): string | undefined {
    const bare = calls.strip(given);
    const signed = calls.sign(bare, exp);
    const opened = edge(signed, key, client, now)!;
    const query = [...opened.parameters].map(([name, value]) => `${name}=${value}`).sort();
    const text = Buffer.from(`${new URL(bare).pathname}${exp}${query.join('&')}`);
    const mac = /token=HS256-([^&]*)/.exec(signed)![1]!;
    const other = readingsOf(text, mac, base).find((reading) => {
      const found = edge(reading.url, key, reading.address, now);
      if (found === undefined) return false;
      const isSame = found.path === opened.path && found.exp === opened.exp;
      // Of the billions of addresses one may read a parameter less: nobody chooses that one.
      return (
        !isSame ||
        (reading.address.equals(Buffer.alloc(4)) && meantBy(found.parameters) !== meantBy(opened.parameters))
      );
    });
    return other?.url;
  }

  test('the edge takes what is signed, and the attacker finds what is not', () => {
    expect(edge(calls.sign(`${url}?width=300`, exp), key, client, now)).toMatchObject({
      path: '/photos/cat.jpg',
      exp,
    });
    for (const path of [
      '/uploads/cat.jpg4',
      '/uploads/9999999999a?b=1',
      '/uploads/9999999999token_path=/uploads/&x=',
      '/a.jpg?v=1900000000000',
      '/a.jpg?v=99999999991234',
      '/a.jpg?blur=9&width=200',
      '/a.jpg?v=2&class=card',
      '/uploads/9999999999a?b=1%26token_path=%2Fuploads%2F',
      '/a.jpg?a=1%26blur=3',
      '/a.jpg?class=a=b',
    ]) {
      expect(otherReading(base + path), path).toBeDefined();
      expect(calls.match(base + path), path).toBeUndefined();
    }
  });

  test('random hostile URLs are signed only if they have one reading', { timeout: 60_000 }, () => {
    const random = randomFrom(seed);
    const pieces = [
      ...[
        '9999999999',
        '1900000000',
        '17',
        '4',
        '0',
        '1700000000',
        '/',
        'a',
        'cat.jpg',
        '.jpg',
        '%3D',
        '=',
        '-',
      ],
      ...[
        'token_path=',
        'token_path',
        '/uploads/',
        'width',
        'w',
        'v',
        'blur',
        'limit',
        'abcd',
        '%26',
        '%23',
        '%3F',
        '%2525',
        '//',
        '%5E',
        '%00',
      ],
    ];
    const some = (most: number, without = /^$/): string =>
      Array.from({ length: 1 + Math.floor(random() * most) }, () =>
        pick(
          random,
          pieces.filter((each) => !without.test(each)),
        ),
      ).join('');
    const counts = { tried: 0, signed: 0 };
    for (let left = atLength(3_000); left > 0; left--) {
      const query = Array.from(
        { length: Math.floor(random() * 3) },
        () => `${some(2, /[=/]/)}=${some(3)}`,
      ).join('&');
      const given = `${base}/uploads/${some(4)}${query && `?${query}`}`;
      counts.tried++;
      if (calls.match(given) === undefined) continue;
      counts.signed++;
      const other = otherReading(given);
      if (other !== undefined) expect.fail(`SEED=${seed}: ${given}\n is also\n${other}`);
    }
    console.log(`bunny: ${JSON.stringify(counts)}`);
    expect(counts.signed).toBeGreaterThan(counts.tried / 20);
  });
});

test('a directory token that stands elsewhere, or is spelled otherwise, is not signed', () => {
  for (const name of ['%62cdn_token', 'BCDN_TOKEN', 'a/bcdn_token'])
    expect(calls.match(`${base}/${name}=HS256-x&expires=9/photos/cat.jpg`), name).toBeUndefined();
  expect(calls.match(`${base}/bcdn_token=HS256-x&expires=9`)).toBeUndefined();
});

test('a token of a folder, of countries or with a speed comes off, in the query and in the path', () => {
  for (const query of [
    'token_path=/',
    '%74oken_path=/photos/',
    'token_ignore_params=true',
    'limit=100&token=HS256-x',
    'token_countries=DE&token_countries_blocked=US',
  ])
    expect(calls.strip(`${url}?${query}`)).toBe(url);
  for (const token of [
    'bcdn_token=x',
    'bcdn_token=HS256-x&expires=9&token_path=%2Fphotos%2F',
    'bcdn_token=/bcdn_token=x',
  ])
    expect(calls.strip(`${base}/${token}${url.slice(base.length)}?width=300`)).toBe(`${url}?width=300`);
});

test('an expiry of eleven digits, which is also one of ten behind a longer path, is not given', () => {
  const signer = createSigner({
    scheme: bunny({ url: base, key: 'a-bunny-key-for-tests', prefixes: 'photos/' }),
    ttl: '1h',
  });
  expect(() => signer.signImage(url, { expiresAt: 41_790_000_000 })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', option: 'expiresAt' }),
  );
  expect(signer.signImage(url, { expiresAt: 4_179_000_000 })).toContain('&expires=4179000000');
});

test('prefixes are compared with the decoded id, and limit the scheme', () => {
  const scheme = bunny({ url: base, key: 'a-bunny-key-for-tests', prefixes: 'é/' });
  expect(definitionOf(scheme)!).toMatchObject({ isLimited: true });
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

test.each(['photos/1234', 'photos/%C3%A9', 'photos/clip.mp4'])(
  'whoever asks about %s is not sent to `prefixes`',
  (path) => {
    const scheme = bunny({ url: base, key: 'a-bunny-key-for-tests', prefixes: 'photos/' });
    const signer = createSigner({ scheme, ttl: '1h' });
    const messages = (text: string) =>
      explainUrl(`${base}/${text}`, { signer }).findings.map(({ message }) => message);
    expect(messages(path).join()).not.toContain('prefixes');
    expect(messages('others/1234').join()).toContain('prefixes');
  },
);
