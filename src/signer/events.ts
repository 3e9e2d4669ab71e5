/** Passes events to the app's `report`. */
import type { ImageSignerEvent, RefusalReason, SignerOptionsFor, SkipReason } from '../options/types.ts';
import { redactUrl } from '../url/redacted-url.ts';

export class Reporter {
  readonly #report: SignerOptionsFor<unknown>['report'];
  #hasReported = false;

  constructor(report: SignerOptionsFor<unknown>['report']) {
    this.#report = report;
  }

  /** A failing `report` must not break a response: a throw and a rejected promise are swallowed. */
  report(event: ImageSignerEvent): void {
    this.#hasReported = true;
    if (this.#report === undefined) return;
    try {
      const result: unknown = this.#report(event);
      swallowRejection(result);
    } catch {}
  }

  /** Whether there was an event, even without a `report` that gets it. */
  get hasReported(): boolean {
    return this.#hasReported;
  }

  /** It redacts the URL only if there is a `report`: that takes time. */
  refused(url: string, reason: RefusalReason): void {
    if (this.#report === undefined) return;
    this.report({ type: 'refused', url: redactUrl(url), reason });
  }

  skipped(url: unknown, reason: SkipReason): void {
    if (this.#report === undefined) return;
    this.report({
      type: 'skipped',
      url: isPrimitive(url) ? redactUrl(String(url)) : typeof url,
      reason,
    });
  }
}

function isPrimitive(value: unknown): boolean {
  return value === null || !['object', 'function', 'symbol'].includes(typeof value);
}

/** An unhandled rejection would end the process. @returns whether the value is a promise */
export function swallowRejection(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('then' in value)) return false;
  Promise.resolve(value as PromiseLike<unknown>).catch(() => {});
  return true;
}
