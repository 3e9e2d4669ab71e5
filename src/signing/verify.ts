/** Token + key -> verdict. Never throws; knows no allowlist and no framework. */
import { signedString } from '../url/canonical.ts';
import { type DeliveryMatch, queryOf, signedPathOf } from '../url/delivery.ts';
import { readToken } from '../url/token.ts';
import type { EpochSeconds } from './expiry.ts';
import type { SigningKeys } from './keys.ts';

export type TokenVerification =
  | { readonly ok: true; readonly expiresAt: number; readonly keyIndex: number }
  | { readonly ok: false; readonly reason: TokenFailure };

export type TokenFailure = 'missing-signature' | 'malformed-signature' | 'bad-signature' | 'expired';

/**
 * The signature is compared, in constant time, before the expiry is looked at: who forges a token learns nothing
 * from the kind of refusal.
 */
export function verifyToken(match: DeliveryMatch, keys: SigningKeys, now: EpochSeconds): TokenVerification {
  const token = readToken(queryOf(match));
  if (token === 'missing') return { ok: false, reason: 'missing-signature' };
  if (token === 'malformed') return { ok: false, reason: 'malformed-signature' };
  const keyIndex = keys.indexOfSigner(signedString(signedPathOf(match), token.signedQuery), token.signature);
  if (keyIndex < 0) return { ok: false, reason: 'bad-signature' };
  // Asked this way round, a clock that is no number lets nothing through.
  if (!(now < token.expiresAt)) return { ok: false, reason: 'expired' };
  return { ok: true, expiresAt: token.expiresAt, keyIndex };
}
