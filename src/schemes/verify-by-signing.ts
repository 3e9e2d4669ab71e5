/** Verifies a URL by signing it again: a scheme is deterministic, so a URL is valid if it is what `sign` gives. */
import { isSameMac } from '../signing/digests.ts';
import type { SignTerms, TokenVerification } from './definition.ts';
import { readExpiry } from './url-parts.ts';

interface Signing {
  strip(url: string): string;
  sign(url: string, terms: SignTerms): string;
  /** The terms that a token says of itself; `'missing'` for a URL without a token. */
  readTerms(url: string): SignTerms | 'missing' | 'malformed';
}

/**
 * The terms of a token that says its expiry, and no time of issue.
 * @param expiry - as written; undefined if it is missing, or given twice
 */
export function termsOfExpiry(expiry: string | undefined): SignTerms | 'malformed' {
  const exp = readExpiry(expiry);
  return exp === undefined ? 'malformed' : { exp, ttl: 0, step: 0 };
}

/** The signature is compared first, in constant time: the reason tells a forger nothing about expiries. */
export function verifyBySigning(url: string, now: number, scheme: Signing): TokenVerification {
  // Bytes are compared: of a character beyond them only the low byte would count.
  if (!/^[!-~]*$/.test(url)) return { ok: false, reason: 'malformed-signature' };
  const terms = scheme.readTerms(url);
  if (terms === 'missing') return { ok: false, reason: 'missing-signature' };
  if (terms === 'malformed') return { ok: false, reason: 'malformed-signature' };
  if (!isSameMac(scheme.sign(scheme.strip(url), terms), url)) return { ok: false, reason: 'bad-signature' };
  // Negated, so that a NaN clock lets nothing through.
  if (!(now < terms.exp)) return { ok: false, reason: 'expired' };
  return { ok: true, expiresAt: terms.exp };
}
