/**
 * Skips text, comments, and most elements: those whose tags and raw text hold no literal of the prefilter, and that do not
 * change how the rest is tokenized.
 * This is the hottest loop of a page, so it is one function; everything unusual is left to the scanner. `src/simd` has a
 * second one, in WebAssembly, which gives the same results.
 */

import { isInScratch, skipInScratch } from '../simd/scratch.ts';
import { EXCLAMATION, isAlpha, LESS_THAN, QUESTION, SLASH } from '../text/ascii.ts';
import { indexOfByte } from '../text/bytes.ts';
import { maxHeldBytes } from '../text/limits.ts';
import { isName, NameCache } from './attribute-reader.ts';
import type { OpenTagCounts } from './open-tag-counts.ts';
import { endOfComment, endOfPlainSvg, endOfRawText } from './plain-content.ts';
import { endOfPlainTag, endOfTagName } from './tag-end.ts';

/**
 * @param from - a place in the data state, outside foreign content
 * @param literal - the index of the next literal; a tag or raw text that contains it is not skipped
 * @param openTags - counts the skipped tags
 * @returns the index of the `<` that the scanner must read, or `to`
 */
export function skipPlainMarkup(
  bytes: Buffer,
  from: number,
  to: number,
  literal: number,
  openTags: OpenTagCounts,
): number {
  if (isInScratch(bytes)) return skipInScratch(from, to, literal, openTags.counts);
  for (let at = from; ; ) {
    const lessThan = indexOfByte(bytes, LESS_THAN, at, to);
    at = lessThan + 1;
    if (at + 1 >= to) return lessThan;
    const isEndTag = bytes[at] === SLASH;
    if (isEndTag) at++;
    const nameStart = at;
    const first = bytes[at]!;
    if (!isAlpha(first)) {
      if (isEndTag || first === QUESTION) return lessThan;
      if (first !== EXCLAMATION) continue; // this `<` is text
      at = endOfComment(bytes, at, to);
      if (at < 0) return lessThan;
      continue;
    }
    const nameEnd = endOfTagName(bytes, at, to);
    at = endOfPlainTag(bytes, nameEnd, to);
    if (at < 0 || at > literal || at - lessThan >= maxHeldBytes) return lessThan;
    const isSelfClosing = bytes[at - 1] === SLASH;
    at++;
    if (!isEndTag && switchesTokenizer(bytes, nameStart, nameEnd)) {
      if (isName(bytes, nameStart, nameEnd, 'svg')) {
        if (!isSelfClosing) at = endOfPlainSvg(bytes, 'svg', at, to, literal);
        if (at < 0) return lessThan;
        continue;
      }
      const name = rawTextNames.lowerCase(bytes, nameStart, nameEnd);
      at = rawTextElements.has(name) ? endOfRawText(bytes, name, at, to) : -1;
      if (at < 0 || at > literal) return lessThan;
    }
    openTags.add(bytes[nameStart]!, bytes[nameEnd - 1]!, nameEnd - nameStart, isEndTag);
  }
}

/** HTML elements with raw text, RCDATA (`textarea`, `title`) or script data. `noscript` is treated separately. */
export const rawTextElements: ReadonlySet<string> = /* @__PURE__ */ new Set(
  'style script textarea title xmp iframe noembed noframes'.split(' '),
);

const rawTextNames: NameCache = /* @__PURE__ */ new NameCache();

/** Elements whose start tag changes how the next bytes are tokenized, by the byte of their first letter in either case. */
const byLetter: readonly (readonly string[] | undefined)[] = /* @__PURE__ */ namesByLetter();

function namesByLetter(): (readonly string[] | undefined)[] {
  const result = new Array<string[] | undefined>(256).fill(undefined);
  for (const name of [...rawTextElements, 'noscript', 'plaintext', 'svg', 'math']) {
    const lower = name.charCodeAt(0);
    const names = result[lower] ?? [];
    names.push(name);
    result[lower] = names;
    result[lower & ~0x20] = names;
  }
  return result;
}

/** Whether a start tag with this name, in either case, switches the tokenizer's state or begins foreign content. */
export function switchesTokenizer(bytes: Buffer, nameStart: number, nameEnd: number): boolean {
  const names = byLetter[bytes[nameStart]!];
  if (names === undefined) return false;
  for (const name of names) if (isName(bytes, nameStart, nameEnd, name)) return true;
  return false;
}
