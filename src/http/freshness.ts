/**
 * How long may caches keep a response whose URLs expire? Each header that says so is cut to a life in seconds;
 * nothing becomes more cacheable (RFC 9111; RFC 5861 for the stale-* directives; RFC 9213 for targeted fields). Pure:
 * header text in, header text out.
 */
import type { HeaderFields } from './header-fields.ts';

export interface Cut {
  /** Seconds that a cache may keep the response. */
  readonly life: number;
  /** What a response gets that names no lifetime of its own: pages `no-cache`, images `max-age`. */
  readonly otherwise: 'no-cache' | 'max-age';
  /** `private` also takes `public`, `s-maxage` and the fields for CDNs away; undefined leaves who may store it. */
  readonly scope: 'private' | 'public' | undefined;
  /** The clock, in Unix seconds. */
  readonly now: number;
}

const targetedFields: readonly string[] = ['CDN-Cache-Control', 'Cloudflare-CDN-Cache-Control'];
/** What CDNs and proxies listen to before they listen to `Cache-Control`. */
const sharedFields: readonly string[] = [...targetedFields, 'Surrogate-Control', 'X-Accel-Expires'];

/** No cache may keep the response. */
export function forbidStorage(fields: HeaderFields): void {
  for (const name of ['Expires', ...sharedFields]) fields.remove(name);
  fields.set('Cache-Control', 'no-store');
}

export function cutFreshness(fields: HeaderFields, cut: Cut): void {
  const expires = fields.get('Expires');
  const given = fields.get('Cache-Control') ?? '';
  replace(fields, 'Cache-Control', given, cutCacheControl(given, cut, expires !== undefined));
  if (expires !== undefined) replace(fields, 'Expires', expires, cutExpires(expires, cut));

  if (cut.scope === 'private') {
    for (const name of sharedFields) fields.remove(name);
    return;
  }
  for (const name of targetedFields) {
    const value = fields.get(name);
    // A targeted field takes the place of Cache-Control, so what that says of a lifetime is no help here.
    if (value !== undefined)
      replace(fields, name, value, cutCacheControl(value, { ...cut, scope: undefined }, false));
  }
  const surrogate = fields.get('Surrogate-Control');
  if (surrogate !== undefined)
    replace(fields, 'Surrogate-Control', surrogate, cutSurrogateControl(surrogate, cut.life));
  const accelerated = fields.get('X-Accel-Expires');
  if (accelerated !== undefined)
    replace(fields, 'X-Accel-Expires', accelerated, cutAccelExpires(accelerated, cut));
}

function replace(fields: HeaderFields, name: string, from: string, to: string): void {
  if (from !== to) fields.set(name, to);
}

/** @param hasExpires - another field names a lifetime, which is cut on its own */
function cutCacheControl(value: string, cut: Cut, hasExpires: boolean): string {
  const directives = parseDirectives(value);
  // Told by the whole text: `no-cache="Set-Cookie"` and `private="Set-Cookie"` speak of that field alone.
  const has = (text: string): boolean => directives.some((each) => each.text.toLowerCase() === text);
  if (cut.scope === 'private') drop(directives, 'public', 's-maxage', 'private');
  drop(directives, 'immutable');
  const maxAge = cutSeconds(directives, 'max-age', cut.life);
  const sharedMaxAge = cutSeconds(directives, 's-maxage', cut.life);
  // What is stale may be shown for as long as it is not older than the life allows.
  const rest = cut.life - Math.max(maxAge ?? 0, sharedMaxAge ?? 0);
  for (const name of ['stale-while-revalidate', 'stale-if-error']) {
    if (cutSeconds(directives, name, rest) === 0) drop(directives, name);
  }
  const isStored = !has('no-store') && !has('no-cache');
  if (isStored && maxAge === undefined && !hasExpires) {
    if (cut.otherwise === 'max-age') directives.push({ name: 'max-age', text: `max-age=${cut.life}` });
    // Shared caches have their lifetime; browsers would take one of their own.
    else directives.push(sharedMaxAge === undefined ? directive('no-cache') : directive('max-age=0'));
  }
  const mayShare = !has('private') && !has('no-store');
  if (cut.scope === 'private' && !has('no-store')) directives.unshift(directive('private'));
  else if (cut.scope === 'public' && mayShare && !has('public')) directives.unshift(directive('public'));
  return directives.map(({ text }) => text).join(', ');
}

interface Directive {
  readonly name: string;
  text: string;
}

function directive(text: string): Directive {
  return { name: text.split('=', 1)[0]!.trim().toLowerCase(), text };
}

/** Splits at commas outside quoted strings. */
function parseDirectives(value: string): Directive[] {
  const parts: string[] = [];
  let part = '';
  let isQuoted = false;
  for (let i = 0; i < value.length; i++) {
    const character = value[i]!;
    if (character === '"') isQuoted = !isQuoted;
    if (isQuoted && character === '\\') part += value[i++];
    if (character === ',' && !isQuoted) {
      parts.push(part);
      part = '';
    } else part += value[i] ?? '';
  }
  parts.push(part);
  return parts
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map(directive);
}

function drop(directives: Directive[], ...names: string[]): void {
  for (let i = directives.length - 1; i >= 0; i--)
    if (names.includes(directives[i]!.name)) directives.splice(i, 1);
}

/** Cuts every directive of this name; of several the least holds, and one that cannot be read counts as 0. */
function cutSeconds(directives: Directive[], name: string, most: number): number | undefined {
  const all = directives.filter((each) => each.name === name);
  if (all.length === 0) return undefined;
  const given = all.map(({ text }) => secondsOf(text));
  const seconds = Math.min(most, ...given.map((each) => each ?? 0));
  if (all.length === 1 && given[0] === seconds) return seconds;
  const [first, ...others] = all;
  first!.text = `${name}=${seconds}`;
  for (const other of others) directives.splice(directives.indexOf(other), 1);
  return seconds;
}

/** Undefined for what is no whole number of seconds. */
function secondsOf(text: string): number | undefined {
  const value = text.slice(text.indexOf('=') + 1).trim();
  const [, digits] = /^"?(\d+)"?$/.exec(value) ?? [];
  return text.includes('=') && digits !== undefined ? Number(digits) : undefined;
}

/** A date that cannot be read means a response that has expired, and stays. */
function cutExpires(value: string, { life, now }: Cut): string {
  const at = Date.parse(value);
  return Number.isNaN(at) || at <= (now + life) * 1000 ? value : new Date((now + life) * 1000).toUTCString();
}

/** `max-age=600+300`: fresh for ten minutes, and stale for five more. */
function cutSurrogateControl(value: string, life: number): string {
  const directives = parseDirectives(value);
  for (const each of directives) {
    if (each.name !== 'max-age') continue;
    const [, fresh, stale = '0'] =
      /^\s*(\d+)(?:\+(\d+))?\s*$/.exec(each.text.slice(each.text.indexOf('=') + 1)) ?? [];
    if (fresh === undefined || Number(fresh) + Number(stale) > life) {
      each.text = `max-age=${Math.min(life, Number(fresh ?? 0))}`;
    }
  }
  return directives.map(({ text }) => text).join(', ');
}

/** nginx: seconds, or `@` and a Unix time; 0 turns caching off, and what cannot be read does too here. */
function cutAccelExpires(value: string, { life, now }: Cut): string {
  const text = value.trim();
  const [, sign, digits] = /^(@?)(\d+)$/.exec(text) ?? [];
  if (digits === undefined) return text === 'off' ? value : '0';
  const seconds = sign === '@' ? Number(digits) - now : Number(digits);
  return seconds <= life ? value : String(life);
}
