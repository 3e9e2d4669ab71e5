/**
 * Looks for a literal in a script that is not rewritten, so that a site can be told that URLs in it stay unsigned. It
 * holds nothing back and changes nothing.
 */
import type { ContentScanner } from '../html/scanner.ts';
import { isAnyTokenParameter } from '../url/token-parameters.ts';
import type { LiteralPrefilter } from './literal-prefilter.ts';

export class LiteralWatch implements ContentScanner {
  readonly #prefilter: LiteralPrefilter;
  readonly #onLiteral: () => void;
  #at: number;
  #hasFound = false;
  /** In a URL without a token so far, whose end has not arrived. */
  #isInUrl = false;

  /**
   * @param onLiteral - called once, at the first literal that is not in a URL with a token, such as one of `signImage`. A
   *   literal that is cut in two by the end of a chunk is not seen.
   */
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
    this.#read(bytes, to, false);
  }

  end(bytes: Buffer, to: number): void {
    this.#read(bytes, to, true);
  }

  #read(bytes: Buffer, to: number, isFinal: boolean): void {
    let at = this.#at;
    this.#at = to;
    if (this.#isInUrl) at = this.#readUrl(bytes, at, to, isFinal);
    while (!this.#hasFound && at < to) {
      const literal = this.#prefilter.next(bytes, at, to);
      if (literal >= to) return;
      at = this.#readUrl(bytes, literal, to, isFinal);
    }
  }

  /** @returns where the URL ends, or where the bytes do; always after `start`, or at the delimiter there */
  #readUrl(bytes: Buffer, start: number, to: number, isFinal: boolean): number {
    const end = endOfUrl(bytes, start, to);
    const isBare = !hasToken(bytes.toString('latin1', start, end));
    this.#isInUrl = isBare && end === to && !isFinal;
    if (isBare && !this.#isInUrl && !this.#hasFound) {
      this.#hasFound = true;
      this.#onLiteral();
    }
    return end;
  }

  abandon(): void {}
}

/** The delimiters that end a URL in code. */
const delimiters: ReadonlySet<number> = new Set(Buffer.from(' \t\r\n"\'`<>'));

function endOfUrl(bytes: Buffer, start: number, to: number): number {
  let end = start;
  while (end < to && !delimiters.has(bytes[end]!)) end++;
  return end;
}

function hasToken(url: string): boolean {
  return url.split(/[?&;]|\\u0026/).some(isAnyTokenParameter);
}
