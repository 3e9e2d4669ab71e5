/**
 * Finds the events of a stream (HTML Standard, 9.2.6 "Interpreting an event stream"). An event goes out as soon as its
 * blank line has come; comments and fields without data are never held back. It knows nothing about URLs.
 */
import { CR, LF, SPACE } from '../text/ascii.ts';
import { indexOfByte } from '../text/bytes.ts';
import type { Span } from '../text/edit.ts';
import { maxHeldBytes } from '../text/limits.ts';

interface EventSink {
  /**
   * A complete event that has data.
   * @param lines - the values of its `data` fields; a client joins them with line feeds
   * @param name - its `event` field; `''` if it has none
   */
  event(bytes: Buffer, lines: readonly Span[], name: string): void;
  /** An event passes unread, since it is longer than what may be held. */
  tooLong(): void;
}

export class EventStreamScanner {
  readonly #sink: EventSink;
  /** A byte order mark may come. */
  #isAtStart = true;
  /** All before it has been read. */
  #at = 0;
  #lineStart = 0;
  /** The line that is not complete is a comment, or a field without a meaning here. */
  #isLineIgnored = false;
  /** The last line ended in CR: a line feed that follows belongs to it. */
  #isAfterCr = false;
  /** Where the first line with data begins; -1 if there is none yet. */
  #start = -1;
  #lines: { start: number; end: number }[] = [];
  #name = '';
  #isTooLong = false;

  constructor(sink: EventSink) {
    this.#sink = sink;
  }

  get heldFrom(): number {
    const start = this.#heldStart;
    return start < 0 ? this.#at : start;
  }

  /** Where what has to be held begins: the event, or a line that may be one of its fields; -1 if nothing has to. */
  get #heldStart(): number {
    if (this.#isTooLong) return -1;
    if (this.#start >= 0) return this.#start;
    return this.#isLineIgnored ? -1 : this.#lineStart;
  }

  rebase(by: number): void {
    this.#at -= by;
    this.#lineStart -= by;
    if (this.#start >= 0) this.#start -= by;
    for (const line of this.#lines) {
      line.start -= by;
      line.end -= by;
    }
  }

  scan(bytes: Buffer, to: number): void {
    if (this.#isAtStart && !this.#skipByteOrderMark(bytes, to)) return;
    let lineFeed = -1;
    while (this.#at < to) {
      if (this.#isAfterCr && bytes[this.#at] === LF) this.#lineStart = ++this.#at;
      this.#isAfterCr = false;
      // Searched for once, however many lines end in CR before it.
      if (lineFeed < this.#at) lineFeed = indexOfByte(bytes, LF, this.#at, to);
      const end = indexOfByte(bytes, CR, this.#at, lineFeed);
      this.#isLineIgnored ||= !isRelevant(bytes, this.#lineStart, end);
      this.#at = end;
      this.#limitHeld(end);
      if (end === to) return;
      this.#readLine(bytes, end);
      this.#isAfterCr = bytes[end] === CR;
      this.#isLineIgnored = false;
      this.#lineStart = this.#at = end + 1;
    }
  }

  /** A client drops an event whose blank line never comes, so it passes as it came. */
  end(bytes: Buffer, to: number): void {
    this.scan(bytes, to);
  }

  /** @returns false if it may be cut off */
  #skipByteOrderMark(bytes: Buffer, to: number): boolean {
    const length = Math.min(to, byteOrderMark.length);
    const isMark = byteOrderMark.compare(bytes, 0, length, 0, length) === 0;
    if (isMark && length < byteOrderMark.length) return false;
    if (isMark) this.#lineStart = this.#at = length;
    this.#isAtStart = false;
    return true;
  }

  /** Also for what has come in one chunk, so that the result does not depend on how the stream is cut. */
  #limitHeld(to: number): void {
    const start = this.#heldStart;
    if (start < 0 || to - start <= maxHeldBytes) return;
    this.#isTooLong = true;
    this.#lines = [];
    this.#sink.tooLong();
  }

  #readLine(bytes: Buffer, end: number): void {
    const start = this.#lineStart;
    if (start === end) return this.#endEvent(bytes);
    if (this.#isLineIgnored || this.#isTooLong) return;
    const dataStart = valueStart(data, bytes, start, end);
    if (dataStart >= 0) {
      if (this.#start < 0) this.#start = start;
      this.#lines.push({ start: dataStart, end });
      return;
    }
    const nameStart = valueStart(event, bytes, start, end);
    if (nameStart >= 0) this.#name = bytes.toString('latin1', nameStart, end);
  }

  #endEvent(bytes: Buffer): void {
    const [lines, name] = [this.#lines, this.#name];
    this.#start = -1;
    this.#lines = [];
    this.#name = '';
    this.#isTooLong = false;
    if (lines.length > 0) this.#sink.event(bytes, lines, name);
  }
}

const byteOrderMark: Buffer = /* @__PURE__ */ Buffer.of(0xef, 0xbb, 0xbf);
const data: Buffer = /* @__PURE__ */ Buffer.from('data:');
const event: Buffer = /* @__PURE__ */ Buffer.from('event:');

/** Whether a line, as far as it has come, may be one of the two fields that count. */
function isRelevant(bytes: Buffer, start: number, end: number): boolean {
  return beginsLike(data, bytes, start, end) || beginsLike(event, bytes, start, end);
}

/** Whether the line and the field agree, as far as both go. */
function beginsLike(field: Buffer, bytes: Buffer, start: number, end: number): boolean {
  const length = Math.min(field.length, end - start);
  for (let i = 0; i < length; i++) if (bytes[start + i] !== field[i]) return false;
  return true;
}

/**
 * One space behind the colon is not part of the value; without a colon it is empty.
 * @param field - its name and a colon
 * @returns -1 if the line is another field
 */
function valueStart(field: Buffer, bytes: Buffer, start: number, end: number): number {
  if (end - start < field.length - 1 || !beginsLike(field, bytes, start, end)) return -1;
  const colonEnd = Math.min(start + field.length, end);
  return colonEnd < end && bytes[colonEnd] === SPACE ? colonEnd + 1 : colonEnd;
}
