/** How caches read what a response says of its life, by the standards and as they are known to; no code of the judged. */

import CachePolicy from 'http-cache-semantics';
import type { Fields, Message } from '../../support/servers/in-memory.ts';

/** In seconds from now. */
export interface Reading {
  readonly isStored: boolean;
  readonly freshFor: number;
  /** With what may be shown while it is renewed, or while that fails. */
  readonly usableFor: number;
}

/** A response as it came, and with its fields in the one spelling that every cache reads alike. */
export interface Received extends Pick<Message, 'status' | 'headers'> {
  readonly plain: Fields;
  /** What a private and a shared cache by RFC 9111 make of it, as soon as one has been asked. */
  readonly standard: { private?: Reading; shared?: Reading };
  /** In milliseconds. */
  readonly now: number;
}

export function receive({ status, headers }: Message, now: number): Received {
  return { status, headers, plain: plainFields(headers, now), standard: {}, now };
}

/** The model, under a clock of ours: it asks `now` for the time. */
export class TimedPolicy extends CachePolicy {
  static clock: () => number = Date.now;

  now(): number {
    return TimedPolicy.clock();
  }
}

export const notStored: Reading = { isStored: false, freshFor: 0, usableFor: 0 };
const request = { method: 'GET', url: '/', headers: { host: 'site.example' } };
/** What a CDN keeps a page for that names no lifetime: two hours, as Cloudflare does for 200. */
const ownDefault = 7200;

export function readPolicy(status: number, headers: Fields, shared: boolean): Reading {
  const policy = new TimedPolicy(request, { status, headers }, { shared });
  if (!policy.storable()) return notStored;
  const freshFor = Math.max(0, policy.maxAge() - policy.age());
  return { isStored: true, freshFor, usableFor: policy.timeToLive() / 1000 };
}

/** A lifetime of the cache's own, where nothing says one. */
export function withDefault(reading: Reading, headers: Fields, isShared: boolean): Reading {
  const directives = readDirectives(headers['cache-control']);
  const speaks =
    headers['expires'] !== undefined ||
    ['max-age', 'no-cache', 'no-store', ...(isShared ? ['s-maxage'] : [])].some((name) =>
      directives.has(name),
    );
  if (!reading.isStored || speaks) return reading;
  const stale = reading.usableFor - reading.freshFor;
  return { isStored: true, freshFor: ownDefault, usableFor: ownDefault + Math.max(0, stale) };
}

/** Directives by their lower-case names; those without a value are `true`. */
export type Directives = ReadonlyMap<string, string | true>;

let lastRead: { readonly text: string; readonly directives: Directives } | undefined;

/** RFC 9111, 5.2: names compare without case, values may be quoted, of several the first holds. */
export function readDirectives(text = ''): Directives {
  // Of one response a dozen caches read the same field.
  if (text === lastRead?.text) return lastRead.directives;
  const directives = new Map<string, string | true>();
  for (const [, name, value, quoted] of text.matchAll(
    /\s*([^\s,="]+)\s*(?:=\s*(?:([^\s,"][^,"]*)|"([^"]*)"?)?)?[^,]*(?:,|$)/g,
  )) {
    const key = name!.toLowerCase();
    if (!directives.has(key)) directives.set(key, quoted ?? value?.trim() ?? true);
  }
  lastRead = { text, directives };
  return directives;
}

const lifetimes: readonly string[] = ['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error'];

/** What RFC 9111 reads, in the spelling that the model cache knows; a lifetime that cannot be read is over. */
export function plainDirectives(directives: Directives): string {
  return [...directives]
    .map(([name, value]) => {
      if (!lifetimes.includes(name)) return value === true ? name : `x-${name}`;
      return `${name}=${typeof value === 'string' && /^\d+$/.test(value) ? value : 0}`;
    })
    .join(', ');
}

/** A member of RFC 9213's dictionary (RFC 8941): a name, an item, parameters. */
const member =
  /^([a-z*][a-z0-9_.*-]*)(?:=(-?\d{1,12}\.\d{1,3}|-?\d{1,15}|"(?:[ !#-[\]-~]|\\["\\])*"|[A-Za-z*][!#-'*+.^`|~:/\w-]*|\?[01]))?(?:;[a-z*][a-z0-9_.*-]*(?:=[\w.-]+)?)*$/;

/** RFC 9213, 2.1: undefined for a field that is no dictionary, which has to be ignored as a whole. */
export function readTargeted(text: string | undefined): Directives | undefined {
  const directives = new Map<string, string | true>();
  for (const part of (text ?? '').match(/(?:"[^"]*"|[^,"]|")+|(?<=,)(?=,)|,$/g) ?? ['']) {
    const [, name, item] = member.exec(part.trim()) ?? [];
    if (name === undefined) return undefined;
    directives.delete(name); // the last one holds
    if (item === undefined || item === '?1') directives.set(name, true);
    else if (lifetimes.includes(name) && /^\d+$/.test(item)) directives.set(name, item);
    else directives.set(`x-${name}`, true); // of the wrong type: as if it were not there
  }
  return directives;
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** The three dates of RFC 9110, 5.6.7, in milliseconds; a year of two digits is at most 50 years from now. */
function readDate(text: string | undefined, now: number): number | undefined {
  const [, day, month, year, time] =
    /^\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d:\d\d:\d\d) GMT$/.exec(text ?? '') ??
    /^\w{6,9}, (\d\d)-(\w{3})-(\d\d) (\d\d:\d\d:\d\d) GMT$/.exec(text ?? '') ??
    reorder(/^\w{3} (\w{3}) ([ \d]\d) (\d\d:\d\d:\d\d) (\d{4})$/.exec(text ?? ''));
  if (time === undefined || !months.includes(month!)) return undefined;
  const [hours, minutes, seconds] = time.split(':').map(Number);
  const inYear = (full: number): number =>
    Date.UTC(full, months.indexOf(month!), Number(day), hours, minutes, seconds);
  if (year!.length === 4) return inYear(Number(year));
  const thisCentury = inYear(2000 + Number(year));
  return thisCentury > now + 50 * 365.25 * 86_400_000 ? inYear(1900 + Number(year)) : thisCentury;
}

function reorder(asctime: RegExpExecArray | null): (string | undefined)[] {
  const [all, month, day, time, year] = asctime ?? [];
  return [all, day?.trim(), month, year, time];
}

/** Fields whose dates and directives are in the one spelling that every cache reads alike. */
export function plainFields(fields: Fields, now: number): Fields {
  const { expires, date, age, ...others } = fields;
  const plain: Record<string, string> = others;
  if (/^\d+$/.test(age ?? '')) plain['age'] = age!;
  if (fields['cache-control'] !== undefined)
    plain['cache-control'] = plainDirectives(readDirectives(fields['cache-control']));
  const asText = (milliseconds: number | undefined): string | undefined =>
    milliseconds === undefined ? undefined : new Date(milliseconds).toUTCString();
  if (expires !== undefined) plain['expires'] = asText(readDate(expires, now)) ?? '0';
  const read = asText(readDate(date, now));
  if (read !== undefined) plain['date'] = read;
  return plain;
}
