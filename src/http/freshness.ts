/**
 * How long may caches keep a response whose URLs expire? Each header that says so is cut to a lifetime in seconds;
 * nothing becomes more cacheable (RFC 9111; RFC 5861 for the stale-* directives; RFC 9213 for targeted fields). Pure:
 * header text in, header text out.
 */
import { parseDuration } from '../duration.ts';
import {
  type Directive,
  directive,
  drop,
  dropQualified,
  limitSeconds,
  limitStale,
  parseDirectives,
  serializeDirectives,
} from './cache-directives.ts';
import type { HeaderFields } from './header-fields.ts';
import { parseHttpDate, readHttpDate } from './http-date.ts';

export interface FreshnessLimit {
  /** Seconds that a cache may keep the response. */
  readonly lifetime: number;
  /** What a response gets that names no lifetime of its own: pages `no-cache`, images `max-age`. */
  readonly otherwise: 'no-cache' | 'max-age';
  /** `private` also takes `public`, `s-maxage` and the fields for CDNs away; undefined leaves who may store it. */
  readonly scope: 'private' | 'public' | undefined;
  /** The clock, in Unix seconds. */
  readonly now: number;
}

/** What CDNs and proxies listen to before they listen to `Cache-Control`; beside any `…-Cache-Control`. */
const sharedFields: readonly string[] = ['surrogate-control', 'x-accel-expires', 'edge-control'];

/**
 * How long a page may be cached, in seconds: half of the shortest ttl of its URLs, so that a page which a cache serves at
 * the last moment still has live images for the other half.
 */
export function pageLifetime(shortestTtl: number): number {
  return Math.floor(shortestTtl / 2);
}

/** No cache may keep the response. */
export function forbidStorage(fields: HeaderFields): void {
  for (const name of ['expires', ...sharedFields, ...targetedFields(fields)]) fields.remove(name);
  fields.set('Cache-Control', 'no-store');
}

export function limitFreshness(fields: HeaderFields, cut: FreshnessLimit): void {
  const expires = readExpires(fields, cut);
  if (expires !== undefined) setIfChanged(fields, 'Expires', fields.list('Expires').join(', '), expires.text);
  if (cut.scope === 'private')
    for (const name of [...sharedFields, ...targetedFields(fields)]) fields.remove(name);

  const accelerated = fields.get('X-Accel-Expires');
  const accelCut = accelerated === undefined ? undefined : limitAccelExpires(accelerated, cut);
  if (accelCut !== undefined) setIfChanged(fields, 'X-Accel-Expires', accelerated!, accelCut.text);
  const surrogate = new SurrogateControl(fields.get('Surrogate-Control') ?? '', cut.lifetime);

  const given = fields.get('Cache-Control');
  // `Pragma` counts for some where there is no Cache-Control: as soon as there is one, it has to say the same.
  const ofPragma = /no-cache/i.test(fields.get('Pragma') ?? '') ? 'no-cache' : '';
  // nginx, and CDNs with a field of their own, add what is stale here to the lifetime there.
  const elsewhere = Math.max(expires?.seconds ?? 0, accelCut?.seconds ?? 0, surrogate.seconds ?? 0);
  const control = limitCacheControl(given ?? ofPragma, cut, expires !== undefined, elsewhere);
  const surrogateGiven = fields.get('Surrogate-Control');
  // Varnish takes that field as leave to store in spite of `no-cache`, reads no lifetime in it, and has one of its own.
  const isLeftToVarnish =
    surrogateGiven !== undefined && expires === undefined && !/\b(?:max-age|s-maxage)\b/.test(control.text);
  setIfChanged(
    fields,
    'Cache-Control',
    given ?? '',
    isLeftToVarnish ? `${control.text}, max-age=0` : control.text,
  );
  for (const name of targetedFields(fields)) {
    const value = fields.get(name) ?? '';
    // A targeted field takes the place of Cache-Control, so what that says of a lifetime is no help here.
    const isEmpty = parseDirectives(value)?.length === 0; // no cache heeds it, and nor shall any
    const { text } = limitCacheControl(value, { ...cut, scope: undefined }, isEmpty, 0);
    setIfChanged(fields, name, value, text);
  }
  const fallback = Math.max(control.seconds, expires?.seconds ?? 0);
  if (surrogateGiven !== undefined)
    setIfChanged(fields, 'Surrogate-Control', surrogateGiven, surrogate.withStale(fallback));
  const edge = fields.get('Edge-Control');
  if (edge !== undefined) setIfChanged(fields, 'Edge-Control', edge, limitEdgeControl(edge, cut.lifetime));
}

/** `CDN-Cache-Control` (RFC 9213), and those that CDNs have named after themselves. */
function targetedFields(fields: HeaderFields): string[] {
  return fields.names().filter((name) => name.endsWith('-cache-control'));
}

