/** Caches signed URLs, each as long as a new one would be the same: within a step of its expiry, under the same keys. */
import { BoundedCache } from '../bounded-cache.ts';
import { maxCachedImages, maxCachedLength } from '../limits.ts';
import { type EpochSeconds, type ExpiryPolicy, expiryOf } from '../signing/expiry.ts';
import type { SigningKeys } from '../signing/keys.ts';

interface Expiring {
  readonly variant: ExpiryPolicy;
  /** Undefined for a URL that never expires. */
  readonly exp: EpochSeconds | undefined;
}

export class SignedUrlCache<Signed extends Expiring> {
  readonly #keys: Pick<SigningKeys, 'generation'>;
  #generation: number;
  #urls: BoundedCache<Signed> = new BoundedCache(maxCachedImages);

  constructor(keys: Pick<SigningKeys, 'generation'>) {
    this.#keys = keys;
    this.#generation = keys.generation;
  }

  get(key: string, now: EpochSeconds): Signed | undefined {
    if (this.#generation !== this.#keys.generation) {
      this.#generation = this.#keys.generation;
      this.#urls = new BoundedCache(maxCachedImages);
    }
    const cached = this.#urls.get(key);
    if (cached === undefined) return undefined;
    const { exp, variant } = cached;
    return exp === undefined || exp === expiryOf(now, variant.ttl, variant.step) ? cached : undefined;
  }

  /** Only after `get` for the same key, which drops what other keys have signed. */
  set(key: string, signed: Signed): void {
    if (key.length <= maxCachedLength) this.#urls.set(key, signed);
  }
}
