/**
 * Reads a body of units: JSON in lines or in a sequence (RFC 7464), events (HTML Standard, 9.2.6), or parts (RFC 2046, 5.1).
 * The format decides where a unit ends, and whether it is held until then, read chunk by chunk, or passed unread. It knows nothing
 * about URLs. Longer than most files: one scanner reads every format.
 */
import { CR, LF } from '../text/ascii.ts';
import { indexOfByte } from '../text/bytes.ts';
import { type Edit, moveEdit, type Span } from '../text/edit.ts';
import { maxHeldBytes } from '../text/limits.ts';
import type { JsonStringScanner } from './json-scanner.ts';

type Scanner = Pick<JsonStringScanner, 'heldFrom' | 'rebase' | 'scan' | 'end'>;

/** The current unit, as far as it has come. */
interface Unit {
  /** Before `start` if this unit belongs to those before it. */
  heldFrom: number;
  start: number;
  /** Where the unit's end begins. If it has not come: no end begins before this offset. */
  at: number;
  /** What `at` was before the last bytes came. */
  seen: number;
}

interface Format {
  /** A body may begin with it: then the first unit follows. */
  readonly prefix: string;
  /** What reads a body that does not; undefined if it begins with a unit. */
  readonly preamble?: Scanner;
  /** Moves `unit.at`. @returns where the next unit begins; -1 if this one's end has not come */
  findEnd(bytes: Buffer, unit: Unit, to: number, isLast: boolean): number;
  /**
   * Called until a unit has a reader.
   * @returns undefined if the unit is held; if it is complete, the next one belongs to it
   */
  readerOf(bytes: Buffer, unit: Unit, isComplete: boolean): Scanner | undefined;
}

const unread: Scanner = { heldFrom: Infinity, rebase() {}, scan() {}, end() {} };
/** For what follows the last unit. */
const epilogue: Scanner = { ...unread };

function createUnitScanner({ prefix, preamble, findEnd, readerOf }: Format): Scanner {
  const unit: Unit = { heldFrom: 0, start: 0, at: 0, seen: 0 };
  let isAtStart = true;
  let reader = preamble;

  function read(bytes: Buffer, to: number, isLast: boolean): void {
    for (;;) {
      unit.seen = unit.at;
      const next = findNext(bytes, to, isLast);
      reader ??= readerOf(bytes, unit, next >= 0);
      if (reader === epilogue) unit.at = to;
      if (!isLast) reader?.scan(bytes, unit.at); // so that its limits do not depend on how the body is cut
      if (next >= 0) reader?.end(bytes, unit.at);
      if (next < 0 || reader === epilogue) return;
      unit.start = unit.at = next;
      if (reader !== undefined) unit.heldFrom = next;
      reader = undefined;
    }
  }

  function findNext(bytes: Buffer, to: number, isLast: boolean): number {
    if (!isAtStart) return findEnd(bytes, unit, to, isLast);
    const start = bytes.toString('latin1', 0, Math.min(prefix.length, to));
    if (!isLast && start !== prefix && prefix.startsWith(start)) return -1;
    isAtStart = false;
    return start === prefix ? prefix.length : findEnd(bytes, unit, to, isLast);
  }

  return {
    get heldFrom() {
      return reader === undefined ? unit.heldFrom : Math.min(reader.heldFrom, unit.at);
    },
    rebase(by) {
      unit.heldFrom -= by;
      unit.start -= by;
      unit.at -= by;
      reader?.rebase(by);
    },
    scan: (bytes, to) => read(bytes, to, false),
    end: (bytes, to) => read(bytes, to, true),
  };
}

function endingIn(delimiter: string): Format['findEnd'] {
  const first = delimiter.charCodeAt(0);
  return (bytes, unit, to, isLast) => {
    for (let { at } = unit; ; at++) {
      at = indexOfByte(bytes, first, at, to);
      const found = bytes.toString('latin1', at, Math.min(at + delimiter.length, to));
      if (!delimiter.startsWith(found) || (isLast && at < to && found !== delimiter)) continue;
      unit.at = at;
      if (found === delimiter) return at + delimiter.length;
      return isLast && unit.start < to ? to : -1;
    }
  };
}

