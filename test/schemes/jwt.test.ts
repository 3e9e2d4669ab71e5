/** `jwt` against `jsonwebtoken`, and the claims and secrets that it takes. */
import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import jsonwebtoken from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';
import { createSigner } from '../../src/index.ts';
import { definitionOf, type UrlParts } from '../../src/schemes/definition.ts';
import { type JwtOptions, jwt } from '../../src/schemes.ts';
import { callsOf, fingerprintOf, termsFrom } from '../support/definition-calls.ts';
import { jwtSecret, signJwt } from '../support/oracles/jwt.ts';
import { randomFrom } from '../support/random.ts';
import { pick, randomKey } from '../support/random-objects.ts';
import { atLength, seed } from '../support/seed.ts';

const start = 1_790_000_000;
const base = 'https://images.example/private';
const claims = ({ origin, path }: UrlParts): { sub: string } => ({ sub: origin + path });
const given = { url: base, key: jwtSecret, claims };
const scheme = callsOf(jwt(given));
const url = `${base}/uploads/a.jpg`;
const tokenOf = (signed: string): string => new URL(signed).searchParams.get('token')!;

test('random URLs have the token of jsonwebtoken, which verifies it until it expires', () => {
  const random = randomFrom(seed);
  const kinds: readonly ((parts: UrlParts) => Record<string, unknown>)[] = [
    claims,
    ({ path }) => ({ iss: 'é', path, nbf: start - 1, list: [1, { a: null }] }),
    ({ id, query }) => ({ id, query }),
    ({ path }) => ({ path, '\u2028"\\': true }),
  ];
  const schemes = kinds.map((made) => ({ made, ...callsOf(jwt({ ...given, claims: made })) }));
  for (let left = atLength(2_500); left > 0; left--) {
    const { made, sign, verdict } = pick(random, schemes);
    const name = randomKey(random);
    const path = `/private/${name.split('/').map(encodeURIComponent).join('/')}`;
    const query = random() < 0.5 ? '' : 'v=1';
    const exp = start + 1 + Math.floor(random() * 10_000_000);
    const address = `https://images.example${path}`;
    const signed = sign(query === '' ? address : `${address}?${query}`, termsFrom(start, exp - start));
    const parts = { url: address, origin: 'https://images.example', path, query, id: name };
    expect(tokenOf(signed), `seed ${seed}`).toBe(signJwt(made(parts), exp));
    const check = (now: number): unknown =>
      jsonwebtoken.verify(tokenOf(signed), jwtSecret, { algorithms: ['HS256'], clockTimestamp: now });
    expect(check(exp - 1)).toMatchObject({ exp });
    expect(() => check(exp)).toThrow('jwt expired');
    expect([verdict(signed, exp - 1), verdict(signed, exp)]).toEqual(['ok', 'expired']);
  }
}, 120_000);

test('every printable character of a path is signed as by jsonwebtoken', () => {
  for (let code = 0x20; code < 0x7f; code++) {
    const path = `/private/a${encodeURIComponent(String.fromCharCode(code))}b.jpg`;
    const signed = scheme.sign(`https://images.example${path}`, termsFrom(start, 60));
    expect(tokenOf(signed)).toBe(signJwt({ sub: `https://images.example${path}` }, start + 60));
  }
});

