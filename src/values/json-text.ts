/**
 * Whether a text is JSON (RFC 8259): the verdict of `JSON.parse`, without its exception, which takes as long as many
 * values where stack traces are deep. It reads the text once, and keeps a list of open brackets in place of recursion.
 */
import {
  BACKSLASH,
  COLON,
  COMMA,
  CR,
  DOT,
  HYPHEN,
  isDigit,
  isHexDigit,
  LEFT_BRACE,
  LEFT_BRACKET,
  LF,
  QUOTE,
  RIGHT_BRACE,
  RIGHT_BRACKET,
  SPACE,
  TAB,
} from '../text/ascii.ts';

/** The functions below return where something ends, or this. */
const malformed = -1;

export function isJsonText(text: string): boolean {
  const open: number[] = [];
  let at = skipWhitespace(text, 0);
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === LEFT_BRACKET || code === LEFT_BRACE) {
      open.push(code);
      at = skipWhitespace(text, at + 1);
      if (text.charCodeAt(at) !== closing(code)) {
        if (code === LEFT_BRACE) at = endOfName(text, at);
        if (at === malformed) return false;
        continue;
      }
    } else {
      at = code === QUOTE ? endOfString(text, at + 1) : endOfScalar(text, at);
      if (at === malformed) return false;
      at = skipWhitespace(text, at);
    }
    // Behind a value, or at the end of an empty array or object: close as many as end here.
    for (; open.length > 0 && text.charCodeAt(at) === closing(open.at(-1)!); open.pop())
      at = skipWhitespace(text, at + 1);
    if (open.length === 0) return at === text.length;
    if (text.charCodeAt(at) !== COMMA) return false;
    at = skipWhitespace(text, at + 1);
    if (open.at(-1) === LEFT_BRACE) at = endOfName(text, at);
    if (at === malformed) return false;
  }
}

function closing(bracket: number): number {
  return bracket === LEFT_BRACE ? RIGHT_BRACE : RIGHT_BRACKET;
}

function skipWhitespace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== SPACE && code !== LF && code !== CR && code !== TAB) return at;
    at++;
  }
}

/** Of a member's name, its colon, and the white space behind that. */
function endOfName(text: string, at: number): number {
  const end = text.charCodeAt(at) === QUOTE ? endOfString(text, at + 1) : malformed;
  const colon = end === malformed ? malformed : skipWhitespace(text, end);
  return text.charCodeAt(colon) === COLON ? skipWhitespace(text, colon + 1) : malformed;
}

/** @param from - behind the quote */
function endOfString(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code < SPACE) return malformed;
    if (code === BACKSLASH && !isEscape(text, ++at)) return malformed;
  }
  return malformed;
}

/** @param at - behind the backslash. Of a `\u` the digits may be read as characters of the string, too. */
function isEscape(text: string, at: number): boolean {
  const character = text.charAt(at);
  if (character !== 'u') return character !== '' && '"\\/bfnrt'.includes(character);
  for (let digit = at + 1; digit <= at + 4; digit++) if (!isHexDigit(text.charCodeAt(digit))) return false;
  return true;
}

function endOfScalar(text: string, at: number): number {
  for (const word of ['true', 'false', 'null']) if (text.startsWith(word, at)) return at + word.length;
  return endOfNumber(text, at);
}

const ZERO = 0x30;

function endOfNumber(text: string, from: number): number {
  const first = text.charCodeAt(from) === HYPHEN ? from + 1 : from;
  let at = text.charCodeAt(first) === ZERO ? first + 1 : endOfDigits(text, first);
  if (at !== malformed && text.charCodeAt(at) === DOT) at = endOfDigits(text, at + 1);
  const isExponent = at !== malformed && (text.charAt(at) === 'e' || text.charAt(at) === 'E');
  if (!isExponent) return at;
  const sign = text.charAt(at + 1);
  return endOfDigits(text, sign === '+' || sign === '-' ? at + 2 : at + 1);
}

/** At least one. */
function endOfDigits(text: string, from: number): number {
  let at = from;
  while (isDigit(text.charCodeAt(at))) at++;
  return at > from ? at : malformed;
}