/**
 * JSON values with a separator between them. A JSON string cannot contain a bare line feed or record separator, so a malformed or
 * truncated value never changes how the next one is read.
 * @param separator - a control character
 * @param isRead - whether a line is read, which its end decides; one that is too long to be held is read as it comes.
 * Undefined if all are, as the values of a sequence, whose end comes with the next one
 */
export function createJsonUnitScanner(
  strings: JsonStringScanner,
  separator: string,
  isRead?: (bytes: Buffer, start: number, end: number) => boolean,
): Scanner {
  return createUnitScanner({
    prefix: '',
    findEnd: endingIn(separator),
    readerOf(bytes, { start, at }, isComplete) {
      const isStreamed = isRead === undefined || at - start > maxHeldBytes;
      if (isStreamed || (isComplete && isRead(bytes, start, at))) return strings.startAt(start);
      return isComplete ? unread : undefined;
    },
  });
}

interface EventSink {
  /** Whether an event is read, before its lines are found. */
  isRead(bytes: Buffer, start: number, end: number): boolean;
  /**
   * A complete event that has data.
   * @param lines - the values of its `data` fields; a client joins them with line feeds
   * @param name - its `event` field; `''` if it has none
   */
  event(bytes: Buffer, lines: readonly Span[], name: string): void;
  /** An event passes unread, because it is too long to hold. */
  tooLong(): void;
}

/**
 * Every line is a unit; those of an event belong together from its first data on. Nothing else is held, apart from a line that
 * may become data or a name. An event is sent as soon as its blank line has come, and never without it: a client drops that.
 */
export function createEventScanner(sink: EventSink): Scanner {
  /** The next one, or the end of the bytes: searched for once, however many lines end in CR before it. */
  let lineFeed = -1;
  /** A line feed here would belong to the end of the last line. */
  let isAfterCr = false;
  let isBlank = false;
  let isTooLong = false;
  let name = '';
  return createUnitScanner({
    prefix: '\xef\xbb\xbf', // the byte order mark
    findEnd(bytes, unit, to) {
      if (lineFeed < unit.at) lineFeed = indexOfByte(bytes, LF, unit.at, to);
      const at = indexOfByte(bytes, CR, unit.at, lineFeed);
      unit.at = at;
      if (at === to) {
        lineFeed = -1; // one may come
        return -1;
      }
      isBlank = at === unit.start && !(isAfterCr && at === lineFeed);
      isAfterCr = at < lineFeed;
      return at + 1;
    },
    readerOf(bytes, { heldFrom, start, at }, isComplete) {
      const isInEvent = heldFrom < start;
      // The end of a line ends the name of its field as a colon does.
      const head = bytes.toString('latin1', start, Math.min(start + 6, at)) + (isComplete ? ':' : '');
      const isName = isComplete && head.startsWith('event:');
      const mayCount = isLike(head, 'data:') || isLike(head, 'event:');
      if ((isInEvent || mayCount) && !isTooLong && at - heldFrom > maxHeldBytes) {
        isTooLong = true;
        sink.tooLong();
      }
      if (isComplete && isBlank) {
        if (isInEvent && !isTooLong && sink.isRead(bytes, heldFrom, at))
          sink.event(bytes, dataLines(bytes, heldFrom, at), name);
        isTooLong = false;
        name = '';
        return unread;
      }
      if (isTooLong) return isComplete || at > start ? unread : undefined; // the next line may be blank
      if (isName) name = bytes.toString('latin1', start, at).replace(/^event:? ?/, '');
      return isInEvent || (mayCount && !isName) ? undefined : unread;
    },
  });
}

/** Whether they agree, as far as both go. */
function isLike(text: string, other: string): boolean {
  return text.startsWith(other) || other.startsWith(text);
}

/** The values of `data`. One space behind the colon is not part of the value; without a colon it is empty. */
function dataLines(bytes: Buffer, from: number, to: number): readonly Span[] {
  const lines = bytes.toString('latin1', from, to).matchAll(/^data(?:: ?(.*))?$/gm);
  return Array.from(lines, ({ 0: line, 1: value = '', index }) => {
    const end = from + index + line.length;
    return { start: end - value.length, end };
  });
}

/** The boundary of a multipart body, and which types of parts are JSON. */
export interface PartKind {
  readonly boundary: string;
  readonly readsType: (type: string) => boolean;
}

