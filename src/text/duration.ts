/** Parses the durations of this package's options. It knows neither the option nor the clock. */

/**
 * A length of time: whole seconds (`3600`), or a whole number with a unit: `'90s'`, `'15m'`, `'6h'`, `'1d'`. The type accepts any
 * string, so that options can come from a variable or the environment; they are checked at the start.
 */
export type Duration = number | `${number}${'s' | 'm' | 'h' | 'd'}` | (string & {});

const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A leap year. A longer duration was most likely written in milliseconds: in them, a day reads as 1000 days. */
const maxDurationSeconds = 366 * 86_400;

/**
 * Reads whole seconds (`3600`), or a whole number with a unit: `'90s'`, `'15m'`, `'6h'`, `'1d'`.
 * @returns seconds, from 0 to {@link maxDurationSeconds}; undefined for anything else
 */
export function parseDuration(value: unknown): number | undefined {
  const seconds = typeof value === 'string' ? secondsOfText(value) : value;
  if (typeof seconds !== 'number' || !Number.isInteger(seconds)) return undefined;
  return seconds >= 0 && seconds <= maxDurationSeconds ? seconds : undefined;
}

/**
 * A hint for a duration that is too long but would be sensible in milliseconds.
 * @returns `''` for any other value
 */
export function millisecondsHint(value: unknown): string {
  if (typeof value !== 'number' || !(value > maxDurationSeconds)) return '';
  const seconds = Math.round(value / 1000);
  return parseDuration(seconds) === undefined ? '' : `This looks like milliseconds: write ${seconds}. `;
}

function secondsOfText(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,10})([smhd])$/.exec(text) ?? [];
  return unit === undefined ? undefined : Number(count) * secondsPerUnit[unit]!;
}
