/** Limits the freshness of one response to the ttl of its tokens, and knows later what the sent headers allow a cache. */
import { isKeptLonger, limitFreshness, pageLifetime } from '../http/freshness.ts';
import type { HeaderFields } from '../http/header-fields.ts';
import type { ResponseInProgress } from '../signer/core.ts';

export class SentFreshness {
  /** The limit that the headers follow, in seconds; undefined before that, and if they are the app's own. */
  #lifetime: number | undefined;
  #isPrivate = false;

  /** Node may have refused the headers that the limit was meant for. */
  reset(): void {
    this.#lifetime = undefined;
    this.#isPrivate = false;
  }

  /** @param shortestTtl - in seconds, of the tokens in the response */
  limit(
    fields: HeaderFields,
    { now: signedAt, core }: ResponseInProgress,
    shortestTtl: number,
    scope?: 'private',
  ): void {
    const now = core.now();
    // The ttl counts from `signedAt`; a slow app uses up a part of it before the headers are sent.
    const lifetime = Math.max(0, pageLifetime(shortestTtl) - Math.max(0, now - signedAt));
    limitFreshness(fields, { lifetime, otherwise: 'no-cache', scope, now });
    this.#lifetime = lifetime;
    this.#isPrivate = scope === 'private';
  }

  /** Whether the headers let a cache give the response to other viewers. Parameter as in `isKeptLonger`. */
  isShared(sent: HeaderFields | undefined, { now }: ResponseInProgress): boolean {
    if (this.#lifetime !== undefined) return !this.#isPrivate;
    const limit = { lifetime: Infinity, otherwise: 'no-cache', scope: 'private', now } as const;
    return sent !== undefined && isKeptLonger(sent, limit);
  }

  /**
   * Whether the headers let a cache keep the response for longer than `seconds`.
   * @param sent - the app's own headers, if they were sent as they came
   */
  isKeptLonger(seconds: number, sent: HeaderFields | undefined, { now }: ResponseInProgress): boolean {
    if (this.#lifetime !== undefined) return seconds < this.#lifetime;
    const limit = { lifetime: seconds, otherwise: 'no-cache', scope: undefined, now } as const;
    return sent !== undefined && isKeptLonger(sent, limit);
  }
}
