/** Rewrites one page as it streams, and counts what becomes of each URL. */
import type { Configuration } from '../../options/configuration.ts';
import type { ImageSignerEvent } from '../../options/events.ts';
import { noExtraTargets } from '../../rewriting/targets.ts';
import { htmlBody } from '../../signer/bodies.ts';
import { coreOf } from '../../signer/core.ts';
import { Reporter } from '../../signer/events.ts';
import type { Signer } from '../../signer/index.ts';
import { resolve, unsign } from '../../signer/resolve.ts';
import type { BodyTransform } from '../../text/body-transform.ts';

export interface PageSummary {
  readonly signed: number;
  /** Signed before, by the first key, and valid long enough. */
  readonly kept: number;
  readonly public: number;
  /** By the option `authorize` of the file of `--config`. */
  readonly denied: number;
  /** From a reason to how many URLs were left alone for it. */
  readonly skipped: Readonly<Record<string, number>>;
  /** From a reason to how many parts of the page passed unchanged for it. */
  readonly passed: Readonly<Record<string, number>>;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export class PageRewriter {
  readonly #page: BodyTransform;
  readonly #configuration: Configuration;
  readonly #counts: { signed: number; kept: number; public: number; denied: number } = {
    signed: 0,
    kept: 0,
    public: 0,
    denied: 0,
  };
  readonly #skipped: Map<string, number> = new Map();
  readonly #passed: Map<string, number> = new Map();
  #bytesRead = 0;
  #bytesWritten = 0;

  /**
   * @param ttl - in seconds; undefined for that of each variant
   * @throws ImageSignerError INVALID_OPTION if the clock cannot be trusted
   */
  constructor(signer: Signer, ttl: number | undefined) {
    const core = coreOf(signer)!; // every signer has one
    this.#configuration = core.configuration;
    // What the app's own `report` logs, to standard output perhaps, is said in the summary.
    const reporter = new Reporter((event) => this.#note(event));
    const response = core.beginResponse(core.configuration.access, undefined, reporter, { ttl });
    this.#page = htmlBody(response, {
      extraTargets: noExtraTargets,
      rewritesCss: true,
      charset: undefined,
      onUrl: (url, mapped) => this.#count(url, mapped ?? url),
    });
  }

  write(chunk: Uint8Array): Uint8Array {
    this.#bytesRead += chunk.length;
    return this.#written(this.#page.write(chunk));
  }

  end(): Uint8Array {
    return this.#written(this.#page.end());
  }

  get summary(): PageSummary {
    return {
      ...this.#counts,
      skipped: Object.fromEntries(this.#skipped),
      passed: Object.fromEntries(this.#passed),
      bytesRead: this.#bytesRead,
      bytesWritten: this.#bytesWritten,
    };
  }

  #written(bytes: Uint8Array): Uint8Array {
    this.#bytesWritten += bytes.length;
    return bytes;
  }

  /** Skipped URLs are counted by `#count`: an event comes only once for some of them. */
  #note(event: ImageSignerEvent): void {
    if (event.type === 'passed') increment(this.#passed, event.reason);
  }

  #count(from: string, to: string): void {
    const resolved = resolve(from, this.#configuration);
    if (resolved === 'unknown') return;
    if (typeof resolved === 'string') increment(this.#skipped, resolved);
    else if (resolved.lifetime.alwaysPublic) this.#counts.public++;
    else if (unsign(to, this.#configuration) === to) this.#counts.denied++;
    else if (from === to) this.#counts.kept++;
    else this.#counts.signed++;
  }
}

function increment(counts: Map<string, number>, reason: string): void {
  counts.set(reason, (counts.get(reason) ?? 0) + 1);
}
