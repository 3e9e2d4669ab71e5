/**
 * Signs the URLs of one response, at one instant and for one viewer. It records what the response's headers depend on,
 * such as the shortest ttl. It knows no HTTP.
 */

import { copyOf } from '../bounded-cache.ts';
import { pageLifetime } from '../http/freshness.ts';
import { maxCachedLength, maxUrlLength } from '../limits.ts';
import type { Configuration } from '../options/configuration.ts';
import type { ResolvedImage, ResolveFailure } from '../schemes/bound.ts';
import { explainUnmatched } from '../schemes/cloudflare-images/unmatched.ts';
import type { EpochSeconds } from '../signing/expiry.ts';
import { type Asker, Authorization } from './authorization.ts';
import { type ImageUrls, type SignedUrl, srcsetOf } from './image-urls.ts';
import { failureOf, resolve } from './resolve.ts';
import { readSignImage, readSignOptions, type Validity } from './sign-options.ts';
import { type Terms, termsOf } from './terms.ts';
import { UrlCounts } from './url-counts.ts';
import { shortestTtlAt, UrlLifetimes } from './url-lifetimes.ts';

/** Entries in the cache of mapped URLs, for URLs that the signer does not cache, such as a logo under no base. */
const maxMappedUrls = 64;

export interface Viewer extends Asker {
  /** As in `UrlLifetimes`. */
  readonly isKeptLonger: (seconds: number) => boolean;
}

/** What a URL of the response becomes (undefined: it stays), and how it counts. */
interface MappedUrl {
  readonly url: string | undefined;
  readonly count: 'signed' | 'kept' | 'skipped' | 'denied' | undefined;
}

const none: ReadonlySet<string> = new Set();
const unknownUrl: MappedUrl = { url: undefined, count: undefined };
const skippedUrl: MappedUrl = { url: undefined, count: 'skipped' };
const keptUrl: MappedUrl = { url: undefined, count: 'kept' };

export class ResponseSigner {
  readonly #configuration: Configuration;
  readonly #urls: ImageUrls;
  readonly #viewer: Viewer;
  readonly #now: EpochSeconds;
  /** Overrides the ttl of each variant. */
  readonly #ttl: number | undefined;
  /** Created when needed, as is `#issued`: a page that is streamed may be in memory for long. */
  #mapped: Map<string, MappedUrl> | undefined;
  readonly #authorization: Authorization;
  #issued: Set<string> | undefined;
  /** Only the signer's options determine the URLs, so that its caches are valid for this response. */
  readonly isUniform: boolean;
  readonly lifetimes: UrlLifetimes;
  readonly counts: UrlCounts = new UrlCounts();
  #hasFoundTokens = false;

  constructor(
    configuration: Configuration,
    urls: ImageUrls,
    viewer: Viewer,
    now: EpochSeconds,
    ttl?: number,
  ) {
    this.#configuration = configuration;
    this.#urls = urls;
    this.#viewer = viewer;
    this.#authorization = new Authorization(viewer);
    this.#now = now;
    this.#ttl = ttl;
    this.isUniform = viewer.access.authorize === undefined && ttl === undefined;
    const { reporter, isKeptLonger } = viewer;
    this.lifetimes = new UrlLifetimes(reporter, isKeptLonger, ttl ?? shortestTtlAt(now, configuration));
  }

  /**
   * Takes over what another signer has issued in this response, before this one replaces it. It uses public members only:
   * the other may come from a second copy of the package.
   */
  inherit(other: Pick<ResponseSigner, 'issued' | 'lifetimes'>): void {
    for (const url of other.issued) this.#addIssued(url);
    this.lifetimes.inherit(other.lifetimes);
  }

  /** The URLs that the app has signed in this response. */
  get issued(): ReadonlySet<string> {
    return this.#issued ?? none;
  }

  /** Whether every response within the step would get the same page. */
  get isRepeatable(): boolean {
    return this.isUniform && !this.#hasFoundTokens && this.#issued === undefined;
  }

  /** The data of a view has been signed, with the ttl of whichever variant. */
  noteViewData(): void {
    this.lifetimes.addOwn(this.lifetimes.shortestTtl);
  }

