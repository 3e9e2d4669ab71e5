/** Signs a delivery URL. It knows no allowlist, no clock and no page. */

import type { EpochSeconds } from '../../signing/expiry.ts';
import type { SigningKeys } from '../../signing/keys.ts';
import { type DeliveryMatch, queryOf, signedPathOf } from './delivery-url.ts';
import { serializeQuery, signedString } from './signed-string.ts';
import { withoutToken } from './token.ts';

/** The URL without a token: its path in canonical spelling, the other parameters as written. */
export function urlWithoutToken(match: DeliveryMatch): string {
  const { text, reference, base, path } = match;
  const bare = withoutToken(text, reference);
  return text.slice(0, reference.path + base.path.length) + path + bare.slice(reference.query);
}

/**
 * Adds a token. Scheme, host, base and fragment stay as written. Path and query are exactly the signed bytes: otherwise
 * Cloudflare would compute another MAC.
 */
export function signMatch(match: DeliveryMatch, keys: SigningKeys, exp: EpochSeconds): string {
  const { text, reference, base, path } = match;
  if (reference.isPlain && reference.query === text.length) {
    // By far the most common case: there is nothing to serialize.
    return `${text}?exp=${exp}&sig=${keys.sign(signedString(signedPathOf(match), `exp=${exp}`))}`;
  }
  const query = serializeQuery(queryOf(match), exp);
  const signature = keys.sign(signedString(signedPathOf(match), query));
  const head = text.slice(0, reference.path + base.path.length);
  return `${head}${path}?${query}&sig=${signature}${text.slice(reference.fragment)}`;
}
