/** `sanity` against `@sanity/signed-urls`: its URLs, and the keys that it takes. */
import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createSigner } from '../../src/index.ts';
import { definitionOf } from '../../src/schemes/definition.ts';
import { type SanityOptions, sanity } from '../../src/schemes.ts';
import { callsOf, fingerprintOf, termsFrom } from '../support/definition-calls.ts';
import { sanityKey, sanityKeyId, sanityUrl, signSanity } from '../support/oracles/sanity.ts';
import { randomFrom } from '../support/random.ts';
import { randomKey, randomParameters } from '../support/random-objects.ts';
import { atLength, seed } from '../support/seed.ts';

const start = 1_790_000_000;
const given = { url: sanityUrl, keyId: sanityKeyId, key: sanityKey };
const scheme = callsOf(sanity(given));
const hex = Buffer.from('thirty-two bytes of a known seed').toString('hex');
const url = `${sanityUrl}/0123abcd-300x200.jpg`;

test('random URLs are signed as @sanity/signed-urls signs them, and verify until they expire', () => {
  const random = randomFrom(seed);
  for (let left = atLength(2_500, 40); left > 0; left--) {
    const image = new URL(`${sanityUrl}/${randomKey(random).split('/').map(encodeURIComponent).join('/')}`);
    for (const [name, value] of randomParameters(random)) image.searchParams.append(name, value);
    const exp = start + 1 + Math.floor(random() * 10_000_000);
    const signed = scheme.sign(image.href, termsFrom(start, exp - start));
    const verdicts = [exp - 1, exp].map((now) => scheme.verdict(signed, now));
    const wanted = [signSanity(image.href, { exp, issuedAt: start }), 'ok', 'expired'];
    expect([signed, ...verdicts], `seed ${seed}`).toEqual(wanted);
  }
}, 120_000);

test('every printable character of a path and of a query is signed as by @sanity/signed-urls', () => {
  const exp = start + 60;
  for (let code = 0x20; code < 0x7f; code++) {
    const character = encodeURIComponent(String.fromCharCode(code));
    for (const each of [`${sanityUrl}/a${character}b.jpg`, `${url}?w=a${character}b&${character}=1&h=`])
      expect(scheme.sign(each, termsFrom(start, 60))).toBe(signSanity(each, { exp, issuedAt: start }));
  }
});

test('the parameters are sorted by their names, then by their values', () => {
  const query = 'w=2&h=1&w=10&fp-x=.5&fp=1&a&dpr=2';
  const signed = scheme.sign(`${url}?${query}`, termsFrom(start, 60));
  expect(signed).toContain('?a=&dpr=2&fp=1&fp-x=.5&h=1&w=10&w=2&keyid=');
  expect(signed).toBe(signSanity(`${url}?${query}`, { exp: start + 60, issuedAt: start }));
});

test('PEM, hexadecimal digits, and a list with an ID for each key', () => {
  const signed = scheme.sign(url, termsFrom(start, 60));
  expect(callsOf(sanity({ ...given, key: hex })).sign(url, termsFrom(start, 60))).toBe(signed);
  expect(callsOf(sanity({ ...given, key: hex.toUpperCase() })).sign(url, termsFrom(start, 60))).toBe(signed);
  const newer = 'ab'.repeat(32);
  const both = callsOf(sanity({ ...given, key: [{ value: newer, keyId: 'newer' }, sanityKey] }));
  expect(both.sign(url, termsFrom(start, 60))).toContain('keyid=newer&');
  expect(both.verdict(signed, start)).toBe('ok');
  expect(both.verdict(signed.replace(sanityKeyId, 'newer'), start)).toBe('bad-signature');
});

test('no part of a signed URL can be changed', () => {
  const signed = scheme.sign(`${url}?w=300`, termsFrom(start, 60));
  const expiry = /expiry=([^&]+)/.exec(signed)![1]!;
  for (const changed of [
    signed.replace('w=300', 'w=301'),
    signed.replace('300x200', '301x200'),
    signed.replace('abc123', 'abc124'),
    signed.replace('https:', 'http:'),
    signed.replace(expiry, expiry.replace('Z', '.000Z')),
    signed.replace(expiry, decodeURIComponent(expiry)),
    signed.replace(expiry, '2099-01-01'),
    signed.replace(expiry, 'never'),
    signed.replace('%3D%3D', ''),
    `${signed}&w=300`,
    `${signed}&expiry=${expiry}`,
  ])
    expect(scheme.verdict(changed, start), changed).toMatch(/^(?:mal|bad)/);
});

