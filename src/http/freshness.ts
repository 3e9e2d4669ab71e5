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

/** What CDNs and proxies listen to before they listen to `Cache-Control`; beside any `…-Cache-Control`. */
const sharedFields: readonly string[] = ['surrogate-control', 'x-accel-expires', 'edge-control'];

/** No cache may keep the response. */
export function forbidStorage(fields: HeaderFields): void {
  for (const name of ['expires', ...sharedFields, ...targetedFields(fields)]) fields.remove(name);
  fields.set('Cache-Control', 'no-store');
}

export function cutFreshness(fields: HeaderFields, cut: Cut): void {
  const expires = readExpires(fields.list('Expires'), cut);
  if (expires !== undefined) replace(fields, 'Expires', fields.list('Expires').join(', '), expires.text);
  if (cut.scope === 'private')
    for (const name of [...sharedFields, ...targetedFields(fields)]) fields.remove(name);

  const accelerated = fields.get('X-Accel-Expires');
  const accelCut = accelerated === undefined ? undefined : cutAccelExpires(accelerated, cut);
  if (accelCut !== undefined) replace(fields, 'X-Accel-Expires', accelerated!, accelCut.text);

  const given = fields.get('Cache-Control') ?? '';
  // nginx adds what is stale to the lifetime of its own field.
  const elsewhere = Math.max(expires?.seconds ?? 0, accelCut?.seconds ?? 0);
  replace(fields, 'Cache-Control', given, cutCacheControl(given, cut, expires !== undefined, elsewhere));
  for (const name of targetedFields(fields)) {
    const value = fields.get(name) ?? '';
    // A targeted field takes the place of Cache-Control, so what that says of a lifetime is no help here.
    replace(fields, name, value, cutCacheControl(value, { ...cut, scope: undefined }, false, 0));
  }
  const surrogate = fields.get('Surrogate-Control');
  if (surrogate !== undefined)
    replace(fields, 'Surrogate-Control', surrogate, cutSurrogateControl(surrogate, cut.life));
}

/** `CDN-Cache-Control` (RFC 9213), and those that CDNs have named after themselves. */
function targetedFields(fields: HeaderFields): string[] {
  return fields.names().filter((name) => name.endsWith('-cache-control'));
}

function replace(fields: HeaderFields, name: string, from: string, to: string): void {
  if (from !== to) fields.set(name, to);
}

/**
 * @param hasExpires - another field names a lifetime, which is cut on its own
 * @param elsewhere - the longest lifetime that other fields name, in seconds
 */
function cutCacheControl(value: string, cut: Cut, hasExpires: boolean, elsewhere: number): string {
  const directives = parseDirectives(value);
  // Told by the whole text: `no-cache="Set-Cookie"` and `private="Set-Cookie"` speak of that field alone.
  const has = (text: string): boolean => directives.some((each) => each.text.toLowerCase() === text);
  if (cut.scope === 'private') drop(directives, 'public', 's-maxage', 'private');
  drop(directives, 'immutable');
  const maxAge = cutSeconds(directives, 'max-age', cut.life);
  const sharedMaxAge = cutSeconds(directives, 's-maxage', cut.life);
  // What is stale may be shown for as long as it is not older than the life allows.
  cutStale(directives, cut.life - Math.max(maxAge ?? 0, sharedMaxAge ?? 0, elsewhere));
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

/** Splits at commas outside quoted strings; at every comma where a quote stays open, as simple caches do. */
function parseDirectives(value: string): Directive[] {
  const segments = value.split('"');
  if (segments.length % 2 === 0) segments.splice(0, segments.length, value);
  const parts = [''];
  for (const [index, segment] of segments.entries()) {
    const [first, ...others] = index % 2 === 1 ? [`"${segment}"`] : segment.split(',');
    parts.push(parts.pop()! + first, ...others);
  }
  return parts
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map(directive);
}

function drop(directives: Directive[], ...names: string[]): void {
  for (let i = directives.length - 1; i >= 0; i--)
    if (names.includes(directives[i]!.name)) directives.splice(i, 1);
}

function cutStale(directives: Directive[], rest: number): void {
  for (const name of ['stale-while-revalidate', 'stale-if-error']) {
    if (cutSeconds(directives, name, Math.max(0, rest)) === 0) drop(directives, name);
  }
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

/** A field that is cut, and the lifetime that is left in it. */
interface CutField {
  readonly text: string;
  readonly seconds: number;
}

/** The earliest of several lines; what is no HTTP date means a response that has expired, and stays. */
function readExpires(lines: readonly string[], { life, now }: Cut): CutField | undefined {
  const read = lines.map((text) => ({ text, seconds: (parseHttpDate(text) ?? 0) - now }));
  const [earliest] = read.sort((a, b) => a.seconds - b.seconds);
  if (earliest === undefined || earliest.seconds <= life) return earliest;
  return { text: new Date((now + life) * 1000).toUTCString(), seconds: life };
}

const month = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const time = '\\d{2}:\\d{2}:\\d{2}';
/** The three forms of RFC 9110, 5.6.7. */
const httpDate = new RegExp(
  `^(?:\\w{3}, \\d{2} (?:${month}) \\d{4} ${time} GMT|\\w{6,9}, \\d{2}-(?:${month})-\\d{2} ${time} GMT|\\w{3} (?:${month}) [ \\d]\\d ${time} \\d{4})$`,
);

/** In Unix seconds. */
function parseHttpDate(text: string): number | undefined {
  const trimmed = text.trim();
  if (!httpDate.test(trimmed)) return undefined;
  const milliseconds = Date.parse(trimmed.endsWith('GMT') ? trimmed : `${trimmed} GMT`);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

/** `max-age=600+300`: fresh for ten minutes, and stale for five more. */
function cutSurrogateControl(value: string, life: number): string {
  const directives = parseDirectives(value);
  let longest = 0;
  for (const each of directives) {
    if (each.name !== 'max-age') continue;
    const given = each.text.slice(each.text.indexOf('=') + 1).trim();
    const [, fresh, stale = '0'] = /^(\d+)(?:\+(\d+))?$/.exec(given) ?? [];
    const seconds = Number(fresh ?? 0) + Number(stale);
    if (fresh === undefined || seconds > life) each.text = `max-age=${Math.min(life, Number(fresh ?? 0))}`;
    longest = Math.max(longest, Math.min(life, seconds));
  }
  cutStale(directives, life - longest);
  return directives.map(({ text }) => text).join(', ');
}

/** nginx: seconds, or `@` and a Unix time; 0 turns caching off, and what cannot be read does too here. */
function cutAccelExpires(value: string, { life, now }: Cut): CutField {
  const text = value.trim();
  const [, sign, digits] = /^(@?)(\d+)$/.exec(text) ?? [];
  if (digits === undefined) return { text: text === 'off' ? value : '0', seconds: 0 };
  const seconds = sign === '@' ? Number(digits) - now : Number(digits);
  return seconds <= life ? { text: value, seconds } : { text: String(life), seconds: life };
}
