/** Dates in header fields, in the three forms of RFC 9110, 5.6.7. It knows no field and no clock. */

const month = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const time = '\\d{2}:\\d{2}:\\d{2}';
const httpDate = new RegExp(
  `^(?:\\w{3}, \\d{2} (?:${month}) \\d{4} ${time} GMT|\\w{6,9}, \\d{2}-(?:${month})-\\d{2} ${time} GMT|\\w{3} (?:${month}) [ \\d]\\d ${time} \\d{4})$`,
);

const halfCentury = 50 * 365.25 * 86_400;

/**
 * In Unix seconds; undefined for what is no HTTP date. A year of two digits is at most 50 years from now (RFC 9110,
 * 5.6.7), though caches have their own ideas of it.
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  const [last, ...earlier] = readHttpDate(text);
  return last === undefined || last - now <= halfCentury ? last : (earlier[0] ?? last);
}

/** The date in this century and, where the year has two digits, in the last one. */
export function readHttpDate(text: string): number[] {
  const trimmed = text.trim();
  if (!httpDate.test(trimmed)) return [];
  const inZone = trimmed.endsWith('GMT') ? trimmed : `${trimmed} GMT`;
  const centuries = /-\d\d /.test(inZone) ? ['20', '19'] : [''];
  return centuries
    .map((century) => Date.parse(inZone.replace(/-(\d\d) /, `-${century}$1 `)) / 1000)
    .filter((seconds) => !Number.isNaN(seconds));
}
