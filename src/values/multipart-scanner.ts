/**
 * Reads the JSON in the parts of a multipart body (RFC 2046, 5.1), as GraphQL sends what it defers. A part ends with the
 * delimiter, of which nothing is held back: a client waits for it. It knows nothing about URLs.
 */
import { CR, HYPHEN } from '../text/ascii.ts';
import { indexOfByte } from '../text/bytes.ts';
import type { Edit, Span } from '../text/edit.ts';
import { maxHeldBytes } from '../text/limits.ts';
import type { JsonStringScanner } from './json-scanner.ts';

interface PartSink {
  readsType(type: string): boolean;
  /** Creates what reads the content of a part, and adds its edits. */
  createScanner(at: number): JsonStringScanner;
  /** A part passes unread, since it is longer than what may be held. */
  tooLong(): void;
}

interface SizedPart {
  contentStart: number;
  readonly length: NonNullable<PartHead['length']>;
}

/** A part whose head is longer passes unread. */
const maxHeadBytes = 8 * 1024;

const blankLine: Buffer = /* @__PURE__ */ Buffer.from('\r\n\r\n');

export class MultipartScanner {
  readonly #delimiter: Buffer;
  readonly #edits: Edit[];
  readonly #sink: PartSink;
  #state: 'content' | 'head' | 'epilogue' = 'content';
  /** The first delimiter may stand at the very start, without a line break before it. */
  #isAtStart = true;
  /** No delimiter begins before it that has not been seen. */
  #at = 0;
  #headStart = 0;
  /** Where the search for the head's end goes on. */
  #headAt = 0;
  /** Reads the content as it comes; undefined if it passes unread. */
  #content: JsonStringScanner | undefined;
  /** A part that names its length: it is held until that has come. */
  #sized: SizedPart | undefined;

