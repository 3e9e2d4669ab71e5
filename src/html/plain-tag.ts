/**
 * Where tags end that are written as nearly all are: each `=` right behind a name and right before its value, so that
 * the bytes of names need not be told apart. Any other tag is for the states of `tag-end.ts`.
 */
import { APOSTROPHE, EQUALS, GREATER_THAN, QUOTE, SLASH } from '../ascii.ts';
import { byteClass, indexOfByte } from '../bytes.ts';
import { endsTagName, endsUnquoted, isSpace } from './tag-bytes.ts';

const isNotable: Uint8Array = byteClass((byte) => byte === EQUALS || byte === GREATER_THAN);

export function endOfTagName(bytes: Buffer, nameStart: number, to: number): number {
  let at = nameStart;
  while (at < to && endsTagName[bytes[at]!] === 0) at++;
  return at;
}

/**
 * @param nameEnd - where the tag's name ends
 * @returns where its `>` stands, a `/` before which makes it self-closing; -1 for a tag that is not as plain, or not all
 *   there
 */
export function endOfPlainTag(bytes: Buffer, nameEnd: number, to: number): number {
  for (let at = nameEnd, valueEnd = nameEnd; ; valueEnd = at) {
    while (at < to && isNotable[bytes[at]!] === 0) at++;
    if (at >= to) return -1;
    const before = bytes[at - 1]!;
    // Where a value has just ended, a `/` is its own, and an `=` begins a name.
    if (bytes[at] === GREATER_THAN) return at === valueEnd && before === SLASH ? -1 : at;
    if (at === valueEnd || before === SLASH || isSpace[before] === 1 || at + 1 >= to) return -1;
    const first = bytes[++at]!;
    if (first === QUOTE || first === APOSTROPHE) at = indexOfByte(bytes, first, at + 1, to) + 1;
    else if (isSpace[first] === 1) return -1;
    else while (at < to && endsUnquoted[bytes[at]!] === 0) at++;
  }
}
