/**
 * Keeps a few pages that were read, for pages that differ from one of them in a token or a name: what is equal before and
 * behind the difference is not read again. Its rules are in `rules.ts`.
 */
import type { Edit } from '../text/edit.ts';
import { maxPageLength } from './rules.ts';
import type { UrlCounts } from './url-counts.ts';

/** A place between two tags of a page, with all that decides how the rest is read. */
export interface Checkpoint {
  readonly at: number;
  /** How many edits are before it. */
  readonly edits: number;
  /** A copy of the counts of open elements. */
  readonly openTags: Buffer;
  /** Of what is before it. */
  readonly counts: UrlCounts;
}

export interface ReadPage {
  readonly body: Buffer;
  readonly edits: readonly Edit[];
  /** In order. */
  readonly checkpoints: readonly Checkpoint[];
  /** Of the whole page. */
  readonly counts: UrlCounts;
}

export interface SimilarPage {
  readonly page: ReadPage;
  /** How many bytes are equal at the beginning, and how many others at the end. */
  readonly prefix: number;
  readonly suffix: number;
}

const maxPages = 8;
/** Bytes are compared in blocks of this size; where one differs, in halves of it. */
const block = 4_096;

/** What V8 takes for an edit and the texts that its own is cut from, beside its characters. */
const editBytes = 300;

export class SimilarPages {
  readonly #maxBytes: number;
  /** The one that was used last comes first. */
  readonly #pages: ReadPage[] = [];
  #bytes = 0;
  #missed = 0;

  /** @param maxBytes - about how much memory all of them may take */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The first page that is equal to this one in more than half of its bytes. */
  find(body: Buffer): SimilarPage | undefined {
    for (const [index, page] of this.#pages.entries()) {
      const prefix = commonPrefix(page.body, body);
      const suffix = commonSuffix(page.body, body, Math.min(page.body.length, body.length) - prefix);
      if (prefix + suffix < body.length / 2) continue;
      this.#missed = 0;
      this.#pages.splice(index, 1);
      this.#pages.unshift(page);
      return { page, prefix, suffix };
    }
    return undefined;
  }

  /**
   * Whether a page that is similar to none is worth its copy. Where all pages differ in most of their bytes, fewer and
   * fewer are.
   */
  isWanted(body: Buffer): boolean {
    if (body.length > maxPageLength) return false;
    const missed = ++this.#missed;
    return missed % 16 === 0 || (missed & (missed - 1)) === 0;
  }

  add(page: ReadPage): void {
    this.#pages.unshift(page);
    this.#bytes += sizeOf(page);
    while (this.#pages.length > maxPages || this.#bytes > this.#maxBytes)
      this.#bytes -= sizeOf(this.#pages.pop()!); // without pages there are no bytes
  }
}

function sizeOf({ body, edits, checkpoints }: ReadPage): number {
  let size = body.length;
  for (const { text } of edits) size += editBytes + text.length;
  for (const { openTags } of checkpoints) size += openTags.length;
  return size;
}

function commonPrefix(a: Buffer, b: Buffer): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  for (let size = block; size >= 1; ) {
    const end = Math.min(at + size, length);
    if (at < end && a.compare(b, at, end, at, end) === 0) at = end;
    else size >>= 1;
  }
  return at;
}

/** @param most - at most this many bytes at the end are compared */
function commonSuffix(a: Buffer, b: Buffer, most: number): number {
  let count = 0;
  for (let size = block; size >= 1; ) {
    const next = Math.min(count + size, most);
    const [aEnd, bEnd] = [a.length - count, b.length - count];
    const isSame = count < next && a.compare(b, b.length - next, bEnd, a.length - next, aEnd) === 0;
    if (isSame) count = next;
    else size >>= 1;
  }
  return count;
}
