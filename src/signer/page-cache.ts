/**
 * Caches whole rewritten pages. Anonymous visitors of a site mostly get the same bytes within a step; then a comparison
 * replaces the rewriting (docs/decisions/0008). It stores only what every response would get.
 */

import type { BodyTransform } from '../body-transform.ts';
import { BoundedCache, copyOf } from '../bounded-cache.ts';
import { asBuffer } from '../bytes.ts';
import { SimilarPages } from '../rewriting/similar-pages.ts';
import type { ResponseInProgress } from './core.ts';
import type { UrlCounts } from './url-counts.ts';

/**
 * 128 Ki is more than the HTML of nearly all pages, and twice that leaves room for the tokens (some 80 bytes for each
 * URL). By the default of `memory` some 20 pages are kept: the landing pages of a site, which most visitors get. Of other
 * pages a hit is rare.
 */
const maxLength = 128 * 1024;
const maxRewrittenLength = 256 * 1024;
/** So many cache keys of pages that have come once are kept. */
const maxSeen = 512;

/** Bytes, or text where the framework takes and returns text. */
type Body = Buffer | string;

interface Page<Kind extends Body> {
  readonly body: Kind;
  /** Undefined if rewriting changes nothing. */
  readonly rewritten: Kind | undefined;
  readonly counts: UrlCounts;
  /** What it takes in memory. */
  readonly bytes: number;
}

/** The rewritten page, and whether every response would get it. */
interface Rewritten<Kind extends Body> {
  readonly out: Kind;
  readonly isRepeatable: boolean;
  readonly counts: UrlCounts;
}

export class PageCache {
  readonly #tagSuffix: string;
  readonly #bytes: PagesOfType<Buffer>;
  readonly #texts: PagesOfType<string>;
  /** For pages that are not here, but similar to one that was read. */
  readonly similar: SimilarPages<UrlCounts>;

  /**
   * @param tagSuffix - identifies the tokens; the cache is valid while it stays the same
   * @param maxBytes - of pages that are there as bytes, and as much again of those that are text, and of similar ones
   */
  constructor(tagSuffix: string, maxBytes: number) {
    this.#tagSuffix = tagSuffix;
    this.#bytes = new PagesOfType(maxBytes);
    this.#texts = new PagesOfType(maxBytes);
    this.similar = new SimilarPages(maxBytes);
  }

  isValidFor(tagSuffix: string): boolean {
    return this.#tagSuffix === tagSuffix;
  }

  /**
   * @param kind - part of the cache key: the same bytes may be another page under other header fields
   * @param counts - the response's own, to which those of a page from the cache are added
   */
  get(body: Buffer, kind: string, counts: UrlCounts, rewrite: () => Rewritten<Buffer>): Buffer {
    return this.#bytes.get(body, kind, counts, rewrite);
  }

  /** The same for text, so that a hit needs no encoding to UTF-8. */
  getText(body: string, kind: string, counts: UrlCounts, rewrite: () => Rewritten<string>): string {
    return this.#texts.get(body, kind, counts, rewrite);
  }
}

class PagesOfType<Kind extends Body> {
  readonly #pages: BoundedCache<Page<Kind>>;
  /** Cache keys of pages that have come once: many pages never come again, and are not worth a copy. */
  readonly #seen: BoundedCache<true> = new BoundedCache(maxSeen);

  constructor(maxBytes: number) {
    this.#pages = new BoundedCache(maxBytes, (_key, { bytes }) => bytes);
  }

  get(body: Kind, kind: string, counts: UrlCounts, rewrite: () => Rewritten<Kind>): Kind {
    if (body.length > maxLength) return rewrite().out;
    const key = `${hashOf(body)} ${kind}`;
    const cached = this.#pages.get(key);
    if (cached !== undefined && !isTaken(cached.rewritten) && isSame(cached.body, body)) {
      counts.add(cached.counts);
      return cached.rewritten ?? body;
    }
    const { out, isRepeatable, counts: own } = rewrite();
    // On a hash collision keep the first page: pages that differ only in a nonce would otherwise evict each other.
    if (cached !== undefined || !isRepeatable || out.length > maxRewrittenLength) return out;
    if (this.#seen.get(key)) {
      // A copy, since the app may write to its buffer later.
      const copy = (typeof body === 'string' ? copyOf(body) : Buffer.from(body)) as Kind; // the type of `body`
      const rewritten = isSame(body, out) ? undefined : out;
      const bytes = sizeOf(copy) + (rewritten === undefined ? 0 : sizeOf(rewritten));
      this.#pages.set(key, { body: copy, rewritten, counts: own, bytes });
    } else this.#seen.set(key, true);
    return out;
  }
}

