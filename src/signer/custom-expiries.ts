/**
 * Remembers the URLs that a signer has given out with a `ttl` or `expiresAt` of their own. A page in which one of them
 * stands later must not make it valid for longer. Only the exact text counts, which nobody can guess without the key;
 * whether a viewer may see the image is decided elsewhere.
 */
import { BoundedCache, copyOf } from '../bounded-cache.ts';
import { maxCachedImages, maxCachedLength } from '../limits.ts';
import type { EpochSeconds } from '../signing/expiry.ts';

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
