/**
 * Strings in JSON that are values, found in a stream of bytes. Keys are told by the `:` behind them; nothing is
 * parsed beyond that, so that JSON which is no JSON passes on as well. It knows nothing of URLs.
 */
import { BACKSLASH, COLON, CR, LEFT_BRACE, LEFT_BRACKET, LF, QUOTE, SPACE, TAB } from '../ascii.ts';
import { maxHeldBytes } from '../limits.ts';

export interface JsonSink {
  /** A whole string that is a value, without its quotes. */
  stringValue(bytes: Buffer, start: number, end: number): void;
  tooLong(): void;
}

type State = 'outside' | 'string' | 'escape' | 'behind';

export class JsonStringScanner {
  readonly #sink: JsonSink;
  #state: State = 'outside';
  #at: number;
  /** Where the unfinished string begins, or -1: none, or one that is too long. */
  #start = -1;
  #end = -1;
  /** Set while a string goes on that is too long to hold; whether it is a value, what follows it tells. */
  #isTooLong = false;
  /** The last byte outside strings that was not white space; 0 at the start. */
  #previous = 0;

  constructor(sink: JsonSink, at: number) {
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

  scan(bytes: Buffer, to: number): void {
    while (this.#at < to) {
      switch (this.#state) {
        case 'outside':
          this.#scanOutside(bytes, to);
          break;
        case 'string':
          this.#scanString(bytes, to);
          break;
        case 'escape':
          this.#at++;
          this.#state = 'string';
          break;
        case 'behind':
          this.#scanBehind(bytes, to);
      }
    }
    if (this.#start < 0 || to - this.#start <= maxHeldBytes) return;
    this.#start = -1;
    this.#isTooLong = true;
  }

  end(bytes: Buffer, to: number): void {
    this.scan(bytes, to);
    if (this.#state === 'behind') this.#emit(bytes, to);
    this.abandon();
  }

  /** Lets go of an unfinished string: nothing of it is a value. */
  abandon(): void {
    this.#start = -1;
  }

  #scanOutside(bytes: Buffer, to: number): void {
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
      if (!isJsonSpace(byte)) previous = byte;
    }
    this.#previous = previous;
    this.#at = at;
  }

  #scanString(bytes: Buffer, to: number): void {
    for (let at = this.#at; at < to; at++) {
      const byte = bytes[at]!;
      if (byte !== QUOTE && byte !== BACKSLASH) continue;
      this.#at = at + 1;
      this.#state = byte === QUOTE ? 'behind' : 'escape';
      if (byte === QUOTE) this.#closeString(bytes, at);
      return;
    }
    this.#at = to;
  }

  #closeString(bytes: Buffer, end: number): void {
    this.#end = end;
    // Behind `:` or `[` it is a value for sure, behind `{` a key: what follows need not be waited for.
    if (this.#previous === COLON || this.#previous === LEFT_BRACKET) this.#emit(bytes, end);
    else if (this.#previous === LEFT_BRACE) this.#letGo();
  }

  #scanBehind(bytes: Buffer, to: number): void {
    let at = this.#at;
    while (at < to && isJsonSpace(bytes[at]!)) at++;
    this.#at = at;
    if (at >= to) return;
    if (bytes[at] === COLON) this.#letGo();
    else this.#emit(bytes, at);
  }

  /** @param heldTo - how far the string had to be held back */
  #emit(bytes: Buffer, heldTo: number): void {
    const [start, end] = [this.#start, this.#end];
    const isTooLong = this.#isTooLong || (start >= 0 && heldTo - start > maxHeldBytes);
    this.#letGo();
    if (isTooLong) this.#sink.tooLong();
    else if (start >= 0) this.#sink.stringValue(bytes, start, end);
  }

  #letGo(): void {
    this.#start = -1;
    this.#isTooLong = false;
    this.#state = 'outside';
    this.#previous = QUOTE;
  }
}

function isJsonSpace(byte: number): boolean {
  return byte === SPACE || byte === LF || byte === CR || byte === TAB;
}
