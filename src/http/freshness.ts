/**
 * Limits the freshness lifetime of a response whose URLs expire, in every field that caches read; it makes nothing more
 * cacheable (RFC 9111; RFC 5861 for the stale-* directives; RFC 9213 for targeted fields).
 */
import { parseDuration } from '../text/duration.ts';
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
  /** The longest lifetime, in seconds; it includes the time for which a cache may serve the response stale. */
  readonly lifetime: number;
  /** Added to a response without an explicit lifetime: `no-cache` for pages, `max-age` for images. */
  readonly otherwise: 'no-cache' | 'max-age';
  /** `private` also removes `public`, `s-maxage` and the fields for CDNs; undefined keeps what the app says. */
  readonly scope: 'private' | 'public' | undefined;
  /** In Unix seconds. */
  readonly now: number;
}

/** Fields that CDNs and proxies prefer to `Cache-Control`, besides the targeted ones. */
const sharedFields: readonly string[] = ['surrogate-control', 'x-accel-expires', 'edge-control'];

/**
 * The freshness lifetime of a page, in seconds: half of the shortest ttl of its URLs. A page that a cache serves at the
 * last moment then has working images for the other half.
 */
export function pageLifetime(shortestTtl: number): number {
  return Math.floor(shortestTtl / 2);
}

/** Whether these headers let a cache keep a response for longer than the limit, or for a time of its own choice. */
export function isKeptLonger(fields: HeaderFields, limit: FreshnessLimit): boolean {
  let hasChanged = false;
  limitFreshness(
    {
      get: (name) => fields.get(name),
      list: (name) => fields.list(name),
      names: () => fields.names(),
      set() {
        hasChanged = true;
      },
      remove(name) {
        hasChanged ||= fields.get(name) !== undefined;
      },
    },
    limit,
  );
  return hasChanged;
}

/** Forbids every cache to store the response. */
export function forbidStorage(fields: HeaderFields): void {
  for (const name of ['expires', ...sharedFields, ...targetedFields(fields)]) fields.remove(name);
  fields.set('Cache-Control', 'no-store');
}

export function limitFreshness(fields: HeaderFields, limit: FreshnessLimit): void {
  const expires = limitExpires(fields, limit);
  if (expires !== undefined) setIfChanged(fields, 'Expires', fields.list('Expires').join(', '), expires.text);
  if (limit.scope === 'private')
    for (const name of [...sharedFields, ...targetedFields(fields)]) fields.remove(name);

  const accelerated = fields.get('X-Accel-Expires');
  const limitedAccel = accelerated === undefined ? undefined : limitAccelExpires(accelerated, limit);
  if (limitedAccel !== undefined) setIfChanged(fields, 'X-Accel-Expires', accelerated!, limitedAccel.text);
  const surrogate = new SurrogateControl(fields.get('Surrogate-Control') ?? '', limit.lifetime);

  const given = fields.get('Cache-Control');
  // Some caches read `Pragma` without a Cache-Control (RFC 9111, 5.4). We add one, so that it has to say the same.
  const fromPragma = /no-cache/i.test(fields.get('Pragma') ?? '') ? 'no-cache' : '';
  // nginx and CDNs add the stale-* times of Cache-Control to the lifetime that another field gives.
  const elsewhere = Math.max(expires?.seconds ?? 0, limitedAccel?.seconds ?? 0, surrogate.seconds ?? 0);
  const control = limitCacheControl(given ?? fromPragma, limit, expires !== undefined, elsewhere);
  const surrogateGiven = fields.get('Surrogate-Control');
  // With Surrogate-Control Varnish stores in spite of `no-cache`. It reads no lifetime there, and applies its default.
  const isVarnishDefault =
    surrogateGiven !== undefined && expires === undefined && !/\b(?:max-age|s-maxage)\b/.test(control.text);
  setIfChanged(
    fields,
    'Cache-Control',
    given ?? '',
    isVarnishDefault ? `${control.text}, max-age=0` : control.text,
  );
  for (const name of targetedFields(fields)) {
    const value = fields.get(name) ?? '';
    // A targeted field replaces Cache-Control, including its lifetime (RFC 9213, 2.2).
    // Caches ignore an empty targeted field; keep it without effect.
    const isEmpty = parseDirectives(value)?.length === 0;
    const { text } = limitCacheControl(value, { ...limit, scope: undefined }, isEmpty, 0);
    setIfChanged(fields, name, value, text);
  }
  const lifetimeElsewhere = Math.max(control.seconds, expires?.seconds ?? 0);
  if (surrogateGiven !== undefined)
    setIfChanged(fields, 'Surrogate-Control', surrogateGiven, surrogate.limitStale(lifetimeElsewhere));
  const edge = fields.get('Edge-Control');
  if (edge !== undefined) setIfChanged(fields, 'Edge-Control', edge, limitEdgeControl(edge, limit.lifetime));
}

