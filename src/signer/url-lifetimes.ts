/**
 * How long the URLs of one response are valid. Its headers have to follow the shortest; a URL that comes too late for
 * that is reported.
 */
import type { Configuration } from '../options/configuration.ts';
import type { EpochSeconds } from '../signing/expiry.ts';
import type { Reporter } from './events.ts';

export class UrlLifetimes {
  readonly #reporter: Reporter;
  readonly #isKeptLonger: (seconds: number) => boolean;
  #shortestTtl: number;
  #hasCustomTtl = false;
  #shortestOwnTtl = Infinity;
  #hasReported = false;

  /**
   * @param isKeptLonger - whether the headers that have been sent let a cache keep the response for longer than the given
   *   seconds; false before they are sent
   * @param shortestTtl - in seconds, of all variants
   */
  constructor(reporter: Reporter, isKeptLonger: (seconds: number) => boolean, shortestTtl: number) {
    this.#reporter = reporter;
    this.#isKeptLonger = isKeptLonger;
    this.#shortestTtl = shortestTtl;
  }

  /** In seconds: the shortest ttl of all variants, and of all URLs with a ttl or expiry of their own. */
  get shortestTtl(): number {
    return this.#shortestTtl;
  }

  /** Whether there is a URL with its own ttl or expiry; the entity tag does not cover these. */
  get hasCustomTtl(): boolean {
    return this.#hasCustomTtl;
  }

  /**
   * In seconds: the shortest ttl of the tokens that the app has got to put into the response itself, from a helper or in
   * the data of a view; `Infinity` if it has got none.
   */
  get shortestOwnTtl(): number {
    return this.#shortestOwnTtl;
  }

  inherit(other: Pick<UrlLifetimes, 'shortestTtl' | 'hasCustomTtl' | 'shortestOwnTtl'>): void {
    this.#shortestTtl = Math.min(this.#shortestTtl, other.shortestTtl);
    this.#hasCustomTtl ||= other.hasCustomTtl;
    this.#shortestOwnTtl = Math.min(this.#shortestOwnTtl, other.shortestOwnTtl);
  }

  /** A URL with its own ttl or expiry is in the response. */
  addCustom(seconds: number): void {
    this.#hasCustomTtl = true;
    this.#shortestTtl = Math.min(this.#shortestTtl, seconds);
    this.#reportIfLate(seconds);
  }

  /** The app has got a token. */
  addOwn(seconds: number): void {
    this.#shortestOwnTtl = Math.min(this.#shortestOwnTtl, seconds);
    this.#reportIfLate(seconds);
  }

  /** Once a response: a stranger's text may hold any number of such URLs. */
  #reportIfLate(seconds: number): void {
    if (this.#hasReported || !this.#isKeptLonger(seconds)) return;
    this.#hasReported = true;
    this.#reporter.report({ type: 'passed', reason: 'late-ttl' });
  }
}

/** The shortest ttl of all variants, in seconds. A secret that ends soon leaves less than that. */
export function shortestTtlAt(now: EpochSeconds, { shortestTtl, schemes }: Configuration): number {
  const left = Math.min(...schemes.map(({ secretEndsAt }) => secretEndsAt)) - now;
  return Math.max(0, Math.min(shortestTtl, left));
}
