/** Verifies a URL by signing it again: a scheme is deterministic, so a URL is valid if it equals the result of `sign`. */
import { isSameMac } from '../signing/digests.ts';
import type { SignTerms, TokenResult } from './definition.ts';
import type { HeldSecret } from './secrets.ts';
import { readExpiry } from './url-parts.ts';

/** The times that a token contains. */
export type TokenTerms = SignTerms | 'missing' | 'malformed';

interface Signing<Secret extends HeldSecret> {
  strip(url: string): string;
  /** @param url - without a token */
  sign(url: string, terms: SignTerms, secret: Secret): string;
  /** The times in a token. It is not called for a URL that `strip` does not change: that URL has no token. */
  readTerms(url: string): TokenTerms;
}

/**
 * The terms of a token with an expiry and no time of issue.
 * @param expiry - as written; undefined if it is missing or repeated
 */
export function termsOfExpiry(expiry: string | undefined): SignTerms | 'malformed' {
  const exp = readExpiry(expiry);
  return exp === undefined ? 'malformed' : { exp, ttl: 0, step: 0 };
}

/**
 * The signature is compared first, in constant time: the reason must not tell a forger about expiries.
 * @param secrets - the newest first. All are tried, so that the duration does not tell which one matched. A token ends with
 *   its secret, whatever its expiry: the secret may have leaked
 */
export function verifyBySigning<Secret extends HeldSecret>(
  url: string,
  now: number,
  secrets: readonly Secret[],
  scheme: Signing<Secret>,
): TokenResult {
  // Bytes are compared: only the low byte of any other character would count.
  if (!/^[!-~]*$/.test(url)) return { ok: false, reason: 'malformed-signature' };
  const bare = scheme.strip(url);
  const terms = bare === url ? 'missing' : scheme.readTerms(url);
  if (terms === 'missing') return { ok: false, reason: 'missing-signature' };
  if (terms === 'malformed') return { ok: false, reason: 'malformed-signature' };
  let keyIndex = -1;
  for (let i = secrets.length - 1; i >= 0; i--)
    if (isSameMac(scheme.sign(bare, terms, secrets[i]!), url)) keyIndex = i;
  if (keyIndex < 0) return { ok: false, reason: 'bad-signature' };
  const expiresAt = Math.min(terms.exp, secrets[keyIndex]!.endsAt);
  // A NaN clock lets nothing through.
  return now < expiresAt ? { ok: true, expiresAt, keyIndex } : { ok: false, reason: 'expired' };
}
