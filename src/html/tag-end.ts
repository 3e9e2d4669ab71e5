/**
 * Finds the `>` that ends a tag. A `>` in a quoted value does not, and whether a quote begins a value depends on all
 * states of the tokenizer (WHATWG HTML, 13.2.5.8, 13.2.5.32 to 13.2.5.40).
 */
import { APOSTROPHE, EQUALS, GREATER_THAN, isWhitespace, QUOTE, SLASH } from '../text/ascii.ts';
import { byteClass, indexOfByte } from '../text/bytes.ts';

export const isSpace: Uint8Array = byteClass(isWhitespace);
const endsTagName: Uint8Array = byteClass(
  (byte) => isWhitespace(byte) || byte === SLASH || byte === GREATER_THAN,
);
const endsUnquotedValue: Uint8Array = byteClass((byte) => isWhitespace(byte) || byte === GREATER_THAN);
const isEqualsOrGreaterThan: Uint8Array = byteClass((byte) => byte === EQUALS || byte === GREATER_THAN);

export function endOfTagName(bytes: Buffer, nameStart: number, to: number): number {
  let at = nameStart;
  while (at < to && endsTagName[bytes[at]!] === 0) at++;
  return at;
}

/**
 * Finds the end of a tag written the usual way: each `=` directly after a name and directly before its value. Then the
 * bytes of names need no states. `TagEndFinder` reads every other tag.
 * @param nameEnd - the end of the tag's name
 * @returns the index of the `>`, before which a `/` makes the tag self-closing; -1 if the tag is written another way or
 *   is incomplete
 */
export function endOfPlainTag(bytes: Buffer, nameEnd: number, to: number): number {
  for (let at = nameEnd, valueEnd = nameEnd; ; valueEnd = at) {
    while (at < to && isEqualsOrGreaterThan[bytes[at]!] === 0) at++;
    if (at >= to) return -1;
    const before = bytes[at - 1]!;
    // Directly after a value, the `/` may belong to that value, and an `=` begins a name.
    if (bytes[at] === GREATER_THAN) return at === valueEnd && before === SLASH ? -1 : at;
    if (at === valueEnd || before === SLASH || isSpace[before] === 1 || at + 1 >= to) return -1;
    const first = bytes[++at]!;
    if (first === QUOTE || first === APOSTROPHE) at = indexOfByte(bytes, first, at + 1, to) + 1;
    else if (isSpace[first] === 1) return -1;
    else while (at < to && endsUnquotedValue[bytes[at]!] === 0) at++;
  }
}

const tagName = 0;
const beforeAttributeName = 1;
const attributeName = 2;
const afterAttributeName = 3;
const beforeAttributeValue = 4;
const doubleQuotedValue = 5;
const singleQuotedValue = 6;
const unquotedValue = 7;

const endsAttributeName: Uint8Array = byteClass((byte) => endsTagName[byte] === 1 || byte === EQUALS);

/** Finds the end of any tag, and can continue with the next chunk at any byte. */
export class TagEndFinder {
  #state: number = tagName;
  /** The first byte of the tag that has not been read. */
  #at = 0;
  /** The end of the tag's name; -1 until it is found. */
  nameEnd = -1;
  /** Whether the `>` that was found is the end of `/>`, and the `/` is not part of a value. */
  isSelfClosing = false;

  /**
   * Begins a new tag.
   * @param nameStart - the first letter of its name
   * @returns the index of its `>`; -1 if that has not arrived yet
   */
  open(bytes: Buffer, nameStart: number, to: number): number {
    const nameEnd = endOfTagName(bytes, nameStart, to);
    const greaterThan = endOfPlainTag(bytes, nameEnd, to);
    if (greaterThan >= 0) {
      this.nameEnd = nameEnd;
      this.isSelfClosing = bytes[greaterThan - 1] === SLASH;
      return greaterThan;
    }
    this.nameEnd = -1;
    this.isSelfClosing = false;
    return this.#scan(bytes, nameStart, tagName, to);
  }

  /** Continues the tag when more of it has arrived; returns the same as `open`. */
  continue(bytes: Buffer, to: number): number {
    return this.#scan(bytes, this.#at, this.#state, to);
  }

  rebase(by: number): void {
    this.#at -= by;
    this.nameEnd -= by;
  }

  #scan(bytes: Buffer, from: number, initialState: number, to: number): number {
    let at = from;
    let state = initialState;
    let byte = 0;
    while (at < to) {
      switch (state) {
        case tagName:
          while (at < to && endsTagName[bytes[at]!] === 0) at++;
          if (at >= to) break;
          this.nameEnd = at;
          state = beforeAttributeName;
          break;
        case beforeAttributeName:
          for (; at < to; at++) {
            byte = bytes[at]!;
            if (byte === SLASH) this.isSelfClosing = true;
            else if (isSpace[byte] === 1) this.isSelfClosing = false;
            else break;
          }
          if (at >= to) break;
          if (byte === GREATER_THAN) return at;
          this.isSelfClosing = false;
          at++; // even `=` may begin a name (13.2.5.32)
          state = attributeName;
          break;
        case attributeName:
          while (at < to && endsAttributeName[bytes[at]!] === 0) at++;
          if (at >= to) break;
          byte = bytes[at]!;
          if (byte === GREATER_THAN) return at;
          if (byte === SLASH) state = beforeAttributeName;
          else {
            state = byte === EQUALS ? beforeAttributeValue : afterAttributeName;
            at++;
          }
          break;
        case afterAttributeName:
          while (at < to && isSpace[bytes[at]!] === 1) at++;
          if (at >= to) break;
          if (bytes[at] === EQUALS) {
            state = beforeAttributeValue;
            at++;
          } else state = beforeAttributeName;
          break;
        case beforeAttributeValue:
          while (at < to && isSpace[bytes[at]!] === 1) at++;
          if (at >= to) break;
          byte = bytes[at]!;
          if (byte === GREATER_THAN) return at;
          state =
            byte === QUOTE ? doubleQuotedValue : byte === APOSTROPHE ? singleQuotedValue : unquotedValue;
          at++;
          break;
        case unquotedValue:
          while (at < to && endsUnquotedValue[bytes[at]!] === 0) at++;
          if (at >= to) break;
          if (bytes[at] === GREATER_THAN) return at;
          state = beforeAttributeName;
          break;
        default:
          at = indexOfByte(bytes, state === doubleQuotedValue ? QUOTE : APOSTROPHE, at, to);
          if (at >= to) break;
          at++;
          state = beforeAttributeName;
      }
    }
    this.#at = at;
    this.#state = state;
    return -1;
  }
}
