/**
 * Keeps whole pages with what they became. Anonymous visitors of a site mostly get the same bytes within a step; then a
 * comparison replaces the rewriting (docs/decisions/0008). Its rules are in `rules.ts`.
 */
import { BoundedCache, copyOf } from '../bounded-cache.ts';
import { isRepeatable, maxPageLength, type PageResponse } from './rules.ts';
import type { UrlCounts } from './url-counts.ts';

/** Twice the page, which leaves room for the tokens: some 80 bytes for each URL. */
const maxRewrittenLength = 2 * maxPageLength;
/** How many keys are kept of pages that were sent only once. */
const maxSeen = 512;

/** Bytes, or text where the framework takes and returns text: a text that is found is not encoded. */
type Body = Buffer | string;

interface Page<Kind extends Body> {
  readonly body: Kind;
  /** Undefined if rewriting changes nothing. */
  readonly rewritten: Kind | undefined;
  readonly counts: UrlCounts;
  /** What it takes in memory. */
  readonly bytes: number;
}

export class WholePages<Kind extends Body> {
  readonly #pages: BoundedCache<Page<Kind>>;
  /** Keys of pages that have come once: many pages never come again, and are not worth a copy. */
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
