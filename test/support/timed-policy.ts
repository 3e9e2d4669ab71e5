/** `http-cache-semantics` under a clock of ours, and for how long it says that a response may be shown. */
import CachePolicy from 'http-cache-semantics';
import { plainFields, readDirectives } from './cache-reading.ts';
import type { Fields, Message } from './in-memory.ts';

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
