/** Computes the expiry of a token. The clock is an argument, so that all machines of a site compute the same. */

/** Both in seconds. */
export interface ExpiryTerms {
  readonly ttl: number;
  readonly step: number;
}

/** Whole Unix seconds. The brand keeps milliseconds out at compile time. */
export type EpochSeconds = number & { readonly __unit: 'seconds since 1970' };

/** @param milliseconds - since 1970; rounded down */
export function epochSeconds(milliseconds: number): EpochSeconds {
  return Math.floor(milliseconds / 1000) as EpochSeconds;
}

/**
 * Rounds up to the end of a step. Within a step a URL stays the same, so that browsers and caches can reuse the image.
 * `now + ttl <= exp <= now + ttl + step`.
 * @param ttl - seconds
 * @param step - seconds; 0 turns stepping off
 */
export function expiryOf(now: EpochSeconds, ttl: number, step: number): EpochSeconds {
  const earliest = now + ttl;
  return (step === 0 ? earliest : Math.ceil(earliest / step) * step) as EpochSeconds;
}

/** The expiries for all these terms at an instant, as one text. While it stays the same, no token of a page changes. */
export function expiriesAt(now: EpochSeconds, terms: Iterable<ExpiryTerms>): string {
  let text = '';
  for (const { ttl, step } of terms) text += `${expiryOf(now, ttl, step)},`;
  return text;
}

/** The step for a ttl, in whole seconds: a quarter of the ttl by default, and at most the ttl. */
export function stepOf(ttl: number, stableFor: number | undefined): number {
  return stableFor === undefined ? Math.floor(ttl / 4) : Math.min(stableFor, ttl);
}
