/** @param seconds - Unix seconds. @returns such as `2026-11-26 18:00 UTC` */
export function utcText(seconds: number): string {
  const date = new Date(seconds * 1000);
  // A URL may name any number of seconds, and `toISOString` throws beyond the year 275760.
  if (Number.isNaN(date.getTime())) return `second ${seconds}`;
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
