/**
 * Finds URLs in a stream of CSS: `url()` in any spelling, strings directly inside `image-set()` and after `@import`, and
 * strings that are the value of a named custom property. It follows the tokenizer of CSS Syntax 3 as far as that decides
 * where a URL begins, and does not parse.
 * Longer than most files: it is one tokenizer, whose states share the token that is held.
 */

import {
  APOSTROPHE,
  ASTERISK,
  AT,
  BACKSLASH,
  COLON,
  EXCLAMATION,
  HASH,
  HYPHEN,
  isDigit,
  isWhitespace,
  LEFT_BRACE,
  LEFT_BRACKET,
  LEFT_PAREN,
  LESS_THAN,
  QUOTE,
  RIGHT_BRACE,
  RIGHT_BRACKET,
  RIGHT_PAREN,
  SLASH,
} from '../text/ascii.ts';
import { byteClass, indexOfByte } from '../text/bytes.ts';
import { maxHeldBytes } from '../text/limits.ts';
import {
  type CssQuote,
  continuesIdentSequence,
  endOfEscape,
  isIdentByte,
  isNewline,
  isNonPrintable,
  isUrlFunctionLength,
  matchLength,
  mayBeUrlFunction,
  startsIdentSequence,
  unescapeIdent,
} from './css-syntax.ts';

export interface CssSink {
  /** The names of custom properties whose value, if it begins with a string, is a URL; with one character per byte. */
  readonly customProperties: ReadonlySet<string>;
  /** A url-token's URL, or a string that is a URL: without quotes, but with its escapes. */
  url(bytes: Buffer, start: number, end: number, quote: CssQuote): void;
  tooLong(): void;
}

type State =
  | 'between-tokens'
  | 'comment'
  | 'ident' // may become a function token for URLs, or name a custom property
  | 'at-keyword' // may become `@import`
  | 'name' // of a hash, at-keyword or dimension token, or too long: a `(` after it does not make it a function token
  | 'before-colon' // after the name of a custom property
  | 'before-string' // after `@import`, or after the colon of a custom property
  | 'string'
  | 'url-start'
  | 'url'
  | 'url-end'
  | 'bad-url';

/**
 * The greatest nesting within an `image-set()`, in which a string is a URL only if `image-set()` is the innermost
 * block. Beyond it the outer blocks are forgotten: strings in them pass through unchanged.
 */
const maxNesting = 64;
/** Stands for the `)` that closes an `image-set()`, to tell it from every other `)`. */
const imageSetClose = 0;

/** The bytes between tokens that may begin a URL or hide one. All others are skipped, names and numbers among them. */
const stopBytesOutside: Uint8Array = byteClass((byte) =>
  [AT, LEFT_PAREN, BACKSLASH, QUOTE, APOSTROPHE, SLASH, LESS_THAN].includes(byte),
);
const blockBytes: readonly number[] = [LEFT_BRACKET, LEFT_BRACE, RIGHT_PAREN, RIGHT_BRACKET, RIGHT_BRACE];
const stopBytesInBlocks: Uint8Array = byteClass(
  (byte) => stopBytesOutside[byte] === 1 || blockBytes.includes(byte),
);
const stopBytesWithHyphen: Uint8Array = byteClass((byte) => stopBytesInBlocks[byte] === 1 || byte === HYPHEN);
/** By kind: outside of blocks, within, and where a hyphen may begin a custom property. */
const stopBytes: readonly [Uint8Array, Uint8Array, Uint8Array] = [
  stopBytesOutside,
  stopBytesInBlocks,
  stopBytesWithHyphen,
];

/** The first byte between the tokens of a style sheet that may begin a URL or hide one; `to` if there is none. */
export function endOfCssRun(bytes: Buffer, from: number, to: number, kind: 0 | 1 | 2): number {
  const table = stopBytes[kind];
  const isStop = (at: number): number => table[bytes[at]!]!;
  let at = from;
  // Four at a time: most of a style sheet's bytes pass here.
  while (at < to - 3 && (isStop(at) | isStop(at + 1) | isStop(at + 2) | isStop(at + 3)) === 0) at += 4;
  while (at < to && isStop(at) === 0) at++;
  return at;
}

