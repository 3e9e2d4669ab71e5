/** CDNs and proxies that listen to fields of their own, as they are documented, or written, to behave. */
import { type Directives, plainDirectives, readDirectives } from './cache-reading.ts';
import type { Fields } from './in-memory.ts';
import { notStored, type Reading, type Received, readPolicy, withDefault } from './timed-policy.ts';

export type Read = (response: Received) => Reading;

/** The first of these fields takes the place of all else that is said of a lifetime (RFC 9213, 2.2). */
export function readInsteadOf(
  names: readonly string[],
  parse: (text: string | undefined) => Directives | undefined,
): Read {
  return ({ status, headers, plain }) => {
    for (const name of names) {
      const directives = headers[name] === undefined ? undefined : parse(headers[name]);
      if (directives === undefined || directives.size === 0) continue;
      const { expires: _, pragma: __, ...others } = plain;
      const targeted = { ...others, 'cache-control': plainDirectives(directives) };
      return withDefault(readPolicy(status, targeted, true), targeted, true);
    }
    return readPolicy(status, plain, true);
  };
}

export const targetedNames: readonly string[] = ['cloudflare-cdn-cache-control', 'cdn-cache-control'];

function digitsOf(value: string | true | undefined): number {
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : 0;
}

/** `max-age=600+300` for a lifetime; whatever it does not say is taken from Cache-Control, as Fastly does. */
export const readSurrogate: Read = ({ status, headers, plain }) => {
  const fallback = readPolicy(status, plain, true);
  const surrogate = readDirectives(headers['surrogate-control']);
  if (surrogate.has('no-store')) return notStored;
  const [, fresh, stale = '0'] = /^(\d+)(?:\+(\d+))?$/.exec(String(surrogate.get('max-age'))) ?? [];
  const control = readDirectives(headers['cache-control']);
  const [whileRevalidating, ifError] = ['stale-while-revalidate', 'stale-if-error'].map((name) =>
    digitsOf(surrogate.get(name) ?? control.get(name)),
  ) as [number, number];
  if (fresh === undefined && !fallback.isStored) return notStored;
  const freshFor = fresh === undefined ? fallback.freshFor : Number(fresh);
  const staleFor = Math.max(Number(stale), whileRevalidating, ifError);
  return { isStored: true, freshFor, usableFor: Math.max(freshFor + staleFor, fallback.usableFor) };
};

/** The number behind a name that stands anywhere in the text; NaN where something else is mixed in. */
function numberBehind(text: string, name: string): number | undefined {
  const at = text.toLowerCase().indexOf(name);
  if (at < 0) return undefined;
  return Number(/^[^,; ]*/.exec(text.slice(at + name.length))![0]);
}

/** nginx, as its source reads: names are found anywhere, its own field beats all, and what is stale adds to either. */
export const readNginx: Read = ({ status, headers, plain, now }) => {
  const own = /^(@?)(\d+)$/.exec(headers['x-accel-expires'] ?? '');
  const control = headers['cache-control'] ?? '';
  let freshFor = own === null ? 0 : own[1] === '@' ? Number(own[2]) - now / 1000 : Number(own[2]);
  if (own?.[2] === '0' || headers['vary'] === '*' || status === 304) return notStored;
  if (own === null) {
    if (/no-cache|no-store|private/i.test(control)) return notStored;
    const seconds = numberBehind(control, 's-maxage=') ?? numberBehind(control, 'max-age=');
    if (seconds !== undefined) freshFor = seconds;
    else freshFor = readPolicy(status, pick(plain, 'expires'), true).freshFor;
    if (!(freshFor > 0)) return notStored;
  }
  const stale = [
    numberBehind(control, 'stale-while-revalidate=') ?? 0,
    numberBehind(control, 'stale-if-error=') ?? 0,
  ];
  if (stale.some(Number.isNaN)) return notStored;
  return { isStored: true, freshFor, usableFor: freshFor + Math.max(...stale) };
};

const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Akamai's own field, in units; it beats what Cache-Control says. */
export const readEdge: Read = ({ status, headers, plain }) => {
  const [, count, unit = 's'] =
    /(?:max-?age)\s*=\s*(\d+)([smhd])?(?![^,\s])/i.exec(headers['edge-control'] ?? '') ?? [];
  if (count === undefined) return readPolicy(status, plain, true);
  const freshFor = Number(count) * secondsPerUnit[unit]!;
  return { isStored: true, freshFor, usableFor: freshFor };
};

export function pick(fields: Fields, ...names: string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}
