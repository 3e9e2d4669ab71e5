/**
 * Limits the freshness lifetime of a response whose URLs expire, in every field that caches read; it makes nothing more
 * cacheable (RFC 9111; RFC 5861 for the stale-* directives; RFC 9213 for targeted fields).
 */
import {
  directive,
  drop,
  dropQualified,
  type FieldLimit,
  type LimitedField,
  limitAccelExpires,
  limitEdgeControl,
  limitExpires,
  limitSeconds,
  limitStale,
  parseDirectives,
  SurrogateControl,
  serializeDirectives,
} from './cache-fields.ts';
import type { HeaderFields } from './header-fields.ts';

export interface FreshnessLimit extends FieldLimit {
  /** Added to a response without an explicit lifetime: `no-cache` for pages, `max-age` for images. */
  readonly otherwise: 'no-cache' | 'max-age';
  /** `private` also removes `public`, `s-maxage` and the CDN fields; undefined keeps the app's scope. */
  readonly scope: 'private' | 'public' | undefined;
}

/** Fields that CDNs and proxies prefer to `Cache-Control`, apart from the targeted ones. */
const sharedFields: readonly string[] = ['surrogate-control', 'x-accel-expires', 'edge-control'];

/**
 * The freshness lifetime of a page, in seconds: half of the shortest ttl of its URLs. A page that a cache serves at the
 * last moment then has working images for the other half.
 */
export function pageLifetime(shortestTtl: number): number {
  return Math.floor(shortestTtl / 2);
}

/** Whether these headers let a cache keep a response for longer than the limit, or choose a lifetime. */
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
  // By far most pages have none of these fields.
  if (!fields.names().some(saysLifetime)) return fields.set('Cache-Control', controlOfNone(limit));
  const expires = limitExpires(fields, limit);
  if (expires !== undefined) setIfChanged(fields, 'Expires', fields.list('Expires').join(', '), expires.text);
  if (limit.scope === 'private')
    for (const name of [...sharedFields, ...targetedFields(fields)]) fields.remove(name);

  const accelerated = fields.get('X-Accel-Expires');
  const limitedAccel = accelerated === undefined ? undefined : limitAccelExpires(accelerated, limit);
  if (limitedAccel !== undefined) setIfChanged(fields, 'X-Accel-Expires', accelerated!, limitedAccel.text);
  const surrogate = new SurrogateControl(fields.get('Surrogate-Control') ?? '', limit.lifetime);

  const given = fields.get('Cache-Control');
  // Some caches read `Pragma` if there is no Cache-Control (RFC 9111, 5.4). We add a Cache-Control, which must say the same.
  const fromPragma = /no-cache/i.test(fields.get('Pragma') ?? '') ? 'no-cache' : '';
  // nginx and CDNs add the stale-* times of Cache-Control to the lifetime that another field gives.
  const elsewhere = Math.max(expires?.seconds ?? 0, limitedAccel?.seconds ?? 0, surrogate.seconds ?? 0);
  const control = limitCacheControl(given ?? fromPragma, limit, expires !== undefined, elsewhere);
  // If nothing is left of the app's Cache-Control, caches would read `Pragma`.
  const text = control.text === '' ? fromPragma : control.text;
  const surrogateGiven = fields.get('Surrogate-Control');
  // With Surrogate-Control, Varnish stores despite `no-cache`. It does not read the field's lifetime, and applies its default.
  const isVarnishDefault =
    surrogateGiven !== undefined && expires === undefined && !/\b(?:max-age|s-maxage)\b/.test(text);
  setIfChanged(fields, 'Cache-Control', given ?? '', isVarnishDefault ? `${text}, max-age=0` : text);
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

/** `Cache-Control` of a response without any of the fields. */
function controlOfNone(limit: FreshnessLimit): string {
  if (limit.otherwise === 'no-cache' && limit.scope === undefined) return 'no-cache'; // of most pages
  return limitCacheControl('', limit, false, 0).text;
}

/** Whether a cache reads a lifetime from the field. It reads `Date` only with `Expires`. */
function saysLifetime(name: string): boolean {
  return (
    name === 'cache-control' ||
    name === 'expires' ||
    name === 'pragma' ||
    isTargeted(name) ||
    sharedFields.includes(name)
  );
}

/** `CDN-Cache-Control` and the CDNs' own, such as `Cloudflare-CDN-Cache-Control` (RFC 9213, 3.1). */
function isTargeted(name: string): boolean {
  return name.endsWith('-cache-control');
}

function targetedFields(fields: HeaderFields): string[] {
  return fields.names().filter(isTargeted);
}

function setIfChanged(fields: HeaderFields, name: string, from: string, to: string): void {
  if (to === '') fields.remove(name);
  else if (from !== to) fields.set(name, to);
}

/**
 * @param hasLifetime - another field has a lifetime, which is limited there
 * @param elsewhere - the longest lifetime in other fields, in seconds
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
