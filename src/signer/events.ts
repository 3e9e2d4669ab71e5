/** Events: told to the app's `report`, whatever that does with them. */
import type { ImageSignerEvent, RefusalReason, SignerOptionsFor, SkipReason } from '../options/types.ts';
import { redactUrl } from '../url/redacted-url.ts';

export class Reporter {
  readonly #report: SignerOptionsFor<unknown>['report'];
  #hasTold = false;

  constructor(report: SignerOptionsFor<unknown>['report']) {
    this.#report = report;
  }

  /** A throw in the app's function, or a promise of it that is rejected, is swallowed: hearing of a page never breaks it. */
  report(event: ImageSignerEvent): void {
    this.#hasTold = true;
    if (this.#report === undefined) return;
    try {
      const answer: unknown = this.#report(event);
      swallowRejection(answer);
    } catch {}
  }

  /** Whether there was anything that the app would hear. */
  get hasReported(): boolean {
    return this.#hasTold;
  }

  /** What the event shows is made only where somebody hears of it. */
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

/** Whether a value says what it is once it is text. */
function isPrimitive(value: unknown): boolean {
  return value === null || !['object', 'function', 'symbol'].includes(typeof value);
}

/** Keeps a promise that nobody waits for from ending the process. */
export function swallowRejection(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null || !('then' in answer)) return false;
  Promise.resolve(answer as PromiseLike<unknown>).catch(() => {});
  return true;
}
