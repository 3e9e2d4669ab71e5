/**
 * Where does a tag end? Only quotes around a value hide a `>`, so every state counts (WHATWG HTML, 13.2.5.8 and
 * 13.2.5.32 to 13.2.5.40). It can stop at any byte and go on with the next chunk; it keeps no attribute.
 */
import { APOSTROPHE, EQUALS, GREATER_THAN, isWhitespace, QUOTE, SLASH } from '../ascii.ts';
import { indexOfByte } from '../bytes.ts';

const tagName = 0;
const beforeAttributeName = 1;
const attributeName = 2;
const afterAttributeName = 3;
const beforeAttributeValue = 4;
const doubleQuoted = 5;
const singleQuoted = 6;
const unquoted = 7;

export class TagEnd {
  #state: number = tagName;
  /** How far the tag has been read. */
  at = 0;
  /** Where the name ends, or -1 while it goes on. */
  nameEnd = -1;
  /** Whether a `/` stands right before the `>` that was found, and belongs to no value. */
  isSelfClosing = false;

  /** @param at - at the first letter of the tag's name */
  open(at: number): void {
    this.#state = tagName;
    this.at = at;
    this.nameEnd = -1;
    this.isSelfClosing = false;
  }

  rebase(by: number): void {
    this.at -= by;
    this.nameEnd -= by;
  }

  /** @returns where the tag's `>` stands; -1 if it is not there yet */
  scan(bytes: Buffer, to: number): number {
    let at = this.at;
    let state = this.#state;
    for (; at < to; at++) {
      if (state === doubleQuoted || state === singleQuoted) {
        at = indexOfByte(bytes, state === doubleQuoted ? QUOTE : APOSTROPHE, at, to);
        if (at >= to) break;
        state = beforeAttributeName;
        this.isSelfClosing = false;
        continue;
      }
      const byte = bytes[at]!;
      if (byte === GREATER_THAN) {
        if (state === tagName) this.nameEnd = at;
        this.at = at;
        return at;
      }
      if (state === unquoted) {
        if (isWhitespace(byte)) state = beforeAttributeName;
        continue;
      }
      if (state === beforeAttributeValue) {
        if (isWhitespace(byte)) continue;
        state = byte === QUOTE ? doubleQuoted : byte === APOSTROPHE ? singleQuoted : unquoted;
        continue;
      }
      if (byte === SLASH || isWhitespace(byte)) {
        if (state === tagName) this.nameEnd = at;
        this.isSelfClosing = byte === SLASH;
        if (state === attributeName && byte !== SLASH) state = afterAttributeName;
        else if (state !== afterAttributeName || byte === SLASH) state = beforeAttributeName;
        continue;
      }
      this.isSelfClosing = false;
      if (state === tagName) continue;
      // Where a name begins, `=` is a part of it.
      if (byte === EQUALS && state !== beforeAttributeName) state = beforeAttributeValue;
      else state = attributeName;
    }
    this.at = at;
    this.#state = state;
    return -1;
  }
}
