/**
 * What a forger could learn from explanations: whether a whole signature is right, which `verifyImage` says too, and
 * nothing about a part of a signature or of a key. And how much work an explanation is.
 */
import { createHmac } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { explainUrl } from '../../../../src/diagnosis.ts';
import { accountHash, id, instant, key, signerWith, url } from '../../../support/samples.ts';

const macs = vi.hoisted(() => ({ count: 0 }));

vi.mock('node:crypto', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:crypto')>();
  const counted = <F extends (...args: never[]) => unknown>(make: F, each: number): F =>
    ((...args) => {
      macs.count += each;
      return make(...args);
    }) as F;
  return {
    ...original,
    createHmac: counted(original.createHmac, 1),
    createHash: counted(original.createHash, 1),
    hash: counted(original.hash, 1 / 2), // a MAC is made of two
  };
});

afterEach(() => {
  macs.count = 0;
});

const signer = signerWith({ accountHash });
const right = createHmac('sha256', key).update(`/${accountHash}/${id}/thumb?exp=1790050000`).digest('hex');
const explain = (signature: string) => explainUrl(`${url()}?exp=1790050000&sig=${signature}`, { signer });

test('a right beginning of a signature gets the same explanation as a wrong one', () => {
  for (let length = 1; length <= 63; length++) {
    const start = right.slice(0, length);
    const wrong = start.slice(0, -1) + (start.endsWith('0') ? '1' : '0');
    expect(explain(start)).toEqual(explain(wrong));
  }
});

test('a signature that is right but for one digit gets the same explanation as one that is wrong', () => {
  const wrong = explain('f'.repeat(64));
  for (let at = 0; at < 64; at++) {
    const other = right[at] === '0' ? '1' : '0';
    expect(explain(right.slice(0, at) + other + right.slice(at + 1))).toEqual(wrong);
  }
});

test('a key is decoded as a whole or not at all: a beginning that is hex or base64 is no key', () => {
  const secret = 'deadbeef!not-hex-and-not-base64!';
  const guarded = signerWith({ key: secret, accountHash });
  const text = `/${accountHash}/${id}/thumb?exp=1790050000`;
  for (const part of [Buffer.from(secret, 'hex'), Buffer.from(secret, 'base64'), Buffer.alloc(0)]) {
    const signature = createHmac('sha256', part).update(text).digest('hex');
    const { findings } = explainUrl(`${url()}?exp=1790050000&sig=${signature}`, { signer: guarded });
    expect(findings.map(({ code }) => code)).toEqual(['unknown-signature']);
  }
});

test('an explanation computes at most some hundred MACs, however many keys, variants and parameters there are', () => {
  const names = Array.from({ length: 100 }, (_, index) => `variant${index}`);
  for (const keys of [1, 2, 3, 7, 40]) {
    const many = signerWith({
      key: Array.from({ length: keys }, (_, index) => `feedc0de${index}`),
      variants: ['thumb', ...names],
      delivery: ['https://imagedelivery.net', ...names.map((name) => `https://shop.example/${name}`)],
    });
    for (const count of [0, 1, 3, 5, 60]) {
      const parameters = Array.from({ length: count }, (_, index) => `p${index}=a%20b&`).join('');
      for (const signatures of [`sig=${'0'.repeat(64)}`, `sig=${'1'.repeat(64)}&sig=${'0'.repeat(64)}`]) {
        macs.count = 0;
        explainUrl(`${url()}?${parameters}exp=${instant / 1000 + 60}&${signatures}`, { signer: many });
        expect(macs.count).toBeGreaterThan(0);
        // Besides those of `verifyImage`, and of the signature that may have been signed along.
        expect(macs.count).toBeLessThanOrEqual(400 + 4 * keys);
      }
    }
  }
});
