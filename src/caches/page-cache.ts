/**
 * The page cache of one installed middleware: whole pages that come again. Anonymous visitors of a site mostly get the same bytes
 * within a step; then a comparison replaces the rewriting (docs/project/decisions/0008). `rules.ts` says what may be kept.
 */
import { BoundedCache } from '../bounded-cache.ts';
import type { BodyTransform } from '../text/body-transform.ts';
import { asBuffer } from '../text/bytes.ts';
import { isRepeatable, keyOf, maxPageLength, type PageResponse, type Reading } from './rules.ts';
import type { UrlCounts } from './url-counts.ts';

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