/** The length of `-webkit-image-set`, the longest function name that is looked for. */
const longestName = 17;

const commentOpener: readonly number[] = [SLASH, ASTERISK];
const cdoOpener: readonly number[] = [LESS_THAN, EXCLAMATION, HYPHEN, HYPHEN];

export class CssUrlScanner {
  readonly #sink: CssSink;
  #state: State = 'between-tokens';
  /** What a comment is in: the state after it. */
  #outerState: State = 'between-tokens';
  #at: number;
  /** Where the held token begins; -1 without one, if it cannot be a URL, or if it is too long. */
  #start = -1;
  #end = -1;
  /** Whether the current token is too long to hold. It is reported at its end, which decides whether it was a URL. */
  #isTooLong = false;
  #quote: 0x22 | 0x27 = QUOTE;
  /** The closing byte of each open block, from the outermost `image-set()` inwards. */
  #nesting: number[] = [];

  constructor(sink: CssSink, at: number) {
    this.#sink = sink;
    this.#at = at;
  }

  get heldFrom(): number {
    return this.#start < 0 ? this.#at : this.#start;
  }

  rebase(by: number): void {
    this.#at -= by;
    if (this.#start >= 0) this.#start -= by;
    this.#end -= by;
  }

  /** After `abandon`: continues in other bytes, which begin with those from `heldFrom` on. */
  restart(): void {
    this.#at = 0;
  }

  /** Drops the unfinished token, which is not a URL then. */
  abandon(): void {
    this.#start = -1;
    if (this.#state === 'ident' || this.#state === 'at-keyword') this.#state = 'name';
  }

  scan(bytes: Buffer, to: number): void {
    this.#run(bytes, to, false);
    if (this.#start < 0 || to - this.#start <= maxHeldBytes) return;
    this.#isTooLong = this.#state !== 'ident' && this.#state !== 'at-keyword';
    this.abandon();
  }

  /** The style sheet ends here. An unfinished string or url-token ends with it (CSS Syntax 3, 4.3.5 and 4.3.6). */
  end(bytes: Buffer, to: number): void {
    this.#run(bytes, to, true);
    if (this.#state === 'url' || this.#state === 'string') this.#emit(bytes, to);
    else if (this.#state === 'url-end') this.#emit(bytes, this.#end);
    this.abandon();
  }

  /** Each step advances `#at`, or returns false if it needs bytes that have not arrived yet. */
  #run(bytes: Buffer, to: number, isFinal: boolean): void {
    while (this.#at < to && this.#step(bytes, to, isFinal));
  }

  #step(bytes: Buffer, to: number, isFinal: boolean): boolean {
    switch (this.#state) {
      case 'between-tokens':
        return this.#betweenTokens(bytes, to, isFinal);
      case 'comment':
        return this.#comment(bytes, to, isFinal);
      case 'ident':
      case 'at-keyword':
      case 'name':
        return this.#identSequence(bytes, to, isFinal);
      case 'before-colon':
      case 'before-string':
        return this.#beforeValue(bytes, to, isFinal);
      case 'string':
        return this.#string(bytes, to, isFinal);
      case 'url-start':
        return this.#urlStart(bytes, to);
      case 'url':
        return this.#url(bytes, to, isFinal);
      case 'url-end':
        return this.#urlEnd(bytes, to);
      case 'bad-url':
        return this.#badUrl(bytes, to, isFinal);
    }
  }

  #betweenTokens(bytes: Buffer, to: number, isFinal: boolean): boolean {
    const from = this.#at;
    const hasProperties = this.#sink.customProperties.size > 0;
    const kind = hasProperties ? 2 : this.#nesting.length > 0 ? 1 : 0;
    for (let at = from; ; at++) {
      at = endOfCssRun(bytes, at, to, kind);
      this.#at = at;
      if (at >= to) return isFinal || this.#unfinishedRun(bytes, from, to, isFinal);
      const byte = bytes[at]!;
      if (byte === BACKSLASH) return this.#unfinishedRun(bytes, from, to, isFinal);
      if (byte === AT || (byte === HYPHEN && hasProperties)) {
        if (byte === HYPHEN && startOfRun(bytes, from, at) < at) continue;
        if (byte === HYPHEN && isPrefixed(bytes, from, at)) continue;
        return this.#identLikeStart(bytes, to, isFinal, byte);
      }
      if (byte === QUOTE || byte === APOSTROPHE) {
        this.#openString(byte, this.#nesting.at(-1) === imageSetClose);
        return true;
      }
      if (byte === SLASH || byte === LESS_THAN) {
        // `<!--` is a CDO token. Read as `<`, `!` and the name `--url`, it would hide a `url(` right after it.
        const opener = byte === SLASH ? commentOpener : cdoOpener;
        const length = matchLength(bytes, at, to, opener);
        if (length === undefined && !isFinal) return false;
        if (length === opener.length) {
          this.#at += opener.length;
          if (byte === SLASH) this.#openComment();
          return true;
        }
        continue;
      }
      if (byte === LEFT_PAREN) {
        // A run of ident bytes that begins with a digit is a number with its unit, never one of these functions.
        const start = startOfRun(bytes, from, at);
        if (isUrlFunctionLength(at - start) && !isPrefixed(bytes, from, start)) {
          this.#openFunction(bytes, start, at);
          if (this.#at > at) return true;
        }
      }
      if (this.#nesting.length > 0) this.#readBlockByte(byte);
    }
  }

  /** At a backslash or at the end of the bytes, where the token of the preceding ident bytes may not be complete. */
  #unfinishedRun(bytes: Buffer, from: number, to: number, isFinal: boolean): boolean {
    const start = startOfRun(bytes, from, this.#at);
    if (this.#at - start > longestName) {
      this.#state = 'name';
      this.#start = -1;
      return true;
    }
    this.#at = isPrefixed(bytes, from, start) ? start - 1 : start;
    if (this.#at === to) return true;
    const byte = bytes[this.#at]!;
    return isDigit(byte) ? this.#number(bytes, to, isFinal) : this.#identLikeStart(bytes, to, isFinal, byte);
  }

  /** At the first byte of what may be an ident sequence, a hash token or an at-keyword token. */
  #identLikeStart(bytes: Buffer, to: number, isFinal: boolean, byte: number): boolean {
    const from = byte === AT || byte === HASH ? this.#at + 1 : this.#at;
    const begins =
      byte === HASH ? continuesIdentSequence(bytes, from, to) : startsIdentSequence(bytes, from, to);
    if (begins === undefined && !isFinal) return false;
    if (begins !== true) {
      this.#at++;
      return true;
    }
    if (byte === AT) this.#state = 'at-keyword';
    else this.#state = byte !== HASH && mayBeUrlFunction(byte) ? 'ident' : 'name';
    this.#start = this.#state === 'name' ? -1 : from;
    this.#at = from;
    return true;
  }

  /** Digits and their unit: `1url(` is a dimension token and a `(`. */
  #number(bytes: Buffer, to: number, isFinal: boolean): boolean {
    let at = this.#at;
    while (at < to && isDigit(bytes[at]!)) at++;
    const hasUnit = startsIdentSequence(bytes, at, to);
    // Stay at the last digit, so that the next chunk is read as the continuation of a number.
    if (hasUnit === undefined && !isFinal) {
      this.#at = at - 1;
      return false;
    }
    this.#at = at;
    if (hasUnit === true) this.#state = 'name';
    return true;
  }

  #identSequence(bytes: Buffer, to: number, isFinal: boolean): boolean {
    let at = this.#at;
    while (at < to) {
      const byte = bytes[at]!;
      if (isIdentByte[byte] === 1) {
        at++;
      } else if (byte === BACKSLASH) {
        this.#at = at;
        const next = endOfEscape(bytes, at, to, isFinal);
        if (next === undefined) return false;
        if (next === at) break;
        at = next;
      } else break;
    }
    const start = this.#start;
    this.#at = at;
    if (at >= to) return true;
    const state = this.#state;
    this.#state = 'between-tokens';
    this.#start = -1;
    if (start < 0 || at - start > maxHeldBytes) return true;
    if (state === 'at-keyword') this.#readAtKeyword(bytes, start, at);
    else if (bytes[at] === LEFT_PAREN) this.#openFunction(bytes, start, at);
    else this.#readIdent(bytes, start, at);
    return true;
  }

  #readAtKeyword(bytes: Buffer, start: number, end: number): void {
    const name = unescapeIdent(bytes.toString('latin1', start, end)).toLowerCase();
    if (name === 'import') this.#state = 'before-string';
  }

  #readIdent(bytes: Buffer, start: number, end: number): void {
    const { customProperties } = this.#sink;
    if (customProperties.size === 0) return;
    if (customProperties.has(unescapeIdent(bytes.toString('latin1', start, end))))
      this.#state = 'before-colon';
  }

  /** In white space and comments before the colon or the string that makes a string a URL. */
  #beforeValue(bytes: Buffer, to: number, isFinal: boolean): boolean {
    let at = this.#at;
    while (at < to && isWhitespace(bytes[at]!)) at++;
    this.#at = at;
    if (at >= to) return true;
    const byte = bytes[at]!;
    if (byte === SLASH) {
      const length = matchLength(bytes, at, to, commentOpener);
      if (length === undefined && !isFinal) return false;
      if (length === commentOpener.length) {
        this.#at += length;
        this.#openComment();
        return true;
      }
    }
    const isValue = this.#state === 'before-string';
    if (isValue && (byte === QUOTE || byte === APOSTROPHE)) this.#openString(byte, true);
    else if (!isValue && byte === COLON) {
      this.#state = 'before-string';
      this.#at++;
    } else this.#state = 'between-tokens';
    return true;
  }

  #openComment(): void {
    this.#outerState = this.#state;
    this.#state = 'comment';
  }

