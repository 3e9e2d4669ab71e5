/**
 * Where does a tag end? Only quotes around a value hide a `>`, so every state counts (WHATWG HTML, 13.2.5.8 and
 * 13.2.5.32 to 13.2.5.40). It can stop at any byte and go on with the next chunk; it keeps no attribute.
 */
import { APOSTROPHE, EQUALS, GREATER_THAN, QUOTE, SLASH } from '../ascii.ts';
import { byteClass, indexOfByte } from '../bytes.ts';
import { endOfPlainTag, endOfTagName } from './plain-tag.ts';
import { endsTagName, endsUnquoted, isSpace } from './tag-bytes.ts';

const tagName = 0;
const beforeAttributeName = 1;
const attributeName = 2;
const afterAttributeName = 3;
const beforeAttributeValue = 4;
const doubleQuoted = 5;
const singleQuoted = 6;
const unquoted = 7;

const endsAttributeName: Uint8Array = byteClass((byte) => endsTagName[byte] === 1 || byte === EQUALS);

export class TagEndFinder {
  #state: number = tagName;
  /** How far the tag has been read. */
  #at = 0;
  /** Where the name ends, or -1 while it goes on. */
  nameEnd = -1;
  /** Whether a `/` stands right before the `>` that was found, and belongs to no value. */
  isSelfClosing = false;

  /**
   * A tag begins.
   * @param nameStart - at the first letter of its name
   * @returns where its `>` stands; -1 if it is not there yet
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

  /** The same for a tag that goes on, when more of it is there. */
  continue(bytes: Buffer, to: number): number {
    return this.#scan(bytes, this.#at, this.#state, to);
  }

  rebase(by: number): void {
    this.#at -= by;
    this.nameEnd -= by;
  }

  #scan(bytes: Buffer, from: number, before: number, to: number): number {
    let at = from;
    let state = before;
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
          at++; // whatever it is: `=` too may begin a name
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
          state = byte === QUOTE ? doubleQuoted : byte === APOSTROPHE ? singleQuoted : unquoted;
          at++;
          break;
        case unquoted:
          while (at < to && endsUnquoted[bytes[at]!] === 0) at++;
          if (at >= to) break;
          if (bytes[at] === GREATER_THAN) return at;
          state = beforeAttributeName;
          break;
        default:
          at = indexOfByte(bytes, state === doubleQuoted ? QUOTE : APOSTROPHE, at, to);
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
