/** Decodes CSS escapes, and encodes what is written back (CSS Syntax 3, "consume an escaped code point"). */
import { BACKSLASH, CR, FF, isHexDigit, isWhitespace, LF } from '../text/ascii.ts';
import type { UnescapedValue } from '../text/unescaped-value.ts';

/** `'` or `"` around a string; 0 for a URL without quotes in `url(…)`. */
export type CssQuote = 0 | 0x22 | 0x27;

/** U+FFFD as UTF-8, with one character per byte. */
const replacement = '\xef\xbf\xbd';

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
