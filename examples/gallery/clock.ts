/** The gallery's clock: the machine's clock, which visitors can move ahead. */

export interface Clock {
  /** In milliseconds, like `Date.now`. */
  readonly now: () => number;
  /** How many seconds it is ahead. */
  readonly offset: () => number;
  /** @param seconds - from 0 to `maxOffset` */
  readonly moveTo: (seconds: number) => void;
}

/** Ten years of 365 days: far enough to outlive any token, and still an `exp` of ten digits. */
export const maxOffset: number = 10 * 365 * 86_400;

export function createClock(): Clock {
  let offset = 0;
  return {
    now: () => Date.now() + offset * 1000,
    offset: () => offset,
    moveTo(seconds) {
      offset = seconds;
    },
  };
}

/** Whole seconds from a form field; undefined if the value is invalid or too large. */
export function readOffset(field: unknown): number | undefined {
  if (typeof field !== 'string' || !/^\d{1,9}$/.test(field)) return undefined;
  const seconds = Number(field);
  return seconds <= maxOffset ? seconds : undefined;
}
