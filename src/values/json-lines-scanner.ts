/**
 * Reads values of JSON with a separator between them: lines, or a sequence (RFC 7464). No string of JSON holds a bare line
 * feed or record separator, so a value that is malformed or cut short never changes how the next one is read. It knows
 * nothing about URLs.
 */
import { indexOfByte } from '../text/bytes.ts';
import type { JsonStringScanner } from './json-scanner.ts';

export class JsonLinesScanner {
  readonly #strings: JsonStringScanner;
  readonly #separator: number;
  #at = 0;

  /**
   * @param strings - reads each of the values
   * @param separator - a control character
   */
  constructor(strings: JsonStringScanner, separator: number) {
    this.#strings = strings;
    this.#separator = separator;
  }

  get heldFrom(): number {
    return this.#strings.heldFrom;
  }

  rebase(by: number): void {
    this.#at -= by;
    this.#strings.rebase(by);
  }

  scan(bytes: Buffer, to: number): void {
    for (let end = this.#lineEnd(bytes, to); end < to; end = this.#lineEnd(bytes, to)) {
      this.#strings.scan(bytes, end); // streams, so that its limits do not depend on how the body is cut
      this.#endLine(bytes, end);
    }
    this.#strings.scan(bytes, to);
    this.#at = to;
  }

  end(bytes: Buffer, to: number): void {
    for (let end = this.#lineEnd(bytes, to); end < to; end = this.#lineEnd(bytes, to))
      this.#endLine(bytes, end);
    this.#strings.end(bytes, to);
  }

  #lineEnd(bytes: Buffer, to: number): number {
    return indexOfByte(bytes, this.#separator, this.#at, to);
  }

  #endLine(bytes: Buffer, end: number): void {
    this.#strings.end(bytes, end);
    this.#strings.startLine();
    this.#at = end + 1;
  }
}