  /** @throws ImageSignerError */
  signImage(image: string, variant?: unknown, options?: unknown): string {
    const call = readSignImage(variant, options, this.#configuration);
    const { validity } = call;
    const signed = this.#urls.sign(image, call.variant, validity, this.#now);
    this.#issue(signed, validity);
    return signed.url;
  }

  /** @throws ImageSignerError */
  signSrcset(image: string, candidates?: unknown, options?: unknown): string {
    const validity = readSignOptions(options, 'signSrcset');
    const signed = this.#urls.signCandidates(image, candidates, validity, this.#now);
    for (const each of signed) this.#issue(each, validity);
    return srcsetOf(signed);
  }

  /** Maps a URL in the response; undefined keeps it. */
  mapUrl = (url: string): string | undefined => {
    const isPlain = this.isStable(url);
    const cached = isPlain ? this.#urls.cached(url, this.#now) : undefined;
    if (cached !== undefined) {
      this.counts.signed++;
      return cached;
    }
    let mapped = this.#mapped?.get(url);
    if (mapped === undefined) {
      const copy = copyOf(url);
      mapped = this.#map(copy);
      const isCachedBySigner = isPlain && mapped.url !== undefined;
      if (!isCachedBySigner && url.length <= maxCachedLength) this.#remember(copy, mapped);
    }
    if (mapped.count !== undefined) this.counts[mapped.count]++;
    return mapped.url;
  };

  #remember(url: string, mapped: MappedUrl): void {
    this.#mapped ??= new Map();
    if (this.#mapped.size < maxMappedUrls) this.#mapped.set(url, mapped);
  }

  /** Whether every response within the step maps this URL alike. One with a token does not: a valid token is kept. */
  isStable = (url: string): boolean =>
    this.isUniform && !this.#configuration.schemes.some((scheme) => scheme.mayCarryToken(url));

  #map(url: string): MappedUrl {
    const resolved = resolve(url, this.#configuration);
    if (typeof resolved === 'string') {
      this.#reportSkipped(url, resolved);
      return resolved === 'unknown' ? unknownUrl : skippedUrl;
    }
    const { bare } = resolved;
    if (resolved.policy.alwaysPublic) return { url: changed(bare, url), count: undefined };
    if (this.#issued?.has(url)) return keptUrl;
    if (!this.#authorization.allows(resolved)) {
      const { deniedVariant } = this.#viewer.access;
      const denied = deniedVariant === undefined ? bare : this.#inDeniedVariant(bare, deniedVariant);
      return { url: changed(denied, url), count: 'denied' };
    }
    this.#hasFoundTokens ||= bare !== url;
    if (bare !== url && (this.#keepsCustomExpiry(url, resolved) || this.#isFresh(resolved))) return keptUrl;
    this.#urls.removed.tell(resolved, this.#viewer.reporter);
    const signed = this.#sign(url, resolved);
    return { url: signed, count: signed === undefined ? 'skipped' : 'signed' };
  }

  /** @returns undefined if the signed URL is too long, or the scheme fails, which must not break a page */
  #sign(url: string, resolved: ResolvedImage): string | undefined {
    try {
      if (this.isUniform && url.length <= maxCachedLength)
        return this.#urls.sign(url, undefined, undefined, this.#now).url;
      const { exp, life } = this.#termsOf(resolved);
      const signed = resolved.sign(exp, life);
      return signed.length > maxUrlLength ? undefined : signed;
    } catch (error) {
      this.#viewer.reporter.skipped(resolved.bare, failureOf(error));
      return undefined;
    }
  }

  #termsOf(resolved: ResolvedImage): Terms {
    const validity = this.#ttl === undefined ? undefined : { ttl: this.#ttl };
    return termsOf(resolved, validity, this.#now, this.#configuration.stableFor);
  }

  /** Of the URLs under no base only those are reported that Cloudflare Images serves: a page is full of others. */
  #reportSkipped(url: string, reason: ResolveFailure | 'unknown'): void {
    const { reporter } = this.#viewer;
    if (!reporter.isListening) return;
    const { cloudflare } = this.#configuration;
    if (reason !== 'unknown' && (reason !== 'not-a-delivery-url' || cloudflare === undefined))
      return reporter.skipped(url, reason);
    if (cloudflare === undefined) return;
    const unmatched = explainUnmatched(url, cloudflare.bases);
    if (reason === 'not-a-delivery-url' || unmatched.reason === 'not-under-delivery')
      reporter.skipped(url, unmatched.reason, unmatched);
  }

  /**
   * Whether the signer gave out this URL with an expiry of its own, which must not become later. The response's lifetime
   * then follows that expiry. If a new token would expire no later, nothing has to follow: the URL outlasts the step.
   */
  #keepsCustomExpiry(url: string, resolved: ResolvedImage): boolean {
    const exp = this.#urls.customExpiry(url, this.#now);
    if (exp === undefined) return false;
    if (exp < this.#termsOf(resolved).exp) this.lifetimes.addCustom(exp - this.#now);
    return true;
  }

  /**
   * Whether the first key signed the token that the URL carries, and it stays valid for at least the ttl. It must also
   * outlast a page that a 304 renews at the last moment of the step: the page keeps its tokens then.
   */
  #isFresh(resolved: ResolvedImage): boolean {
    const result = resolved.verify(this.#now);
    if (!result.ok || result.keyIndex !== 0) return false;
    const ttl = this.#ttl ?? resolved.policy.ttl;
    const lastOfStep = this.#termsOf(resolved).exp - ttl;
    return (
      result.expiresAt >= Math.max(this.#now + ttl, lastOfStep + pageLifetime(this.lifetimes.shortestTtl))
    );
  }

  #inDeniedVariant(bare: string, deniedVariant: string): string {
    const resolved = resolve(bare, this.#configuration);
    return typeof resolved === 'object' ? resolved.inVariant(deniedVariant) : bare;
  }

  #addIssued(url: string): void {
    this.#issued ??= new Set();
    this.#issued.add(url);
  }

  /** The rewriter keeps a URL that the app has signed. */
  #issue({ url, policy, exp }: SignedUrl, validity: Validity | undefined): void {
    this.#addIssued(url);
    this.#mapped?.delete(url);
    if (exp === undefined) return;
    if (validity === undefined) return this.lifetimes.addOwn(Math.min(policy.ttl, exp - this.#now));
    const seconds = 'ttl' in validity ? validity.ttl : Math.max(0, exp - this.#now);
    this.lifetimes.addCustom(seconds);
    this.lifetimes.addOwn(seconds);
  }
}

function changed(url: string, from: string): string | undefined {
  return url === from ? undefined : url;
}