/**
 * A byte stream of the web's takes the memory of the chunks that it gets, as do the responses of `node:http` in Workers.
 * The page is read from then on: its memory would be taken each time.
 */
function isTaken(rewritten: Body | undefined): boolean {
  return rewritten?.length === 0;
}

function isSame(a: Body, b: Body): boolean {
  return typeof a === 'string' || typeof b === 'string' ? a === b : a.equals(b);
}

/** In bytes. V8 stores a string with a character beyond Latin-1 as two bytes for each. */
function sizeOf(body: Body): number {
  return typeof body === 'string' && /[^\0-\xff]/.test(body) ? 2 * body.length : body.length;
}

/** FNV-1a over at most 64 units of the page, and its length. Collisions do no harm: pages are compared in full. */
function hashOf(body: Body): string {
  let hash = body.length;
  const step = (body.length >> 6) + 1;
  for (let at = 0; at < body.length; at += step) {
    const unit = typeof body === 'string' ? body.charCodeAt(at) : body[at]!;
    hash = Math.imul(hash ^ unit, 0x01000193);
  }
  return `${body.length} ${hash}`;
}

/** Looks a page up in the cache if it comes in one piece, and rewrites it otherwise. */
export class CachingRewriter implements BodyTransform {
  readonly #cache: PageCache;
  readonly #response: ResponseInProgress;
  /** Undefined once it has been called. */
  #createRewriter: (() => BodyTransform) | undefined;
  readonly #kind: string;
  /** Set as soon as the page is read. */
  #rewriter: BodyTransform | undefined;

  /** @param kind - all that header fields say about how the page is read */
  constructor(
    cache: PageCache,
    response: ResponseInProgress,
    createRewriter: () => BodyTransform,
    kind: string,
  ) {
    this.#cache = cache;
    this.#response = response;
    this.#createRewriter = createRewriter;
    this.#kind = kind;
  }

  write(chunk: Uint8Array): Uint8Array {
    return this.#startRewriter().write(chunk);
  }

  end(last?: Uint8Array): Uint8Array {
    if (this.#rewriter !== undefined || last === undefined || !this.#isRepeatable) return this.#rewrite(last);
    const { counts } = this.#response.signer;
    return this.#cache.get(asBuffer(last), this.#kind, counts, () => {
      const before = counts.copy();
      const out = asBuffer(this.#rewrite(last));
      return { out, isRepeatable: this.#isRepeatable, counts: counts.since(before) };
    });
  }

  endText(text: string): string {
    const rewrite = (): string => {
      const rewriter = this.#startRewriter();
      return rewriter.endText?.(text) ?? asBuffer(rewriter.end(Buffer.from(text))).toString();
    };
    if (this.#rewriter !== undefined || !this.#isRepeatable) return rewrite();
    const { counts } = this.#response.signer;
    return this.#cache.getText(text, this.#kind, counts, () => {
      const before = counts.copy();
      const out = rewrite();
      return { out, isRepeatable: this.#isRepeatable, counts: counts.since(before) };
    });
  }

  #rewrite(last: Uint8Array | undefined): Uint8Array {
    return this.#startRewriter().end(last);
  }

  #startRewriter(): BodyTransform {
    this.#rewriter ??= this.#createRewriter!(); // it has not been called
    this.#createRewriter = undefined;
    return this.#rewriter;
  }

  get #isRepeatable(): boolean {
    const { signer, reporter } = this.#response;
    return signer.isRepeatable && !reporter.hasReported;
  }
}
