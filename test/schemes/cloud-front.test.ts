/** CloudFront: against the AWS SDK, the policy of a folder, and what a signature must not open. */
import { createSign, generateKeyPairSync } from 'node:crypto';
import { getSignedUrl } from '@aws-sdk/cloudfront-signer';
import { describe, expect, test } from 'vitest';
import { definitionOf } from '../../src/schemes/definition.ts';
import { cloudFront } from '../../src/schemes.ts';
import { randomFrom } from '../support/random.ts';
import { pick, randomPath, randomQuery, unreserved } from '../support/random-urls.ts';
import { callsOf, errorOf, expectToken } from '../support/scheme-calls.ts';
import { atLength, seed } from '../support/seed.ts';

const base = 'https://d111111abcdef8.cloudfront.net';
const url = `${base}/photos/cat.jpg`;
const keyPairId = 'K2JCJMDEHXQW5F';
const rsa = (modulusLength: number, type: 'pkcs1' | 'pkcs8' = 'pkcs8'): string =>
  generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ type, format: 'pem' }).toString();
const privateKey = rsa(2048);
const larger = rsa(3072, 'pkcs1');
const calls = callsOf(cloudFront({ url: base, keyId: keyPairId, key: privateKey }));

describe('against the AWS SDK', () => {
  const date = (exp: number): Date => new Date(exp * 1_000);

  test.each([
    ['1024 bits', rsa(1024), undefined],
    ['2048 bits', rsa(2048, 'pkcs1'), undefined],
    ['3072 bits, by SHA-256', larger, 'SHA256'],
  ] as const)('random URLs are signed as it signs them: %s', (_name, pem, algorithm) => {
    const random = randomFrom(seed);
    const scheme = callsOf(cloudFront({ url: base, keyId: keyPairId, key: pem }));
    for (let left = atLength(algorithm ? 100 : 300); left > 0; left--) {
      // The SDK encodes other characters anew; CloudFront is asked for the URL as it is written.
      const [path, query] = [randomPath(random, unreserved), randomQuery(random, unreserved)];
      const given = `${base}/${path}${query && `?${query}`}`;
      const exp = Math.floor(random() * 2 ** 31) + 1;
      const options = algorithm && { algorithm };
      const wanted = getSignedUrl({
        url: given,
        keyPairId,
        privateKey: pem,
        dateLessThan: date(exp),
        ...options,
      });
      expectToken(scheme, given, wanted, {
        id: decodeURIComponent(path),
        exp,
        changed: wanted.replace('.jpg', '.jpeg'),
      });
    }
  });

  test('a policy is signed as it signs a custom policy, once for all URLs of a step', () => {
    const random = randomFrom(seed);
    const scheme = callsOf(
      cloudFront({ url: base, keyId: keyPairId, key: privateKey, policy: `${base}/photos/*` }),
    );
    const expiries = Array.from({ length: 5 }, () => Math.floor(random() * 2 ** 31) + 1);
    for (let left = atLength(300); left > 0; left--) {
      const path = `photos/${randomPath(random, unreserved)}`;
      const given = `${base}/${path}`;
      const exp = pick(random, expiries);
      const condition = { DateLessThan: { 'AWS:EpochTime': exp } };
      const policy = JSON.stringify({ Statement: [{ Resource: `${base}/photos/*`, Condition: condition }] });
      const wanted = getSignedUrl({ url: given, keyPairId, privateKey, policy });
      expectToken(scheme, given, wanted, {
        id: decodeURIComponent(path),
        exp,
        changed: wanted.replace('/photos/', '/private/'),
      });
    }
  });
});

test('the resource is the URL that a browser asks for', () => {
  const [, token] = calls.sign(url, 9).split('?');
  for (const origin of ['https://D111111ABCDEF8.cloudfront.net', 'HTTPS://d111111abcdef8.cloudfront.net'])
    expect(calls.sign(`${origin}/photos/cat.jpg`, 9)).toBe(`${origin}/photos/cat.jpg?${token}`);
  expect(calls.sign(url.slice('https:'.length), 9)).toBe(`${url.slice('https:'.length)}?${token}`);
  expect(calls.sign(url.replace('https', 'http'), 9)).not.toContain(token);
});

describe('a signature of one URL is also one of a pattern', () => {
  test.each([
    '/photos/*',
    '/photos/a*.jpg?w=1',
    '/photos/cat.jpg?w=*',
    '/photos/cat?????',
    '/photos/cat?.jpg',
    '/p/1?5',
    '/photos/cat.jpg?v=?1',
    '/photos/cat.jpg?v=1&w=?2',
    // As a path an origin reads them as /private/1.jpg.
    '/photos/cat.jpg?v=/../../../private/1.jpg',
    '/photos/cat.jpg?v=1&w=%2f%2E%2e%2F../private/1.jpg',
    '/photos/cat.jpg?v=%252F%252e.%252fprivate/1.jpg',
    '/photos/cat.jpg?v=%5C..%5cprivate',
    '/photos/cat.jpg?v=/..;x=1/private',
    '/photos/cat.jpg?v=%u002f..%u002fprivate',
  ])('so %s is not signed', (path) => {
    expect(calls.match(base + path)).toBeUndefined();
    expect(
      calls.match(`${base + path}${path.includes('?') ? '&' : '?'}Expires=9&Signature=x`),
    ).toBeUndefined();
    expect(calls.verify(calls.sign(base + path, 9), 0)).toEqual({ ok: false, reason: 'bad-signature' });
  });

  test.each([
    '/photos/cat.jpg',
    '/photos/cat.jpg?w=1&h=2',
    '/photos/cat.jpg?v=..&w=a/b.c',
    '/photos/cat.jpg?Expires=9&Signature=x',
  ])('and %s is', (path) => {
    expect(calls.match(base + path)).toEqual({ id: 'photos/cat.jpg' });
  });
});

