/** CSS escapes: off and on again (CSS Syntax 3, "consume an escaped code point"). */
import { BACKSLASH, CR, FF, isHexDigit, isWhitespace, LF } from '../ascii.ts';
import type { Layer } from '../layer.ts';

/** `'` or `"` around a string, 0 for what stands bare in `url(…)`. */
export type CssQuote = 0 | 0x22 | 0x27;

/** U+FFFD as UTF-8, a character per byte. */
const replacement = '\xef\xbf\xbd';

export function unescapeCss(source: string, start: number, quote: CssQuote): Layer {
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
    // A hex digit or a space behind `\3a` would be read as part of it. A layer without offsets is not asked.
    isOpenBefore: (index) => source.charCodeAt(offsets![index - 1]! - start) === BACKSLASH,
    escape: quote === 0 ? escapeBare : quote === 0x22 ? escapeInQuotes : escapeInApostrophes,
  };
}

/** The text of an identifier. */
export function decodeCssIdentifier(source: string): string {
  return unescapeCss(source, 0, 0).text;
}

/**
 * The length of the escape that the backslash at `at` begins: with up to six hex digits and a white space, or with
 * any one character. 1 at the end of the text.
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

/** What an escape stands for, given without its backslash; at the end of a sheet nothing may follow that. */
function readEscape(written: string, quote: CssQuote): string {
  if (written === '') return quote === 0 ? replacement : '';
  const code = written.charCodeAt(0);
  if (code === LF || code === CR || code === FF) return ''; // a line that goes on, in a string
  if (!isHexDigit(code)) return written;
  const codePoint = Number.parseInt(written, 16);
  const isScalar = codePoint > 0 && codePoint <= 0x10ffff && (codePoint < 0xd800 || codePoint > 0xdfff);
  return isScalar ? Buffer.from(String.fromCodePoint(codePoint), 'utf8').toString('latin1') : replacement;
}

/**
 * By their numbers those that a backslash cannot stand before, and those that could end what is around the style sheet:
 * `</style>`, a comment, `]]>` of a CDATA section.
 */
const numbered = /[\0-\x1f<>\]\x7f]/g;

function escapeBare(text: string): string {
  return escapeNumbered(text.replace(/[\\"'() ]/g, (character) => `\\${character}`));
}

function escapeInQuotes(text: string): string {
  return escapeNumbered(text.replace(/[\\"]/g, (character) => `\\${character}`));
}

function escapeInApostrophes(text: string): string {
  return escapeNumbered(text.replace(/[\\']/g, (character) => `\\${character}`));
}

/** The space ends the number, and goes with it. */
function escapeNumbered(text: string): string {
  return text.replace(numbered, (character) => `\\${character.charCodeAt(0).toString(16)} `);
}