  #openFunction(bytes: Buffer, start: number, end: number): void {
    const name = unescapeIdent(bytes.toString('latin1', start, end)).toLowerCase();
    if (name === 'url') {
      this.#state = 'url-start';
      this.#at = end + 1;
    } else if (name === 'image-set' || name === '-webkit-image-set') {
      this.#push(imageSetClose);
      this.#at = end + 1;
    }
    // For every other function `#at` stays, and the caller reads the `(` like any parenthesis.
  }

  #readBlockByte(byte: number): void {
    if (byte === LEFT_PAREN) this.#push(RIGHT_PAREN);
    else if (byte === LEFT_BRACKET) this.#push(RIGHT_BRACKET);
    else if (byte === LEFT_BRACE) this.#push(RIGHT_BRACE);
    else if (byte === RIGHT_PAREN || byte === RIGHT_BRACKET || byte === RIGHT_BRACE) {
      const close = this.#nesting.at(-1);
      if (byte === (close === imageSetClose ? RIGHT_PAREN : close)) this.#nesting.pop();
    }
  }

  #push(close: number): void {
    if (this.#nesting.length < maxNesting) this.#nesting.push(close);
    else this.#nesting = [];
  }

  #openString(quote: 0x22 | 0x27, isUrl: boolean): void {
    this.#at++;
    this.#state = 'string';
    this.#quote = quote;
    this.#start = isUrl ? this.#at : -1;
  }

  #string(bytes: Buffer, to: number, isFinal: boolean): boolean {
    for (let at = this.#at; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === this.#quote) {
        this.#emit(bytes, at);
        this.#at = at + 1;
        return true;
      }
      if (byte === BACKSLASH) {
        this.#at = at;
        const next = endOfEscape(bytes, at, to, isFinal, true);
        if (next === undefined) return false;
        at = next - 1;
      } else if (isNewline(byte)) {
        this.#close(); // a bad-string token
        this.#at = at;
        return true;
      }
    }
    this.#at = to;
    return true;
  }

  #urlStart(bytes: Buffer, to: number): boolean {
    let at = this.#at;
    while (at < to && isWhitespace(bytes[at]!)) at++;
    this.#at = at;
    if (at >= to) return true;
    const byte = bytes[at]!;
    if (byte === QUOTE || byte === APOSTROPHE) {
      if (this.#nesting.length > 0) this.#push(RIGHT_PAREN);
      this.#openString(byte, true);
    } else {
      this.#state = 'url';
      this.#start = at;
    }
    return true;
  }

  #url(bytes: Buffer, to: number, isFinal: boolean): boolean {
    for (let at = this.#at; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === RIGHT_PAREN) {
        this.#emit(bytes, at);
        this.#at = at + 1;
        return true;
      }
      if (isWhitespace(byte)) {
        this.#end = at;
        this.#at = at;
        this.#state = 'url-end';
        return true;
      }
      if (byte === BACKSLASH) {
        this.#at = at;
        const next = endOfEscape(bytes, at, to, isFinal);
        if (next === undefined) return false;
        if (next === at) return this.#becomeBadUrl(at);
        at = next - 1;
      } else if (byte === QUOTE || byte === APOSTROPHE || byte === LEFT_PAREN || isNonPrintable(byte)) {
        return this.#becomeBadUrl(at);
      }
    }
    this.#at = to;
    return true;
  }

  #urlEnd(bytes: Buffer, to: number): boolean {
    let at = this.#at;
    while (at < to && isWhitespace(bytes[at]!)) at++;
    this.#at = at;
    if (at >= to) return true;
    if (bytes[at] !== RIGHT_PAREN) return this.#becomeBadUrl(at);
    this.#emit(bytes, this.#end);
    this.#at = at + 1;
    return true;
  }

  #becomeBadUrl(at: number): boolean {
    this.#start = -1;
    this.#isTooLong = false;
    this.#state = 'bad-url';
    this.#at = at;
    return true;
  }

  #badUrl(bytes: Buffer, to: number, isFinal: boolean): boolean {
    for (let at = this.#at; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === RIGHT_PAREN) {
        this.#close();
        this.#at = at + 1;
        return true;
      }
      if (byte === BACKSLASH) {
        this.#at = at;
        const next = endOfEscape(bytes, at, to, isFinal);
        if (next === undefined) return false;
        if (next > at) at = next - 1;
      }
    }
    this.#at = to;
    return true;
  }

  #comment(bytes: Buffer, to: number, isFinal: boolean): boolean {
    if (bytes[this.#at] !== ASTERISK) this.#at = indexOfByte(bytes, ASTERISK, this.#at, to);
    if (this.#at === to) return true;
    if (this.#at + 1 >= to) {
      if (isFinal) this.#at = to;
      return isFinal;
    }
    this.#at++;
    if (bytes[this.#at] === SLASH) {
      this.#at++;
      this.#state = this.#outerState;
    }
    return true;
  }

  #emit(bytes: Buffer, end: number): void {
    const start = this.#start;
    const quote = this.#state === 'string' ? this.#quote : 0;
    const heldTo = this.#state === 'url-end' ? this.#at : end;
    const isTooLong = this.#isTooLong || (start >= 0 && heldTo - start > maxHeldBytes);
    this.#close();
    if (isTooLong) this.#sink.tooLong();
    else if (start >= 0) this.#sink.url(bytes, start, end, quote);
  }

  #close(): void {
    this.#start = -1;
    this.#isTooLong = false;
    this.#state = 'between-tokens';
  }
}

/** Where the ident bytes right before `end` begin, at most one more than the longest name that is looked for. */
function startOfRun(bytes: Buffer, from: number, end: number): number {
  const least = Math.max(from, end - longestName - 1);
  let start = end;
  while (start > least && isIdentByte[bytes[start - 1]!] === 1) start--;
  return start;
}

/** Whether a `#` is before the name, so that it belongs to a hash token. */
function isPrefixed(bytes: Buffer, from: number, start: number): boolean {
  return start > from && bytes[start - 1] === HASH;
}