describe('a token', () => {
  const signed = scheme.sign(url, termsFrom(start, 60));
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const withToken = (token: string): string => `${url}?token=${token}`;
  const payload = { sub: url, exp: start + 60 };
  const signedBy = (digest: string, head: object, body: unknown = payload): string => {
    const text = `${encode(head)}.${encode(body)}`;
    return `${text}.${createHmac(digest, jwtSecret).update(text).digest('base64url')}`;
  };

  test('is verified by making it again: what its header says is never read', () => {
    expect(withToken(signedBy('sha256', { alg: 'HS256', typ: 'JWT' }))).toBe(signed);
    for (const token of [
      `${encode({ alg: 'none', typ: 'JWT' })}.${encode(payload)}.`,
      signedBy('sha512', { alg: 'HS512', typ: 'JWT' }),
      signedBy('sha256', { alg: 'none', typ: 'JWT' }),
      signedBy('sha256', { typ: 'JWT', alg: 'HS256' }),
      signedBy('sha256', { alg: 'HS256', typ: 'JWT' }, { exp: start + 60, sub: url }),
      signedBy('sha256', { alg: 'HS256', typ: 'JWT' }, { ...payload, exp: String(start + 60) }),
      signedBy('sha256', { alg: 'HS256', typ: 'JWT' }, { sub: url }),
    ])
      expect(scheme.verdict(withToken(token), start), token).toMatch(/^(?:mal|bad)/);
  });

  test('is of one URL and one time', () => {
    for (const changed of [
      signed.replace('a.jpg?', 'b.jpg?'),
      signed.replace('https:', 'http:'),
      `${signed}=`,
      signed.slice(0, -1),
      `${signed}&token=a`,
      withToken('a'),
      withToken(''),
    ])
      expect(scheme.verdict(changed, start), changed).toMatch(/^(?:mal|bad)/);
    expect(scheme.verdict(url, start)).toBe('missing-signature');
  });

  test('of an older scheme comes off', () => {
    expect(scheme.strip(`${url}?v=1&token=a&%74oken=b`)).toBe(`${url}?v=1`);
    const { strip, sign } = callsOf(jwt({ ...given, token: 'pass' }));
    expect(strip(`${url}?pass=a&token=b`)).toBe(`${url}?token=b`);
    expect(sign(url, termsFrom(start, 60))).toContain('?pass=ey');
  });
});

describe('an asset key of Contentful', () => {
  const policy = 'eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.c2lnbmF0dXJl';
  const end = start + 48 * 3_600;
  const made = jwt({
    ...given,
    key: async () => ({ value: jwtSecret, expiration: new Date(end * 1_000), added: { policy } }),
    prefixes: 'uploads/',
  });
  const signerAt = (now: number) => createSigner({ scheme: made, ttl: '1d', now: () => now * 1_000 });

  test('adds its policy to each URL, and ends each life', async () => {
    const signer = signerAt(end - 60);
    await signer.ready();
    const signed = signer.signImage(`${url}?policy=older&token=b&v=x`);
    expect(signed).toBe(`${url}?v=x&policy=${policy}&token=${signJwt({ sub: url }, end)}`);
    expect(signer.verifyImage(signed)).toMatchObject({ ok: true, expiresAt: end });
    expect(signer.verifyImage(signed.replace(policy, 'other'))).toMatchObject({ ok: false });
    expect(signer.unsignImage(signed)).toBe(`${url}?v=x`);
  });

  test('may be one of a list of a function', async () => {
    const scheme = jwt({
      ...given,
      key: () => ({ value: [jwtSecret, 'an-older-secret'], added: { policy: 'a b' } }),
    });
    definitionOf(scheme)!.secrets!.lifetime!.refresh(start);
    expect(callsOf(scheme).sign(url, termsFrom(start, 60))).toContain('?policy=a%20b&token=');
  });
});

