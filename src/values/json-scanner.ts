/**
 * Finds the string values in a stream of JSON, or of several JSON values. A member name is recognised by the `:` after it;
 * nothing else is parsed, so invalid JSON passes through as well. It knows nothing about URLs.
 */
import { BACKSLASH, COLON, CR, LEFT_BRACE, LEFT_BRACKET, LF, QUOTE, SPACE, TAB } from '../text/ascii.ts';
import { indexOfByte } from '../text/bytes.ts';
import { maxHeldBytes } from '../text/limits.ts';

interface JsonSink {
  /** Whether `stringValue` needs the names of members. */
  readonly readsNames: boolean;
  /** Whether it needs this name even so: a quick look at its source. */
  readsName?(bytes: Buffer, start: number, end: number): boolean;
  /**
   * A complete string that is a value, without its quotes.
   * @param name - the source of the member's name, without its quotes; undefined for an array's item, and if not read
   */
  stringValue(bytes: Buffer, start: number, end: number, name: string | undefined): void;
  tooLong(): void;
}

type State = 'between-strings' | 'string' | 'escape' | 'after-string';

export class JsonStringScanner {
  readonly #sink: JsonSink;
  #state: State = 'between-strings';
  #at: number;
  /** Where the held string begins; -1 if there is none, or if it is too long. */
  #start = -1;
  #end = -1;
  /**
   * Whether the current string is too long to hold. It is reported after its end, which decides whether it is a value.
   */
  #isTooLong = false;
  /** The last byte between strings that was not whitespace; 0 at the start. */
  #previous = 0;
  /** The last member name; the string after its `:` is its value. */
  #name: string | undefined;
  #maxStringBytes: number;

  /** @param maxStringBytes - the longest string if all bytes come in one call of `end`; `maxHeldBytes` if they stream */
  constructor(sink: JsonSink, at: number, maxStringBytes: number = maxHeldBytes) {
    this.#sink = sink;
    this.#at = at;
    this.#maxStringBytes = maxStringBytes;
  }

  get heldFrom(): number {
    return this.#start < 0 ? this.#at : this.#start;
  }

  rebase(by: number): void {
    this.#at -= by;
    if (this.#start >= 0) this.#start -= by;
    this.#end -= by;
  }

  scan(bytes: Buffer, to: number): void {
    this.#maxStringBytes = maxHeldBytes;
    this.#scan(bytes, to);
  }

  #scan(bytes: Buffer, to: number): void {
    while (this.#at < to) {
      switch (this.#state) {
        case 'between-strings':
          this.#scanBetweenStrings(bytes, to);
          break;
        case 'string':
          this.#scanString(bytes, to);
          break;
        case 'escape':
          this.#at++;
          this.#state = 'string';
          break;
        case 'after-string':
          this.#scanAfterString(bytes, to);
      }
    }
    if (this.#start < 0 || to - this.#start <= this.#maxStringBytes) return;
    this.#start = -1;
    this.#isTooLong = true;
  }

  end(bytes: Buffer, to: number): void {
    this.#scan(bytes, to);
    if (this.#state === 'after-string') this.#emit(bytes, to);
    this.abandon();
  }

  /** Drops the unfinished string, which is not a value then. */
  abandon(): void {
    this.#start = -1;
  }

  /** After `end`: reads another value from here, whatever was wrong with the one before. */
  startAt(at: number): this {
    this.#at = at;
    this.#state = 'between-strings';
    this.#isTooLong = false;
    this.#previous = 0;
    this.#name = undefined;
    return this;
  }

  #scanBetweenStrings(bytes: Buffer, to: number): void {
    let at = this.#at;
    let previous = this.#previous;
    for (; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.#start = at + 1;
        this.#state = 'string';
        at++;
        break;
      }
      if (!isJsonWhitespace(byte)) previous = byte;
    }
    this.#previous = previous;
    this.#at = at;
  }

  #scanString(bytes: Buffer, to: number): void {
    for (let from = this.#at; ; ) {
      const quote = indexOfByte(bytes, QUOTE, from, to);
      let run = quote;
      while (run > from && bytes[run - 1] === BACKSLASH) run--;
      const isEscaped = (quote - run) % 2 === 1; // the quote, or else the byte that has not arrived yet
      if (quote < to && isEscaped) {
        from = quote + 1;
        continue;
      }
      this.#at = Math.min(quote + 1, to);
      this.#state = quote < to ? 'after-string' : isEscaped ? 'escape' : 'string';
      if (quote < to) this.#closeString(bytes, quote);
      return;
    }
  }

  #closeString(bytes: Buffer, end: number): void {
    this.#end = end;
    // After `:` or `[` it must be a value, after `{` a member name: the byte that follows need not be awaited.
    if (this.#previous === COLON || this.#previous === LEFT_BRACKET) this.#emit(bytes, end);
    else if (this.#previous === LEFT_BRACE) this.#closeName(bytes);
  }

  #scanAfterString(bytes: Buffer, to: number): void {
    let at = this.#at;
    while (at < to && isJsonWhitespace(bytes[at]!)) at++;
    this.#at = at;
    if (at >= to) return;
    if (bytes[at] === COLON) this.#closeName(bytes);
    else this.#emit(bytes, at);
  }

  /** @param heldTo - the end of the bytes that had to be held for this string */
  #emit(bytes: Buffer, heldTo: number): void {
    const [start, end] = [this.#start, this.#end];
    const name = this.#previous === COLON ? this.#name : undefined;
    const isTooLong = this.#isTooLong || (start >= 0 && heldTo - start > this.#maxStringBytes);
    this.#close();
    if (isTooLong) this.#sink.tooLong();
    else if (start >= 0) this.#sink.stringValue(bytes, start, end, name);
  }

  #closeName(bytes: Buffer): void {
    const { readsNames, readsName } = this.#sink;
    const isRead = this.#start >= 0 && (readsNames || readsName?.(bytes, this.#start, this.#end) === true);
    this.#name = isRead ? bytes.toString('latin1', this.#start, this.#end) : undefined;
    this.#close();
  }

  #close(): void {
    this.#start = -1;
    this.#isTooLong = false;
    this.#state = 'between-strings';
    this.#previous = QUOTE;
  }
}

function isJsonWhitespace(byte: number): boolean {
  return byte === SPACE || byte === LF || byte === CR || byte === TAB;
}
