/**
 * The app's clock, and whether it can be believed. A clock that has gone back, to 1970 say, would make expired tokens
 * valid again and sign URLs that are long dead: nothing is signed or let through by it.
 */
import type { Configuration } from '../options/configuration.ts';
import { asDate, describe, invalidOption } from '../options/message.ts';
import { type EpochSeconds, epochSeconds } from '../signing/expiry.ts';

type Clock = Pick<Configuration, 'now' | 'earliestNow'>;

/** Whether a time, in milliseconds, can be the present. */
export function isTrustworthy(time: unknown, { earliestNow }: Pick<Clock, 'earliestNow'>): time is number {
  return Number.isFinite(time) && (time as number) >= earliestNow;
}

/** @throws ImageSignerError INVALID_OPTION for a clock that cannot be believed, or throws */
export function readClock(clock: Clock): EpochSeconds {
  let time: unknown;
  try {
    time = clock.now();
  } catch {
    throw wrongClock('one that throws');
  }
  if (isTrustworthy(time, clock)) return epochSeconds(time);
  throw wrongClock(
    `${describe(time, asDate)}${Number.isFinite(time) ? ', which is more than a day before this process began' : ''}`,
  );
}

/** In milliseconds; `NaN`, by which no token is valid, for a clock that cannot be believed or throws. */
export function readClockOrNaN(clock: Clock): number {
  try {
    const time = clock.now();
    return isTrustworthy(time, clock) ? time : Number.NaN;
  } catch {
    return Number.NaN;
  }
}

function wrongClock(got: string): Error {
  return invalidOption(
    'now',
    `expected the present in milliseconds, as Date.now gives it, got ${got}. Set the clock right; a test that turns it back makes its signer after that.`,
  );
}
