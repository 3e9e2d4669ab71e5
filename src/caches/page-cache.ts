/**
 * The pages of one step, for one installed middleware: whole pages that come again, and pages similar to an earlier
 * one. Text and bytes are apart: to look a text up by its bytes would cost several times what the comparison
 * costs (docs/decisions/0008).
 */
import type { BodyTransform } from '../text/body-transform.ts';
import { asBuffer } from '../text/bytes.ts';
import { isComparable, isRepeatable, keyOf, type PageResponse, type Reading } from './rules.ts';
import { SimilarPages } from './similar-pages.ts';
import { WholePages } from './whole-pages.ts';

/** @param similar - pages that this one may be compared with; undefined if it is read in any case */
type CreateRewriter = (similar: SimilarPages | undefined) => BodyTransform;

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

  endText(text: string): string {
    const rewrite = (): string => {
      const rewriter = this.#startRewriter();
      return rewriter.endText?.(text) ?? asBuffer(rewriter.end(Buffer.from(text))).toString();
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
