/**
 * Where the characters of a long value without its escapes are in its source. It keeps one entry for each run between two
 * escapes, since an array with an entry for each character costs more than reading the value.
 */
import type { SourceOffsets } from '../unescaped-value.ts';

export class RunOffsets implements SourceOffsets {
  readonly #start: number;
  /** For each run, where it begins in the text and in the source, and where the escape behind it begins in the source. */
  readonly #inText: number[] = [0];
  readonly #inSource: number[] = [0];
  readonly #escapes: number[] = [];

  /** @param start - where the source begins */
  constructor(start: number) {
    this.#start = start;
  }

  /**
   * The next escape is [from, to) of the source.
   * @param length - of the text with what the escape stands for
   */
  addEscape(from: number, to: number, length: number): void {
    this.#escapes.push(from);
    this.#inSource.push(to);
    this.#inText.push(length);
  }

  at(index: number): number {
    let run = 0;
    for (let past = this.#inText.length; past - run > 1; ) {
      const middle = (run + past) >> 1;
      if (this.#inText[middle]! <= index) run = middle;
      else past = middle;
    }
    const offset = this.#inSource[run]! + index - this.#inText[run]!;
    // All characters that one escape stands for have its offset.
    return this.#start + Math.min(offset, this.#escapes[run] ?? offset);
  }
}
