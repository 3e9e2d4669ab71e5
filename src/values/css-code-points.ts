/**
 * The lookahead checks of CSS Syntax 3 (section 4.3), on bytes: where ident sequences and escapes begin and end. A
 * function returns undefined if the bytes end before it can decide.
 */
import {
  BACKSLASH,
  CR,
  DELETE,
  FF,
  HYPHEN,
  isAlpha,
  isAlphanumeric,
  isHexDigit,
  isWhitespace,
  LF,
  SPACE,
  TAB,
  UNDERSCORE,
} from '../text/ascii.ts';
import { byteClass } from '../text/bytes.ts';

/** How many bytes at `at` match `expected`; undefined if the bytes end within the match. */
export function matchLength(
  bytes: Buffer,
  at: number,
  to: number,
  expected: readonly number[],
): number | undefined {
  for (let i = 0; i < expected.length; i++) {
    if (at + i >= to) return undefined;
    if (bytes[at + i] !== expected[i]) return i;
  }
  return expected.length;
}

/** "Check if three code points would start an ident sequence". */
export function startsIdentSequence(bytes: Buffer, at: number, to: number): boolean | undefined {
  if (at >= to) return undefined;
  const first = bytes[at]!;
  if (first !== HYPHEN) return isIdentStart(first) || startsEscape(bytes, at, to);
  if (at + 1 >= to) return undefined;
  const second = bytes[at + 1]!;
  return isIdentStart(second) || second === HYPHEN || startsEscape(bytes, at + 1, to);
}

/** Whether an ident sequence continues at `at`. */
export function continuesIdentSequence(bytes: Buffer, at: number, to: number): boolean | undefined {
  if (at >= to) return undefined;
  return isIdentByte[bytes[at]!] === 1 || startsEscape(bytes, at, to);
}

function startsEscape(bytes: Buffer, at: number, to: number): boolean | undefined {
  if (bytes[at] !== BACKSLASH) return false;
  return at + 1 >= to ? undefined : !isNewline(bytes[at + 1]!);
}

/**
 * The index after the escape that begins at `at`; `at` itself if the backslash does not begin a valid escape. In a
 * string a backslash before a newline continues the line.
 * @param isFinal - whether no bytes follow: then an escape that is cut off ends at `to`
 */
export function endOfEscape(
  bytes: Buffer,
  at: number,
  to: number,
  isFinal: boolean,
  inString = false,
): number | undefined {
  let end = at + 1;
  if (end >= to) return isFinal ? to : undefined;
  if (isNewline(bytes[end]!)) {
    if (!inString) return at;
    return bytes[end] === CR ? afterLineFeed(bytes, end + 1, to, isFinal) : end + 1;
  }
  if (!isHexDigit(bytes[end]!)) return end + 1;
  while (end < to && end - at <= 6 && isHexDigit(bytes[end]!)) end++;
  if (end >= to) return isFinal ? to : undefined;
  if (bytes[end] === CR) return afterLineFeed(bytes, end + 1, to, isFinal);
  return isWhitespace(bytes[end]!) ? end + 1 : end;
}

/** CR LF counts as one newline (CSS Syntax 3, 3.3). */
function afterLineFeed(bytes: Buffer, at: number, to: number, isFinal: boolean): number | undefined {
  if (at >= to) return isFinal ? to : undefined;
  return bytes[at] === LF ? at + 1 : at;
}

export function isIdentStart(byte: number): boolean {
  return isAlpha(byte) || byte >= 0x80 || byte === UNDERSCORE || byte === 0;
}

/** The bytes of ident code points, NUL included: preprocessing replaces it with U+FFFD (CSS Syntax 3, 3.3). */
export const isIdentByte: Uint8Array = /* @__PURE__ */ byteClass(
  (byte) => isAlphanumeric(byte) || byte >= 0x80 || byte === HYPHEN || byte === UNDERSCORE || byte === 0,
);

/**
 * Whether `url`, `image-set` or `-webkit-image-set` may begin with this byte: it is their first letter, or an escape.
 */
export function mayBeUrlFunction(byte: number): boolean {
  const lower = byte | 0x20;
  return lower === 0x75 || lower === 0x69 || byte === HYPHEN || byte === BACKSLASH;
}

/** Whether one of these function names has this length, if it is written without escapes. */
export function isUrlFunctionLength(length: number): boolean {
  return length === 3 || length === 9 || length === 17;
}

export function isNewline(byte: number): boolean {
  return byte === LF || byte === CR || byte === FF;
}

export function isNonPrintable(byte: number): boolean {
  return (byte < SPACE && byte !== TAB && !isNewline(byte)) || byte === DELETE;
}
