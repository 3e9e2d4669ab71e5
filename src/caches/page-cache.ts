/**
 * The page cache of one installed middleware: whole pages that come again. Anonymous visitors of a site mostly get the same
 * bytes within a step; then a comparison replaces the rewriting (docs/project/decisions/0008). A step ends when the expiry of
 * any variant, or a key, changes.
 *
 * It keeps only what every response of a step gets alike, so that no viewer meets what another one got. `isRepeatable` says
 * which those are. The cache of values (`value-cache.ts`) has rules of its own, and belongs to the signer.
 */
import { BoundedCache } from '../bounded-cache.ts';
import type { BodyTransform } from '../text/body-transform.ts';
import { asBuffer } from '../text/bytes.ts';
import type { Charset } from '../text/charset.ts';

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
function isRepeatable({ signer, reporter }: PageResponse): boolean {
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
function keyOf({ charset, rewritesCss, hasHashedScripts }: Reading): string | undefined {
  return rewritesCss ? `${charset} ${hasHashedScripts}` : undefined;
}

/** Twice the page, which leaves room for the tokens: some 80 bytes for each URL. */
const maxRewrittenLength = 2 * maxPageLength;
/** The number of keys of pages that were sent only once: many are never sent again, and not worth a copy. */
const maxSeen = 512;

interface Page {
  readonly body: Buffer;
  /** Undefined if rewriting changes nothing. */
  readonly rewritten: Buffer | undefined;
  readonly counts: UrlCounts;
}

export class PageCache {
  readonly #pages: BoundedCache<Page>;
  readonly #seen: BoundedCache<true> = new BoundedCache(maxSeen);

  constructor(maxBytes: number) {
    this.#pages = new BoundedCache(
      maxBytes,
      (_key, { body, rewritten }) => body.length + (rewritten?.length ?? 0),
    );
  }

  /** Rewrites the page of a response: from the cache if it comes in one piece and is known, or else by a rewriter. */
  body(response: PageResponse, reading: Reading, createRewriter: () => BodyTransform): BodyTransform {
    const key = keyOf(reading);
    if (key === undefined) return createRewriter();
    let rewriter: BodyTransform | undefined;
    const read = (): BodyTransform => {
      rewriter ??= createRewriter();
      return rewriter;
    };
    return {
      write: (chunk) => read().write(chunk),
      end: (last) =>
        last === undefined || rewriter !== undefined || !isRepeatable(response)
          ? read().end(last)
          : this.#get(asBuffer(last), key, response, () => asBuffer(read().end(last))),
    };
  }

  #get(body: Buffer, reading: string, response: PageResponse, rewrite: () => Buffer): Buffer {
    if (body.length > maxPageLength) return rewrite();
    const key = `${hashOf(body)} ${reading}`;
    const { counts } = response.signer;
    const cached = this.#pages.get(key);
    if (cached?.body.equals(body)) {
      counts.add(cached.counts);
      return cached.rewritten === undefined ? body : Buffer.from(cached.rewritten);
    }
    const before = counts.copy();
    const out = rewrite();
    // On a hash collision keep the first page: pages that differ only in a nonce would otherwise evict each other.
    if (cached !== undefined || !isRepeatable(response) || out.length > maxRewrittenLength) return out;
    if (!this.#seen.get(key)) this.#seen.set(key, true);
    else {
      // What is kept is a copy, and so is what is given out: the app, and whoever sends it, may write into theirs.
      const rewritten = body.equals(out) ? undefined : Buffer.from(out);
      this.#pages.set(key, { body: Buffer.from(body), rewritten, counts: counts.since(before) });
    }
    return out;
  }
}

/** FNV-1a over at most 64 bytes of the page, and its length. Collisions do no harm: pages are compared in full. */
function hashOf(body: Buffer): string {
  let hash = body.length;
  const step = (body.length >> 6) + 1;
  for (let at = 0; at < body.length; at += step) hash = Math.imul(hash ^ body[at]!, 0x01000193);
  return `${body.length} ${hash}`;
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

/** What became of the delivery URLs of a response, in numbers. URLs of always public variants are not counted. */
export class UrlCounts {
  /** Got a new token. */
  signed = 0;
  /** Had a token that is still valid for long enough. */
  kept = 0;
  /** Under a base, but not to be signed: another variant or account, or a path that is not canonical. */
  skipped = 0;
  /** Refused by `authorize`. */
  denied = 0;

  add({ signed, kept, skipped, denied }: UrlCounts): void {
    this.signed += signed;
    this.kept += kept;
    this.skipped += skipped;
    this.denied += denied;
  }

  copy(): UrlCounts {
    const copy = new UrlCounts();
    copy.add(this);
    return copy;
  }

  since(before: UrlCounts): UrlCounts {
    const counts = new UrlCounts();
    counts.signed = this.signed - before.signed;
    counts.kept = this.kept - before.kept;
    counts.skipped = this.skipped - before.skipped;
    counts.denied = this.denied - before.denied;
    return counts;
  }
}
