/**
 * Signs the URLs of one response, at one instant and for one viewer. It records what the response's headers depend on, such as
 * the shortest ttl, but knows no HTTP.
 * Longer than most files: pages and helpers share the decision about an image.
 */

import { copyOf } from '../bounded-cache.ts';
import { UrlCounts } from '../caches/page-cache.ts';
import type { Configuration } from '../options/configuration.ts';
import { CurrentPlace, type UrlMapper } from '../rewriting/options.ts';
import type { ResolvedImage } from '../schemes/bound.ts';
import type { ResolveFailure } from '../schemes/resolved-image.ts';
import type { EpochSeconds } from '../signing/expiry.ts';
import { maxCachedLength } from '../text/limits.ts';
import { type Asker, Authorization } from './authorization.ts';
import { PageTokens, type UrlLifetimes } from './page-tokens.ts';
import { explainSkipped, failureOf, rename, resolve } from './resolve.ts';
import {
  type CallName,
  type DataTerms,
  readSignImage,
  readSignOptions,
  type Validity,
} from './sign-options.ts';
import { type SignedUrl, type SignedUrls, srcsetOf } from './signed-urls.ts';
import { checkTtl } from './terms.ts';

/** Entries in the cache of mapped URLs, for URLs that the signer does not cache, such as a logo under no base. */
const maxMappedUrls = 64;

/**
 * URLs that helpers signed for one response. An endless event stream may sign any number of them, but the oldest were sent
 * long ago.
 */
const maxIssuedUrls = 20_000;

/** What the response's headers allow caches to do, once they are sent; nothing before. */
export interface SentHeaders {
  /** Whether a cache may keep the response for longer than the given seconds. */
  isKeptLonger(seconds: number): boolean;
  /** Whether a cache may give the response to other viewers. */
  isShared(): boolean;
}

export interface Viewer extends Asker {
  /** Undefined for a page without headers. */
  readonly sent: SentHeaders | undefined;
}

/** The replacement of a URL (undefined if it stays), and how it is counted. */
interface MappedUrl {
  readonly url: string | undefined;
  readonly count: 'signed' | 'kept' | 'skipped' | 'denied' | undefined;
}

const none: ReadonlySet<string> = new Set();
const unknownUrl: MappedUrl = { url: undefined, count: undefined };
const skippedUrl: MappedUrl = { url: undefined, count: 'skipped' };

export class PageSigning {
  readonly #configuration: Configuration;
  readonly #urls: SignedUrls;
  readonly #viewer: Viewer;
  readonly #now: EpochSeconds;
  /** Overrides the variants' ttl. */
  readonly #ttl: number | undefined;
  /** Created when needed, as is `#issued`: a page that is streamed may be in memory for long. */
  #mapped: Map<string, MappedUrl> | undefined;
  /** Undefined if `authorize` allows all. */
  readonly #authorization: Authorization | undefined;
  #issued: Set<string> | undefined;
  /** Only the signer's options determine the URLs, so that its caches are valid for this response. */
  readonly isUniform: boolean;
  readonly tokens: PageTokens;
  readonly counts: UrlCounts = new UrlCounts();
  /** Where the next URL is; undefined if nobody listens to events. */
  readonly place: CurrentPlace | undefined;
  #hasFoundTokens = false;
  /** A helper or data asked `authorize`: another viewer may get other URLs. */
  isPersonal: boolean = false;

  /** @param authorization - of the response; by default a new one */
  constructor(
    configuration: Configuration,
    urls: SignedUrls,
    viewer: Viewer,
    now: EpochSeconds,
    ttl?: number,
    authorization: Authorization | undefined = viewer.access.authorize && new Authorization(viewer),
  ) {
    this.#configuration = configuration;
    this.#urls = urls;
    this.#viewer = viewer;
    this.#authorization = authorization;
    this.#now = now;
    this.#ttl = ttl;
    this.isUniform = viewer.access.authorize === undefined && ttl === undefined;
    this.place = viewer.reporter.isListening ? new CurrentPlace() : undefined;
    this.tokens = new PageTokens(configuration, urls, viewer, now, ttl, this.place);
  }

  /**
   * Takes over the issued URLs of another signer of this response, which this one replaces. It uses only public members, since
   * the other may come from a second copy of the package.
   */
  inherit(other: Pick<PageSigning, 'issued' | 'lifetimes' | 'isPersonal' | 'isOutOfSignatures'>): void {
    for (const url of other.issued) this.#addIssued(url);
    this.tokens.inherit(other);
    this.isPersonal ||= other.isPersonal;
  }

  get lifetimes(): UrlLifetimes {
    return this.tokens;
  }

  /** The URLs that the app has signed in this response. */
  get issued(): ReadonlySet<string> {
    return this.#issued ?? none;
  }

  /** Whether every response in this step would get the same page. */
  get isRepeatable(): boolean {
    return this.isUniform && !this.#hasFoundTokens && this.#issued === undefined && !this.isOutOfSignatures;
  }

