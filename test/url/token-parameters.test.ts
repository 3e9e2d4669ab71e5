/** Where a token ends that words or another URL follow, and which parameters no event shows: of tokens that libraries make. */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { redactUrl } from '../../src/url/redaction.ts';
import { isWholeToken, tokenLength } from '../../src/url/token-parameters.ts';
import { privateKeyOf } from '../support/schemes/rsa-keys.ts';
import stores from '../vectors/stores.json' with { type: 'json' };

/** A URL that the library of a store has signed. */
const signedBy = (name: string) => (): string => {
  const { vectors } = stores.setups.find(({ scheme }) => scheme === name)!;
  return String(vectors.find(([url]) => String(url).endsWith('/%C3%A9.jpg'))![4]);
};
const [vercelBlob, sanity, imageKit] = ['vercelBlob', 'sanity', 'imageKit'].map(signedBy) as [
  () => string,
  () => string,
  () => string,
];

/** Of a signed URL. */
function lastParameter(signed: string): [name: string, value: string] {
  const [, name = '', value = ''] = /[?&]([^=&]+)=([^&]*)$/.exec(signed)!;
  return [name, value];
}

/** Where words follow, or another URL, whose parameters go on. */
function expectToEnd(name: string, value: string): void {
  for (const [words, isDelimited] of [
    ['s are mine', false],
    ['.It', false],
    [',https://shop.example/?v=1', true],
    ['_', true],
  ] as const) {
    expect(tokenLength(name, value + words, isDelimited), words).toBe(value.length);
    expect(isWholeToken(name, value + words), words).toBe(false);
  }
  expect(isWholeToken(name, value)).toBe(true);
}

test.each([
  ['Vercel Blob', vercelBlob],
  ['Sanity', sanity],
  ['ImageKit', imageKit],
])('the signature of %s', (_store, sign) => expectToEnd(...lastParameter(sign())));

const pemOf = (namedCurve: string): string =>
  generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

function tokenBy(algorithm: string, key: string): Promise<string> {
  const signingKey = key.startsWith('-----') ? createPrivateKey(key) : Buffer.from(key);
  return new SignJWT({ sub: 'a' }).setProtectedHeader({ alg: algorithm, typ: 'JWT' }).sign(signingKey);
}

describe('a JSON Web Token, in a parameter of any name', () => {
  test.each([
    ['HS256', 'secret'],
    ['HS384', 'secret'],
    ['HS512', 'secret'],
    ['ES256', pemOf('P-256')],
    ['ES384', pemOf('P-384')],
    ['ES512', pemOf('P-521')],
    ['RS256', privateKeyOf(2048)],
    ['RS512', privateKeyOf(3072)],
    ['PS256', privateKeyOf(4096)],
  ] as const)('%s', async (algorithm, key) => {
    const token = await tokenBy(algorithm, key);
    for (const name of ['token', 'pass']) expectToEnd(name, token);
  });

  test.each([{ typ: 'JWT', alg: 'HS256' }, { alg: 'HS256' }, { alg: 'HS256', kid: 'key-1' }])(
    'with the header %j, whatever words follow',
    async (header) => {
      const [, payload, signature] = (await tokenBy('HS256', 'secret')).split('.');
      const token = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}.${signature}`;
      expect(tokenLength('pass', `${token}-and-this-is-a-picture-of-my-cat`, false)).toBe(token.length);
    },
  );
});

test.each([
  ['Vercel Blob', vercelBlob],
  ['Sanity', sanity],
  ['ImageKit', imageKit],
  ['a JSON Web Token', async () => `https://photos.example/a.jpg?pass=${await tokenBy('HS256', 'secret')}`],
])('a URL that an event shows has no parameter of %s', async (_store, sign) => {
  const signed = await sign();
  expect(redactUrl(signed)).toBe(signed.slice(0, signed.indexOf('?')));
});