  /** @param edits - the array to which the sink's scanners add */
  constructor(boundary: string, edits: Edit[], sink: PartSink) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
    this.#edits = edits;
    this.#sink = sink;
  }

  get heldFrom(): number {
    if (this.#state === 'head' || this.#sized !== undefined) return this.#headStart;
    return Math.min(this.#content?.heldFrom ?? this.#at, this.#at);
  }

  rebase(by: number): void {
    this.#at -= by;
    this.#headStart -= by;
    this.#headAt -= by;
    if (this.#sized !== undefined) this.#sized.contentStart -= by;
    this.#content?.rebase(by);
  }

  scan(bytes: Buffer, to: number): void {
    this.#read(bytes, to, false);
  }

  end(bytes: Buffer, to: number): void {
    this.#read(bytes, to, true);
  }

  #read(bytes: Buffer, to: number, isLast: boolean): void {
    for (;;) {
      if (this.#state === 'head' && this.#isClosing(bytes, to)) this.#state = 'epilogue';
      if (this.#state === 'epilogue') {
        this.#at = to;
        return;
      }
      const end = this.#findDelimiter(bytes, to, isLast);
      const isFound = end >= 0;
      if (this.#state === 'head') this.#readHead(bytes, isFound ? this.#at : to);
      if (this.#state === 'content') this.#readContent(bytes, isFound || isLast);
      if (!isFound) return;
      this.#state = 'head';
      this.#at = this.#headStart = this.#headAt = end;
    }
  }

  /** Moves to the next delimiter, or as far as none can begin. @returns where it ends; -1 if there is none */
  #findDelimiter(bytes: Buffer, to: number, isLast: boolean): number {
    if (this.#isAtStart) {
      const end = matchEnd(this.#delimiter.subarray(2), bytes, this.#at, to);
      if (end === mayMatch && !isLast) return -1;
      this.#isAtStart = false;
      if (end >= 0) return end;
    }
    for (let at = this.#at; ; at++) {
      at = indexOfByte(bytes, CR, at, to);
      const end = matchEnd(this.#delimiter, bytes, at, to);
      if (end === mismatch || (end === mayMatch && isLast && at < to)) continue;
      this.#at = at;
      return end === mayMatch ? -1 : end;
    }
  }

  /** Whether the delimiter was the last one. What follows it belongs to no part. */
  #isClosing(bytes: Buffer, to: number): boolean {
    const start = this.#headStart;
    return to - start >= 2 && bytes[start] === HYPHEN && bytes[start + 1] === HYPHEN;
  }

  /** @param to - the head ends before it, if it has an end */
  #readHead(bytes: Buffer, to: number): void {
    const limit = Math.min(to, this.#headStart + maxHeadBytes);
    const end = bytes.subarray(0, limit).indexOf(blankLine, this.#headAt);
    if (end >= 0) return this.#beginContent(bytes, end);
    this.#headAt = Math.max(this.#headAt, limit - blankLine.length + 1);
    if (limit === this.#headStart + maxHeadBytes) this.#state = 'content';
  }

  #beginContent(bytes: Buffer, headEnd: number): void {
    this.#state = 'content';
    const head = parsePartHead(bytes.toString('latin1', this.#headStart, headEnd));
    if (head === undefined || !this.#sink.readsType(head.type)) return;
    const contentStart = headEnd + blankLine.length;
    const { length } = head;
    if (length === undefined) this.#content = this.#sink.createScanner(headEnd + 2);
    else if (contentStart + length.bytes - this.#headStart <= maxHeldBytes)
      this.#sized = { contentStart, length };
    else this.#sink.tooLong();
  }

  #readContent(bytes: Buffer, isComplete: boolean): void {
    const content = this.#content;
    if (isComplete) content?.end(bytes, this.#at);
    else content?.scan(bytes, this.#at);
    if (this.#sized !== undefined) this.#readSized(bytes, this.#sized);
    if (!isComplete) return;
    this.#content = undefined;
    this.#sized = undefined; // its content is shorter than it says
  }

  #readSized(bytes: Buffer, { contentStart, length }: SizedPart): void {
    const end = contentStart + length.bytes;
    if (this.#at < end) return;
    const edits = this.#edits;
    const first = edits.length;
    this.#sink.createScanner(contentStart).end(bytes, end);
    this.#sized = undefined;
    let grown = 0;
    for (const edit of edits.slice(first)) grown += edit.text.length - (edit.end - edit.start);
    if (grown === 0) return;
    const start = this.#headStart + length.digits.start;
    const lengthEnd = this.#headStart + length.digits.end;
    edits.splice(first, 0, { start, end: lengthEnd, text: String(length.bytes + grown) });
  }
}

const mismatch = -2;
/** All that has come is like the delimiter. */
const mayMatch = -1;

/** @returns where the delimiter ends that begins at this offset */
function matchEnd(delimiter: Buffer, bytes: Buffer, at: number, to: number): number {
  const length = Math.min(to - at, delimiter.length);
  if (delimiter.compare(bytes, at, at + length, 0, length) !== 0) return mismatch;
  return length === delimiter.length ? at + length : mayMatch;
}

/** What the fields of a part say about its content. */
interface PartHead {
  readonly type: string;
  /** `Content-Length`, and where its digits are in the head; undefined if there is none. */
  readonly length: { readonly bytes: number; readonly digits: Span } | undefined;
}

/** Fields that become wrong once the content changes, or that say it is not plain JSON. */
const isBound =
  /^(?:content-encoding|content-md5|content-digest|repr-digest|digest|signature|signature-input):/i;
const isEncoded = /^content-transfer-encoding:(?![\t ]*(?:7bit|8bit|binary)[\t ]*$)/i;

/**
 * @param head - the fields, each behind a line break, in one character per byte
 * @returns undefined if the content has to stay as it is
 */
function parsePartHead(head: string): PartHead | undefined {
  const fields = head
    .replaceAll(/\r\n(?=[\t ])/g, '') // a field may go on in the next line
    .split('\r\n')
    .slice(1);
  if (fields.some((field) => isBound.test(field) || isEncoded.test(field))) return undefined;
  const [type, ...otherTypes] = fields.filter((field) => /^content-type:/i.test(field));
  const lengths = fields.filter((field) => /^content-length:/i.test(field));
  if (type === undefined || otherTypes.length > 0 || lengths.length > 1) return undefined;
  const length = lengths.length === 0 ? undefined : findLength(head);
  if (lengths.length > 0 && length === undefined) return undefined;
  return { type: type.slice('content-type:'.length), length };
}

function findLength(head: string): PartHead['length'] {
  const found = /\r\ncontent-length:[\t ]*(\d{1,9})[\t ]*(?:\r\n(?![\t ])|$)/i.exec(head);
  if (found === null) return undefined;
  const digits = found[1]!;
  const start = head.indexOf(digits, found.index + '\r\ncontent-length:'.length);
  return { bytes: Number(digits), digits: { start, end: start + digits.length } };
}