  /**
   * Whether URLs stay unsigned because the response reached its scheme's `maxSignatures`. The next response may sign them, so
   * caches must not keep this one.
   */
  get isOutOfSignatures(): boolean {
    return this.tokens.isOutOfSignatures;
  }

  /**
   * Called after reading data that the app puts into the response itself.
   * @param before - the counts before
   */
  noteData(before: UrlCounts): void {
    const { signed, kept } = this.counts.since(before);
    if (signed + kept > 0) {
      if (this.#ttl !== undefined) this.tokens.addCustom(this.#ttl);
      this.tokens.addOwn(this.tokens.shortestTtl); // the variant is not known here
    }
    if (this.#authorization?.hasAsked) this.#notePersonal();
  }

  /**
   * A signer for data of the same response, with its own ttl, or without `authorize`. The caller must `inherit` its issued
   * URLs.
   * @throws ImageSignerError INVALID_OPTION for a ttl that a scheme cannot give
   */
  forData({ ttl, asksAuthorize }: DataTerms): PageSigning {
    if (ttl === undefined && asksAuthorize) return this;
    const configuration = this.#configuration;
    if (ttl !== undefined) checkTtl(ttl, configuration);
    const access = asksAuthorize ? this.#viewer.access : { ...this.#viewer.access, authorize: undefined };
    const viewer = { ...this.#viewer, access };
    const authorization = asksAuthorize ? this.#authorization : undefined;
    return new PageSigning(configuration, this.#urls, viewer, this.#now, ttl, authorization);
  }

  /** Maps a URL in data that the app puts into the response itself. The page keeps the signed URL. */
  mapDataUrl(url: string): string | undefined {
    const { signed } = this.counts;
    const mapped = this.mapUrl(url);
    if (mapped === undefined || this.counts.signed === signed) return mapped;
    this.#addIssued(mapped);
    if (this.#ttl === undefined) return mapped;
    const resolved = resolve(url, this.#configuration);
    if (typeof resolved === 'object') this.#urls.rememberExpiry(mapped, this.tokens.termsOf(resolved).exp);
    return mapped;
  }

  /**
   * Signs for a handler or a view, if this viewer may see the image. Otherwise it returns what a page would get.
   * @throws ImageSignerError
   */
  signImage(image: string, variant?: unknown, options?: unknown): string {
    const call = readSignImage(variant, options, this.#configuration, 'helper');
    const { validity } = call;
    if (call.asksAuthorize && this.#authorization !== undefined) {
      const refused = this.#refusedCall(this.#authorization, image, call.variant, 'signImage');
      if (refused !== undefined) return refused;
    }
    const signed = this.#urls.sign(image, call.variant, validity, this.#now);
    this.#issue(signed, validity);
    return signed.url;
  }

  /**
   * Signs the candidates for a handler or a view, as `signImage` does.
   * @throws ImageSignerError
   */
  signSrcset(image: string, candidates?: unknown, options?: unknown): string {
    const { validity, asksAuthorize } = readSignOptions(options, 'signSrcset', 'helper');
    const authorization = asksAuthorize ? this.#authorization : undefined;
    const refused =
      authorization && ((variant: string) => this.#refusedCall(authorization, image, variant, 'signSrcset'));
    const all = this.#urls.signCandidates(image, candidates, validity, this.#now, refused);
    for (const { signed } of all) if (signed !== undefined) this.#issue(signed, validity);
    return srcsetOf(all);
  }

  /** What a helper returns if the viewer may not see the image; undefined if they may. */
  #refusedCall(
    authorization: Authorization,
    image: string,
    variant: string | undefined,
    call: CallName,
  ): string | undefined {
    const resolved = this.#urls.resolve(image, variant, call);
    if (resolved.lifetime.alwaysPublic) return undefined;
    this.#notePersonal();
    return authorization.refused(resolved);
  }

  #notePersonal(): void {
    if (!this.isPersonal && this.#viewer.sent?.isShared())
      this.#viewer.reporter.report({ type: 'passed', reason: 'late-authorize' });
    this.isPersonal = true;
  }

  /**
   * Maps a URL in the response; undefined keeps it.
   * @param isInCachedValue - the value cache keeps the value around it, so the signer's cache need not
   */
  mapUrl = (url: string, isInCachedValue = false): string | undefined => {
    const isPlain = this.#isPlain(url);
    const isKeptElsewhere = isPlain && isInCachedValue;
    const cached = isPlain && !isKeptElsewhere ? this.#urls.cached(url, this.#now) : undefined;
    if (cached !== undefined) {
      this.counts.signed++;
      return cached;
    }
    let mapped = this.#mapped?.get(url);
    if (mapped === undefined) {
      mapped = this.#map(isPlain ? url : copyOf(url), isPlain, isKeptElsewhere);
      const isCachedBySigner = isPlain && mapped.count === 'signed';
      if (!isCachedBySigner && url.length <= maxCachedLength) this.#remember(copyOf(url), mapped);
    }
    if (mapped.count !== undefined) this.counts[mapped.count]++;
    return mapped.url;
  };

  #remember(url: string, mapped: MappedUrl): void {
    this.#mapped ??= new Map();
    if (this.#mapped.size < maxMappedUrls) this.#mapped.set(url, mapped);
  }

  /**
   * Maps a URL that may be an image, but also a page of the site; undefined if `map` serves both.
   */
  linkMapperOf(map: UrlMapper): UrlMapper | undefined {
    const { schemes } = this.#configuration;
    if (!schemes.some(({ hasUnsurePaths }) => hasUnsurePaths)) return undefined;
    return (url) => (schemes.some((scheme) => scheme.isUnsure(url)) ? undefined : map(url));
  }

  /** Whether every response in this step maps this URL to the same signed URL. Called after it was mapped. */
  isStable = (url: string): boolean =>
    // A URL under `from` changes even if it is not signed.
    this.#isPlain(url) &&
    (rename(url, this.#configuration) === undefined || this.#urls.cached(url, this.#now) !== undefined);

  /** Whether its token depends only on the step. A URL with a token is not plain, since a valid token is kept. */
  #isPlain(url: string): boolean {
    if (!this.isUniform) return false;
    for (const scheme of this.#configuration.schemes) if (scheme.mayCarryToken(url)) return false;
    return true;
  }

  /**
   * @param isPlain - the signer's cache does not have this text, or need not be asked
   * @param isKeptElsewhere - the result need not be in the signer's cache
   */
  #map(url: string, isPlain: boolean, isKeptElsewhere: boolean): MappedUrl {
    const resolved = resolve(url, this.#configuration);
    if (typeof resolved === 'string') {
      this.#reportSkipped(rename(url, this.#configuration) ?? url, resolved);
      return resolved === 'unknown' ? unknownUrl : skippedUrl;
    }
    const { bare, text } = resolved;
    if (resolved.lifetime.alwaysPublic) return { url: changed(bare, url), count: undefined };
    if (this.#issued?.has(text)) return { url: changed(text, url), count: 'kept' };
    const refused = this.#authorization?.refused(resolved);
    if (refused !== undefined) {
      // It may be a page of the site instead of an image: such a link must stay.
      const isUnsure = resolved.scheme.isUnsure(url);
      return { url: isUnsure ? undefined : changed(refused, url), count: 'denied' };
    }
    this.#hasFoundTokens ||= bare !== text;
    if (bare !== text && this.tokens.keeps(text, resolved)) return { url: changed(text, url), count: 'kept' };
    if (resolved.unsignedParameters !== undefined)
      this.#urls.removed.reportIn(resolved, this.#viewer.reporter);
    const signed = this.#sign(resolved, isPlain && bare === url, isKeptElsewhere);
    if (signed === undefined) return { url: changed(text, url), count: 'skipped' };
    if (text !== url && bare === text && this.#ttl === undefined)
      this.#urls.alias(copyOf(url), bare, this.#now);
    return { url: signed, count: 'signed' };
  }

  #reportSkipped(url: string, failure: ResolveFailure | 'unknown'): void {
    const { reporter } = this.#viewer;
    const skipped = reporter.isListening ? explainSkipped(url, failure, this.#configuration) : undefined;
    if (skipped !== undefined) reporter.skipped(url, ...skipped);
  }

  /**
   * @returns undefined if the signed URL is too long, the response may sign no more, or the scheme fails, which must not break a
   *   page
   */
  #sign(resolved: ResolvedImage, isNew: boolean, isKeptElsewhere: boolean): string | undefined {
    try {
      // A MAC costs about as much as a cache entry. A key pair's signature costs a hundred times as much.
      const isDear = resolved.scheme.maxSignatures !== undefined;
      if (!isNew || (isKeptElsewhere && isDear)) return this.tokens.fresh(resolved);
      return this.tokens.sign(resolved, !isKeptElsewhere);
    } catch (error) {
      this.#viewer.reporter.skipped(resolved.bare, failureOf(error));
      return undefined;
    }
  }

  #addIssued(url: string): void {
    this.#issued ??= new Set();
    this.#issued.add(url);
    if (this.#issued.size > maxIssuedUrls) this.#issued.delete(this.#issued.values().next().value!);
    this.#mapped?.delete(url);
  }

  /** The rewriter keeps a URL that the app has signed. */
  #issue({ url, lifetime, exp }: SignedUrl, validity: Validity | undefined): void {
    this.#addIssued(url);
    if (exp === undefined) return;
    if (validity === undefined) return this.tokens.addOwn(Math.min(lifetime.ttl, exp - this.#now));
    const seconds = 'ttl' in validity ? validity.ttl : Math.max(0, exp - this.#now);
    this.tokens.addCustom(seconds);
    this.tokens.addOwn(seconds);
  }
}

function changed(url: string, from: string): string | undefined {
  return url === from ? undefined : url;
}
