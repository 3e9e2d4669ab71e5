import { expect, test } from 'vitest';
import { createSigner, type SignerOptions } from '../../../src/index.ts';
import { importKey } from '../../../src/signing/digests.ts';
import { SigningKeys } from '../../../src/signing/keys.ts';
import signing from '../../vectors/signing.json' with { type: 'json' };

interface Vector {
  readonly name: string;
  readonly key: string;
  readonly signedString: string;
  readonly hex: string;
  readonly given?: string;
  readonly delivery?: string;
  readonly expiresAt?: number;
  readonly never?: boolean;
}

const vectors: readonly Vector[] = signing.vectors;

function signerFor({ key, delivery, given }: Vector, options: Partial<SignerOptions> = {}) {
  const variant = given?.split('/').at(-1) ?? 'public';
  return createSigner({ key, ttl: '1h', variants: [variant], delivery, ...options });
}

test.each(vectors)('$name: the MAC is right', ({ key, signedString, hex }) => {
  expect(importKey(key).mac(signedString, 'hex')).toBe(hex);
});

test.each(vectors.filter(({ given }) => given !== undefined))('$name: the URL carries it', (vector) => {
  const { given, expiresAt, hex } = vector;
  const signed = signerFor(vector).signImage(given!, undefined, { expiresAt: expiresAt! });
  expect(signed).toBe(`${given}?exp=${expiresAt}&sig=${hex}`);
  const now = (): number => (expiresAt! - 1) * 1000;
  const verdict = signerFor(vector, { now }).verifyImage(signed);
  expect(verdict).toMatchObject({ ok: true, expiresAt, keyIndex: 0 });
});

test('a token over the base as well is never given out, and never accepted', () => {
  const { key, hex } = vectors.find(({ name }) => name.startsWith('V3n'))!;
  const given = 'https://shop.example/cdn-cgi/imagedelivery/hash-1/image-1/public';
  const signer = createSigner({
    key,
    ttl: '1h',
    variants: ['public'],
    delivery: 'https://shop.example/cdn-cgi/imagedelivery',
  });
  expect(signer.signImage(given, undefined, { expiresAt: 1790812800 })).not.toContain(hex);
  expect(signer.verifyImage(`${given}?exp=1790812800&sig=${hex}`, 0)).toEqual({
    ok: false,
    reason: 'bad-signature',
  });
});

test('a token without an expiry is not accepted, though its MAC is right', () => {
  const { key, hex } = vectors.find(({ name }) => name.startsWith('V4'))!;
  const signer = createSigner({ key, ttl: '1h', variants: ['public'] });
  const url = `https://imagedelivery.net/myhash/myimage/public?sig=${hex}`;
  expect(signer.verifyImage(url, 0)).toEqual({ ok: false, reason: 'malformed-signature' });
});

test('RFC 4231, test case 2: the key is its text as UTF-8 bytes', () => {
  expect(importKey('Jefe').mac('what do ya want for nothing?', 'hex')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
  expect(importKey('clé ☃').mac('x', 'hex')).toBe(
    importKey(Buffer.from('clé ☃', 'utf8').toString()).mac('x', 'hex'),
  );
});

test('keys: all are tried, whichever fits, and the newest one signs', () => {
  const keys = new SigningKeys(['new', 'old']);
  expect(keys.sign('/a?exp=1')).toBe(importKey('new').mac('/a?exp=1', 'hex'));
  expect(keys.indexOfKey('/a?exp=1', importKey('new').mac('/a?exp=1', 'hex'))).toBe(0);
  expect(keys.indexOfKey('/a?exp=1', importKey('old').mac('/a?exp=1', 'hex'))).toBe(1);
  expect(keys.indexOfKey('/a?exp=1', importKey('other').mac('/a?exp=1', 'hex'))).toBe(-1);
});
