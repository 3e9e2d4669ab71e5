/**
 * The tokens of one response, at one instant: makes new ones, checks the tokens that URLs already have, and records the shortest
 * lifetime. It knows no viewer.
 */
import { pageLifetime } from '../http/freshness.ts';
import type { Configuration } from '../options/configuration.ts';
import type { CurrentPlace } from '../rewriting/options.ts';
import type { BoundScheme, ResolvedImage } from '../schemes/bound.ts';
import type { VerifiedToken } from '../schemes/resolved-image.ts';
import type { EpochSeconds } from '../signing/expiry.ts';
import { maxUrlLength } from '../text/limits.ts';
import type { Reporter } from './reporter.ts';
import type { SignedUrls } from './signed-urls.ts';
import { type Terms, termsOf } from './terms.ts';

/** Who receives events about tokens, and whether caches may keep the response for longer than a token lives. */
interface TokenAudience {
  readonly reporter: Reporter;
  readonly sent: { isKeptLonger(seconds: number): boolean } | undefined;
}

/** How long the URLs of one response are valid: its headers must follow the shortest. */
export interface UrlLifetimes {
  /** In seconds: the shortest ttl of all variants, and of all URLs with their own ttl or expiry. */
  readonly shortestTtl: number;
  /** Whether there is a URL with its own ttl or expiry; the entity tag does not cover these. */
  readonly hasCustomTtl: boolean;
  /**
   * In seconds: the shortest ttl of the tokens that the app puts into the response itself, from a helper or in view data;
   * `Infinity` if there are none.
   */
  readonly shortestOwnTtl: number;
}

export class PageTokens implements UrlLifetimes {
  readonly #configuration: Configuration;
  readonly #urls: SignedUrls;
  readonly #audience: TokenAudience;
  readonly #now: EpochSeconds;
  /** Overrides the variants' ttl. */
  readonly #ttl: number | undefined;
  readonly #place: CurrentPlace | undefined;
  shortestTtl: number;
  hasCustomTtl: boolean = false;
  shortestOwnTtl: number = Infinity;
  /** A URL that was signed too late for the headers was reported. */
  #hasReportedLate = false;
  /** How many key pair signatures this response has computed or verified. */
  #newSignatures = 0;
  /** Some URLs stay unsigned, because the response reached its scheme's `maxSignatures`. */
  isOutOfSignatures: boolean = false;

  /** @param place - where the next URL is; undefined if nobody listens to events */
  constructor(
    configuration: Configuration,
    urls: SignedUrls,
    audience: TokenAudience,
    now: EpochSeconds,
    ttl: number | undefined,
    place: CurrentPlace | undefined,
  ) {
    this.#configuration = configuration;
    this.#urls = urls;
    this.#audience = audience;
    this.#now = now;
    this.#ttl = ttl;
    this.#place = place;
    this.shortestTtl = ttl ?? shortestTtlAt(now, configuration);
  }

  /** Takes over the lifetimes of another signer of this response. */
  inherit(other: { readonly lifetimes: UrlLifetimes; readonly isOutOfSignatures: boolean }): void {
    const { shortestTtl, hasCustomTtl, shortestOwnTtl } = other.lifetimes;
    this.shortestTtl = Math.min(this.shortestTtl, shortestTtl);
    this.hasCustomTtl ||= hasCustomTtl;
    this.shortestOwnTtl = Math.min(this.shortestOwnTtl, shortestOwnTtl);
    this.isOutOfSignatures ||= other.isOutOfSignatures;
  }

  /** A URL with its own ttl or expiry is in the response. */
  addCustom(seconds: number): void {
    this.hasCustomTtl = true;
    this.shortestTtl = Math.min(this.shortestTtl, seconds);
    this.#reportIfLate(seconds);
  }

  /** The app received a token. */
  addOwn(seconds: number): void {
    this.shortestOwnTtl = Math.min(this.shortestOwnTtl, seconds);
    this.#reportIfLate(seconds);
  }

  /** Once per response: a stranger's text may contain any number of such URLs. */
  #reportIfLate(seconds: number): void {
    const { sent, reporter } = this.#audience;
    if (this.#hasReportedLate || !sent?.isKeptLonger(seconds)) return;
    this.#hasReportedLate = true;
    reporter.report({ type: 'passed', reason: 'late-ttl' });
  }

