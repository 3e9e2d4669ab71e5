/** Signs the URLs of one request, if `authorize` allows them. It knows neither methods nor response formats. */
import type { AccessRules, Configuration } from '../options/configuration.ts';
import type { RefusalReason } from '../options/events.ts';
import type { ResolvedImage } from '../schemes/bound.ts';
import type { SchemeImage } from '../schemes/definition.ts';
import { isTrustworthy } from '../signer/clock.ts';
import type { Reporter } from '../signer/reporter.ts';
import { resolve } from '../signer/resolve.ts';
import { expiryAt } from '../signer/terms.ts';
import { type EpochSeconds, epochSeconds } from '../signing/expiry.ts';
import { maxUrlLength } from '../text/limits.ts';
import { type ErrorResponse, errorResponses, type SignedUrl } from './responses.ts';

interface Refusal {
  readonly reason: RefusalReason;
  /** What `authorize` threw. */
  readonly error?: unknown;
  /** The URL without a token, wherever the scheme has it. */
  readonly bare?: string;
}

export class EndpointSigning {
  readonly #configuration: Configuration;
  readonly #authorize: AccessRules['authorize'];
  readonly #reporter: Reporter;
  readonly #viewer: unknown;
  /** The results of `authorize`, by the key of image, variant and base. */
  readonly #decisions: Map<string, Promise<Refusal | undefined>> = new Map();

  /** @param viewer - passed to `authorize` as the request */
  constructor(configuration: Configuration, access: AccessRules, reporter: Reporter, viewer: unknown) {
    this.#configuration = configuration;
    this.#authorize = access.authorize;
    this.#reporter = reporter;
    this.#viewer = viewer;
  }

  /** A refused URL does not affect the others. @returns a result for each URL, in order */
  async sign(urls: readonly string[]): Promise<(SignedUrl | ErrorResponse)[]> {
    const checked = await Promise.all(urls.map((url) => this.#check(url)));
    // Read the clock after `authorize`, which may be slow: the ttl counts from the response.
    const now = this.#now();
    return checked.map((each, index) => {
      const outcome = 'reason' in each ? each : this.#sign(each, now);
      return 'reason' in outcome ? this.#refuse(urls[index]!, outcome) : outcome;
    });
  }

  async #check(url: string): Promise<ResolvedImage | Refusal> {
    const resolved = resolve(url, this.#configuration);
    if (resolved === 'unknown' || resolved === 'scheme-failed') return { reason: 'not-a-delivery-url' };
    if (typeof resolved === 'string') return { reason: resolved };
    if (resolved.lifetime.alwaysPublic) return resolved;
    if (this.#now() === undefined) return { reason: 'untrusted-clock' };
    const { key } = resolved;
    const refusal = this.#decisions.get(key) ?? this.#callAuthorize(resolved.image());
    this.#decisions.set(key, refusal);
    const refused = await refusal;
    return refused === undefined ? resolved : { ...refused, bare: resolved.bare };
  }

  /** Undefined if the clock cannot be trusted: then nothing is signed, and `authorize` is not called. */
  #now(): EpochSeconds | undefined {
    const time = this.#configuration.now();
    return isTrustworthy(time, this.#configuration) ? epochSeconds(time) : undefined;
  }

  /** Anything but `true` refuses. */
  async #callAuthorize(image: SchemeImage): Promise<Refusal | undefined> {
    try {
      // The adapter passes the `viewer` type that the app's `authorize` expects.
      const result: unknown = await this.#authorize?.(image, this.#viewer);
      return result === true ? undefined : { reason: 'not-authorized' };
    } catch (error) {
      return { reason: 'authorize-threw', error };
    }
  }

  #sign(resolved: ResolvedImage, now: EpochSeconds | undefined): SignedUrl | Refusal {
    const { lifetime, scheme } = resolved;
    if (lifetime.alwaysPublic) return { url: resolved.canonical };
    if (now === undefined) return { reason: 'untrusted-clock' };
    const expiresAt = expiryAt(now, lifetime, scheme);
    try {
      const url = resolved.sign(expiresAt);
      return url.length > maxUrlLength ? { reason: 'not-a-delivery-url' } : { url, expiresAt };
    } catch {
      return { reason: 'not-a-delivery-url' };
    }
  }

  #refuse(url: string, { reason, error, bare = url }: Refusal): ErrorResponse {
    this.#reporter.refused(bare, reason, error);
    return reason === 'not-a-delivery-url' ? errorResponses.notADeliveryUrl : errorResponses.notAllowed;
  }
}
