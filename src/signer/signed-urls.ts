/**
 * Signs images at a given instant, and caches the URLs: a page that is sent again within a step costs no MAC. It remembers URLs
 * with their own expiry. It knows no pages, viewers or clocks.
 * Longer than most files: signing must know under which keys, and for how long, a URL is cached.
 */
import { BoundedCache, copyOf } from '../bounded-cache.ts';
import { ImageSignerError } from '../errors.ts';
import type { Configuration } from '../options/configuration.ts';
import { type BoundScheme, generationOf, type ResolvedImage } from '../schemes/bound.ts';
import type { UrlLifetime } from '../schemes/resolved-image.ts';
import { hashHex } from '../signing/digests.ts';
import type { EpochSeconds } from '../signing/expiry.ts';
import { LF } from '../text/ascii.ts';
import { maxCachedImages, maxCachedLength, maxUrlLength } from '../text/limits.ts';
import { HelperArguments, isUrl, notADeliveryUrl } from './helper-arguments.ts';
import { RemovedParameters, Reporter, StoredTokens } from './reporter.ts';
import { type CallName, readCandidates, type Validity } from './sign-options.ts';
import { expiryAt, termsOf } from './terms.ts';

export interface SignedUrl {
  readonly url: string;
  readonly lifetime: UrlLifetime;
  /** Undefined for an always public variant, whose URL never expires. */
  readonly exp: EpochSeconds | undefined;
}

interface CachedUrl extends SignedUrl {
  readonly scheme: BoundScheme;
}

/** An image candidate string of a `srcset`. */
export interface Candidate {
  readonly url: string;
  readonly descriptor: string;
  /** Undefined if the viewer may not see the image in this variant. */
  readonly signed: SignedUrl | undefined;
}

