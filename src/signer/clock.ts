/**
 * Reads the app's clock, and rejects an implausible time. A clock that has jumped back, for example to 1970, would make
 * expired tokens valid again and would sign URLs that have already expired.
 */
import type { Configuration } from '../options/configuration.ts';
import { swallowRejection } from '../rejection.ts';
import { type EpochSeconds, epochSeconds } from '../signing/expiry.ts';
import { asDate, describe, invalidOption } from '../validation/message.ts';

type Clock = Pick<Configuration, 'now' | 'earliestNow'>;

/** @param time - in milliseconds. A promise, which may be rejected, is not a time. */
export function isTrustworthy(time: unknown, { earliestNow }: Pick<Clock, 'earliestNow'>): time is number {
  if (typeof time === 'number') return Number.isFinite(time) && time >= earliestNow;
  swallowRejection(time);
  return false;
}

/** @throws ImageSignerError INVALID_OPTION if the clock throws, or cannot be trusted */
export function readClock(clock: Clock): EpochSeconds {
  let time: unknown;
  try {
    time = clock.now();
  } catch {
    throw invalidClock('one that throws');
  }
  if (isTrustworthy(time, clock)) return epochSeconds(time);
  throw invalidClock(
    `${describe(time, asDate)}${Number.isFinite(time) ? ', which is more than a day before this process began' : ''}`,
  );
}

/** In milliseconds; `NaN` if the clock throws or cannot be trusted: then no token is valid. */
export function readClockOrNaN(clock: Clock): number {
  try {
    const time = clock.now();
    return isTrustworthy(time, clock) ? time : Number.NaN;
  } catch {
    return Number.NaN;
  }
}

/** Whether `readClock` has thrown this, perhaps in another copy of the package. */
export function isClockError(error: unknown): boolean {
  return (error as { readonly option?: unknown } | null)?.option === 'now';
}

function invalidClock(got: string): Error {
  return invalidOption(
    'now',
    `expected the current time in milliseconds, as Date.now() returns it, got ${got}. Correct the clock. A test must turn it back before it creates the signer.`,
  );
}
