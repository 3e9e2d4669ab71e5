/** Reads a page that is there as a whole, but for what a similar page before it had in the same bytes. */
import { type Edit, moveEdit } from '../edit.ts';
import type { HtmlScanner, ScannerCheckpoints } from '../html/scanner.ts';
import type { Scanner } from './byte-rewriter.ts';
import type { Checkpoint, SimilarPage, SimilarPages } from './similar-pages.ts';

/** What is counted while a page is read: it is kept with the page, and added up without knowing what it is. */
export interface Tallies<Tally> {
  /** What has been counted in this response up to now. */
  now(): Tally;
  /** @returns what was counted from one to the other */
  between(before: Tally, after: Tally): Tally;
  add(tally: Tally): void;
}

export interface SimilarPagesUse<Tally> extends Tallies<Tally> {
  readonly pages: SimilarPages<Tally>;
  /** Whether every response would get the page that has just been read. */
  isRepeatable(): boolean;
}

/** So far apart are the checkpoints of a page at least: each holds a copy of the counts. */
const checkpointDistance = 4_096;

export class SimilarPageScanner<Tally> implements Scanner {
  readonly #use: SimilarPagesUse<Tally>;
  readonly #edits: Edit[];
  readonly #createScanner: (at: number, checkpoints?: ScannerCheckpoints) => HtmlScanner;
  /** Of a page that comes in chunks. */
  #streaming: HtmlScanner | undefined;

  /** @param edits - the array to which the scanner adds its edits */
  constructor(
    use: SimilarPagesUse<Tally>,
    edits: Edit[],
    createScanner: (at: number, checkpoints?: ScannerCheckpoints) => HtmlScanner,
  ) {
    this.#use = use;
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
    const body = to === bytes.length ? bytes : bytes.subarray(0, to);
    const similar = this.#use.pages.find(body);
    if (similar !== undefined) this.#readDifference(bytes, to, similar);
    else if (this.#use.pages.isWanted(body)) this.#readAndKeep(bytes, to, body);
    else this.#createScanner(0).end(bytes, to);
  }

  #readDifference(bytes: Buffer, to: number, { page, prefix, suffix }: SimilarPage<Tally>): void {
    const use = this.#use;
    const shift = to - page.body.length;
    const start = page.checkpoints.findLast(({ at }) => at <= prefix);
    if (start !== undefined) {
      for (const edit of page.edits.slice(0, start.edits)) this.#edits.push(edit);
      use.add(start.tally);
    }
    let next = page.checkpoints.findIndex(({ at }) => at + shift >= to - suffix);
    let stop: Checkpoint<Tally> | undefined;
    const reached = (at: number, openTags: Buffer): boolean => {
      while (next >= 0 && next < page.checkpoints.length && page.checkpoints[next]!.at + shift < at) next++;
      const checkpoint = next < 0 ? undefined : page.checkpoints[next];
      // From here on the bytes are equal. If the same elements are open too, so is all that follows.
      if (checkpoint?.at !== at - shift || !checkpoint.openTags.equals(openTags)) return false;
      stop = checkpoint;
      return true;
    };
    this.#createScanner(start?.at ?? 0, { openTags: start?.openTags, reached }).end(bytes, to);
    if (stop === undefined) return;
    for (const edit of page.edits.slice(stop.edits)) this.#edits.push(moveEdit(edit, shift));
    use.add(use.between(stop.tally, page.tally));
  }

  #readAndKeep(bytes: Buffer, to: number, body: Buffer): void {
    const use = this.#use;
    const checkpoints: Checkpoint<Tally>[] = [];
    const before = use.now();
    const counted = (): Tally => use.between(before, use.now());
    let nextAt = 0;
    const reached = (at: number, openTags: Buffer): boolean => {
      if (at < nextAt) return false;
      nextAt = at + checkpointDistance;
      checkpoints.push({ at, edits: this.#edits.length, openTags: Buffer.from(openTags), tally: counted() });
      return false;
    };
    this.#createScanner(0, { openTags: undefined, reached }).end(bytes, to);
    if (checkpoints.length === 0 || !use.isRepeatable()) return;
    use.pages.add({ body: Buffer.from(body), edits: this.#edits.slice(), checkpoints, tally: counted() });
  }
}
