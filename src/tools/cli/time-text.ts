/** Times in words. */

/** The last instant that a `Date` can hold. */
const lastInstant = 8_640_000_000_000;

/** @param seconds - since 1970 */
export function instantText(seconds: number): string {
  if (!(Math.abs(seconds) <= lastInstant)) return String(seconds);
  return new Date(seconds * 1000).toISOString().replace('T', ' ').replace('.000Z', ' UTC');
}
