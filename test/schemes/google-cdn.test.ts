/** `googleCdn` against Google's sample code, and against a second implementation. */
import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type GoogleCdnOptions, googleCdn } from '../../src/schemes.ts';
import { callsOf, termsFrom } from '../support/definition-calls.ts';
import { randomFrom } from '../support/random.ts';
import { pick, randomKey, randomParameters } from '../support/random-objects.ts';
import { atLength, seed } from '../support/seed.ts';

const key = 'nZtRohdNF9m3cKM24IcK4w==';
const exp = 1_549_751_401;
const terms = { exp, ttl: 3_600, step: 900 };
const origins = ['http://35.186.234.33', 'http://www.example.com', 'https://cdn.example:8443/private'];
const scheme = callsOf(googleCdn({ url: origins, keyId: 'my-key', key }));

/** From `cdn/snippets_test.py` of GoogleCloudPlatform/python-docs-samples. */
test.each([
  ['http://35.186.234.33/index.html', '?', 'CRFqQnVfFyiUyR63OQf-HRUpIwc='],
  ['http://www.example.com/', '?', 'OqDUFfHpN5Vxga6r80bhsgxKves='],
  ['http://www.example.com/some/path?some=query&another=param', '&', '9Q9TCxSju8-W5nUkk5CuTrun2_o='],
])("%s is signed as by Google's sample", (url, separator, signature) => {
  const signed = scheme.sign(url, terms);
  expect(signed).toBe(`${url}${separator}Expires=${exp}&KeyName=my-key&Signature=${signature}`);
});

/** From the parts of `URL`. */
function signature(signed: string, secret: Uint8Array): string {
  return createHmac('sha1', secret).update(signed).digest('base64').replaceAll('+', '-').replaceAll('/', '_');
}

test('a second implementation makes the same URLs', () => {
  const random = randomFrom(seed);
  for (let i = 0; i < atLength(4_000); i++) {
    const secret = Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256));
    const text = Buffer.from(secret).toString('base64url');
    const origin = pick(random, origins);
    const { sign, verdict } = callsOf(
      googleCdn({ url: origin, keyId: 'k', key: random() < 0.5 ? text : `${text}==` }),
    );
    const image = new URL(`${origin}/${randomKey(random).split('/').map(encodeURIComponent).join('/')}`);
    for (const [name, value] of randomParameters(random)) image.searchParams.append(name, value);
    const expires = Math.floor(random() * 4_000_000_000) + 1;
    const ours = sign(image.href, termsFrom(expires, 0));
    const signed = `${image.href}${image.search === '' ? '?' : '&'}Expires=${expires}&KeyName=k`;
    expect(ours, `seed ${seed}`).toBe(`${signed}&Signature=${signature(signed, secret)}`);
    expect(verdict(ours, expires - 1)).toBe('ok');
  }
}, 60_000);

describe('the host', () => {
  test('is signed as a browser sends it, and stays as it is written', () => {
    const signed = scheme.sign('HTTPS://CDN.example:8443/private/a.jpg', terms);
    const plain = scheme.sign('https://cdn.example:8443/private/a.jpg', terms);
    expect(signed).toBe(plain.replace('https://cdn', 'HTTPS://CDN'));
  });

  test('without a scheme has that of the option url', () => {
    const https = scheme.sign('https://cdn.example:8443/private/a.jpg', terms);
    expect(scheme.sign('//cdn.example:8443/private/a.jpg', terms)).toBe(https.slice('https:'.length));
    const http = scheme.sign('http://www.example.com/a.jpg', terms);
    expect(scheme.sign('//www.example.com/a.jpg', terms)).toBe(http.slice('http:'.length));
    expect(scheme.sign('https://www.example.com/a.jpg', terms).slice(-28)).not.toBe(http.slice(-28));
  });
});

