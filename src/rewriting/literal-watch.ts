/**
 * Looks for a literal in a script that is not rewritten, so that a site can be told that URLs in it stay unsigned. It
 * holds nothing back and changes nothing.
 */
import type { ContentScanner } from '../html/scanner.ts';
import type { LiteralPrefilter } from './literal-prefilter.ts';

export class LiteralWatch implements ContentScanner {
  readonly #prefilter: LiteralPrefilter;
  readonly #onLiteral: () => void;
  #at: number;
  #hasFound = false;

  /** @param onLiteral - called once, at the first literal; one that is cut in two by the end of a chunk is not seen */
  constructor(prefilter: LiteralPrefilter, onLiteral: () => void, at: number) {
    this.#prefilter = prefilter;
    this.#onLiteral = onLiteral;
    this.#at = at;
  }

  get heldFrom(): number {
    return this.#at;
  }

  rebase(by: number): void {
    this.#at -= by;
  }

  scan(bytes: Buffer, to: number): void {
    if (!this.#hasFound && this.#prefilter.next(bytes, this.#at, to) < to) {
      this.#hasFound = true;
      this.#onLiteral();
    }
    this.#at = to;
  }

  end(bytes: Buffer, to: number): void {
    this.scan(bytes, to);
  }

  abandon(): void {}
}
