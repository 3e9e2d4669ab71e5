/**
 * Keeps a few pages that were read, for pages that differ from one of them in a token or a name: what is equal before and
 * behind the difference is not read again. Only what every response would get is kept, as in the cache of whole pages.
 */
import type { Edit } from '../edit.ts';

/** A place between two tags of a page, with all that decides how the rest is read. */
export interface Checkpoint<Tally> {
  readonly at: number;
  /** How many edits are before it. */
  readonly edits: number;
  /** A copy of the counts of open elements. */
  readonly openTags: Buffer;
  /** What was counted before it. */
  readonly tally: Tally;
}

export interface ReadPage<Tally> {
  readonly body: Buffer;
  readonly edits: readonly Edit[];
  /** In order. */
  readonly checkpoints: readonly Checkpoint<Tally>[];
  /** Of the whole page. */
  readonly tally: Tally;
}

export interface SimilarPage<Tally> {
  readonly page: ReadPage<Tally>;
  /** So many bytes at the beginning are equal, and so many others at the end. */
  readonly prefix: number;
  readonly suffix: number;
}

const maxPages = 8;
/** As in the cache of whole pages. */
const maxLength = 128 * 1024;
const block = 4_096;

/** What V8 takes for an edit and the texts that its own is cut from, beside its characters. */
const editBytes = 300;

export class SimilarPages<Tally> {
  readonly #maxBytes: number;
  /** The one that was used last comes first. */
  readonly #pages: ReadPage<Tally>[] = [];
  #bytes = 0;
  #missed = 0;

  /** @param maxBytes - about as much memory as all of them may take */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The first page that is equal to this one in more than half of its bytes. */
  find(body: Buffer): SimilarPage<Tally> | undefined {
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
    if (body.length > maxLength) return false;
    const missed = ++this.#missed;
    return missed % 16 === 0 || (missed & (missed - 1)) === 0;
  }

  add(page: ReadPage<Tally>): void {
    this.#pages.unshift(page);
    this.#bytes += sizeOf(page);
    while (this.#pages.length > maxPages || this.#bytes > this.#maxBytes)
      this.#bytes -= sizeOf(this.#pages.pop()!); // without pages there are no bytes
  }
}

function sizeOf({ body, edits, checkpoints }: ReadPage<unknown>): number {
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

/** @param most - so many bytes at the end are compared at most */
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
