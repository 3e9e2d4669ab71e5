/** Keys: which of them signs, which is found again, what they refuse, and that none shows. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createSigner } from '../../src/index.ts';
import { SigningKeys } from '../../src/signing/keys.ts';
import { base, key, signerWith, url } from '../support/samples.ts';
import { errorOf } from '../support/schemes/calls.ts';

describe('a seal', () => {
  const keys = new SigningKeys([key, 'another-key-that-is-older']);

  test.each(['', '/', 'key', '/a/b/thumb?exp=1', 'image-signer: key', '/h/id/thumb?exp=1790000000'])(
    'of %j tells nothing of the token of the same text, and is none of another',
    (text) => {
      const seal = keys.shortMac(text);
      expect(seal).toMatch(/^[0-9a-f]{24}$/);
      expect(keys.sign(text)).not.toContain(seal);
      expect(keys.sign(`/${text}`)).not.toContain(seal);
      expect(keys.indexOfKey(text, seal)).toBe(-1);
    },
  );

  test('is by the newest key, and differs with the text', () => {
    expect(keys.shortMac('a')).toBe(new SigningKeys([key]).shortMac('a'));
    expect(keys.shortMac('a')).not.toBe(new SigningKeys(['another-key-that-is-older']).shortMac('a'));
    expect(keys.shortMac('a')).not.toBe(keys.shortMac('b'));
  });
});

test('a signature of another length is nobody else’s, and no error', () => {
  const keys = new SigningKeys([key]);
  for (const signature of ['', 'a', keys.sign('/a').slice(1), `${keys.sign('/a')}0`])
    expect(keys.indexOfKey('/a', signature)).toBe(-1);
});

describe('a key that is given twice', () => {
  const older = 'a-key-from-before-the-rotation';

  test('counts as the first of the two', () => {
    const signer = signerWith({ key: [key, key, older, key] });
    const signed = signer.signImage(url());
    expect(signed).toBe(signerWith().signImage(url()));
    expect(signer.verifyImage(signed)).toMatchObject({ ok: true, keyIndex: 0 });
  });

  test('verifies what it has signed, wherever it stands', () => {
    const signer = signerWith({ key: [key, older, older] });
    const signed = signerWith({ key: older }).signImage(url());
    expect(signer.verifyImage(signed)).toMatchObject({ ok: true, keyIndex: 1 });
  });
});

test.each([0x2028, 0x2029])('a key with U+%i is refused wherever it stands, and does not show', (code) => {
  const separator = String.fromCodePoint(code);
  for (const text of ['qwertyuiop|asdfghjkl', 'qwertyuiop|', '|qwertyuiop']) {
    const bad = text.replace('|', separator);
    for (const given of [bad, [key, bad]]) {
      const error = errorOf(() => createSigner({ ...base, key: given }));
      expect(error.message).toMatch(/visible characters|without white space around it/);
      const message = inspect(error, { depth: 9, showHidden: true });
      expect(message).toContain('INVALID_OPTION');
      for (const secret of ['qwertyuiop', key]) expect(message).not.toContain(secret);
    }
  }
});

test('a key beyond ASCII signs and verifies, and shows nowhere', () => {
  const signer = signerWith({ key: 'clé-de-la-maison-☃-日本' });
  expect(signer.verifyImage(signer.signImage(url()))).toMatchObject({ ok: true });
  expect(inspect(signer, { depth: 9, showHidden: true }) + JSON.stringify(signer)).not.toContain('maison');
});

test.each(['"abc"d', 'a"bc"', '\'abc"', 'a"b"c', '"'])(
  'a key with quotes in it is taken as it is: %s',
  (text) => {
    const signer = signerWith({ key: text });
    expect(signer.verifyImage(signer.signImage(url()))).toMatchObject({ ok: true });
  },
);
