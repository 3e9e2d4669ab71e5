/** Verifies a URL by signing it again: a scheme is deterministic, so a URL is valid if it is what `sign` gives. */
import { isSameMac } from '../signing/digests.ts';
import type { SignTerms, TokenVerification } from './definition.ts';

interface Signing {
  strip(url: string): string;
  sign(url: string, terms: SignTerms): string;
  /** The terms that a token says of itself; `'missing'` for a URL without a token. */
  readTerms(url: string): SignTerms | 'missing' | 'malformed';
}

/** The signature is compared first, in constant time: the reason tells a forger nothing about expiries. */
export function verifyBySigning(url: string, now: number, scheme: Signing): TokenVerification {
  // The comparison is one of bytes: a character beyond them would count as the one that has its low byte.
  if (!/^[!-~]*$/.test(url)) return { ok: false, reason: 'malformed-signature' };
  const terms = scheme.readTerms(url);
  if (terms === 'missing') return { ok: false, reason: 'missing-signature' };
  if (terms === 'malformed') return { ok: false, reason: 'malformed-signature' };
  if (!isSameMac(scheme.sign(scheme.strip(url), terms), url)) return { ok: false, reason: 'bad-signature' };
  // Negated, so that a NaN clock lets nothing through.
  if (!(now < terms.exp)) return { ok: false, reason: 'expired' };
  return { ok: true, expiresAt: terms.exp };
}
