/**
 * The page cache of one installed middleware. Anonymous visitors mostly get the same bytes within a step, so a comparison can replace
 * the rewriting (docs/project/decisions/0008). A step ends when the expiry of any variant, or a key, changes.
 *
 * It keeps only pages that are the same for every response of a step (`isRepeatable`), so no viewer gets another viewer's page. The
 * value cache (`value-cache.ts`) has its own rules, and belongs to the signer.
 */
import { BoundedCache } from '../bounded-cache.ts';
import type { BodyTransform } from '../text/body-transform.ts';
import { asBuffer } from '../text/bytes.ts';
import type { Charset } from '../text/charset.ts';

/** In bytes. It is more than the HTML of nearly all pages. */
export const maxPageLength: number = 128 * 1024;

/** The parts of a response that the caches need. */
export interface PageResponse {
  readonly signer: {
    /**
     * False from the beginning if the response has `authorize` or its own ttl. It becomes false when a stored token is checked, the
     * app signs a URL for this response, or its signatures run out.
     */
    readonly isRepeatable: boolean;
    /** The counts of the whole response. A cache adds the same counts as reading the page. */
    readonly counts: UrlCounts;
  };
  /** Every response must report the same events. */
  readonly reporter: { readonly hasReported: boolean };
}

/** Whether every response of the step gets the same output as this one so far. */
function isRepeatable({ signer, reporter }: PageResponse): boolean {
  return signer.isRepeatable && !reporter.hasReported;
}

/** How the header fields determine the reading of a page: with other fields, the same bytes are another page. */
export interface Reading {
  /** Undefined if the header fields name none. */
  readonly charset: Charset | undefined;
  /** False if a Content-Security-Policy allows styles by their hash, which an edit would change. */
  readonly rewritesCss: boolean;
  /** A Content-Security-Policy allows scripts by their hash. */
  readonly hasHashedScripts: boolean;
}

/** @returns the part of a page's key that is not in its bytes; undefined if such pages are not kept */
function keyOf({ charset, rewritesCss, hasHashedScripts }: Reading): string | undefined {
  return rewritesCss ? `${charset} ${hasHashedScripts}` : undefined;
}

/** Twice the page leaves room for the tokens: about 80 bytes per URL. */
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

  /** Rewrites the page of a response, from the cache if it comes in one piece and is known. */
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
      // Copy on the way in and out: the app, or code that sends the bytes, may write into its own.
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

/** How many delivery URLs of a response were signed, kept, skipped or denied. URLs of always public variants do not count. */
export class UrlCounts {
  /** Got a new token. */
  signed = 0;
  /** Had a token that is still valid for long enough. */
  kept = 0;
  /** Under a base, but not signed: another variant or account, or a path that is not canonical. */
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
