/**
 * Reads only the part in which a page differs from a similar one before it, such as a token or a name. `rules.ts` says
 * which pages are kept.
 */
import type { ContentScanner, ScannerCheckpoints } from '../html/scanner.ts';
import { type Edit, moveEdit } from '../text/edit.ts';
import { commonPrefix, commonSuffix, mayBeSimilar } from './common-bytes.ts';
import { isRepeatable, maxPageLength, type PageResponse } from './rules.ts';
import type { UrlCounts } from './url-counts.ts';

/** A place between two tags of a page, with all that decides how the rest is read. */
interface Checkpoint {
  readonly at: number;
  /** How many edits are before it, and what became of the URLs there. */
  readonly edits: number;
  readonly counts: UrlCounts;
  /** A copy of the counts of open elements. */
  readonly openTags: Buffer;
}

/** A page that was read as a whole, with its checkpoints in order. */
interface ReadPage {
  readonly body: Buffer;
  readonly edits: readonly Edit[];
  readonly checkpoints: readonly Checkpoint[];
  readonly counts: UrlCounts;
}

interface SimilarPage {
  readonly page: ReadPage;
  /** How many bytes are equal at the beginning, and how many others at the end. */
  readonly prefix: number;
  readonly suffix: number;
}

const maxPages = 8;
/** What V8 takes for an edit and the texts that its own is cut from, without its characters. */
const editBytes = 300;

export class SimilarPages {
  readonly #maxBytes: number;
  readonly #pages: ReadPage[] = []; // the one used last comes first
  #bytes = 0;
  #missed = 0;

  /** @param maxBytes - about how much memory all of them may take */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The first page that is equal to this one in more than half of its bytes. */
  find(body: Buffer): SimilarPage | undefined {
    for (const [index, page] of this.#pages.entries()) {
      if (!mayBeSimilar(page.body, body)) continue;
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

  /** Whether a page similar to none is worth its copy. Where all pages differ in most bytes, fewer and fewer are. */
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

/** At least this many bytes lie between two checkpoints of a page: each holds a copy of the counts of open elements. */
const checkpointDistance = 4_096;

/** @param at - where the reading begins */
type CreateScanner = (at: number, checkpoints?: ScannerCheckpoints) => ContentScanner;

/** Reads a page that comes as a whole, except for what a similar page before it had in the same bytes. */
export class SimilarPageScanner {
  readonly #pages: SimilarPages;
  readonly #response: PageResponse;
  readonly #edits: Edit[];
  readonly #createScanner: CreateScanner;
  /** Reads a page that comes in chunks. */
  #streaming: ContentScanner | undefined;

  /** @param edits - the array to which the scanners add their edits */
  constructor(pages: SimilarPages, response: PageResponse, edits: Edit[], createScanner: CreateScanner) {
    this.#pages = pages;
    this.#response = response;
    this.#edits = edits;
    this.#createScanner = createScanner;
  }

  get heldFrom(): number {
    return this.#streaming?.heldFrom ?? 0;
  }

  rebase(by: number): void {
    this.#streaming?.rebase(by);
  }

  rest(): void {
    this.#streaming?.rest?.();
  }

  scan(bytes: Buffer, to: number): void {
    this.#streaming ??= this.#createScanner(0);
    this.#streaming.scan(bytes, to);
  }

  end(bytes: Buffer, to: number): void {
    if (this.#streaming !== undefined) return this.#streaming.end(bytes, to);
    const body = bytes.subarray(0, to);
    const similar = this.#pages.find(body);
    if (similar !== undefined) this.#readDifference(bytes, to, similar);
    else if (this.#pages.isWanted(body)) this.#readAndKeep(bytes, to);
    else this.#createScanner(0).end(bytes, to);
  }

  #readDifference(bytes: Buffer, to: number, similar: SimilarPage): void {
    const { page } = similar;
    const { counts } = this.#response.signer;
    const shift = to - page.body.length;
    const difference = new Difference(similar, shift);
    const { start } = difference;
    if (start !== undefined) {
      for (const edit of page.edits.slice(0, start.edits)) this.#edits.push(edit);
      counts.add(start.counts);
    }
    this.#createScanner(start?.at ?? 0, difference).end(bytes, to);
    const { end } = difference;
    if (end === undefined) return;
    for (const edit of page.edits.slice(end.edits)) this.#edits.push(moveEdit(edit, shift));
    counts.add(page.counts.since(end.counts));
  }

  #readAndKeep(bytes: Buffer, to: number): void {
    const { counts } = this.#response.signer;
    const recorder = new Recorder(this.#edits, counts);
    this.#createScanner(0, recorder).end(bytes, to);
    const { checkpoints } = recorder;
    if (checkpoints.length === 0 || !isRepeatable(this.#response)) return;
    const body = Buffer.from(bytes.subarray(0, to));
    this.#pages.add({ body, edits: this.#edits.slice(), checkpoints, counts: recorder.counts });
  }
}

/** The part of a page that is read, because a similar one differs in it: from one of its checkpoints to another. */
class Difference implements ScannerCheckpoints {
  /** Undefined at the beginning of the page. */
  readonly start: Checkpoint | undefined;
  /** Undefined as long as none has been reached. */
  end: Checkpoint | undefined;
  /** Those of the similar page behind the difference, which are `#shift` further in this one. */
  readonly #ends: readonly Checkpoint[];
  readonly #shift: number;
  #next = 0;

  constructor({ page, prefix, suffix }: SimilarPage, shift: number) {
    const { body, checkpoints } = page;
    this.start = checkpoints.findLast(({ at }) => at <= prefix);
    this.#ends = checkpoints.filter(({ at }) => at >= body.length - suffix);
    this.#shift = shift;
  }

  get openTags(): Buffer | undefined {
    return this.start?.openTags;
  }

  reached(at: number, openTags: Buffer): boolean {
    while (this.#next < this.#ends.length && this.#ends[this.#next]!.at + this.#shift < at) this.#next++;
    const checkpoint = this.#ends[this.#next];
    // From here on the bytes are equal. If the same elements are open too, so is all that follows.
    if (checkpoint?.at !== at - this.#shift || !checkpoint.openTags.equals(openTags)) return false;
    this.end = checkpoint;
    return true;
  }
}

/** Notes checkpoints of a page while it is read as a whole. */
class Recorder implements ScannerCheckpoints {
  readonly openTags: undefined;
  readonly checkpoints: Checkpoint[] = [];
  readonly #edits: readonly Edit[];
  /** Of the response: URLs of its view data and headers were counted before. */
  readonly #counts: UrlCounts;
  readonly #before: UrlCounts;
  #nextAt = 0;

  constructor(edits: readonly Edit[], counts: UrlCounts) {
    this.#edits = edits;
    this.#counts = counts;
    this.#before = counts.copy();
  }

  /** Of the page, as far as it has been read. */
  get counts(): UrlCounts {
    return this.#counts.since(this.#before);
  }

  reached(at: number, openTags: Buffer): boolean {
    if (at < this.#nextAt) return false;
    this.#nextAt = at + checkpointDistance;
    const { counts } = this;
    this.checkpoints.push({ at, edits: this.#edits.length, openTags: Buffer.from(openTags), counts });
    return false;
  }
}

function sizeOf({ body, edits, checkpoints }: ReadPage): number {
  let size = body.length;
  for (const { text } of edits) size += editBytes + text.length;
  for (const { openTags } of checkpoints) size += openTags.length;
  return size;
}
