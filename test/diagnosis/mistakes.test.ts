/** Each mistake of signing is told by its code, and none is taken for another. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Explanation, explainUrl, type FindingCode, type SignerOptions } from '../../src/index.ts';
import { accountHash, id, instant } from '../support/samples.ts';
import { mistakes, rightUrl, type Sample } from '../support/signing-mistakes.ts';

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

function codesOf({ findings }: Explanation): FindingCode[] {
  return findings.map(({ code }) => code).sort();
}

function codesInSource(): string[] {
  const source = readFileSync(join(import.meta.dirname, '../../src/diagnosis/explanation.ts'), 'utf8');
  const failures = Array.from(source.matchAll(/^ {2}\| '([a-z0-9-]+)'/gm), ([, code]) => code!);
  return [...failures, .../HintCode = ([^;]+);/.exec(source)![1]!.match(/[a-z-]+/g)!];
}

test('a right URL has no findings', () => {
  expect(explainUrl(rightUrl(sample), options)).toEqual({
    ok: true,
    image: {
      url: rightUrl(sample).split('?')[0],
      base: 'https://imagedelivery.net',
      accountHash,
      id,
      variant: 'thumb',
    },
    signedText: `/${accountHash}/${id}/thumb?exp=1790050000`,
    expiresAt: 1_790_050_000,
    findings: [],
  });
});

describe('a program that', () => {
  test.each(mistakes)('$title', ({ codes, url }) => {
    const explanation = explainUrl(url(sample), options);
    expect(codesOf(explanation)).toEqual([...codes].sort());
    const isFailure = explanation.findings.some(({ kind }) => kind === 'failure');
    expect(explanation.ok).toBe(!isFailure);
    for (const { message, mend } of explanation.findings) {
      expect(message).toMatch(/^[A-Z`].*\.$/);
      expect(mend).toMatch(/^[A-Z].*\.$/);
    }
  });
});

test('docs/errors.md has a heading for each code, in the order of the list', () => {
  const docs = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
  const section = docs.split('\n## explainUrl\n')[1]!.split('\n## ')[0]!;
  expect(Array.from(section.matchAll(/^### `(.+)`$/gm), ([, code]) => code)).toEqual(codesInSource());
});

test('every code but that of a clock and of a value that is no text occurs above', () => {
  const codes = codesInSource();
  const found = new Set<string>(mistakes.flatMap((mistake) => mistake.codes));
  expect(codes.filter((code) => !found.has(code))).toEqual(['not-a-url', 'untrusted-clock']);
});
