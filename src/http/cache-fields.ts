/**
 * Reads, limits and writes the values of the fields that caches read, each in its own syntax (RFC 9111, 5.2 and 5.3, and those
 * of CDNs and proxies). It reads them as the most lenient cache does. `freshness.ts` decides how the fields affect each other.
 */
import { parseDuration } from '../text/duration.ts';
import type { HeaderFields } from './header-fields.ts';

interface Directive {
  readonly name: string;
  text: string;
}

/** A directive without an argument becomes lower case: some caches compare names with case. */
export function directive(text: string): Directive {
  const name = text.split('=', 1)[0]!.trim().toLowerCase();
  return { name, text: text.includes('=') ? text : name };
}

export function serializeDirectives(directives: readonly Directive[]): string {
  return directives.map(({ text }) => text).join(', ');
}

/** Simple caches find these inside other directives: nginx anywhere in the text, others after any comma. */
const embedded = /((?:max-age|s-maxage|stale-while-revalidate|stale-if-error)\s*=)[^,;"]*|immutable/gi;
const lifetimeNames: readonly string[] = ['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error'];

const quotedValue = /[^\s,="]\s*=\s*"[^"\\]*"/g;

/** Splits at commas outside quoted arguments. @returns undefined if there is a quote anywhere else: caches split that differently */
export function parseDirectives(value: string): Directive[] | undefined {
  if (value.replaceAll(quotedValue, '').includes('"')) return undefined;
  const directives = (value.match(/(?:=\s*"[^"]*"|[^,])+/g) ?? [])
    .map((text) => directive(text.trim()))
    .filter(({ name }) => name !== '');
  for (const each of directives) {
    if (lifetimeNames.includes(each.name) || each.name === 'immutable') continue;
    each.text = each.text.replaceAll(embedded, (_, name?: string) => (name === undefined ? '' : `${name}0`));
  }
  return directives;
}

export function drop(directives: Directive[], ...names: string[]): void {
  for (let i = directives.length - 1; i >= 0; i--)
    if (names.includes(directives[i]!.name)) directives.splice(i, 1);
}

/**
 * Drops the qualified forms of a directive (`no-cache="Set-Cookie"`; RFC 9111, 5.2.2.4): next to the unqualified form, a
 * cache may apply the first or the last of them.
 */
export function dropQualified(directives: Directive[], name: string): void {
  for (let i = directives.length - 1; i >= 0; i--)
    if (directives[i]!.name === name && directives[i]!.text !== name) directives.splice(i, 1);
}

/** @param most - seconds that a cache may serve the response stale */
export function limitStale(directives: Directive[], most: number): void {
  for (const name of ['stale-while-revalidate', 'stale-if-error']) {
    // Keep the app's own 0: without it some caches serve stale responses while the site is down.
    const isForbidden = directives.some((each) => each.name === name && secondsOf(each.text) === 0);
    if (limitSeconds(directives, name, Math.max(0, most)) === 0 && !isForbidden) drop(directives, name);
  }
}

/** Limits a directive. The lowest duplicate wins; an invalid number counts as 0. @returns undefined if there is none */
export function limitSeconds(directives: Directive[], name: string, most: number): number | undefined {
  const all = directives.filter((each) => each.name === name);
  if (all.length === 0) return undefined;
  const given = all.map(({ text }) => secondsOf(text));
  const seconds = Math.min(most, ...given.map((each) => each ?? 0));
  const [first, ...others] = all;
  // Remove quotes: some caches ignore a quoted number, and apply a lifetime of their own (RFC 9213, 2.1).
  if (others.length === 0 && given[0] === seconds && !first!.text.includes('"')) return seconds;
  first!.text = `${name}=${seconds}`;
  for (const other of others) directives.splice(directives.indexOf(other), 1);
  return seconds;
}

/** @returns undefined for anything but a whole number */
function secondsOf(text: string): number | undefined {
  const value = text.slice(text.indexOf('=') + 1).trim();
  const [, digits] = /^"?(\d+)"?$/.exec(value) ?? [];
  return text.includes('=') && digits !== undefined ? Number(digits) : undefined;
}

export interface FieldLimit {
  /** The longest lifetime, in seconds; it includes the time for which a cache may serve the response stale. */
  readonly lifetime: number;
  /** In Unix seconds. */
  readonly now: number;
}

/** The limited value of a field, and its lifetime. */
export interface LimitedField {
  readonly text: string;
  readonly seconds: number;
}

/**
 * Limits `Expires` to the earliest of its values. An invalid date means "already expired" (RFC 9111, 5.3) and is sent as `0`: a lenient
 * parser could find a year in it. Caches count from `Date`, so that a `Date` in the past makes the limit earlier.
 */
export function limitExpires(fields: HeaderFields, { lifetime, now }: FieldLimit): LimitedField | undefined {
  const date = fields.get('Date');
  const from = date === undefined ? now : Math.min(now, readHttpDate(date).at(-1) ?? -Infinity);
  const read = fields.list('Expires').map((text) => {
    const seconds = (parseHttpDate(text, now) ?? -Infinity) - from;
    return Number.isFinite(seconds) ? { text, seconds } : { text: '0', seconds: -Infinity };
  });
  const [earliest] = read.sort((a, b) => (a.seconds < b.seconds ? -1 : 1));
  if (earliest === undefined || earliest.seconds <= lifetime) return earliest;
  return { text: new Date((from + lifetime) * 1000).toUTCString(), seconds: lifetime };
}

/**
 * `Surrogate-Control` (W3C note "Edge Architecture"): `max-age=600+300` is fresh for ten minutes, and may be served stale
 * for five more. For what the field leaves out, Cache-Control applies.
 */
export class SurrogateControl {
  /** The limited lifetime with the stale time after its `+`; undefined if the field gives none. */
  readonly seconds: number | undefined;
  readonly #directives: Directive[] | undefined;
  readonly #lifetime: number;

  constructor(value: string, lifetime: number) {
    this.#lifetime = lifetime;
    this.#directives = parseDirectives(value);
    for (const each of this.#directives ?? []) {
      if (each.name !== 'max-age') continue;
      const given = each.text.slice(each.text.indexOf('=') + 1).trim();
      const [, fresh, stale = '0'] = /^(\d+)(?:\+(\d+))?$/.exec(given) ?? [];
      const seconds = Number(fresh ?? 0) + Number(stale);
      if (fresh === undefined || seconds > lifetime)
        each.text = `max-age=${Math.min(lifetime, Number(fresh ?? 0))}`;
      this.seconds = Math.max(this.seconds ?? 0, Math.min(lifetime, seconds));
    }
  }

  /** @param lifetimeElsewhere - applies if this field gives no lifetime */
  limitStale(lifetimeElsewhere: number): string {
    const directives = this.#directives;
    if (directives === undefined) return 'no-store';
    const rest = Math.max(0, this.#lifetime - (this.seconds ?? lifetimeElsewhere));
    // Keep a 0: otherwise the directive in Cache-Control would apply.
    for (const name of ['stale-while-revalidate', 'stale-if-error']) limitSeconds(directives, name, rest);
    limitSeconds(directives, 's-maxage', this.#lifetime);
    return serializeDirectives(directives);
  }
}

/** Akamai's `Edge-Control` (`cache-maxage=1d`). An invalid duration counts as 0. */
export function limitEdgeControl(value: string, lifetime: number): string {
  return value.replaceAll(/(max-?age|downstream-ttl)(\s*=\s*)([^\s,;]*)/gi, (text, name, equals, given) => {
    const seconds = parseDuration(/^\d+$/.test(given) ? Number(given) : given.toLowerCase());
    return seconds !== undefined && seconds <= lifetime
      ? text
      : `${name}${equals}${seconds === undefined ? 0 : lifetime}s`;
  });
}

/** nginx's `X-Accel-Expires`: seconds, or `@` and a Unix time; 0 disables caching. An invalid value becomes 0. */
export function limitAccelExpires(value: string, { lifetime, now }: FieldLimit): LimitedField {
  const text = value.trim();
  const [, sign, digits] = /^(@?)(\d+)$/.exec(text) ?? [];
  if (digits === undefined) return { text: text === 'off' ? value : '0', seconds: 0 };
  const seconds = sign === '@' ? Number(digits) - now : Number(digits);
  return seconds <= lifetime ? { text: value, seconds } : { text: String(lifetime), seconds: lifetime };
}

const day = 'Mon|Tue|Wed|Thu|Fri|Sat|Sun';
const longDay = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day';
const month = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const time = '\\d{2}:\\d{2}:\\d{2}';
const httpDate = new RegExp(
  `^(?:(?:${day}), \\d{2} (?:${month}) \\d{4} ${time} GMT|${longDay}, \\d{2}-(?:${month})-\\d{2} ${time} GMT|(?:${day}) (?:${month}) [ \\d]\\d ${time} \\d{4})$`,
);

const halfCentury = 50 * 365.25 * 86_400;

/**
 * Parses an HTTP date in one of the three formats of RFC 9110, 5.6.7.
 * @returns Unix seconds; undefined for an invalid date. A two-digit year that seems to be more than 50 years in the
 *   future means the past (RFC 9110, 5.6.7).
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  const [last, ...earlier] = readHttpDate(text);
  return last === undefined || last - now <= halfCentury ? last : (earlier[0] ?? last);
}

/** In Unix seconds. A two-digit year gives two dates, in 20xx and in 19xx: caches differ. Empty for an invalid date. */
function readHttpDate(text: string): number[] {
  const trimmed = text.trim();
  if (!httpDate.test(trimmed)) return [];
  const inZone = trimmed.endsWith('GMT') ? trimmed : `${trimmed} GMT`;
  const centuries = /-\d\d /.test(inZone) ? ['20', '19'] : [''];
  return centuries
    .map((century) => Date.parse(inZone.replace(/-(\d\d) /, `-${century}$1 `)) / 1000)
    .filter((seconds) => !Number.isNaN(seconds));
}
