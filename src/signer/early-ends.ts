/** Tells, once for each, of a secret that ends before the ttl is over: the app gets URLs that live shorter than it asked. */
import { type Report, tell } from '../options/default-report.ts';
import type { BoundScheme } from '../schemes/bound.ts';
import type { EpochSeconds } from '../signing/expiry.ts';

export class EarlyEnds {
  readonly #schemes: readonly BoundScheme[];
  /** The generations that have been told. */
  readonly #told: Map<BoundScheme, number> = new Map();

  constructor(schemes: readonly BoundScheme[]) {
    this.#schemes = schemes;
  }

  /**
   * Not by a `Reporter`: what it reports keeps a page out of the cache, and this is no matter of the page.
   * @param ttl - of the response, in seconds; undefined: that of the scheme's policies
   */
  tellAt(now: EpochSeconds, ttl: number | undefined, report: Report | undefined): void {
    for (const scheme of this.#schemes) {
      const { generation, name, policies, secretEndsAt: endsAt } = scheme;
      const wanted = ttl ?? Math.max(...policies.map((policy) => policy.ttl));
      if (endsAt >= now + wanted || this.#told.get(scheme) === generation) continue;
      this.#told.set(scheme, generation);
      tell(report, { type: 'key-ends-early', scheme: name, endsAt });
    }
  }
}
