/**
 * URLs in CSS, found in a stream of bytes: `url()` in any spelling, and strings straight inside `image-set()`.
 * It reads tokens as CSS Syntax 3 does, as far as they decide where a URL begins; it does not parse, and knows
 * neither where the CSS stood nor what becomes of the URLs. Longer than most files, since it is one grammar.
 */
import {
  APOSTROPHE,
  ASTERISK,
  AT,
  BACKSLASH,
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
} from '../ascii.ts';
import { byteClass, indexOfByte } from '../bytes.ts';
import { maxHeldBytes } from '../limits.ts';
import {
  continuesIdentSequence,
  endOfEscape,
  isIdentByte,
  isNewline,
  isNonPrintable,
  isUrlFunctionLength,
  matchLength,
  mayBeUrlFunction,
  startsIdentSequence,
} from './css-code-points.ts';
import { type CssQuote, unescapeIdent } from './css-escapes.ts';

export interface CssSink {
  /** The text of a URL token, or of a string that is a URL, still with its escapes, without its quotes. */
  url(bytes: Buffer, start: number, end: number, quote: CssQuote): void;
  tooLong(): void;
}

type State =
  | 'top'
  | 'comment'
  | 'identifier'
  | 'name' // of a hash, an at-keyword, a dimension's unit: followed by `(` it is no function
  | 'string'
  | 'url-start'
  | 'url'
  | 'url-end'
  | 'bad-url';

/** Nesting within an `image-set()`: strings count where the innermost block is one. Deeper, the outer ones are forgotten. */
const maxNesting = 64;
const imageSetClose = 0;

/** Between tokens: the bytes that have to be looked at. What else there is, names and numbers most of all, needs not. */
const stops: Uint8Array = byteClass((byte) =>
  [LEFT_PAREN, BACKSLASH, QUOTE, APOSTROPHE, SLASH, LESS_THAN].includes(byte),
);
const blocks: readonly number[] = [LEFT_BRACKET, LEFT_BRACE, RIGHT_PAREN, RIGHT_BRACKET, RIGHT_BRACE];
const stopsInBlocks: Uint8Array = byteClass((byte) => stops[byte] === 1 || blocks.includes(byte));
/** `-webkit-image-set`, the longest name that counts: a run of name bytes that is longer is no part of one. */
const longestName = 17;

const commentOpener: readonly number[] = [SLASH, ASTERISK];
const cdoOpener: readonly number[] = [LESS_THAN, EXCLAMATION, HYPHEN, HYPHEN];

export class CssUrlScanner {
  readonly #sink: CssSink;
  #state: State = 'top';
  #at: number;
  /** Where the token begins that is held back, or -1: none, one that is no URL, or one that is too long. */
  #start = -1;
  #end = -1;
  /** Set while a token goes on that would be a URL if it were shorter; whether it is one, its end tells. */
  #isTooLong = false;
  #quote: 0x22 | 0x27 = QUOTE;
  /** What closes each block that is open, from the outermost `image-set()` on. */
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

  /** After `abandon`: goes on in other bytes, which begin with the old ones from `heldFrom` on. */
  restart(): void {
    this.#at = 0;
  }