  termsOf(resolved: ResolvedImage): Terms {
    const validity = this.#ttl === undefined ? undefined : { ttl: this.#ttl };
    return termsOf(resolved, validity, this.#now, this.#configuration.stableFor);
  }

  /**
   * The URL with a new token; undefined if it is too long, or the response may sign no more.
   * @throws if the scheme fails
   */
  fresh(resolved: ResolvedImage): string | undefined {
    return this.#cached(resolved) ?? this.sign(resolved);
  }

  /**
   * The same for a URL that is not in the signer's cache.
   * @param isRemembered - whether to cache it
   */
  sign(resolved: ResolvedImage, isRemembered = true): string | undefined {
    if (!this.#takesSignature(resolved.scheme)) return undefined;
    const { exp, life } = this.termsOf(resolved);
    const signed = resolved.sign(exp, life);
    if (signed.length > maxUrlLength) return undefined;
    // In a page, an always public variant never has a token: its signed URL only serves for comparison.
    if (isRemembered && this.#ttl === undefined && !resolved.lifetime.alwaysPublic)
      this.#urls.remember(resolved, signed, exp);
    return signed;
  }

  /** Verifies the URL's token; undefined if the response may verify no more signatures. */
  verify(url: string, resolved: ResolvedImage): VerifiedToken | 'current' | undefined {
    if (url === this.#cached(resolved)) return 'current'; // what a new one would be
    return this.#takesSignature(resolved.scheme) ? resolved.verify(this.#now) : undefined;
  }

  /** Whether the URL keeps its token. */
  keeps(url: string, resolved: ResolvedImage): boolean {
    return this.#keepsCustomExpiry(url, resolved) || this.#isFresh(url, resolved);
  }

  /** The signer's cache has no URLs of pages with their own ttl. */
  #cached({ bare }: ResolvedImage): string | undefined {
    return this.#ttl === undefined ? this.#urls.cached(bare, this.#now) : undefined;
  }

  /** Whether the response may compute or verify one more signature: key pair signatures are bounded. */
  #takesSignature({ maxSignatures }: BoundScheme): boolean {
    if (maxSignatures === undefined) return true;
    if (this.#newSignatures < maxSignatures) {
      this.#newSignatures++;
      return true;
    }
    if (!this.isOutOfSignatures)
      this.#audience.reporter.report({ type: 'passed', reason: 'too-many-signatures' });
    this.isOutOfSignatures = true;
    return false;
  }

  /**
   * Whether the signer issued this URL with its own expiry, which must not become later. The response's lifetime then follows
   * that expiry, unless a new token would expire at the same time or sooner.
   */
  #keepsCustomExpiry(url: string, resolved: ResolvedImage): boolean {
    const exp = this.#urls.customExpiry(url, this.#now);
    if (exp === undefined) return false;
    if (exp < this.termsOf(resolved).exp) this.addCustom(exp - this.#now);
    return true;
  }

  /**
   * Whether the first key signed the URL's token, and it stays valid for at least the ttl. It must also outlast a page that a 304
   * renews at the last moment of the step, since such a page keeps its tokens.
   */
  #isFresh(url: string, resolved: ResolvedImage): boolean {
    const result = this.verify(url, resolved);
    if (result === 'current') return true;
    if (result === undefined) return false;
    if (this.#outlastsPage(result, resolved)) return true;
    this.#urls.stored.reportIn(resolved, result, this.#now, this.#audience.reporter, this.#place);
    return false;
  }

  #outlastsPage(token: VerifiedToken, resolved: ResolvedImage): boolean {
    if (!token.ok || token.keyIndex !== 0) return false;
    const ttl = this.#ttl ?? resolved.lifetime.ttl;
    const lastOfStep = this.termsOf(resolved).exp - ttl;
    return token.expiresAt >= Math.max(this.#now + ttl, lastOfStep + pageLifetime(this.shortestTtl));
  }
}

/** The shortest ttl of all variants, in seconds; less if a secret expires soon. */
function shortestTtlAt(now: EpochSeconds, { shortestTtl, schemes }: Configuration): number {
  let shortest = shortestTtl;
  for (const { secretEndsAt } of schemes) shortest = Math.min(shortest, secretEndsAt - now);
  return Math.max(0, shortest);
}
