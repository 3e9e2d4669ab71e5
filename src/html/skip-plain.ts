/**
 * Passes over what can neither hold anything of interest nor change how the rest is read: text, and most tags. The
 * busiest loop of a page, and so all in one; whatever is not as plain as most of a page, it leaves to the scanner.
 */
import { EXCLAMATION, isAlpha, LESS_THAN, QUESTION, SLASH } from '../ascii.ts';
import { indexOfByte } from '../bytes.ts';
import { maxHeldBytes } from '../limits.ts';
import type { OpenTagCounts } from './open-tag-counts.ts';
import { endOfPlainTag, endOfTagName } from './plain-tag.ts';
import { switchesTokenizer } from './tokenizer-switches.ts';

/**
 * From a place in text, outside of foreign content.
 * @param literal - a tag that reaches so far is not passed over
 * @param outside - counts the tags
 * @returns the `<` of what has to be looked at, or `to`
 */
export function skipPlainMarkup(
  bytes: Buffer,
  from: number,
  to: number,
  literal: number,
  outside: OpenTagCounts,
): number {
  for (let at = from; ; at++) {
    const lessThan = indexOfByte(bytes, LESS_THAN, at, to);
    at = lessThan + 1;
    if (at + 1 >= to) return lessThan;
    const isEndTag = bytes[at] === SLASH;
    if (isEndTag) at++;
    const nameStart = at;
    const first = bytes[at]!;
    if (!isAlpha(first)) {
      if (isEndTag || first === EXCLAMATION || first === QUESTION) return lessThan;
      at = lessThan; // it is text
      continue;
    }
    const nameEnd = endOfTagName(bytes, at, to);
    at = endOfPlainTag(bytes, nameEnd, to);
    if (at < 0 || at > literal || at - lessThan >= maxHeldBytes) return lessThan;
    if (!isEndTag && switchesTokenizer(bytes, nameStart, nameEnd)) return lessThan;
    outside.note(bytes[nameStart]!, bytes[nameEnd - 1]!, nameEnd - nameStart, isEndTag);
  }
}
