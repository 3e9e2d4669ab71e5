/** Caches signed URLs, each as long as a new one would be the same: within a step of its expiry, under the same secrets. */
import { BoundedCache, copyOf } from '../bounded-cache.ts';
import { type BoundScheme, generationOf } from '../schemes/bound.ts';
import type { EpochSeconds, ExpiryTerms } from '../signing/expiry.ts';
import { maxCachedImages, maxCachedLength } from '../text/limits.ts';
import { expiryAt } from './terms.ts';

interface Expiring {
  readonly url: string;
  readonly lifetime: ExpiryTerms;
  readonly scheme: BoundScheme;
  /** Undefined for a URL that never expires. */
  readonly exp: EpochSeconds | undefined;
}

export class SignedUrlCache<Signed extends Expiring> {
  /** Those whose secret may change. */
  readonly #schemes: readonly BoundScheme[];
  #generation: number;
  readonly #maxBytes: number;
  #urls: BoundedCache<Signed>;

  /** @param maxBytes - as much memory as the URLs may take */
  constructor(schemes: readonly BoundScheme[], maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#urls = new BoundedCache<Signed>(maxBytes, sizeOf);
    this.#schemes = schemes.filter(({ secret }) => secret !== undefined);
    this.#generation = generationOf(this.#schemes);
  }

  get(key: string, now: EpochSeconds): Signed | undefined {
    const generation = generationOf(this.#schemes);
    if (this.#generation !== generation) {
      this.#generation = generation;
      this.#urls = new BoundedCache<Signed>(this.#maxBytes, sizeOf);
    }
    const cached = this.#urls.get(key);
    if (cached === undefined) return undefined;
    const { exp, lifetime, scheme } = cached;
    return exp === undefined || exp === expiryAt(now, lifetime, scheme) ? cached : undefined;
  }

  /** Only after `get` for the same key, which drops what other secrets have signed. */
  set(key: string, signed: Signed): void {
    if (key.length <= maxCachedLength) this.#urls.set(key, signed);
  }
}

/** What an entry takes in V8, without the characters of its texts. */
const entryBytes = 200;

function sizeOf(key: string, { url }: Expiring): number {
  return entryBytes + key.length + url.length;
}

/**
 * Remembers the URLs that a signer has given out with a `ttl` or `expiresAt` of their own. A page in which one of them
 * stands later must not make it valid for longer. Only the exact text counts, which nobody can guess without the key;
 * whether a viewer may see the image is decided elsewhere.
 */
export class CustomExpiries {
  readonly #expiries: BoundedCache<EpochSeconds> = new BoundedCache(maxCachedImages);

  /** @param url - exactly as it is given out */
  add(url: string, exp: EpochSeconds): void {
    if (url.length <= maxCachedLength) this.#expiries.set(copyOf(url), exp);
  }

  /** @returns undefined for a URL that is not known, or has expired */
  get(url: string, now: EpochSeconds): EpochSeconds | undefined {
    const exp = url.length <= maxCachedLength ? this.#expiries.get(url) : undefined;
    return exp !== undefined && now < exp ? exp : undefined;
  }
}
