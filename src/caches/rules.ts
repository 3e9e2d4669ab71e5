/**
 * The rules of the two caches of pages. Each keeps only what every response of a step gets alike, so that no viewer
 * meets what another one got. A step ends when the expiry of any variant, or a key, changes (`WithinStep`).
 *
 * - **Values** (`value-cache.ts`), for the signer. Key: the kind of an attribute, its quote and all bytes of its value.
 *   Bound: half of `memory` (an eighth where signatures are slow), 1,024 bytes a value. Forbidden by `authorize`, by a
 *   ttl of the page's own, for a value with a URL that stays, may carry a token, or is written in the page's encoding,
 *   and for one with a `<` or `>`, which decides in a script.
 * - **Whole pages** (`page-cache.ts`), for each installed middleware. Key: all bytes, and the `Reading`.
 *   Bound: three eighths of `memory`, 128 KiB a page; kept from the second visit on. Forbidden by `isRepeatable`, and
 *   where style sheets stay unsigned.
 */
import type { Charset } from '../text/charset.ts';
import type { UrlCounts } from './url-counts.ts';

/** In bytes. It is more than the HTML of nearly all pages. */
export const maxPageLength: number = 128 * 1024;

/** What the caches ask of a response. */
export interface PageResponse {
  readonly signer: {
    /**
     * False from the beginning with `authorize` or a ttl of the response's own; and as soon as a stored token has been
     * judged, the app has signed a URL for this response, or it has run out of signatures.
     */
    readonly isRepeatable: boolean;
    /** Of the whole response. What a cache adds to it is what reading the page would have added. */
    readonly counts: UrlCounts;
  };
  /** What one response has reported, each has to report. */
  readonly reporter: { readonly hasReported: boolean };
}

/** Whether every response of the step gets what this one has got so far. */
export function isRepeatable({ signer, reporter }: PageResponse): boolean {
  return signer.isRepeatable && !reporter.hasReported;
}

/** How the header fields have a page read: the same bytes are another page under others. */
export interface Reading {
  /** Undefined if the header fields name none. */
  readonly charset: Charset | undefined;
  /** False if a Content-Security-Policy allows styles by their hash, which an edit would change. */
  readonly rewritesCss: boolean;
  /** A Content-Security-Policy allows scripts by their hash. */
  readonly hasHashedScripts: boolean;
}

/** @returns the part of a page's key that is not in its bytes; undefined if no page that is read so is kept */
export function keyOf({ charset, rewritesCss, hasHashedScripts }: Reading): string | undefined {
  return rewritesCss ? `${charset} ${hasHashedScripts}` : undefined;
}

/** Keeps a value for as long as a step lasts. No timer removes it: the clock is only read for a new response. */
export class WithinStep<Value> {
  readonly #create: () => Value;
  #step: string | undefined;
  #value: Value | undefined;

  constructor(create: () => Value) {
    this.#create = create;
  }

  /** @param step - names all expiries and keys: two responses with the same one get the same tokens */
  at(step: string): Value {
    if (this.#value === undefined || step !== this.#step) {
      this.#value = this.#create();
      this.#step = step;
    }
    return this.#value;
  }
}