describe('a policy', () => {
  const policy = `${base}/photos/*`;
  const scheme = cloudFront({ url: base, keyId: keyPairId, key: privateKey, policy });

  test('limits what is signed, and says that it opens more than one image', () => {
    expect(definitionOf(scheme)!).toMatchObject({
      isLimited: true,
      opensMore: `a signature of '${policy}' opens every image under it`,
    });
    const { match } = callsOf(scheme);
    expect(match(`${base}/photos/1?x*`)).toEqual({ id: 'photos/1' });
    for (const other of ['/photos-of-others/1', '/private/1', '/Photos/1'])
      expect(match(base + other), other).toBeUndefined();
    expect(match(url.replace('https', 'http'))).toBeUndefined();
  });

  test('serves root-relative URLs too', () => {
    const relative = callsOf(cloudFront({ url: '/photos', keyId: keyPairId, key: privateKey, policy }));
    const signed = relative.sign('/photos/cat.jpg', 9);
    expect(signed).toBe(callsOf(scheme).sign(url, 9).slice(base.length));
    expect(relative.verify(signed, 8)).toEqual({ ok: true, expiresAt: 9 });
    expect(relative.match('/photos/cat.jpg')).toEqual({ id: 'cat.jpg' });
  });

  test('of another key, folder or expiry does not verify', () => {
    const { verify, sign } = callsOf(scheme);
    const other = callsOf(cloudFront({ url: base, keyId: keyPairId, key: privateKey, policy: `${base}/*` }));
    expect(verify(other.sign(url, 9), 0)).toEqual({ ok: false, reason: 'bad-signature' });
    expect(verify(calls.sign(url, 9), 0)).toEqual({ ok: false, reason: 'bad-signature' });
    const policyOf = (signed: string): string => /Policy=([^&]*)/.exec(signed)![1]!;
    const mixed = sign(url, 9).replace(policyOf(sign(url, 9)), policyOf(sign(url, 99)));
    expect(verify(mixed, 0)).toEqual({ ok: false, reason: 'bad-signature' });
  });

  test.each([
    [`${base}/photos/cat.jpg`, 'a URL that ends with /*'],
    [`${base}/photos/a*`, 'a URL that ends with /*'],
    [`${base}/*/photos/*`, 'a URL that ends with /*'],
    [`${base}/pho?os/*`, 'a URL that ends with /*'],
    ['https://*/photos/*', 'a URL that ends with /*'],
    ['/photos/*', 'a URL that ends with /*'],
    [`${base}/photos/../*`, 'a path without empty or dot segments'],
    [`${base}/photos//*`, 'a path without empty or dot segments'],
    [`${base}/é/*`, 'as a URL spells it'],
    ['https://elsewhere.example/photos/*', 'a folder under `url`'],
    [policy.replace('https', 'http'), 'a folder under `url`'],
  ])('%s is a mistake', (given, message) => {
    const error = errorOf(() => cloudFront({ url: base, keyId: keyPairId, key: privateKey, policy: given }));
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option: 'policy' });
    expect(error.message).toContain(message);
  });

  test('must be under the path of the url as well', () => {
    const make = (under: string) =>
      cloudFront({ url: `${base}/photos`, keyId: keyPairId, key: privateKey, policy: under });
    expect(errorOf(() => make(`${base}/*`)).option).toBe('policy');
    expect(errorOf(() => make(`${base}/photos-of-others/*`)).option).toBe('policy');
    expect(definitionOf(make(`${base}/photos/*`))).toBeDefined();
  });
});