/** `CDN-Cache-Control` and the CDNs' own, such as `Cloudflare-CDN-Cache-Control` (RFC 9213, 3.1). */
function targetedFields(fields: HeaderFields): string[] {
  return fields.names().filter((name) => name.endsWith('-cache-control'));
}

function setIfChanged(fields: HeaderFields, name: string, from: string, to: string): void {
  if (to === '') fields.remove(name);
  else if (from !== to) fields.set(name, to);
}

/**
 * @param hasLifetime - another field gives a lifetime, which is limited there
 * @param elsewhere - the longest lifetime that other fields give, in seconds
 */
function limitCacheControl(
  value: string,
  limit: FreshnessLimit,
  hasLifetime: boolean,
  elsewhere: number,
): LimitedField {
  const directives = parseDirectives(value);
  // Caches disagree about where an unterminated quoted string ends.
  if (directives === undefined) return { text: 'no-store', seconds: 0 };
  // Compare the whole text: the qualified forms, such as `private="Set-Cookie"`, apply to the named fields only.
  const has = (text: string): boolean => directives.some((each) => each.text === text);
  if (limit.scope === 'private') drop(directives, 'public', 's-maxage', 'private');
  drop(directives, 'immutable');
  const maxAge = limitSeconds(directives, 'max-age', limit.lifetime);
  const sharedMaxAge = limitSeconds(directives, 's-maxage', limit.lifetime);
  const seconds = Math.max(maxAge ?? 0, sharedMaxAge ?? 0);
  // A stale response may be served until its age reaches the limit.
  limitStale(directives, limit.lifetime - Math.max(seconds, elsewhere));
  // With `must-understand`, caches that understand the status code ignore `no-store` (RFC 9111, 5.2.2.3).
  const isStored = !has('no-store') || has('must-understand');
  if (isStored && !has('no-cache') && maxAge === undefined && !hasLifetime) {
    if (limit.otherwise === 'max-age')
      directives.push({ name: 'max-age', text: `max-age=${limit.lifetime}` });
    // `s-maxage` covers shared caches only: a browser would apply a heuristic lifetime (RFC 9111, 4.2.2).
    else directives.push(directive(sharedMaxAge === undefined ? 'no-cache' : 'max-age=0'));
  }
  if (has('no-cache')) dropQualified(directives, 'no-cache');
  const mayShare = !has('private') && !has('no-store');
  if (limit.scope === 'private' && isStored) directives.unshift(directive('private'));
  else if (limit.scope === 'public' && mayShare && !has('public')) directives.unshift(directive('public'));
  return { text: serializeDirectives(directives), seconds };
}

/** The limited value of a field, and the lifetime that it gives. */
interface LimitedField {
  readonly text: string;
  readonly seconds: number;
}

/**
 * The earliest of several values. An invalid date means "already expired" (RFC 9111, 5.3) and is sent as `0`: a lenient
 * parser could find a year in it. Caches count from `Date`, so that a `Date` in the past makes the limit earlier.
 */
function limitExpires(fields: HeaderFields, { lifetime, now }: FreshnessLimit): LimitedField | undefined {
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
class SurrogateControl {
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

/** `Edge-Control` of Akamai (`cache-maxage=1d`). An invalid duration counts as 0. */
function limitEdgeControl(value: string, lifetime: number): string {
  return value.replaceAll(/(max-?age|downstream-ttl)(\s*=\s*)([^\s,;]*)/gi, (text, name, equals, given) => {
    const seconds = parseDuration(/^\d+$/.test(given) ? Number(given) : given.toLowerCase());
    return seconds !== undefined && seconds <= lifetime
      ? text
      : `${name}${equals}${seconds === undefined ? 0 : lifetime}s`;
  });
}

/** `X-Accel-Expires` of nginx: seconds, or `@` and a Unix time; 0 disables caching. An invalid value becomes 0. */
function limitAccelExpires(value: string, { lifetime, now }: FreshnessLimit): LimitedField {
  const text = value.trim();
  const [, sign, digits] = /^(@?)(\d+)$/.exec(text) ?? [];
  if (digits === undefined) return { text: text === 'off' ? value : '0', seconds: 0 };
  const seconds = sign === '@' ? Number(digits) - now : Number(digits);
  return seconds <= lifetime ? { text: value, seconds } : { text: String(lifetime), seconds: lifetime };
}
