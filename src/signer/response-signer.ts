/**
 * The signer for one response: one instant, one viewer, each image judged once. It turns a URL that was found in a
 * page into what the viewer gets, and keeps what the response's headers have to know. It knows no HTTP.
 */

import { copyOf } from '../bounded-cache.ts';
import { pageLifetime } from '../http/freshness.ts';
import { maxCachedImages, maxCachedLength } from '../limits.ts';
import type { AccessPolicy, Configuration } from '../options/configuration.ts';
import type { DeliveryImage, SkipReason } from '../options/types.ts';
import type { EpochSeconds } from '../signing/expiry.ts';
import { verifyToken } from '../signing/verify.ts';
import { signedPathOf } from '../url/delivery.ts';
import { withoutToken } from '../url/token.ts';
import { type Reporter, swallowRejection } from './events.ts';
import type { ImageUrls } from './image-urls.ts';
import { imageOf, type ResolvedImage, resolve, signResolved, withVariant } from './resolve.ts';
import { readSignOptions } from './sign-options.ts';

/**
 * What `authorize` has said is remembered of so many images in one response, and of no more than have paths of so many
 * characters together: some 10,000 of usual length, and no page of long ones fills the memory.
 */
const maxAuthorizedLength = 1024 * 1024;
/** URLs whose fate one response remembers: those that the signer's memo does not, such as a logo of somebody else. */
const maxMappedUrls = 64;

export interface Viewer {
  readonly access: AccessPolicy;
  readonly reporter: Reporter;
  /** Handed to `authorize`: what the framework gives, or what `rewriteHtml` was given. */
  readonly request: unknown;
}

