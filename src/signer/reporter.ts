/** Passes events to the app's `report`; those that would repeat endlessly, only once. */
import { isDefaultReport, type Report } from '../options/default-report.ts';
import type { ImageSignerEvent, RefusalReason, SkipReason } from '../options/events.ts';
import { swallowRejection } from '../rejection.ts';
import type { CurrentPlace } from '../rewriting/options.ts';
import type { ResolvedImage } from '../schemes/bound.ts';
import type { Unmatched } from '../schemes/definition.ts';
import type { NameProblem } from '../schemes/object-name.ts';
import type { VerifiedToken } from '../schemes/resolved-image.ts';
import type { EpochSeconds } from '../signing/expiry.ts';
import { escapeInvisible, isSafeName, redactUrl, withoutSecrets } from '../url/redaction.ts';
import { asName } from '../validation/message.ts';
import { isClockError } from './clock.ts';
import { expiryAt } from './terms.ts';

/** Of the path in a request line, in UTF-16 code units. */
const maxLength = 256;

/** The request that an event is about. */
export interface EventSource {
  readonly method: string | undefined;
  /** The request target as the client sent it, or the request's URL. */
  readonly target: string | undefined;
}

/** How to fix it. */
export interface Hint extends Partial<Pick<Unmatched, 'id' | 'delivery'>> {
  /** A name that may be shown. */
  readonly parameter?: string | undefined;
  readonly problem?: NameProblem;
  readonly deniedVariant?: string | undefined;
  /** What the app's function threw. */
  readonly error?: unknown;
}

type WithoutPage<Event> = Event extends unknown ? Omit<Event, 'page'> : never;

export class Reporter {
  readonly #report: Report | undefined;
  readonly #source: EventSource | undefined;
  #hasReported = false;

  /** @param origin - has the request; undefined outside of a response, as in `signer.rewriteHtml` */
  constructor(report: Report | undefined, origin?: { readonly source: EventSource }) {
    this.#report = report;
    // Read now: the app may change the method and the URL of a request later.
    this.#source = report && origin?.source;
  }

  /** Whether anybody receives events. If not, nothing is computed for them. */
  get isListening(): boolean {
    return this.#report !== undefined;
  }