  /** What is unfinished is no URL. */
  abandon(): void {
    this.#start = -1;
    if (this.#state === 'identifier') this.#state = 'name';
  }

  scan(bytes: Buffer, to: number): void {
    this.#run(bytes, to, false);
    if (this.#start < 0 || to - this.#start <= maxHeldBytes) return;
    this.#isTooLong = this.#state !== 'identifier';
    this.abandon();
  }

  /** The style sheet ends here: what is open is closed, as the standard has it. */
  end(bytes: Buffer, to: number): void {
    this.#run(bytes, to, true);
    if (this.#state === 'url' || this.#state === 'string') this.#emit(bytes, to);
    else if (this.#state === 'url-end') this.#emit(bytes, this.#end);
    this.abandon();
  }

  /** Each step moves `#at` on, or answers false: it has to see more than is there. */
  #run(bytes: Buffer, to: number, isFinal: boolean): void {
    while (this.#at < to && this.#step(bytes, to, isFinal));
  }

  #step(bytes: Buffer, to: number, isFinal: boolean): boolean {
    switch (this.#state) {
      case 'top':
        return this.#top(bytes, to, isFinal);
      case 'comment':
        return this.#comment(bytes, to, isFinal);
      case 'identifier':
      case 'name':
        return this.#identifier(bytes, to, isFinal);
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

  #top(bytes: Buffer, to: number, isFinal: boolean): boolean {
    const floor = this.#at;
    const table = this.#nesting.length > 0 ? stopsInBlocks : stops;
    for (let at = floor; ; at++) {
      while (at < to && table[bytes[at]!] === 0) at++;
      this.#at = at;
      if (at >= to) return isFinal || this.#unfinishedRun(bytes, floor, to, isFinal);
      const byte = bytes[at]!;
      if (byte === BACKSLASH) return this.#unfinishedRun(bytes, floor, to, isFinal);
      if (byte === QUOTE || byte === APOSTROPHE) {
        this.#openString(byte, this.#nesting.at(-1) === imageSetClose);
        return true;
      }
      if (byte === SLASH || byte === LESS_THAN) {
        // `<!--` is a token of its own; taken for `<`, `!` and a name it would hide what follows.
        const opener = byte === SLASH ? commentOpener : cdoOpener;
        const length = matchLength(bytes, at, to, opener);
        if (length === undefined && !isFinal) return false;
        if (length === opener.length) {
          this.#state = byte === SLASH ? 'comment' : 'top';
          this.#at += opener.length;
          return true;
        }
        continue;
      }
      if (byte === LEFT_PAREN) {
        // A run that is no name is a number with its unit, which is no function either.
        const start = startOfRun(bytes, floor, at);
        if (isUrlFunctionLength(at - start) && !isPrefixed(bytes, floor, start)) {
          this.#openFunction(bytes, start, at);
          if (this.#at > at) return true;
        }
      }
      if (this.#nesting.length > 0) this.#nest(byte);
    }
  }

  /** At a backslash, or at the end of what is there: what the name bytes before it belong to is still open. */
  #unfinishedRun(bytes: Buffer, floor: number, to: number, isFinal: boolean): boolean {
    const start = startOfRun(bytes, floor, this.#at);
    if (this.#at - start > longestName) {
      this.#state = 'name';
      this.#start = -1;
      return true;
    }
    this.#at = isPrefixed(bytes, floor, start) ? start - 1 : start;
    if (this.#at === to) return true;
    const byte = bytes[this.#at]!;
    return isDigit(byte) ? this.#number(bytes, to, isFinal) : this.#word(bytes, to, isFinal, byte);
  }

  /** At a byte with which a name, a hash or an at-keyword may begin. */
  #word(bytes: Buffer, to: number, isFinal: boolean, byte: number): boolean {
    const isPrefixed = byte === AT || byte === HASH;
    const from = isPrefixed ? this.#at + 1 : this.#at;
    const begins =
      byte === HASH ? continuesIdentSequence(bytes, from, to) : startsIdentSequence(bytes, from, to);
    if (begins === undefined && !isFinal) return false;
    if (begins !== true) {
      this.#at++;
      return true;
    }
    this.#state = isPrefixed || !mayBeUrlFunction(byte) ? 'name' : 'identifier';
    this.#start = this.#state === 'identifier' ? from : -1;
    this.#at = from;
    return true;
  }

  /** Digits, and the unit behind them: `1url(` is a dimension and a bracket. */
  #number(bytes: Buffer, to: number, isFinal: boolean): boolean {
    let at = this.#at;
    while (at < to && isDigit(bytes[at]!)) at++;
    const hasUnit = startsIdentSequence(bytes, at, to);
    // Stays at the last digit, so that the digits are known for a number when more is there.
    if (hasUnit === undefined && !isFinal) {
      this.#at = at - 1;
      return false;
    }
    this.#at = at;
    if (hasUnit === true) this.#state = 'name';
    return true;
  }

  #identifier(bytes: Buffer, to: number, isFinal: boolean): boolean {
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
    const isFunction = this.#state === 'identifier' && bytes[at] === LEFT_PAREN;
    this.#state = 'top';
    this.#start = -1;
    if (isFunction && start >= 0 && at - start <= maxHeldBytes) this.#openFunction(bytes, start, at);
    return true;
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
    // The bracket of any other function is read as a bracket.
  }

  #nest(byte: number): void {
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
        this.#close(); // a bad string
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
        if (next === at) return this.#turnBad(at);
        at = next - 1;
      } else if (byte === QUOTE || byte === APOSTROPHE || byte === LEFT_PAREN || isNonPrintable(byte)) {
        return this.#turnBad(at);
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
    if (bytes[at] !== RIGHT_PAREN) return this.#turnBad(at);
    this.#emit(bytes, this.#end);
    this.#at = at + 1;
    return true;
  }

  #turnBad(at: number): boolean {
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
    this.#at = indexOfByte(bytes, ASTERISK, this.#at, to);
    if (this.#at === to) return true;
    if (this.#at + 1 >= to) {
      if (isFinal) this.#at = to;
      return isFinal;
    }
    this.#at++;
    if (bytes[this.#at] === SLASH) {
      this.#at++;
      this.#state = 'top';
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
    this.#state = 'top';
  }
}

/** Where the name bytes right before `end` begin, as far as a name that counts may reach. */
function startOfRun(bytes: Buffer, floor: number, end: number): number {
  const least = Math.max(floor, end - longestName - 1);
  let start = end;
  while (start > least && isIdentByte[bytes[start - 1]!] === 1) start--;
  return start;
}

/** Whether a `#` or an `@` stands before a name, which then is that of a hash or an at-keyword. */
function isPrefixed(bytes: Buffer, floor: number, start: number): boolean {
  return start > floor && (bytes[start - 1] === HASH || bytes[start - 1] === AT);
}
