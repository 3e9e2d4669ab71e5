/**
 * How long caches may keep a response that has arrived, by its header fields. It takes the longest lifetime that any
 * cache on the way may apply (RFC 9111, 4.2; RFC 9213): that cache decides when the last visitor gets the page.
 */
import { parseHttpDate } from '../../http/http-date.ts';

/** Fields with cache directives: that of all caches, and those of shared ones. */
const directiveFields = [
  'cache-control',
  'cdn-cache-control',
  'cloudflare-cdn-cache-control',
  'surrogate-control',
];

/**
 * @param now - in Unix seconds
 * @returns seconds from now; 0 if no cache may reuse the response without asking
 */
export function remainingLifetime(headers: Headers, now: number): number {
  const age = Number(/^\d+$/.exec(headers.get('age') ?? '')?.[0] ?? 0);
  const lifetimes = directiveFields.flatMap((name) => lifetimesIn(headers.get(name) ?? ''));
  const accelerated = /^\d+$/.exec(headers.get('x-accel-expires') ?? '')?.[0];
  if (accelerated !== undefined) lifetimes.push(Number(accelerated));
  const isExplicit = /max-age|no-cache|no-store/i.test(headers.get('cache-control') ?? '');
  const expires = isExplicit ? undefined : parseHttpDate(headers.get('expires') ?? '', now);
  if (expires !== undefined) lifetimes.push(expires - now + age);
  return Math.max(0, ...lifetimes.map((each) => each - age));
}

function lifetimesIn(field: string): number[] {
  if (/\bno-store\b|\bno-cache\b(?!=)/i.test(field)) return [];
  const stale = secondsOf(field, 'stale-while-revalidate');
  return ['max-age', 's-maxage']
    .map((name) => secondsOf(field, name))
    .filter((seconds) => seconds !== undefined)
    .map((seconds) => seconds + (stale ?? 0));
}

function secondsOf(field: string, name: string): number | undefined {
  for (const directive of field.split(',')) {
    const [key = '', value = ''] = directive.trim().split('=', 2);
    const digits = /^"?(\d{1,10})"?$/.exec(value.trim())?.[1];
    if (key.trim().toLowerCase() === name && digits !== undefined) return Number(digits);
  }
  return undefined;
}
