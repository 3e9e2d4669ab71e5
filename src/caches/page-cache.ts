/**
 * The page cache of one installed middleware: whole pages that come again, and pages similar to an earlier one. Anonymous
 * visitors of a site mostly get the same bytes within a step; then a comparison replaces the rewriting
 * (docs/project/decisions/0008). `rules.ts` says what may be kept.
 */
import { BoundedCache, copyOf } from '../bounded-cache.ts';
import type { BodyTransform, OnBytes } from '../text/body-transform.ts';
import { asBuffer } from '../text/bytes.ts';
import {
  isComparable,
  isRepeatable,
  keyOf,
  maxPageLength,
  type PageResponse,
  type Reading,
} from './rules.ts';
import { SimilarPages } from './similar-pages.ts';
import type { UrlCounts } from './url-counts.ts';

/** @param similar - pages that this one may be compared with; undefined if it is read in any case */
type CreateRewriter = (similar: SimilarPages | undefined) => BodyTransform;

/** Text and bytes are apart: to look a text up by its bytes would cost several times what the comparison costs. */
export class PageCache {
  readonly bytes: WholePages<Buffer>;
  readonly texts: WholePages<string>;
  readonly similar: SimilarPages;

  /** @param maxBytes - of pages as bytes; pages as text may take as much again, and so may similar pages */
  constructor(maxBytes: number) {
    this.bytes = new WholePages(maxBytes);
    this.texts = new WholePages(maxBytes);
    this.similar = new SimilarPages(maxBytes);
  }

  /** Rewrites the page of a response: from the cache if it comes in one piece and is known, or else by a rewriter. */
  body(response: PageResponse, reading: Reading, createRewriter: CreateRewriter): BodyTransform {
    const key = keyOf(reading);
    if (key === undefined) return createRewriter(undefined);
    return new CachedBody(this, response, key, isComparable(reading), createRewriter);
  }
}

class CachedBody implements BodyTransform {
  readonly #cache: PageCache;
  readonly #response: PageResponse;
  readonly #key: string;
  readonly #isComparable: boolean;
  /** Undefined once it has been called. */
  #createRewriter: CreateRewriter | undefined;
  /** Set as soon as the page is read. */
  #rewriter: BodyTransform | undefined;

  constructor(
    cache: PageCache,
    response: PageResponse,
    key: string,
    isComparable: boolean,
    createRewriter: CreateRewriter,
  ) {
    this.#cache = cache;
    this.#response = response;
    this.#key = key;
    this.#isComparable = isComparable;
    this.#createRewriter = createRewriter;
  }

  write(chunk: Uint8Array): Uint8Array {
    return this.#startRewriter().write(chunk);
  }

  end(last?: Uint8Array): Uint8Array {
    if (last === undefined || !this.#isLookedUp) return this.#startRewriter().end(last);
    const rewrite = (): Buffer => asBuffer(this.#startRewriter().end(last));
    return this.#cache.bytes.get(asBuffer(last), this.#key, this.#response, rewrite);
  }

  endText(text: string, onBytes?: OnBytes): string {
    const rewrite = (): string => {
      const rewriter = this.#startRewriter();
      return rewriter.endText?.(text, onBytes) ?? asBuffer(rewriter.end(Buffer.from(text))).toString();
    };
    return this.#isLookedUp ? this.#cache.texts.get(text, this.#key, this.#response, rewrite) : rewrite();
  }

  /** Whether the page is whole, and may be another response's. */
  get #isLookedUp(): boolean {
    return this.#rewriter === undefined && isRepeatable(this.#response);
  }

  #startRewriter(): BodyTransform {
    if (this.#rewriter !== undefined) return this.#rewriter;
    const mayCompare = this.#isComparable && isRepeatable(this.#response);
    this.#rewriter = this.#createRewriter!(mayCompare ? this.#cache.similar : undefined); // it has not been called
    this.#createRewriter = undefined;
    return this.#rewriter;
  }
}

/** Twice the page, which leaves room for the tokens: some 80 bytes for each URL. */
const maxRewrittenLength = 2 * maxPageLength;
/** The number of keys of pages that were sent only once. */
const maxSeen = 512;

/** Bytes, or text where the framework takes and returns text: a cached text is never encoded. */
type Body = Buffer | string;

interface Page<Kind extends Body> {
  readonly body: Kind;
  /** Undefined if rewriting changes nothing. */
  readonly rewritten: Kind | undefined;
  readonly counts: UrlCounts;
  /** What it takes in memory. */
  readonly bytes: number;
}

class WholePages<Kind extends Body> {
  readonly #pages: BoundedCache<Page<Kind>>;
  /** The keys of pages that were sent once: many are never sent again, and not worth a copy. */
  readonly #seen: BoundedCache<true> = new BoundedCache(maxSeen);

  constructor(maxBytes: number) {
    this.#pages = new BoundedCache(maxBytes, (_key, { bytes }) => bytes);
  }

  /**
   * @param reading - as `keyOf` gives it
   * @param response - gets the counts of a page that is found
   * @param rewrite - called for a page that is not
   */
  get(body: Kind, reading: string, response: PageResponse, rewrite: () => Kind): Kind {
    if (body.length > maxPageLength) return rewrite();
    const key = `${hashOf(body)} ${reading}`;
    const { counts } = response.signer;
    const cached = this.#pages.get(key);
    if (cached !== undefined && !isTaken(cached.rewritten) && isSame(cached.body, body)) {
      counts.add(cached.counts);
      return cached.rewritten ?? body;
    }
    const before = counts.copy();
    const out = rewrite();
    // On a hash collision keep the first page: pages that differ only in a nonce would otherwise evict each other.
    if (cached !== undefined || !isRepeatable(response) || out.length > maxRewrittenLength) return out;
    if (this.#seen.get(key)) this.#keep(key, body, out, counts.since(before));
    else this.#seen.set(key, true);
    return out;
  }

  #keep(key: string, body: Kind, out: Kind, counts: UrlCounts): void {
    // A copy, since the app may write to its buffer later.
    const copy = (typeof body === 'string' ? copyOf(body) : Buffer.from(body)) as Kind; // the type of `body`
    const rewritten = isSame(body, out) ? undefined : out;
    const bytes = sizeOf(copy) + (rewritten === undefined ? 0 : sizeOf(rewritten));
    this.#pages.set(key, { body: copy, rewritten, counts, bytes });
  }
}

/**
 * Whether the memory of a cached page is gone. A web byte stream takes over the memory of its chunks, as do the responses
 * of `node:http` in Workers. Such a page is read each time from then on.
 */
export function isTaken(kept: Body | undefined): boolean {
  return kept?.length === 0;
}

function isSame(a: Body, b: Body): boolean {
  return typeof a === 'string' || typeof b === 'string' ? a === b : a.equals(b);
}

/** In bytes. V8 stores a string with a character beyond Latin-1 as two bytes for each. */
export function sizeOf(body: Body): number {
  return typeof body === 'string' && /[^\0-\xff]/.test(body) ? 2 * body.length : body.length;
}

/** FNV-1a over at most 64 units of the page, and its length. Collisions do no harm: pages are compared in full. */
export function hashOf(body: Body): string {
  let hash = body.length;
  const step = (body.length >> 6) + 1;
  for (let at = 0; at < body.length; at += step) {
    const unit = typeof body === 'string' ? body.charCodeAt(at) : body[at]!;
    hash = Math.imul(hash ^ unit, 0x01000193);
  }
  return `${body.length} ${hash}`;
}