function setIfChanged(fields: HeaderFields, name: string, from: string, to: string): void {
  if (to === '') fields.remove(name);
  else if (from !== to) fields.set(name, to);
}

/**
 * @param hasExpires - another field names a lifetime, which is cut on its own
 * @param elsewhere - the longest lifetime that other fields name, in seconds
 */
function limitCacheControl(
  value: string,
  cut: FreshnessLimit,
  hasExpires: boolean,
  elsewhere: number,
): LimitedField {
  const directives = parseDirectives(value);
  // A quote that stays open hides more from one cache than from another.
  if (directives === undefined) return { text: 'no-store', seconds: 0 };
  // Told by the whole text: `no-cache="Set-Cookie"` and `private="Set-Cookie"` speak of that field alone.
  const has = (text: string): boolean => directives.some((each) => each.text === text);
  if (cut.scope === 'private') drop(directives, 'public', 's-maxage', 'private');
  drop(directives, 'immutable');
  const maxAge = limitSeconds(directives, 'max-age', cut.lifetime);
  const sharedMaxAge = limitSeconds(directives, 's-maxage', cut.lifetime);
  const seconds = Math.max(maxAge ?? 0, sharedMaxAge ?? 0);
  // What is stale may be shown for as long as it is not older than the lifetime allows.
  limitStale(directives, cut.lifetime - Math.max(seconds, elsewhere));
  // RFC 9111, 5.2.2.3: beside `must-understand` the other is for caches that do not understand.
  const isStored = !has('no-store') || has('must-understand');
  if (isStored && !has('no-cache') && maxAge === undefined && !hasExpires) {
    if (cut.otherwise === 'max-age') directives.push({ name: 'max-age', text: `max-age=${cut.lifetime}` });
    // Shared caches have their lifetime; browsers would take one of their own.
    else directives.push(directive(sharedMaxAge === undefined ? 'no-cache' : 'max-age=0'));
  }
  if (has('no-cache')) dropQualified(directives, 'no-cache');
  const mayShare = !has('private') && !has('no-store');
  if (cut.scope === 'private' && isStored) directives.unshift(directive('private'));
  else if (cut.scope === 'public' && mayShare && !has('public')) directives.unshift(directive('public'));
  return { text: serializeDirectives(directives), seconds };
}

/** A field that is cut, and the lifetime that is left in it. */
interface LimitedField {
  readonly text: string;
  readonly seconds: number;
}

/**
 * The earliest of several lines. What is no HTTP date means a response that has expired, and goes out as `0`: more
 * lenient readers would find a year in it. Some count from `Date`, so one that lies back makes it earlier.
 */
function readExpires(fields: HeaderFields, { lifetime, now }: FreshnessLimit): LimitedField | undefined {
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

/** `max-age=600+300`: fresh for ten minutes, and stale for five more. What it leaves out, Cache-Control says. */
class SurrogateControl {
  /** The lifetime that is left, if one is named, with what is stale behind its `+`. */
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

  /** @param fallback - the lifetime of the fields that hold where this one names none */
  withStale(fallback: number): string {
    const directives = this.#directives;
    if (directives === undefined) return 'no-store';
    const rest = Math.max(0, this.#lifetime - (this.seconds ?? fallback));
    // One of 0 stays, so that the one in Cache-Control does not take its place.
    for (const name of ['stale-while-revalidate', 'stale-if-error']) limitSeconds(directives, name, rest);
    limitSeconds(directives, 's-maxage', this.#lifetime);
    return serializeDirectives(directives);
  }
}

/** Akamai: `cache-maxage=1d`; what cannot be read counts as 0. */
function limitEdgeControl(value: string, lifetime: number): string {
  return value.replaceAll(/(max-?age|downstream-ttl)(\s*=\s*)([^\s,;]*)/gi, (text, name, equals, given) => {
    const seconds = parseDuration(/^\d+$/.test(given) ? Number(given) : given.toLowerCase());
    return seconds !== undefined && seconds <= lifetime
      ? text
      : `${name}${equals}${seconds === undefined ? 0 : lifetime}s`;
  });
}

/** nginx: seconds, or `@` and a Unix time; 0 turns caching off, and what cannot be read does too here. */
function limitAccelExpires(value: string, { lifetime, now }: FreshnessLimit): LimitedField {
  const text = value.trim();
  const [, sign, digits] = /^(@?)(\d+)$/.exec(text) ?? [];
  if (digits === undefined) return { text: text === 'off' ? value : '0', seconds: 0 };
  const seconds = sign === '@' ? Number(digits) - now : Number(digits);
  return seconds <= lifetime ? { text: value, seconds } : { text: String(lifetime), seconds: lifetime };
}
