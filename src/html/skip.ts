/**
 * Passes over what can neither hold anything of interest nor change how the rest is read: text, and most tags. The
 * busiest loop of a page, and so all in one; whatever is not as plain as most of a page, it leaves to the scanner.
 */
import {
  APOSTROPHE,
  EQUALS,
  GREATER_THAN,
  isAlpha,
  isWhitespace,
  LESS_THAN,
  QUOTE,
  SLASH,
} from '../ascii.ts';
import { byteClass, indexOfByte } from '../bytes.ts';
import { maxHeldBytes } from '../limits.ts';
import type { OutsideTags } from './outside-tags.ts';
import { changesState } from './text-elements.ts';

const isSpace: Uint8Array = byteClass(isWhitespace);
const endsName: Uint8Array = byteClass(
  (byte) => isWhitespace(byte) || byte === SLASH || byte === GREATER_THAN,
);
const endsUnquoted: Uint8Array = byteClass((byte) => isWhitespace(byte) || byte === GREATER_THAN);
const isNotable: Uint8Array = byteClass((byte) => byte === EQUALS || byte === GREATER_THAN);

/**
 * From a place in text, outside of foreign content.
 * @param mark - a tag that reaches so far is not passed over
 * @param outside - counts the tags
 * @returns the `<` of what has to be looked at, or `to`
 */
export function skipPlain(
  bytes: Buffer,
  from: number,
  to: number,
  mark: number,
  outside: OutsideTags,
): number {
  for (let at = from; ; at++) {
    const lessThan = indexOfByte(bytes, LESS_THAN, at, to);
    at = lessThan + 1;
    if (at + 1 >= to) return lessThan;
    const isEndTag = bytes[at] === SLASH;
    if (isEndTag) at++;
    const nameStart = at;
    if (!isAlpha(bytes[at]!)) return lessThan;
    while (at < to && endsName[bytes[at]!] === 0) at++;
    const nameEnd = at;
    at = endOfPlainTag(bytes, at, to);
    if (at < 0 || at > mark || at - lessThan >= maxHeldBytes) return lessThan;
    if (!isEndTag && changesState(bytes, nameStart, nameEnd)) return lessThan;
    outside.note(bytes[nameStart]!, bytes[nameEnd - 1]!, nameEnd - nameStart, isEndTag);
  }
}

/**
 * The `>` of a tag in which each `=` stands right behind a name and right before its value, so that the bytes of
 * names need not be told apart; -1 for any other tag, and for one that is not all there.
 * @param from - where the tag's name ends
 */
function endOfPlainTag(bytes: Buffer, from: number, to: number): number {
  for (let at = from, valueEnd = from; ; valueEnd = at) {
    while (at < to && isNotable[bytes[at]!] === 0) at++;
    if (at + 1 >= to) return at < to && bytes[at] === GREATER_THAN ? at : -1;
    if (bytes[at] === GREATER_THAN) return at;
    const before = bytes[at - 1]!;
    if (at === valueEnd || before === SLASH || isSpace[before] === 1) return -1; // it begins a name
    const first = bytes[++at]!;
    if (first === QUOTE || first === APOSTROPHE) at = indexOfByte(bytes, first, at + 1, to) + 1;
    else if (isSpace[first] === 1) return -1;
    else while (at < to && endsUnquoted[bytes[at]!] === 0) at++;
  }
}