export class ResponseSigner {
  readonly #configuration: Configuration;
  readonly #urls: ImageUrls;
  readonly #viewer: Viewer;
  readonly #now: EpochSeconds;
  /** The ttl for all URLs of this response, instead of each variant's own. */
  readonly #ttl: number | undefined;
  readonly #mapped: Map<string, string | undefined> = new Map();
  readonly #allowed: Map<string, boolean> = new Map();
  #allowedLength = 0;
  readonly #issued: Set<string> = new Set();
  /** Nothing but the signer's policy decides: what it remembers holds for this response. */
  readonly isUniform: boolean;
  #shortestTtl: number;
  #hasCustomTtl = false;
  #hasFoundTokens = false;
  /** How long the page may be kept, once its headers have said so; in seconds. */
  #sentPageLifetime = 0;

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
    this.#now = now;
    this.#ttl = ttl;
    this.isUniform = viewer.access.authorize === undefined && ttl === undefined;
    this.#shortestTtl = ttl ?? configuration.shortestTtl;
  }

  /**
   * Takes on what another signer has given out in the same response before this one took its place. Public parts
   * alone: the other may be of the package's other copy.
   */
  inherit(other: Pick<ResponseSigner, 'issued' | 'hasCustomTtl' | 'shortestTtl'>): void {
    for (const url of other.issued) this.#issued.add(url);
    this.#hasCustomTtl ||= other.hasCustomTtl;
    this.#shortestTtl = Math.min(this.#shortestTtl, other.shortestTtl);
  }

  /** The URLs that the app has signed itself in this response. */
  get issued(): ReadonlySet<string> {
    return this.#issued;
  }

  /** Whether all that was signed so far is what any response of the step would get. */
  get isRepeatable(): boolean {
    return this.isUniform && !this.#hasFoundTokens && this.#issued.size === 0;
  }

  /** The shortest ttl in force so far, in seconds: every variant's, and those that calls have named. */
  get shortestTtl(): number {
    return this.#shortestTtl;
  }

  /** How long a page that goes out at the signer's instant may be kept: half of it, in seconds. */
  get pageLifetime(): number {
    return pageLifetime(this.#shortestTtl);
  }

  /** Whether a call has named a life of its own, which no step vouches for. */
  get hasCustomTtl(): boolean {
    return this.#hasCustomTtl;
  }

  /** From now on a URL that lives shorter than the page comes too late for the page's headers, and is reported. */
  headersSent(pageLifetime: number): void {
    this.#sentPageLifetime = pageLifetime;
  }

  /** @throws ImageSignerError */
  signImage(image: string, variant?: string, options?: unknown): string {
    const validity = readSignOptions(options, 'signImage');
    const url = this.#urls.sign(image, variant, validity, this.#now);
    this.#noteValidity(validity);
    this.#issue(url);
    return url;
  }

  /** @throws ImageSignerError */
  signSrcset(image: string, candidates?: unknown, options?: unknown): string {
    const validity = readSignOptions(options, 'signSrcset');
    const srcset = this.#urls.signSrcset(image, candidates, validity, this.#now);
    this.#noteValidity(validity);
    for (const candidate of srcset.split(', ')) this.#issue(candidate.slice(0, candidate.lastIndexOf(' ')));
    return srcset;
  }

  /** What becomes of a URL that was found in the response; undefined leaves it alone. */
  mapUrl = (url: string): string | undefined => {
    const isPlain = this.isStable(url);
    const remembered = isPlain ? this.#urls.cached(url, this.#now) : undefined;
    if (remembered !== undefined) return remembered;
    if (this.#mapped.has(url)) return this.#mapped.get(url);
    const own = copyOf(url);
    const mapped = this.#map(own);
    const isInMemo = isPlain && mapped !== undefined;
    if (!isInMemo && this.#mapped.size < maxMappedUrls && url.length <= maxCachedLength) {
      this.#mapped.set(own, mapped);
    }
    return mapped;
  };

  /** Whether every response of the step gets the same for this URL: with a query it may carry a token that stays. */
  isStable = (url: string): boolean => this.isUniform && !url.includes('?');

  #map(url: string): string | undefined {
    const resolved = resolve(url, this.#configuration);
    if (resolved === 'unknown') return undefined;
    if (typeof resolved === 'string') {
      this.#viewer.reporter.skipped(url, resolved);
      return undefined;
    }
    const { match, variant } = resolved;
    const bare = withoutToken(url, match.reference);
    if (variant.alwaysPublic) return changed(bare, url);
    if (this.#issued.has(url)) return undefined;
    if (!this.#isAllowed(resolved)) {
      const { deniedVariant } = this.#viewer.access;
      return changed(deniedVariant === undefined ? bare : this.#inDeniedVariant(bare, deniedVariant), url);
    }
    this.#hasFoundTokens ||= bare !== url;
    if (bare !== url && this.#isFresh(resolved)) return undefined;
    // One of usual length: a token cannot make it too long for a server.
    if (this.isUniform && url.length <= maxCachedLength)
      return this.#urls.sign(url, undefined, undefined, this.#now);
    return signResolved(resolved, this.#configuration.keys, this.#urls.expiry(variant, this.#ttl, this.#now));
  }

  /**
   * Whether the URL's own token is by the first key, and valid for the ttl in force at least. At the last moment of the
   * step, too, it has to live for as long as a page may be kept: a 304 within the step renews the page as it is.
   */
  #isFresh({ match, variant }: ResolvedImage): boolean {
    const verdict = verifyToken(match, this.#configuration.keys, this.#now);
    if (!verdict.ok || verdict.keyIndex !== 0) return false;
    const ttl = this.#ttl ?? variant.ttl;
    const lastOfStep = this.#urls.expiry(variant, this.#ttl, this.#now) - ttl;
    return verdict.expiresAt >= Math.max(this.#now + ttl, lastOfStep + this.pageLifetime);
  }

  #inDeniedVariant(bare: string, deniedVariant: string): string {
    const resolved = resolve(bare, this.#configuration);
    return typeof resolved === 'object' ? withVariant(resolved.match, deniedVariant) : bare;
  }

  /** Asks once per image and variant. Anything but `true` is a no, and each no is reported. */
  #isAllowed({ match }: ResolvedImage): boolean {
    const { access } = this.#viewer;
    if (access.authorize === undefined) return true;
    const path = signedPathOf(match);
    const known = this.#allowed.get(path);
    if (known !== undefined) return known;
    const image = imageOf(match);
    const refusal = this.#ask(image);
    if (refusal !== undefined) this.#viewer.reporter.skipped(image.url, refusal);
    if (this.#allowed.size < maxCachedImages && this.#allowedLength + path.length <= maxAuthorizedLength) {
      this.#allowed.set(copyOf(path), refusal === undefined);
      this.#allowedLength += path.length;
    }
    return refusal === undefined;
  }

  #ask(image: DeliveryImage): SkipReason | undefined {
    try {
      // The app's own type of request; `rewriteHtml` hands on whatever it was given.
      const answer: unknown = this.#viewer.access.authorize?.(image, this.#viewer.request);
      if (answer === true) return undefined;
      return swallowRejection(answer) ? 'authorize-not-synchronous' : 'not-authorized';
    } catch {
      return 'authorize-threw';
    }
  }

  /** What the app has signed itself stays, wherever it turns up in the response. */
  #issue(url: string): void {
    this.#issued.add(url);
    this.#mapped.delete(url);
  }

  #noteValidity(validity: ReturnType<typeof readSignOptions>): void {
    if (validity === undefined) return;
    this.#hasCustomTtl = true;
    const seconds = 'ttl' in validity ? validity.ttl : Math.max(0, validity.expiresAt - this.#now);
    if (seconds < this.#sentPageLifetime)
      this.#viewer.reporter.report({ type: 'passed', reason: 'late-ttl' });
    this.#shortestTtl = Math.min(this.#shortestTtl, seconds);
  }
}

function changed(url: string, from: string): string | undefined {
  return url === from ? undefined : url;
}
