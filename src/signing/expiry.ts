/** (now, ttl, step) -> expiry. Pure: the clock is an argument, and any two machines agree. */

/** Both in seconds. */
export interface ExpiryPolicy {
  readonly ttl: number;
  readonly step: number;
}

/** Whole Unix seconds; never to be mixed up with milliseconds. */
export type EpochSeconds = number & { readonly __unit: 'seconds since 1970' };

/** A clock's milliseconds, rounded down to whole seconds. */
export function epochSeconds(milliseconds: number): EpochSeconds {
  return Math.floor(milliseconds / 1000) as EpochSeconds;
}

/**
 * Rounds up to the end of a step, so that a URL stays the same, and stays cached, within one:
 * `now + ttl <= exp <= now + ttl + step`.
 * @param ttl - seconds
 * @param step - seconds; 0 turns stepping off
 */
export function expiryOf(now: EpochSeconds, ttl: number, step: number): EpochSeconds {
  const earliest = now + ttl;
  return (step === 0 ? earliest : Math.ceil(earliest / step) * step) as EpochSeconds;
}

/** All expiries that are given out at an instant, as one text: while it is the same, no token of a page changes. */
export function expiriesAt(now: EpochSeconds, policies: Iterable<ExpiryPolicy>): string {
  let text = '';
  for (const { ttl, step } of policies) text += `${expiryOf(now, ttl, step)},`;
  return text;
}

/** The step in force for a ttl: at most the ttl, by default a quarter of it, in whole seconds. */
export function stepOf(ttl: number, stableFor: number | undefined): number {
  return stableFor === undefined ? Math.floor(ttl / 4) : Math.min(stableFor, ttl);
}