/** A part whose head is longer passes unread. */
const maxHeadBytes = 8 * 1024;
const blankLine = '\r\n\r\n';

/**
 * JSON parts, such as GraphQL's deferred results. A part ends with the delimiter, which is never held back, because a client waits for
 * it. A part that names its length is held until it is complete.
 * @param edits - the array to which `strings` adds
 */
export function createPartScanner(
  { boundary, readsType }: PartKind,
  strings: JsonStringScanner,
  edits: Edit[],
  onTooLong: () => void,
): Scanner {
  return createUnitScanner({
    prefix: `--${boundary}`,
    preamble: unread,
    findEnd: endingIn(`\r\n--${boundary}`),
    readerOf(bytes, { start, at, seen }, isComplete) {
      if (bytes.toString('latin1', start, start + 2) === '--') return epilogue;
      // The line break of a delimiter may be that of the blank line.
      const limit = Math.min(at + 2, bytes.length, start + maxHeadBytes);
      const headEnd = bytes.subarray(0, limit).indexOf(blankLine, Math.max(start, seen - 3));
      if (headEnd < 0) return isComplete || limit === start + maxHeadBytes ? unread : undefined;
      const head = parsePartHead(bytes.toString('latin1', start, headEnd));
      if (head === undefined || !readsType(head.type)) return unread;
      if (head.length === undefined) return strings.startAt(headEnd + 2);
      const content = headEnd - start + blankLine.length;
      if (content + head.length.bytes <= maxHeldBytes) return sizedReader(start, content, head.length);
      onTooLong();
      return unread;
    },
  });

  /**
   * Holds a part until its content has come, which may be shorter than it says.
   * @param content - where it begins, from the start of the part
   */
  function sizedReader(start: number, content: number, length: ContentLength): Scanner {
    const reader = {
      heldFrom: start,
      rebase(by: number) {
        reader.heldFrom -= by;
      },
      scan(bytes: Buffer, to: number) {
        const { heldFrom } = reader;
        const end = heldFrom + content + length.bytes;
        if (to < end) return;
        reader.heldFrom = Infinity; // it is read
        const first = edits.length;
        strings.startAt(heldFrom + content).end(bytes, end);
        let grown = 0;
        for (const edit of edits.slice(first)) grown += edit.text.length - (edit.end - edit.start);
        const text = String(length.bytes + grown);
        if (grown !== 0) edits.splice(first, 0, moveEdit({ ...length, text }, heldFrom));
      },
      end: (bytes: Buffer, to: number) => reader.scan(bytes, to),
    };
    return reader;
  }
}

/** `Content-Length`, and where its digits are in the head. */
interface ContentLength extends Span {
  readonly bytes: number;
}

/** Fields that become wrong once the content changes, or that say it is not plain JSON. */
const isBound =
  /^(?:content-(?:encoding|md5|digest)|repr-digest|digest|signature|signature-input|content-transfer-encoding(?!:[\t ]*(?:7bit|8bit|binary)[\t ]*$)):/i;
const contentLength = /\r\ncontent-length:[\t ]*(\d{1,9})[\t ]*(?:\r\n(?![\t ])|$)/i;

/**
 * @param head - the fields, each behind a line break, in one character per byte
 * @returns undefined if the content must stay unchanged
 */
function parsePartHead(head: string): { type: string; length: ContentLength | undefined } | undefined {
  const unfolded = head.replaceAll(/\r\n(?=[\t ])/g, ''); // a field may go on in the next line
  const fields = unfolded.split('\r\n').slice(1);
  const types = fields.filter((each) => /^content-type:/i.test(each));
  const lengths = fields.filter((each) => /^content-length:/i.test(each));
  const length = contentLength.exec(head);
  const isClear = types.length === 1 && lengths.length === (length === null ? 0 : 1);
  if (!isClear || fields.some((each) => isBound.test(each))) return undefined;
  const type = types[0]!.slice('content-type:'.length);
  if (length === null) return { type, length: undefined };
  const { 0: field, 1: digits = '', index } = length;
  const start = index + field.indexOf(digits);
  return { type, length: { bytes: Number(digits), start, end: start + digits.length } };
}
