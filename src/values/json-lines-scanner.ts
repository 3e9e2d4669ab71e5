/**
 * Reads JSON values with a separator between them: lines, or a sequence (RFC 7464). No string of JSON holds a bare line
 * feed or record separator, so a value that is malformed or cut short never changes how the next one is read. A line is held
 * until its end says whether it is JSON; a longer one than may be held is read as it comes, and so is a value of a sequence,
 * whose end comes with the next one.
 */
import { indexOfByte } from '../text/bytes.ts';
import { maxHeldBytes } from '../text/limits.ts';
import type { JsonStringScanner } from './json-scanner.ts';

export class JsonLinesScanner {
  readonly #strings: JsonStringScanner;
  readonly #separator: number;
  readonly #isRead: ((bytes: Buffer, start: number, end: number) => boolean) | undefined;
  #at = 0;
  #start = 0;
  /** Whether the value is read as it comes. */
  #isStreamed: boolean;

  /**
   * @param strings - reads each of the values
   * @param separator - a control character
   * @param isRead - whether a line is read: any that is too long to be held is. Undefined if all are, as they come
   */
  constructor(
    strings: JsonStringScanner,
    separator: number,
    isRead?: (bytes: Buffer, start: number, end: number) => boolean,
  ) {
    this.#strings = strings;
    this.#separator = separator;
    this.#isRead = isRead;
    this.#isStreamed = isRead === undefined;
  }

  get heldFrom(): number {
    return this.#isStreamed ? this.#strings.heldFrom : this.#start;
  }

  rebase(by: number): void {
    this.#at -= by;
    this.#start -= by;
    this.#strings.rebase(by);
  }

  scan(bytes: Buffer, to: number): void {
    for (;;) {
      const end = this.#findEnd(bytes, to);
      if (this.#isStreamed) this.#strings.scan(bytes, end); // streams, so that its limits do not depend on how the body is cut
      if (end >= to) return;
      this.#endLine(bytes, end);
    }
  }

  end(bytes: Buffer, to: number): void {
    for (let end = this.#findEnd(bytes, to); end < to; end = this.#findEnd(bytes, to))
      this.#endLine(bytes, end);
    this.#endLine(bytes, to);
  }

  #findEnd(bytes: Buffer, to: number): number {
    this.#at = indexOfByte(bytes, this.#separator, this.#at, to);
    this.#isStreamed ||= this.#at - this.#start > maxHeldBytes;
    return this.#at;
  }

  #endLine(bytes: Buffer, end: number): void {
    if (this.#isStreamed || this.#isRead?.(bytes, this.#start, end)) this.#strings.end(bytes, end);
    this.#at = end + 1;
    this.#start = this.#at;
    this.#isStreamed = this.#isRead === undefined;
    this.#strings.startAt(this.#at);
  }
}