describe('the private key', () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const passphrase = { cipher: 'aes-256-cbc', passphrase: 'a-passphrase' };
  const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
  const pem = { format: 'pem' } as const;

  test.each<[name: string, given: unknown, message: string]>([
    ['is missing', undefined, 'is the variable set?'],
    ['is a number', 5, 'a private RSA key as PEM text, got a number'],
    ['is the bytes of a file', Buffer.from(privateKey), "readFileSync('key.pem', 'utf8')"],
    ['is no PEM', 'correct-horse-battery-staple', 'a private RSA key as PEM text'],
    ['is cut off', privateKey.slice(0, 300), 'a private RSA key as PEM text'],
    ['has lost its line ends', privateKey.replaceAll('\n', '\\n'), 'replaceAll'],
    ['is public', pair.publicKey.export({ type: 'spki', ...pem }), 'not a public one'],
    ['is public, in PKCS #1', pair.publicKey.export({ type: 'pkcs1', ...pem }), 'not a public one'],
    [
      'is encrypted',
      pair.privateKey.export({ type: 'pkcs8', ...pem, ...passphrase }),
      'without a passphrase',
    ],
    [
      'is encrypted, in PKCS #1',
      pair.privateKey.export({ type: 'pkcs1', ...pem, ...passphrase }),
      'without a passphrase',
    ],
    ['is of an elliptic curve', ec.export({ type: 'sec1', ...pem }), 'differ each time'],
    [
      'is of another kind',
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', ...pem }),
      'expected an RSA key, got',
    ],
  ])('%s: a mistake that shows none of it', (_name, given, message) => {
    const error = errorOf(() => cloudFront({ url: base, keyId: keyPairId, key: given as string }));
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option: 'key' });
    expect(error.message).toContain(message);
    if (typeof given === 'string')
      for (const line of given.split(/\n|\\n/))
        if (line.length > 8 && !line.startsWith('-----')) expect(error.message).not.toContain(line);
  });
});

describe('the token', () => {
  test.each([
    ['?Expires=1&Signature=2&Key-Pair-Id=3&Hash-Algorithm=SHA256&w=3', '?w=3'],
    ['?Policy=1&w=3&%53ignature=1&Key%2DPair-Id=3', '?w=3'],
    ['?expires=1&policy=2', '?expires=1&policy=2'],
    ['?__proto__=1', '?__proto__=1'],
  ])('is stripped in any spelling: %s', (query, rest) => {
    expect(calls.strip(url + query)).toBe(url + rest);
    expect(calls.strip(calls.sign(url + rest, 9))).toBe(url + rest);
  });

  test.each([
    ['', 'missing-signature'],
    ['?Expires=9', 'malformed-signature'],
    ['?Signature=x', 'malformed-signature'],
    ['?Expires=09&Key-Pair-Id=K2JCJMDEHXQW5F&Signature=x', 'malformed-signature'],
    ['?Expires=9&Key-Pair-Id=K2JCJMDEHXQW5F&Signature=%2B', 'malformed-signature'],
    ['?Expires=9&Key-Pair-Id=K2JCJMDEHXQW5F&Signature=x', 'bad-signature'],
    ['?Policy=x&Key-Pair-Id=K2JCJMDEHXQW5F&Signature=x', 'malformed-signature'],
  ])('of %s does not verify: %s', (query, reason) => {
    expect(calls.verify(url + query, 0)).toEqual({ ok: false, reason });
  });

  test('has one order and one spelling', () => {
    const signed = calls.sign(`${url}?w=3`, 9);
    const [, first, id, signature] = new URL(signed).search.slice(1).split('&') as [
      string,
      string,
      string,
      string,
    ];
    expect(calls.verify(`${url}?w=3&${first}&${id}&${signature}`, 8)).toEqual({ ok: true, expiresAt: 9 });
    // The last character before the padding holds unused bits.
    const respelled = signature.replace(/.__$/, (end) => `${nextOf(end[0]!)}__`);
    expect(respelled).not.toBe(signature);
    for (const query of [
      `w=3&${id}&${first}&${signature}`,
      `w=3&${first}&${id}&${signature}&`,
      `w=3&${first}&${id}&${signature}&Hash-Algorithm=SHA256`,
      `w=3&${first}&${id}&${signature}&${signature}`,
      `w=4&${first}&${id}&${signature}`,
      `w=3&${first}&Key-Pair-Id=K0&${signature}`,
      `w=3&${first}&${id}&${respelled}`,
      `w=3&${first}&${id}&${signature.replace(/__$/, '')}`,
    ])
      expect(calls.verify(`${url}?${query}`, 0), query).toMatchObject({ ok: false });
    expect(calls.verify(signed, Number.NaN)).toEqual({ ok: false, reason: 'expired' });
  });

  test('by another key, or another digest of the same key, does not verify', () => {
    const other = callsOf(cloudFront({ url: base, keyId: keyPairId, key: rsa(1024) }));
    expect(calls.verify(other.sign(url, 9), 0)).toEqual({ ok: false, reason: 'bad-signature' });
    const policy = `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":9}}}]}`;
    const signature = createSign('sha1').update(policy).sign(larger, 'base64');
    const spelled = signature.replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~');
    const scheme = callsOf(cloudFront({ url: base, keyId: keyPairId, key: larger }));
    for (const end of ['', '&Hash-Algorithm=SHA256']) {
      const signed = `${url}?Expires=9&Key-Pair-Id=${keyPairId}&Signature=${spelled}${end}`;
      expect(scheme.verify(signed, 0)).toEqual({ ok: false, reason: 'bad-signature' });
    }
  });
});

/** The next character of base64 with the same upper bits: the lowest four are unused there. */
function nextOf(character: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-~';
  return alphabet[alphabet.indexOf(character) ^ 1]!;
}
