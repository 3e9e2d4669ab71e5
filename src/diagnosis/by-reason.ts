/** Explains a URL of a scheme other than Cloudflare Images: by the reason alone, since only there mistakes are known. */
import type { VerificationFailure } from '../options/types.ts';
import type { Verification } from '../signer/verification.ts';
import type { Explanation, FailureCode } from './explanation.ts';
import { finding } from './findings.ts';

type Reason = readonly [code: FailureCode, message: string, mend?: string];

const reasons: Readonly<Record<VerificationFailure, Reason>> = {
  'not-a-delivery-url': [
    'not-a-delivery-url',
    'The URL is under no base of the scheme, or the scheme does not sign it.',
    'Compare it with `url` and `prefixes` of the scheme. Some spellings are never signed: docs/schemes says which.',
  ],
  'account-not-allowed': ['account-not-allowed', 'Its account is not in `accountHash`.'],
  'variant-not-allowed': ['variant-not-allowed', 'Its variant is not in `variants`.'],
  'missing-signature': ['missing-signature', 'It has no token.'],
  'malformed-signature': [
    'malformed-signature',
    'Its token is not written as the scheme writes it.',
    'Copy the whole URL, and compare it with what `signImage` returns for the same image.',
  ],
  'bad-signature': [
    'unknown-signature',
    'The key of the scheme has not made its signature, or the URL was changed after that. Of a scheme that cannot verify, such as cloudflareWaf, this is said of every URL.',
    'Compare the key with that of the program that signed, and the URL with the one that it signed, parameters included.',
  ],
  expired: ['expired', 'Its signature is right, and its time is over.'],
};

export function explainByReason(verification: Verification): Explanation {
  if (!verification.ok) {
    const [code, message, mend] = reasons[verification.reason];
    return { ok: false, findings: [finding(code, message, mend)] };
  }
  const { image } = verification;
  return 'expiresAt' in verification
    ? { ok: true, image, expiresAt: verification.expiresAt, findings: [] }
    : { ok: true, image, findings: [] };
}
