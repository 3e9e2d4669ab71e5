/** The terms that a scheme is tried with: as the signer computes them, at instants where date arithmetic goes wrong. */
import type { SignTerms } from '../../schemes/definition.ts';
import { type EpochSeconds, expiryOf, stepOf } from '../../signing/expiry.ts';

/** The last second before each of these, and the instant itself. */
const boundaries = [
  '2026-03-01T00:00:00Z', // of a day and a month
  '2027-01-01T00:00:00Z', // of a year
  '2028-02-29T00:00:00Z', // of a leap day
  '2028-03-01T00:00:00Z',
  '2038-01-19T03:14:08Z', // of signed integers of 32 bits
  '2100-03-01T00:00:00Z', // of a year that is divisible by 4 and not a leap year
];

/** In seconds: a ttl, and the option `stableFor` (undefined: its default). */
const policies: readonly (readonly [ttl: number, stableFor: number | undefined])[] = [
  [3_600, undefined],
  [60, undefined],
  [1, 0],
  [600, 0],
  [3_600, 3_600],
  [86_400, undefined],
  [604_800, 0],
  [31_622_400, undefined],
];

/** The terms of one instant, and those of the next step. */
export interface TermsPair {
  readonly terms: SignTerms;
  /** Computed at another instant of the same step: equal, but not the same object. */
  readonly same: SignTerms;
  readonly next: SignTerms;
}

/** @param longestLife - in seconds; undefined if there is no limit. The signer keeps `ttl + step` within it. */
export function listTerms(longestLife: number | undefined): readonly TermsPair[] {
  const allowed = policies
    .map(([ttl, stableFor]) => ({ ttl, step: stepOf(ttl, stableFor) }))
    .filter(({ ttl, step }) => ttl + step <= (longestLife ?? Number.POSITIVE_INFINITY));
  return allowed.flatMap(({ ttl, step }) =>
    boundaries
      .flatMap((text) => [Date.parse(text) / 1000 - 1, Date.parse(text) / 1000])
      .map((now) => {
        const termsAt = (instant: number): SignTerms =>
          Object.freeze({ exp: expiryOf(instant as EpochSeconds, ttl, step), ttl, step });
        const terms = termsAt(now);
        // `exp - ttl` is the last second of the step, or `now` itself if there are no steps.
        return { terms, same: termsAt(terms.exp - ttl), next: termsAt(terms.exp - ttl + 1) };
      }),
  );
}
