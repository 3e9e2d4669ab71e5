/**
 * Finds the end of a tag written the usual way: each `=` directly after a name and directly before its value. Then the
 * bytes of names need no states. Every other tag is left to `tag-end.ts`.
 */

import { endOfPlainTagInScratch, isInScratch } from '../simd/scratch.ts';
import { APOSTROPHE, EQUALS, GREATER_THAN, QUOTE, SLASH } from '../text/ascii.ts';
import { byteClass, indexOfByte } from '../text/bytes.ts';
import { endsTagName, endsUnquotedValue, isSpace } from './tag-bytes.ts';

const isEqualsOrGreaterThan: Uint8Array = /* @__PURE__ */ byteClass(
  (byte) => byte === EQUALS || byte === GREATER_THAN,
);

export function endOfTagName(bytes: Buffer, nameStart: number, to: number): number {
  let at = nameStart;
  while (at < to && endsTagName[bytes[at]!] === 0) at++;
  return at;
}

/**
 * @param nameEnd - the end of the tag's name
 * @returns the index of the `>`, before which a `/` makes the tag self-closing; -1 if the tag is written another way or
 *   is incomplete
 */
export function endOfPlainTag(bytes: Buffer, nameEnd: number, to: number): number {
  if (isInScratch(bytes) && bytes[nameEnd] !== GREATER_THAN) return endOfPlainTagInScratch(nameEnd, to);
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
