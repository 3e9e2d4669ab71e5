/**
 * The ident sequences and escapes of CSS (CSS Syntax 3, section 4.3): where they begin and end in bytes, and what they
 * stand for. A function over bytes returns undefined if they end before it can decide.
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
import type { UnescapedValue } from '../text/edit.ts';

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

function isIdentStart(byte: number): boolean {
  return isAlpha(byte) || byte >= 0x80 || byte === UNDERSCORE || byte === 0;
}

/** The bytes of ident code points, NUL included: preprocessing replaces it with U+FFFD (CSS Syntax 3, 3.3). */
export const isIdentByte: Uint8Array = byteClass(
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

/** `'` or `"` around a string; 0 for a URL without quotes in `url(…)`. */
export type CssQuote = 0 | 0x22 | 0x27;

/** U+FFFD as UTF-8, with one character per byte. */
const replacement = '\xef\xbf\xbd';

/** Decodes a string or a URL without its quotes, and encodes what is written back ("consume an escaped code point"). */
export function unescapeCss(source: string, start: number, quote: CssQuote): UnescapedValue {
  let text = source;
  let offsets: number[] | undefined;
  if (source.includes('\\')) {
    text = '';
    offsets = [];
    for (let at = 0; at < source.length; ) {
      const isEscape = source.charCodeAt(at) === BACKSLASH;
      const length = isEscape ? escapeLength(source, at) : 1;
      const unit = isEscape ? readEscape(source.slice(at + 1, at + length), quote) : source[at]!;
      for (let i = 0; i < unit.length; i++) offsets.push(start + at);
      text += unit;
      at += length;
    }
    offsets.push(start + source.length);
  }
  return {
    text,
    start,
    offsets,
    // A hex digit or whitespace inserted after `\3a` would become part of the escape.
    // Called only if there are offsets: without escapes `toSourceEdits` does not ask.
    isOpenBefore: (index) => source.charCodeAt(offsets![index - 1]! - start) === BACKSLASH,
    escape: quote === 0 ? escapeUnquoted : quote === 0x22 ? escapeInDoubleQuotes : escapeInSingleQuotes,
  };
}

/** The value of an ident sequence. */
export function unescapeIdent(source: string): string {
  return unescapeCss(source, 0, 0).text;
}

/**
 * The length of the escape at `at`: the backslash with up to six hex digits and one whitespace, or with any one
 * character. 1 at the end of the text.
 */
function escapeLength(source: string, at: number): number {
  let end = at + 1;
  while (end < source.length && end - at <= 6 && isHexDigit(source.charCodeAt(end))) end++;
  if (end === at + 1) {
    const isPair = source.charCodeAt(end) === CR && source.charCodeAt(end + 1) === LF;
    return Math.min(isPair ? 3 : 2, source.length - at);
  }
  if (source.charCodeAt(end) === CR && source.charCodeAt(end + 1) === LF) return end + 2 - at;
  return isWhitespace(source.charCodeAt(end)) ? end + 1 - at : end - at;
}

/** The value of an escape, given without its backslash. It is empty if the style sheet ends after the backslash. */
function readEscape(body: string, quote: CssQuote): string {
  if (body === '') return quote === 0 ? replacement : '';
  const code = body.charCodeAt(0);
  if (code === LF || code === CR || code === FF) return ''; // an escaped newline in a string
  if (!isHexDigit(code)) return body;
  const codePoint = Number.parseInt(body, 16);
  const isScalar = codePoint > 0 && codePoint <= 0x10ffff && (codePoint < 0xd800 || codePoint > 0xdfff);
  return isScalar ? Buffer.from(String.fromCodePoint(codePoint), 'utf8').toString('latin1') : replacement;
}

/**
 * Characters that are written as hex escapes: those that a plain backslash cannot escape, and those that could end
 * something around the style sheet (`</style>`, `-->`, or `]]>` of a CDATA section).
 */
const needsHexEscape = /[\0-\x1f<>\]\x7f]/g;

function escapeUnquoted(text: string): string {
  return hexEscape(text.replace(/[\\"'() ]/g, (character) => `\\${character}`));
}

function escapeInDoubleQuotes(text: string): string {
  return hexEscape(text.replace(/[\\"]/g, (character) => `\\${character}`));
}

function escapeInSingleQuotes(text: string): string {
  return hexEscape(text.replace(/[\\']/g, (character) => `\\${character}`));
}

/** The space ends the escape and is part of it. */
function hexEscape(text: string): string {
  return text.replace(needsHexEscape, (character) => `\\${character.charCodeAt(0).toString(16)} `);
}
