/**
 * Reports that an app stores tokens: a page holds one of ours that was not made for it. A page that is sent now has tokens
 * of the present step, from whichever process of the site; a token from before the last step was kept somewhere.
 */

import type { CurrentPlace } from '../rewriting/url-place.ts';
import type { ResolvedImage } from '../schemes/bound.ts';
import type { VerifiedToken } from '../schemes/resolved-image.ts';
import type { EpochSeconds } from '../signing/expiry.ts';
import { isSafeName, redactUrl } from '../url/redaction.ts';
import type { Reporter } from './events.ts';
import { expiryAt } from './terms.ts';

/** In seconds: an app that stores tokens has them in every page. */
const interval = 60;

export class StoredTokens {
  #reportedAt = Number.NEGATIVE_INFINITY;

  /** @param token - what the URL carries, which this response does not keep */
  reportIn(
    resolved: ResolvedImage,
    token: VerifiedToken,
    now: EpochSeconds,
    reporter: Reporter,
    place: CurrentPlace | undefined,
  ): void {
    // A clock may have gone back.
    if (!reporter.isListening || Math.abs(now - this.#reportedAt) < interval) return;
    if (!isStored(resolved, token, now)) return;
    this.#reportedAt = now;
    const name = place?.name((each) => (isSafeName(each) ? each : '…'));
    reporter.report({
      type: 'stored-token',
      url: redactUrl(resolved.bare),
      ...(name !== undefined && { place: name }),
    });
  }
}

/**
 * One that has expired was stored, whoever made it. Of those that are valid only one that ends as a step does counts: a call
 * with a `ttl` of its own, in another process, may end whenever it likes. What another key has made is not ours.
 */
function isStored({ lifetime, scheme }: ResolvedImage, token: VerifiedToken, now: EpochSeconds): boolean {
  if (!token.ok) return token.reason === 'expired';
  const { step } = lifetime;
  if (step === 0 || token.expiresAt % step !== 0) return false;
  return token.expiresAt < expiryAt(now, lifetime, scheme) - step;
}
