/** Instants and durations in words, for people in any time zone. */

const units = { day: 86_400, hour: 3_600, minute: 60, second: 1 };

/** The two largest units that differ from 0: `3 days and 4 hours`. @param seconds - whole, not negative */
export function durationInWords(seconds: number): string {
  const parts: string[] = [];
  let rest = seconds;
  for (const [name, length] of Object.entries(units)) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0 && parts.length < 2) parts.push(`${count} ${name}${count === 1 ? '' : 's'}`);
    else if (parts.length > 0) break; // not `3 days and 5 seconds`
  }
  return parts.length === 0 ? '0 seconds' : parts.join(' and ');
}

/** The last instant that a `Date` can hold. */
const lastInstant = 8_640_000_000_000;

/** `2026-11-23 10:00:00 UTC`, or the number itself if no `Date` can hold it. @param seconds - Unix time */
export function instantInWords(seconds: number): string {
  if (!(Math.abs(seconds) <= lastInstant)) return String(seconds);
  return new Date(seconds * 1000).toISOString().replace('T', ' ').replace('.000Z', ' UTC');
}
