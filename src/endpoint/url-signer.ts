/**
 * The URLs of one request: each judged, the images among them put before `authorize`, and what is allowed signed. It
 * knows neither methods nor formats.
 */
import type { Configuration, Viewing } from '../options/configuration.ts';
import type { DeliveryImage, RefusalReason } from '../options/types.ts';
import { isBelievable } from '../signer/clock.ts';
import type { Reporter } from '../signer/events.ts';
import { imageOf, type Located, locate, maxUrlLength } from '../signer/resolve.ts';
import { type EpochSeconds, epochSeconds, expiryOf } from '../signing/expiry.ts';
import { bareUrl, signMatch } from '../signing/sign.ts';
import { signedPathOf } from '../url/delivery.ts';
import { lines, type Refusal } from './error-responses.ts';

export interface Signed {
  readonly url: string;
  /** In Unix seconds; left out for an always public variant, whose URL has no token. */
  readonly expiresAt?: number;
}

export class UrlSigner {
  readonly #configuration: Configuration;
  readonly #authorize: Viewing['authorize'];
  readonly #reporter: Reporter;
  readonly #viewer: unknown;
  /** By the signed path, which names account, image and variant. */
  readonly #asked: Map<string, Promise<RefusalReason | undefined>> = new Map();

  /** @param viewer - handed to `authorize` as the request */
  constructor(configuration: Configuration, viewing: Viewing, reporter: Reporter, viewer: unknown) {
    this.#configuration = configuration;
    this.#authorize = viewing.authorize;
    this.#reporter = reporter;
    this.#viewer = viewer;
  }

  /** One URL that is refused takes nothing from the others. */
  async sign(urls: readonly string[]): Promise<(Signed | Refusal)[]> {
    const judged = await Promise.all(urls.map((url) => this.#judge(url)));
    // Not before all have been allowed: `authorize` may take its time, and a ttl counts from the answer.
    const now = this.#now();
    return judged.map((each, index) => {
      const outcome = typeof each === 'string' ? each : this.#signed(each, now);
      return typeof outcome === 'string' ? this.#refuse(urls[index]!, outcome) : outcome;
    });
  }

  async #judge(url: string): Promise<Located | RefusalReason> {
    const located = locate(url, this.#configuration);
    if (located === 'foreign') return 'not-a-delivery-url';
    if (typeof located === 'string' || located.variant.alwaysPublic) return located;
    if (this.#now() === undefined) return 'fault';
    const path = signedPathOf(located.match);
    const asked = this.#asked.get(path) ?? this.#ask(imageOf(located.match));
    this.#asked.set(path, asked);
    return (await asked) ?? located;
  }

  /** Undefined where the clock cannot be believed: nothing is signed then, and nobody asked. */
  #now(): EpochSeconds | undefined {
    const time = this.#configuration.now();
    return isBelievable(time, this.#configuration) ? epochSeconds(time) : undefined;
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

  #signed({ match, variant }: Located, now: EpochSeconds | undefined): Signed | RefusalReason {
    if (variant.alwaysPublic) return { url: bareUrl(match) };
    if (now === undefined) return 'fault';
    const expiresAt = expiryOf(now, variant.ttl, variant.step);
    const url = signMatch(match, this.#configuration.keys, expiresAt);
    // Longer than a server reads.
    return url.length > maxUrlLength ? 'not-a-delivery-url' : { url, expiresAt };
  }

  #refuse(url: string, reason: RefusalReason): Refusal {
    this.#reporter.refused(url, reason);
    return reason === 'not-a-delivery-url' ? lines.notAnImage : lines.notAllowed;
  }
}
