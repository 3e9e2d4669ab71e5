/**
 * The URLs of one request: each judged, the images among them put before `authorize`, and what is allowed signed. It
 * knows neither methods nor formats.
 */
import type { AccessPolicy, Configuration } from '../options/configuration.ts';
import type { DeliveryImage, RefusalReason } from '../options/types.ts';
import { isTrustworthy } from '../signer/clock.ts';
import type { Reporter } from '../signer/events.ts';
import { imageOf, type ResolvedImage, resolve, signResolved } from '../signer/resolve.ts';
import { type EpochSeconds, epochSeconds, expiryOf } from '../signing/expiry.ts';
import { urlWithoutToken } from '../signing/sign.ts';
import { signedPathOf } from '../url/delivery.ts';
import { type ErrorResponse, errorResponses } from './error-responses.ts';

export interface Signed {
  readonly url: string;
  /** In Unix seconds; left out for an always public variant, whose URL has no token. */
  readonly expiresAt?: number;
}

export class UrlSigner {
  readonly #configuration: Configuration;
  readonly #authorize: AccessPolicy['authorize'];
  readonly #reporter: Reporter;
  readonly #viewer: unknown;
  /** By the signed path, which names account, image and variant. */
  readonly #asked: Map<string, Promise<RefusalReason | undefined>> = new Map();

  /** @param viewer - handed to `authorize` as the request */
  constructor(configuration: Configuration, access: AccessPolicy, reporter: Reporter, viewer: unknown) {
    this.#configuration = configuration;
    this.#authorize = access.authorize;
    this.#reporter = reporter;
    this.#viewer = viewer;
  }

  /** One URL that is refused takes nothing from the others. */
  async sign(urls: readonly string[]): Promise<(Signed | ErrorResponse)[]> {
    const judged = await Promise.all(urls.map((url) => this.#judge(url)));
    // Not before all have been allowed: `authorize` may take its time, and a ttl counts from the answer.
    const now = this.#now();
    return judged.map((each, index) => {
      const outcome = typeof each === 'string' ? each : this.#signed(each, now);
      return typeof outcome === 'string' ? this.#refuse(urls[index]!, outcome) : outcome;
    });
  }

  async #judge(url: string): Promise<ResolvedImage | RefusalReason> {
    const resolved = resolve(url, this.#configuration);
    if (resolved === 'unknown') return 'not-a-delivery-url';
    if (typeof resolved === 'string' || resolved.variant.alwaysPublic) return resolved;
    if (this.#now() === undefined) return 'untrusted-clock';
    const path = signedPathOf(resolved.match);
    const asked = this.#asked.get(path) ?? this.#ask(imageOf(resolved.match));
    this.#asked.set(path, asked);
    return (await asked) ?? resolved;
  }

  /** Undefined where the clock cannot be believed: nothing is signed then, and nobody asked. */
  #now(): EpochSeconds | undefined {
    const time = this.#configuration.now();
    return isTrustworthy(time, this.#configuration) ? epochSeconds(time) : undefined;
  }

  /** Anything but `true` is a no. */
  async #ask(image: DeliveryImage): Promise<RefusalReason | undefined> {
    try {
      // The app's own type of request.
      const answer: unknown = await this.#authorize?.(image, this.#viewer);
      return answer === true ? undefined : 'not-authorized';
    } catch {
      return 'authorize-threw';
    }
  }

  #signed(resolved: ResolvedImage, now: EpochSeconds | undefined): Signed | RefusalReason {
    const { match, variant } = resolved;
    if (variant.alwaysPublic) return { url: urlWithoutToken(match) };
    if (now === undefined) return 'untrusted-clock';
    const expiresAt = expiryOf(now, variant.ttl, variant.step);
    const url = signResolved(resolved, this.#configuration.keys, expiresAt);
    return url === undefined ? 'not-a-delivery-url' : { url, expiresAt };
  }

  #refuse(url: string, reason: RefusalReason): ErrorResponse {
    this.#reporter.refused(url, reason);
    return reason === 'not-a-delivery-url' ? errorResponses.notADeliveryUrl : errorResponses.notAllowed;
  }
}
