/** The tokens, claims and secrets of `jwt`. */
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createSigner } from '../../src/index.ts';
import { definitionOf, type UrlParts } from '../../src/schemes/definition.ts';
import { type JwtOptions, jwt } from '../../src/schemes.ts';
import { callsOf, termsFrom } from '../support/schemes/calls.ts';

const jwtSecret = 'a-secret-that-nobody-else-has-and-that-is-long-enough';
const start = 1_790_000_000;
const base = 'https://images.example/private';
const claims = ({ origin, path }: UrlParts): { sub: string } => ({ sub: origin + path });
const given = { url: base, key: jwtSecret, claims };
const scheme = callsOf(jwt(given));
const url = `${base}/uploads/a.jpg`;
const tokenOf = (signed: string): string => new URL(signed).searchParams.get('token')!;

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const payload = { sub: url, exp: start + 60 };
const head = { alg: 'HS256', typ: 'JWT' };
function signedBy(digest: string, header: object, body: unknown = payload): string {
  const text = `${encode(header)}.${encode(body)}`;
  return `${text}.${createHmac(digest, jwtSecret).update(text).digest('base64url')}`;
}

describe('a token', () => {
  const signed = scheme.sign(url, termsFrom(start, 60));
  const withToken = (token: string): string => `${url}?token=${token}`;

  test('is verified by making it again: what its header says is never read', () => {
    expect(withToken(signedBy('sha256', head))).toBe(signed);
    for (const token of [
      `${encode({ alg: 'none', typ: 'JWT' })}.${encode(payload)}.`,
      signedBy('sha512', { alg: 'HS512', typ: 'JWT' }),
      signedBy('sha256', { alg: 'none', typ: 'JWT' }),
      signedBy('sha256', { typ: 'JWT', alg: 'HS256' }),
      signedBy('sha256', head, { exp: start + 60, sub: url }),
      signedBy('sha256', head, { ...payload, exp: String(start + 60) }),
      signedBy('sha256', head, { sub: url }),
    ])
      expect(scheme.verdict(withToken(token), start), token).toMatch(/^(?:mal|bad)/);
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
    expect(signed).toBe(
      `${url}?v=x&policy=${policy}&token=${signedBy('sha256', head, { sub: url, exp: end })}`,
    );
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
    const [, body] = tokenOf(signed).split('.');
    expect(JSON.parse(Buffer.from(body!, 'base64url').toString())).toMatchObject({ exp: start + 60 });
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
