/**
 * What CSS Syntax 3 decides by the code points ahead, over bytes: where names and escapes begin and end. Each of them
 * answers undefined where the bytes end before it is decided.
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
} from '../ascii.ts';
import { byteClass } from '../bytes.ts';

/** How many bytes of `expected` stand at `at`; undefined where the bytes end within it. */
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

/** "Check if three code points would start an ident sequence"; undefined where more has to be seen. */
export function startsIdentSequence(bytes: Buffer, at: number, to: number): boolean | undefined {
  if (at >= to) return undefined;
  const first = bytes[at]!;
  if (first !== HYPHEN) return isIdentStart(first) || startsEscape(bytes, at, to);
  if (at + 1 >= to) return undefined;
  const second = bytes[at + 1]!;
  return isIdentStart(second) || second === HYPHEN || startsEscape(bytes, at + 1, to);
}

export function continuesIdentSequence(bytes: Buffer, at: number, to: number): boolean | undefined {
  if (at >= to) return undefined;
  return isIdentByte[bytes[at]!] === 1 || startsEscape(bytes, at, to);
}

function startsEscape(bytes: Buffer, at: number, to: number): boolean | undefined {
  if (bytes[at] !== BACKSLASH) return false;
  return at + 1 >= to ? undefined : !isNewline(bytes[at + 1]!);
}

/**
 * Behind the escape that begins at `at`; `at` itself where the backslash begins none; undefined where more has to be
 * seen. In a string a backslash before a line's end continues the line.
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
    return bytes[end] === CR ? behindLineFeed(bytes, end + 1, to, isFinal) : end + 1;
  }
  if (!isHexDigit(bytes[end]!)) return end + 1;
  while (end < to && end - at <= 6 && isHexDigit(bytes[end]!)) end++;
  if (end >= to) return isFinal ? to : undefined;
  if (bytes[end] === CR) return behindLineFeed(bytes, end + 1, to, isFinal);
  return isWhitespace(bytes[end]!) ? end + 1 : end;
}

/** CR LF counts as one line end. */
function behindLineFeed(bytes: Buffer, at: number, to: number, isFinal: boolean): number | undefined {
  if (at >= to) return isFinal ? to : undefined;
  return bytes[at] === LF ? at + 1 : at;
}

export function isIdentStart(byte: number): boolean {
  return isAlpha(byte) || byte >= 0x80 || byte === UNDERSCORE || byte === 0;
}

/** Of each byte, whether it goes on with a name: 1 or 0. */
export const isIdentByte: Uint8Array = byteClass(
  (byte) => isAlphanumeric(byte) || byte >= 0x80 || byte === HYPHEN || byte === UNDERSCORE || byte === 0,
);

/** `url`, `image-set`, `-webkit-image-set`, or an escape in the place of any of their letters. */
export function mayBeUrlFunction(byte: number): boolean {
  const lower = byte | 0x20;
  return lower === 0x75 || lower === 0x69 || byte === HYPHEN || byte === BACKSLASH;
}

/** Whether the names of those functions are so long, written without escapes. */
export function isUrlFunctionLength(length: number): boolean {
  return length === 3 || length === 9 || length === 17;
}

export function isNewline(byte: number): boolean {
  return byte === LF || byte === CR || byte === FF;
}

export function isNonPrintable(byte: number): boolean {
  return (byte < SPACE && byte !== TAB && !isNewline(byte)) || byte === DELETE;
}