describe('claims', () => {
  test.each<[string, (parts: UrlParts) => unknown, string]>([
    ['the same for all', () => ({ sub: 'images' }), 'the same for two URLs'],
    ['of the folder', ({ path }) => ({ sub: path.slice(0, path.lastIndexOf('/')) }), 'the same for two URLs'],
    ['of the name alone', ({ path }) => ({ sub: path.split('/').at(-1) }), 'the same for two URLs'],
    ['in small letters', ({ path }) => ({ sub: path.toLowerCase() }), 'the same for two URLs'],
    ['without the extension', ({ path }) => ({ sub: path.replace(/\.\w+$/, '') }), 'the same for two URLs'],
    ['with an expiry', ({ path }) => ({ sub: path, exp: 1 }), 'without exp'],
    ['a text', ({ path }) => path, 'got text'],
    ['none', () => undefined, 'got undefined'],
    ['a promise', ({ path }) => Promise.resolve({ sub: path }), 'got an instance of Promise'],
    ['a rejected promise', () => Promise.reject(new Error('no keys')), 'got an instance of Promise'],
  ])('%s are refused', (_name, made, message) => {
    const make = (): unknown => jwt({ ...given, claims: made as JwtOptions['claims'] });
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', option: 'claims' }));
    expect(make).toThrow(message);
  });

  test('have an expiry, whatever they say of themselves as JSON', () => {
    const asText = ({ path }: UrlParts) => ({ toJSON: () => path });
    expect(() => jwt({ ...given, claims: asText })).toThrow('plain data');
    const asOthers = ({ path }: UrlParts) => ({ toJSON: () => ({ path, exp: 9_999_999_999 }) });
    const signed = callsOf(jwt({ ...given, claims: asOthers })).sign(url, termsFrom(start, 60));
    expect(jsonwebtoken.verify(tokenOf(signed), jwtSecret, { clockTimestamp: start })).toMatchObject({
      exp: start + 60,
    });
  });

  test('that are the same for some URLs alone are refused when such a URL is signed', () => {
    const made = ({ path }: UrlParts): { sub: string } => ({
      sub: path.includes('/shared/') ? '/shared/' : path.slice(0, 64),
    });
    const signer = createSigner({
      scheme: jwt({ ...given, claims: made, prefixes: 'uploads/' }),
      ttl: '1h',
      now: () => start * 1_000,
    });
    expect(signer.signImage(url)).toContain('token=');
    for (const name of ['shared/a.jpg', `${'long-'.repeat(20)}.jpg`])
      expect(() => signer.signImage(`${base}/uploads/${name}`)).toThrow(
        expect.objectContaining({ code: 'SCHEME_FAILED' }),
      );
    const page = `<img src="${base}/uploads/shared/a.jpg"><img src="${url}">`;
    expect(signer.rewriteHtml(page)).toContain('uploads/shared/a.jpg"><img');
  });

  test('that fail for an image that is none are judged by real ones', () => {
    const made = ({ id }: UrlParts): { id: string } => {
      if (id !== 'uploads/a.jpg') throw new Error('not in the database');
      return { id };
    };
    expect(callsOf(jwt({ ...given, claims: made })).sign(url, termsFrom(start, 60))).toContain('token=');
  });

  test('say whether the query is a part of what is signed', () => {
    const reads = (made: JwtOptions['claims']): boolean | undefined =>
      definitionOf(jwt({ ...given, claims: made }))!.readsParameter?.('v');
    expect(reads(claims)).toBe(false);
    expect(reads(({ path, query }) => ({ sub: `${path}?${query}` }))).toBeUndefined();
  });
});

test.each<[string, object, string, string]>([
  ['no secret', { key: undefined }, 'key', 'is the variable set?'],
  ['a secret with a line end', { key: `${jwtSecret}\n` }, 'key', 'trim it'],
  ['a secret of another shape', { key: { value: jwtSecret, policy: 'a' } }, 'key.policy', 'It has value'],
  [
    'parameters that are no texts',
    { key: { value: jwtSecret, added: { policy: 5 } } },
    'key.added.policy',
    'a text',
  ],
  [
    'a parameter with the name of the token’s',
    { key: { value: jwtSecret, added: { token: 'a' } } },
    'key.added',
    'Rename `token`',
  ],
  ['no claims', { claims: undefined }, 'claims', 'a function'],
  ['claims that are none', { claims: { sub: 'a' } }, 'claims', 'a function'],
  ['a token that is no name', { token: 'a&b' }, 'token', 'letters, digits'],
  ['the token among the parameters', { parameters: ['token'] }, 'parameters.0', 'belongs to no token'],
  ['a path', { url: '/private' }, 'url', 'got a path'],
])('%s is told', (_name, options, option, message) => {
  const make = (): unknown => jwt({ ...given, ...options } as JwtOptions);
  expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', option }));
  expect(make).toThrow(message);
  expect(make).not.toThrow(jwtSecret);
});

test('the fingerprint differs where tokens do, and nothing shows the secret', () => {
  const schemes = [
    jwt(given),
    jwt({ ...given, key: 'another-secret' }),
    jwt({ ...given, key: { value: jwtSecret, added: { policy: 'a' } } }),
    jwt({ ...given, key: { value: jwtSecret, added: { policy: 'b' } } }),
    jwt({ ...given, token: 'pass' }),
    jwt({ ...given, prefixes: 'a/' }),
    jwt({ ...given, parameters: 'v' }),
  ];
  expect(new Set(schemes.map(fingerprintOf)).size).toBe(schemes.length);
  const shown = schemes.map((each) => inspect(definitionOf(each), { depth: 20, showHidden: true }));
  expect(shown.join()).not.toContain(jwtSecret);
});