describe('a token', () => {
  const signed = scheme.sign('http://www.example.com/a.jpg?v=3', terms);

  test('is taken off, and the rest stays as it is written', () => {
    expect(scheme.strip(signed)).toBe('http://www.example.com/a.jpg?v=3');
    expect(scheme.strip('http://www.example.com/a.jpg?%53ignature=1&a=%7e&URLPrefix=b&expires=1')).toBe(
      'http://www.example.com/a.jpg?a=%7e&expires=1',
    );
  });

  test('verifies until it expires, in one spelling alone', () => {
    expect(scheme.verdict(signed, exp - 1)).toBe('ok');
    expect(scheme.verdict(signed, exp)).toBe('expired');
    expect(scheme.verdict('http://www.example.com/a.jpg', exp - 1)).toBe('missing-signature');
    for (const other of [
      signed.replace('a.jpg', 'b.jpg'),
      signed.replace('http:', 'https:'),
      signed.replace('v=3', 'v=4'),
      signed.replace(String(exp), String(exp + 1)),
      signed.replace(String(exp), `0${exp}`),
      signed.replace('my-key', 'my-kez'),
      signed.slice(0, -1),
      `${signed}=`,
      `${signed}&v=3`,
      `${signed}&Expires=${exp}`,
      signed.replace('/a.jpg', `/${String.fromCharCode(0x161)}.jpg`),
    ])
      expect(scheme.verdict(other, exp - 1), other).toMatch(/^(?:mal|bad)/);
  });
});

test('prefixes limit what is signed', () => {
  const limited = callsOf(googleCdn({ url: origins, keyId: 'k', key, prefixes: 'uploads/' }));
  expect([limited.definition.isLimited, scheme.definition.isLimited]).toEqual([true, false]);
  expect(limited.id('http://www.example.com/uploads/%C3%A9.jpg')).toBe('uploads/é.jpg');
  expect(limited.id('http://www.example.com/a.jpg')).toBeUndefined();
});

test.each<[string, object, string, string]>([
  ['a key of another length', { key: 'nZtRohdNF9m3cKM24IcK' }, 'key', '16 bytes as base64url'],
  ['a key in base64', { key: '+ZtRohdNF9m3cKM24IcK4w==' }, 'key', '16 bytes as base64url'],
  ['a key with stray bits', { key: 'nZtRohdNF9m3cKM24IcK4x==' }, 'key', '16 bytes as base64url'],
  ['a key with a line end', { key: `${key}\n` }, 'key', 'trim it'],
  ['no key', { key: undefined }, 'key', 'is the variable set?'],
  ['the key for its name', { keyId: key }, 'keyId', 'got text of 24 characters'],
  ['a name in capitals', { keyId: 'My' }, 'keyId', 'small letters'],
  ['a path', { url: '/private' }, 'url', 'got a path'],
])('%s is told', (_name, options, option, message) => {
  const make = (): unknown => googleCdn({ url: origins, keyId: 'k', key, ...options } as GoogleCdnOptions);
  expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', option }));
  expect(make).toThrow(message);
  expect(make).not.toThrow(key.slice(0, 10));
});

test('the fingerprint differs where tokens do, and shows no key', () => {
  const schemes = [
    googleCdn({ url: origins, keyId: 'k', key }),
    googleCdn({ url: origins[0]!, keyId: 'k', key }),
    googleCdn({ url: origins, keyId: 'l', key }),
    googleCdn({ url: origins, keyId: 'k', key: 'AAAAAAAAAAAAAAAAAAAAAA' }),
    googleCdn({ url: origins, keyId: 'k', key, prefixes: 'a/' }),
  ];
  expect(new Set(schemes.map((each) => callsOf(each).fingerprint)).size).toBe(schemes.length);
  const shown = schemes
    .map((each) => inspect(each, { depth: 20, showHidden: true }) + callsOf(each).fingerprint)
    .join();
  for (const secret of [key, key.slice(0, -2), Buffer.from(key, 'base64url').toString('hex')]) {
    expect(shown).not.toContain(secret);
  }
});
