/** When a token expires, and when it begins: what a scheme that signs the time of issue depends on. */
import { describe, expect, test } from 'vitest';
import { createSigner } from '../../src/index.ts';
import { cloudflareWaf, s3 } from '../../src/schemes.ts';
import { instant } from '../support/samples.ts';

const now = instant / 1000;
const hour = 3_600;
/** A ttl of an hour has steps of a quarter: a token lives for so long, from its issue on. */
const life = hour + hour / 4;

const bucket = 'https://photos.s3.eu-central-1.amazonaws.com';
const keys = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'a-secret-access-key-for-tests' };
const common = { ttl: '1h', now: () => instant, report: false } as const;

function signerOfBucket(expiration?: Date) {
  const credentials = { ...keys, expiration };
  const scheme = s3({ url: bucket, region: 'eu-central-1', credentials, prefixes: 'uploads/' });
  return createSigner({ ...common, scheme });
}

const rule = cloudflareWaf({ url: 'https://img.example', key: 'a-key-of-a-rule', prefixes: 'uploads/' });
const signerOfRule = createSigner({ ...common, scheme: rule });

/** Unix seconds. */
function issueOf(url: string): number {
  return Number(/[?&]verify=(\d+)-/.exec(url)?.[1]);
}

function lifeOf(url: string): number {
  return Number(new URL(url).searchParams.get('X-Amz-Expires'));
}

describe('a call for a shorter life', () => {
  test('moves the issue back where the life stands in a rule: the token ends when it was asked to', () => {
    const end = now + 120;
    const url = signerOfRule.signImage('uploads/a.jpg', { expiresAt: end });
    expect(issueOf(url) + life).toBe(end);
  });

  test('by a ttl does so as well, within a step of it', () => {
    const end = issueOf(signerOfRule.signImage('uploads/a.jpg', { ttl: 300 })) + life;
    expect(end).toBeGreaterThanOrEqual(now + 300);
    expect(end).toBeLessThanOrEqual(now + 300 + 75);
  });

  test('keeps the life that all tokens of a bucket have', () => {
    const url = signerOfBucket().signImage('uploads/a.jpg', { ttl: 300 });
    expect(lifeOf(url)).toBe(life);
  });
});

describe('credentials that end', () => {
  test('end every token, and whoever asks is told the right second', () => {
    const end = now + 900;
    const signer = signerOfBucket(new Date(end * 1000));
    const url = signer.signImage('uploads/a.jpg');
    expect(signer.verifyImage(url)).toMatchObject({ ok: true, expiresAt: end });
    // The issue lies as far before the end as ever: the same on every machine.
    expect(lifeOf(url)).toBe(life);
  });
});
