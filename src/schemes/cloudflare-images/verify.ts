/** Verifies the token of a delivery URL. It never throws, and knows no allowlist. */

import type { EpochSeconds } from '../../signing/expiry.ts';
import type { SigningKeys } from '../../signing/keys.ts';
import { type DeliveryMatch, queryOf, signedPathOf } from './delivery-url.ts';
import { signedString } from './signed-string.ts';
import { readToken } from './token.ts';

export type TokenVerification =
  | { readonly ok: true; readonly expiresAt: number; readonly keyIndex: number }
  | { readonly ok: false; readonly reason: TokenFailure };

export type TokenFailure = 'missing-signature' | 'malformed-signature' | 'bad-signature' | 'expired';

/**
 * It compares the signature, in constant time, before it checks the expiry: otherwise the reason would tell a forger
 * about expiries without a valid signature.
 */
export function verifyToken(match: DeliveryMatch, keys: SigningKeys, now: EpochSeconds): TokenVerification {
  const token = readToken(queryOf(match));
  if (token === 'missing') return { ok: false, reason: 'missing-signature' };
  if (token === 'malformed') return { ok: false, reason: 'malformed-signature' };
  const keyIndex = keys.indexOfKey(signedString(signedPathOf(match), token.signedQuery), token.signature);
  if (keyIndex < 0) return { ok: false, reason: 'bad-signature' };
  // Negated, so that a NaN clock lets nothing through.
  if (!(now < token.expiresAt)) return { ok: false, reason: 'expired' };
  return { ok: true, expiresAt: token.expiresAt, keyIndex };
}