test("Sanity's transformations are signed, a download is not, and nor is an old token", () => {
  const signer = createSigner({
    scheme: sanity({ ...given, prefixes: 'a/' }),
    ttl: '1h',
    now: () => start * 1_000,
  });
  const signed = signer.signImage(
    `${sanityUrl}/a/b-1x1.jpg?rect=0,0,9,9&w=300&fit=crop&auto=format&dl=invoice.exe&dlRaw=&keyid=a&expiry=b&signature=c`,
  );
  expect(signed).toContain('?auto=format&fit=crop&rect=0%2C0%2C9%2C9&w=300&keyid=');
  expect(signed.match(/keyid|expiry|signature/g)).toHaveLength(3);
  expect(signer.unsignImage(signed)).toContain('/a/b-1x1.jpg?auto=format');
});

test('a page computes 4,096 signatures, or as many as it may', () => {
  expect(definitionOf(sanity(given))!.maxSignatures).toBe(4_096);
  expect(definitionOf(sanity({ ...given, maxSignatures: 5 }))!.maxSignatures).toBe(5);
});

describe('bad options', () => {
  const keys = {
    rsa: generateKeyPairSync('rsa', { modulusLength: 1024 }),
    ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    x25519: generateKeyPairSync('x25519'),
  };
  const pem = (kind: keyof typeof keys): string =>
    keys[kind].privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const pair = generateKeyPairSync('ed25519');
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const encrypted = pair.privateKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString();

  test.each<[string, object, string, string]>([
    ['no key', { key: undefined }, 'key', 'is the variable set?'],
    ['a key in base64', { key: Buffer.from(hex, 'hex').toString('base64') }, 'key', 'a private Ed25519 key'],
    ['half a key', { key: hex.slice(0, 32) }, 'key', '64 hexadecimal digits'],
    ['a key with its public half', { key: hex + hex }, 'key', 'The first 64 of the 128'],
    ['PEM on one line', { key: sanityKey.replaceAll('\n', '\\n') }, 'key', 'replaceAll'],
    ['the public key', { key: publicKey }, 'key', 'give the other file'],
    ['an encrypted key', { key: encrypted }, 'key', 'without a passphrase'],
    ['an RSA key', { key: pem('rsa') }, 'key', 'an Ed25519 key'],
    ['an elliptic curve key', { key: pem('ec') }, 'key', 'an Ed25519 key'],
    ['a key for something else', { key: pem('x25519') }, 'key', 'an Ed25519 key'],
    ['no ID', { keyId: undefined }, 'keyId', 'the ID of a key'],
    ['the key as its ID', { keyId: sanityKey }, 'keyId', 'got text of'],
    ['a key in hex as its ID', { keyId: 'ab'.repeat(32) }, 'keyId', 'not a key'],
    ['an ID that ends the parameter', { keyId: 'a&expiry=2099' }, 'keyId', 'letters, digits'],
    ['a path', { url: '/images' }, 'url', 'got a path'],
    ['a token among the parameters', { parameters: ['w', 'expiry'] }, 'parameters.1', 'belongs to no token'],
  ])('%s is told', (_name, options, option, message) => {
    const make = (): unknown => sanity({ ...given, ...options } as SanityOptions);
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', option }));
    expect(make).toThrow(message);
    expect(make).not.toThrow(sanityKey.split('\n')[1]);
    expect(make).not.toThrow(hex.slice(0, 16));
  });
});

test('the fingerprint differs where tokens do, and nothing shows the key', () => {
  const schemes = [
    sanity(given),
    sanity({ ...given, keyId: 'other' }),
    sanity({ ...given, key: 'ab'.repeat(32) }),
    sanity({ ...given, prefixes: 'a/' }),
    sanity({ ...given, parameters: 'w' }),
  ];
  expect(new Set(schemes.map(fingerprintOf)).size).toBe(schemes.length);
  const shown = schemes.map((each) => inspect(definitionOf(each), { depth: 20, showHidden: true }));
  for (const secret of [hex, sanityKey.split('\n')[1]!]) expect(shown.join()).not.toContain(secret);
});