  /** A failing `report` must not break a response, so exceptions and rejections are ignored. */
  report(event: WithoutPage<ImageSignerEvent>): void {
    this.#hasReported = true;
    if (this.#report === undefined) return;
    try {
      const result: unknown = this.#report({ ...event, ...this.#page(event.type) });
      swallowRejection(result);
    } catch {}
  }

  /** A refused request names an image, so its path may contain what must not show of a URL. */
  #page(type: ImageSignerEvent['type']): { page: string } | undefined {
    if (this.#source === undefined) return undefined;
    const { method, target = '' } = this.#source;
    return { page: printableRequest(method, type === 'refused' ? redactUrl(target) : target) };
  }

  /** Whether there was an event, even without a `report`. */
  get hasReported(): boolean {
    return this.#hasReported;
  }

  /** Whether the app itself listens: warnings do not report success. */
  get wantsSummaries(): boolean {
    return this.#report !== undefined && !isDefaultReport(this.#report);
  }

  /** Does not count as an event that keeps a page out of the cache. */
  summary(event: Extract<WithoutPage<ImageSignerEvent>, { type: 'rewritten' }>): void {
    const { hasReported } = this;
    this.report(event);
    this.#hasReported = hasReported;
  }

  /** Signing has failed: by the app's clock, or by a mistake of ours. */
  failed(error: unknown): void {
    this.report({
      type: 'passed',
      reason: isClockError(error) ? 'untrusted-clock' : 'internal-error',
      error,
    });
  }

  /** Redacts the URL only if there is a `report`, since that takes time. */
  refused(url: string, reason: RefusalReason, error?: unknown): void {
    if (this.#report === undefined) return;
    this.report({ type: 'refused', url: redactUrl(url), reason, ...(error !== undefined && { error }) });
  }

  /** @param hint - how to fix it */
  skipped(url: unknown, reason: SkipReason, hint?: Hint): void {
    if (this.#report === undefined) return;
    this.report({
      type: 'skipped',
      url: isPrimitive(url) ? redactUrl(String(url)) : typeof url,
      reason,
      ...(hint?.id !== undefined && { id: redactUrl(hint.id) }),
      ...(hint?.delivery !== undefined && { delivery: redactUrl(hint.delivery) }),
      ...(hint?.problem !== undefined && { problem: hint.problem }),
      ...(hint?.deniedVariant !== undefined && { deniedVariant: hint.deniedVariant }),
      ...(hint?.parameter !== undefined && { parameter: hint.parameter }),
      ...(hint?.error !== undefined && { error: hint.error }),
    });
  }
}

function isPrimitive(value: unknown): boolean {
  return value === null || !['object', 'function', 'symbol'].includes(typeof value);
}

/** A stranger who invents names must not fill a log. */
const maxNames = 64;

/** Reports the parameters that a URL lost when it was signed, once per name and signer. */
export class RemovedParameters {
  readonly #reported: Set<string> = new Set();

  reportIn({ unsignedParameters, bare }: ResolvedImage, reporter: Reporter): void {
    if (unsignedParameters === undefined || !reporter.isListening) return;
    for (const name of unsignedParameters) {
      if (this.#reported.has(name) || this.#reported.size >= maxNames) continue;
      this.#reported.add(name);
      reporter.skipped(bare, 'parameter-not-allowed', { parameter: asName(name) });
    }
  }
}

/** In seconds. An app that stores tokens has them in every page. */
const interval = 60;

/**
 * Reports that an app stores tokens: a page contains one of this signer's tokens that was not made for it. Every process of the
 * site makes tokens of the present step, so a token from before the last step was stored somewhere.
 */
export class StoredTokens {
  #reportedAt = Number.NEGATIVE_INFINITY;

  /** @param token - the URL's own, which this response does not keep */
  reportIn(
    resolved: ResolvedImage,
    token: VerifiedToken,
    now: EpochSeconds,
    reporter: Reporter,
    place: CurrentPlace | undefined,
  ): void {
    // A clock may have been set back.
    if (!reporter.isListening || Math.abs(now - this.#reportedAt) < interval) return;
    if (!isStored(resolved, token, now)) return;
    this.#reportedAt = now;
    const name = place?.name((each) => (isSafeName(each) ? each : '…'));
    reporter.report({
      type: 'stored-token',
      url: redactUrl(resolved.bare),
      ...(name !== undefined && { place: name }),
    });
  }
}

/**
 * An expired token was stored. A valid one counts only if it ends with a step: a call with its own `ttl` in another process may
 * end at any time. A token of another key does not count.
 */
function isStored({ lifetime, scheme }: ResolvedImage, token: VerifiedToken, now: EpochSeconds): boolean {
  if (!token.ok) return token.reason === 'expired';
  const { step } = lifetime;
  if (step === 0 || token.expiresAt % step !== 0) return false;
  return token.expiresAt < expiryAt(now, lifetime, scheme) - step;
}

/**
 * Names a request in one log line, whatever the client sent.
 * @param target - the request target in origin form, or a URL; its query and fragment are left out
 * @returns `'GET /gallery'`, without what looks like a token
 */
function printableRequest(method: string | undefined, target: string | undefined): string {
  const [path = ''] = (target ?? '')
    .slice(0, 4 * maxLength)
    .replace(/^[a-z]+:\/\/[^/?#]*/i, '')
    .split(/[?#]/, 1);
  const shown = escapeInvisible(withoutSecrets(path).replaceAll(' ', '%20').slice(0, maxLength));
  // A longer one isn't a method in use, and may be a key.
  const name = /^[A-Z-]{1,15}$/.test(method ?? '') ? method : '…';
  return `${name} ${path.length > maxLength ? `${shown}…` : shown}`;
}
