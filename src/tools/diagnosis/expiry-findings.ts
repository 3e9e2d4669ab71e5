/** What the clock says of an expiry. */
import type { EpochSeconds } from '../../signing/expiry.ts';
import type { Finding } from './explanation.ts';
import { finding } from './findings.ts';
import { durationInWords, instantInWords } from './time-words.ts';

/** @param now - `NaN` for a clock that cannot be trusted */
export function expiryFinding(expiresAt: number, now: EpochSeconds): Finding | undefined {
  if (Number.isNaN(now)) {
    const message =
      'The clock cannot be right: it says a time of more than a day before the process began, or none.';
    return finding('untrusted-clock', message);
  }
  if (now < expiresAt) return undefined;
  const ago = durationInWords(now - expiresAt);
  return finding('expired', `The token expired ${ago} ago (${instantInWords(expiresAt)}).`);
}
