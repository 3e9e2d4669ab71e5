/** What is said of the mistakes of signing. That none is taken for another is a law: `properties/diagnosis`. */
import { expect, test } from 'vitest';
import { explainUrl } from '../../../src/diagnosis.ts';
import type { SignerOptions } from '../../../src/index.ts';
import { codesInSource } from '../../support/finding-codes.ts';
import { mistakes, rightUrl, type Sample } from '../../support/generators/signing-mistakes.ts';
import { accountHash, id, instant } from '../../support/samples.ts';

/** The key can be read as hex and as base64. */
const sample: Sample = {
  key: 'feedc0de0123456789abcdef00112233',
  olderKey: 'an-older-key-of-the-site',
  account: accountHash,
  id,
  variant: 'thumb',
  otherVariant: 'card',
  expiry: 1_790_050_000,
  parameters: ['v=3'],
};
const options: SignerOptions = {
  key: [sample.key, sample.olderKey],
  ttl: '1d',
  variants: { thumb: {}, card: {}, preview: { alwaysPublic: true } },
  accountHash,
  delivery: ['https://imagedelivery.net', 'https://shop.example/cdn-cgi/imagedelivery'],
  now: () => instant,
};

test('a right URL has no findings', () => {
  expect(explainUrl(rightUrl(sample), options)).toEqual({
    ok: true,
    image: {
      url: rightUrl(sample).split('?')[0],
      base: 'https://imagedelivery.net',
      scheme: 'cloudflare-images',
      accountHash,
      id,
      variant: 'thumb',
    },
    signedText: `/${accountHash}/${id}/thumb?exp=1790050000`,
    expiresAt: 1_790_050_000,
    findings: [],
  });
});

test('each mistake is told in a sentence, with a fix in another', () => {
  for (const { title, url } of mistakes)
    for (const { message, fix } of explainUrl(url(sample), options).findings) {
      expect(message, title).toMatch(/^[A-Z`].*\.$/);
      expect(fix, title).toMatch(/^[A-Z].*\.$/);
    }
});

test('every code but those of a clock, of a value that is no text, of stored URLs and of other schemes occurs above', () => {
  const codes = codesInSource();
  const found = new Set<string>(mistakes.flatMap((mistake) => mistake.codes));
  expect(codes.filter((code) => !found.has(code))).toEqual([
    'not-a-url',
    'under-from',
    'object-name',
    'untrusted-clock',
  ]);
});
