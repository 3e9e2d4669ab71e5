/** Parses HTTP dates, in the three formats of RFC 9110, 5.6.7. It knows no field and no clock. */

const month = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const time = '\\d{2}:\\d{2}:\\d{2}';
const httpDate = /* @__PURE__ */ new RegExp(
  `^(?:\\w{3}, \\d{2} (?:${month}) \\d{4} ${time} GMT|\\w{6,9}, \\d{2}-(?:${month})-\\d{2} ${time} GMT|\\w{3} (?:${month}) [ \\d]\\d ${time} \\d{4})$`,
);

const halfCentury = 50 * 365.25 * 86_400;

/**
 * @returns Unix seconds; undefined for an invalid date. A two-digit year that seems to be more than 50 years in the
 *   future means the past (RFC 9110, 5.6.7).
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  const [last, ...earlier] = readHttpDate(text);
  return last === undefined || last - now <= halfCentury ? last : (earlier[0] ?? last);
}

/** In Unix seconds. A two-digit year gives two dates, in 20xx and in 19xx: caches differ. Empty for an invalid date. */
export function readHttpDate(text: string): number[] {
  const trimmed = text.trim();
  if (!httpDate.test(trimmed)) return [];
  const inZone = trimmed.endsWith('GMT') ? trimmed : `${trimmed} GMT`;
  const centuries = /-\d\d /.test(inZone) ? ['20', '19'] : [''];
  return centuries
    .map((century) => Date.parse(inZone.replace(/-(\d\d) /, `-${century}$1 `)) / 1000)
    .filter((seconds) => !Number.isNaN(seconds));
}
