/** Caches signed URLs, each as long as a new one would be the same: within a step of its expiry, under the same secrets. */
import { BoundedCache } from '../bounded-cache.ts';
import { maxCachedImages, maxCachedLength } from '../limits.ts';
import { type BoundScheme, generationOf } from '../schemes/bound.ts';
import type { EpochSeconds, ExpiryPolicy } from '../signing/expiry.ts';

import { expiryAt } from './terms.ts';

interface Expiring {
  readonly policy: ExpiryPolicy;
  readonly scheme: BoundScheme;
  /** Undefined for a URL that never expires. */
  readonly exp: EpochSeconds | undefined;
}

export class SignedUrlCache<Signed extends Expiring> {
  /** Those whose secret may change. */
  readonly #schemes: readonly BoundScheme[];
  #generation: number;
  #urls: BoundedCache<Signed> = new BoundedCache(maxCachedImages);

  constructor(schemes: readonly BoundScheme[]) {
    this.#schemes = schemes.filter(({ secret }) => secret !== undefined);
    this.#generation = generationOf(this.#schemes);
  }

  get(key: string, now: EpochSeconds): Signed | undefined {
    const generation = generationOf(this.#schemes);
    if (this.#generation !== generation) {
      this.#generation = generation;
      this.#urls = new BoundedCache(maxCachedImages);
    }
    const cached = this.#urls.get(key);
    if (cached === undefined) return undefined;
    const { exp, policy, scheme } = cached;
    return exp === undefined || exp === expiryAt(now, policy, scheme) ? cached : undefined;
  }

  /** Only after `get` for the same key, which drops what other secrets have signed. */
  set(key: string, signed: Signed): void {
    if (key.length <= maxCachedLength) this.#urls.set(key, signed);
  }
}