export class SignedUrls {
  readonly #configuration: Configuration;
  readonly #cache: SignedUrlCache;
  readonly #arguments: HelperArguments;
  readonly #custom: CustomExpiries = new CustomExpiries();
  readonly removed: RemovedParameters = new RemovedParameters();
  readonly stored: StoredTokens = new StoredTokens();
  /** For calls outside of a response. */
  readonly #reporter: Reporter;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
    this.#reporter = new Reporter(configuration.access.report);
    this.#arguments = new HelperArguments(configuration);
    this.#cache = new SignedUrlCache(configuration.schemes, configuration.memory.urls);
  }

  /**
   * @param image - delivery URL or image id
   * @param validity - of the call; undefined for that of the variant
   * @param call - for error messages
   * @throws ImageSignerError
   */
  sign(
    image: string,
    variant: string | undefined,
    validity: Validity | undefined,
    now: EpochSeconds,
    call: CallName = 'signImage',
  ): SignedUrl {
    const key = validity === undefined ? keyOfCall(image, variant) : undefined;
    const cached = key === undefined ? undefined : this.#cache.get(key, now);
    if (cached !== undefined) return cached;
    const signed = this.#computeUrl(image, variant, validity, now, call);
    if (key !== undefined) this.#cache.set(key, signed);
    if (validity !== undefined && signed.exp !== undefined) this.#custom.add(signed.url, signed.exp);
    return signed;
  }

  /**
   * The image that a call is about.
   * @throws ImageSignerError
   */
  resolve(image: string, variant: string | undefined, call: CallName): ResolvedImage {
    return this.#arguments.resolve(image, variant, call);
  }

  /** Remembers a URL with its own ttl that was not made by `sign`. */
  rememberExpiry(url: string, exp: EpochSeconds): void {
    this.#custom.add(url, exp);
  }

  /** The expiry of a valid URL that was issued in exactly this text with its own ttl or expiry. */
  customExpiry(url: string, now: EpochSeconds): EpochSeconds | undefined {
    return this.#custom.get(url, now);
  }

  /**
   * The signed URL for a URL in a page, if it is cached. It is the same for every viewer: other code decides whether this viewer
   * may see the image.
   * @param url - without a token
   */
  cached(url: string, now: EpochSeconds): string | undefined {
    const key = keyOfUrl(url);
    const cached = key === undefined ? undefined : this.#cache.get(key, now);
    // A public URL in a page keeps its spelling; `sign` would return the canonical one.
    return cached?.exp === undefined ? undefined : cached.url;
  }

  /**
   * Caches the signed URL for a URL in a page. Call it only after `cached` for the same URL.
   * @param exp - from the scheme's lifetime, not from a page's own ttl
   */
  remember({ bare, lifetime, scheme }: ResolvedImage, signed: string, exp: EpochSeconds): void {
    if (keyOfUrl(bare) === undefined) return;
    // The URL may be a slice of a longer text. A slice of the kept URL takes less time and memory than a copy.
    const start = signed.slice(0, bare.length);
    this.#cache.set(start === bare ? start : copyOf(bare), { url: signed, lifetime, scheme, exp });
  }

  /** Caches a signed URL under another text for the same image. */
  alias(text: string, url: string, now: EpochSeconds): void {
    const signed = this.#cache.get(url, now);
    if (signed !== undefined && keyOfUrl(text) !== undefined) this.#cache.set(text, signed);
  }

  /**
   * @param refused - returns the replacement for a variant that this viewer may not see; undefined for one to sign. Default:
   *   every variant is signed
   * @throws ImageSignerError
   */
  signCandidates(
    image: string,
    candidates: unknown,
    validity: Validity | undefined,
    now: EpochSeconds,
    refused?: (variant: string) => string | undefined,
  ): Candidate[] {
    const pairs = readCandidates(candidates, () => this.#arguments.variantsFor(image));
    if (pairs.length === 0) {
      throw new ImageSignerError(
        'VARIANT_REQUIRED',
        'signSrcset expected candidates, or variants with a width that are signed. For example, variants: { thumb: { width: 320 } }.',
      );
    }
    return pairs.map(([variant, descriptor]) => {
      const instead = refused?.(variant);
      if (instead !== undefined) return { url: asCandidate(instead), descriptor, signed: undefined };
      const signed = this.sign(image, variant, validity, now, 'signSrcset');
      const url = asCandidate(signed.url);
      if (validity !== undefined && signed.exp !== undefined) this.#custom.add(url, signed.exp);
      return { url, descriptor, signed: { ...signed, url } };
    });
  }

  #computeUrl(
    image: string,
    variant: string | undefined,
    validity: Validity | undefined,
    now: EpochSeconds,
    call: CallName,
  ): CachedUrl {
    const resolved = this.#arguments.resolve(image, variant, call);
    const { lifetime, scheme } = resolved;
    if (lifetime.alwaysPublic) return { url: resolved.canonical, lifetime, scheme, exp: undefined };
    if (resolved.unsignedParameters !== undefined) this.removed.reportIn(resolved, this.#reporter);
    const { exp, life } = termsOf(resolved, validity, now, this.#configuration.stableFor);
    const url = resolved.sign(exp, life);
    if (url.length > maxUrlLength)
      throw notADeliveryUrl(call, image, 'which is too long for a server with its token');
    return { url, lifetime, scheme, exp };
  }
}

/** The value of a `srcset`. */
export function srcsetOf(candidates: readonly Candidate[]): string {
  return candidates.map(({ url, descriptor }) => `${url} ${descriptor}`).join(', ');
}

/** A URL is its own key, in a page and in a call. All other keys begin with a line feed. */
function keyOfUrl(url: string): string | undefined {
  return url.charCodeAt(0) === LF ? undefined : url;
}

/**
 * The same text may be an image id in a call, and a relative URL in a page. Line feeds distinguish an id, an image in a variant and
 * a URL: no signed image or variant contains one.
 */
function keyOfCall(image: unknown, variant: unknown): string | undefined {
  if (typeof image !== 'string' || image.includes('\n')) return undefined;
  if (variant === undefined) return isUrl(image) ? image : `\n${image}`;
  return typeof variant === 'string' ? `\n${variant}\n${image}` : undefined;
}

/** A space or a final comma, in a fragment or in the query of a public URL, would end the image candidate string. */
function asCandidate(url: string): string {
  return url.replaceAll(' ', '%20').replace(/,$/, '%2C');
}

/** Keeps a URL as long as a new one would be the same: within a step of its expiry, and with the same secrets. */
class SignedUrlCache {
  /** The schemes whose secret may change. */
  readonly #schemes: readonly BoundScheme[];
  #generation: number;
  /** How much memory the URLs may take. */
  readonly #maxBytes: number;
  #urls: BoundedCache<CachedUrl>;

  constructor(schemes: readonly BoundScheme[], maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#urls = new BoundedCache<CachedUrl>(maxBytes, sizeOf);
    this.#schemes = schemes.filter(({ secret }) => secret !== undefined);
    this.#generation = generationOf(this.#schemes);
  }

  get(key: string, now: EpochSeconds): CachedUrl | undefined {
    const generation = this.#schemes.length === 0 ? 0 : generationOf(this.#schemes);
    if (this.#generation !== generation) {
      this.#generation = generation;
      this.#urls = new BoundedCache<CachedUrl>(this.#maxBytes, sizeOf);
    }
    const cached = this.#urls.get(key);
    if (cached?.exp === undefined) return cached;
    return cached.exp === expiryAt(now, cached.lifetime, cached.scheme) ? cached : undefined;
  }

  /** Call it only after `get` for the same key, which drops the URLs of other secrets. */
  set(key: string, signed: CachedUrl): void {
    if (key.length <= maxCachedLength) this.#urls.set(key, signed);
  }
}

/** The size of an entry in V8, without its characters. */
const entryBytes = 200;

function sizeOf(key: string, { url }: CachedUrl): number {
  return entryBytes + key.length + url.length;
}

/**
 * Remembers the URLs that a signer issued with their own `ttl` or `expiresAt`: a page that contains one later must not extend it.
 * Only the exact text counts, which nobody can guess without the key. Other code decides whether a viewer may see the image.
 */
class CustomExpiries {
  readonly #expiries: BoundedCache<EpochSeconds> = new BoundedCache(maxCachedImages);

  /** @param url - exactly as it is issued */
  add(url: string, exp: EpochSeconds): void {
    this.#expiries.set(keyOfSigned(url), exp);
  }

  /** @returns undefined for a URL that is not known, or has expired */
  get(url: string, now: EpochSeconds): EpochSeconds | undefined {
    const exp = this.#expiries.get(url.length <= maxCachedLength ? url : keyOfSigned(url));
    return exp !== undefined && now < exp ? exp : undefined;
  }
}

/** RSA signatures and session tokens make URLs too long to keep as they are. */
function keyOfSigned(url: string): string {
  return url.length <= maxCachedLength ? copyOf(url) : hashHex('sha256', url);
}
