/**
 * Finds where content ends that the scanner need not read: a comment, raw text, or an `svg` of plain shapes. Each is skipped
 * only if all of it has arrived; the scanner reads what is unusual. `src/simd` has the same in WebAssembly.
 */
import { isInScratch, skipSvgInScratch } from '../simd/scratch.ts';
import {
  EXCLAMATION,
  GREATER_THAN,
  HYPHEN,
  isAlpha,
  isWhitespace,
  LESS_THAN,
  QUESTION,
  SLASH,
} from '../text/ascii.ts';
import { indexOfByte } from '../text/bytes.ts';
import { maxHeldBytes } from '../text/limits.ts';
import { NameCache } from './attribute-reader.ts';
import { endOfPlainTag, endOfTagName } from './tag-end.ts';
import { startsWith } from './text-end.ts';

/**
 * @param exclamation - the index of the `!` of `<!--`
 * @returns the index after the comment (WHATWG HTML, 13.2.5.43 to 13.2.5.51); -1 if it is no comment or has not ended
 */
export function endOfComment(bytes: Buffer, exclamation: number, to: number): number {
  if (startsWith(bytes, exclamation, to, '!--') !== true) return -1;
  const start = exclamation + 3;
  for (let at = start; ; at++) {
    at = indexOfByte(bytes, GREATER_THAN, at, to);
    if (at === to) return -1;
    const before = bytes[at - 1];
    // The hyphens of `<!--` count for `<!-->` and `<!--->`, but not for `--!>`.
    if (before === HYPHEN && (at - start < 2 || bytes[at - 2] === HYPHEN)) return at + 1;
    const isBang = before === EXCLAMATION && at - start >= 3;
    if (isBang && bytes[at - 2] === HYPHEN && bytes[at - 3] === HYPHEN) return at + 1;
  }
}

/**
 * @param name - the element's, in lower case
 * @param start - after its start tag
 * @returns the index of the `<` of its end tag; -1 if that has not arrived, or if it may be part of an escaped script
 */
export function endOfRawText(bytes: Buffer, name: string, start: number, to: number): number {
  // After `<!--`, a `<script` makes the next `</script` part of the text. Whether a `-->` has come before is not asked.
  let mayBeEscaped = false;
  for (let at = start; ; at++) {
    at = indexOfByte(bytes, LESS_THAN, at, to);
    const end = at + 2 + name.length;
    if (end >= to) return -1;
    const next = bytes[at + 1]!;
    if (next === SLASH) {
      const after = bytes[end]!;
      const isEnd = isWhitespace(after) || after === SLASH || after === GREATER_THAN;
      if (isEnd && startsWith(bytes, at + 2, to, name) === true) return at;
    } else if (name === 'script') {
      if (mayBeEscaped && (next | 0x20) === SMALL_S) return -1;
      if (next === EXCLAMATION && startsWith(bytes, at + 2, to, '--') === true) mayBeEscaped = true;
    }
  }
}

const SMALL_S = 0x73;

/** Elements of SVG that only hold one another and text. In `title` and `desc` a start tag would be HTML. */
const plainSvgElements: ReadonlySet<string> = new Set(
  'path g use title symbol circle rect polygon defs line ellipse polyline stop mask text tspan clippath svg desc'.split(
    ' ',
  ),
);
const maxOpenElements = 32;
const svgNames: NameCache = /* @__PURE__ */ new NameCache();

/**
 * Skips elements within an `svg` that has not arrived as a whole.
 * @param from - a place in an element of SVG or MathML in which there is no HTML
 * @param literal - as below
 * @returns the index of the `<` that the scanner must read, or `to`
 */
export function skipPlainSvg(bytes: Buffer, from: number, to: number, literal: number): number {
  if (isInScratch(bytes)) return skipSvgInScratch(from, to, literal);
  for (let at = from; ; ) {
    const lessThan = indexOfByte(bytes, LESS_THAN, at, to);
    if (lessThan + 2 >= to) return lessThan;
    if (!isAlpha(bytes[lessThan + 1]!)) {
      at = endOfComment(bytes, lessThan + 1, to);
      if (at < 0) return lessThan;
      continue;
    }
    const nameEnd = endOfTagName(bytes, lessThan + 1, to);
    at = endOfPlainTag(bytes, nameEnd, to);
    if (at < 0 || at > literal || at - lessThan >= maxHeldBytes) return lessThan;
    const name = svgNames.lowerCase(bytes, lessThan + 1, nameEnd);
    if (!plainSvgElements.has(name)) return lessThan;
    at = bytes[at - 1] === SLASH ? at + 1 : endOfPlainSvg(bytes, name, at + 1, to, literal);
    if (at < 0) return lessThan;
  }
}

/**
 * @param outermost - the name of an element of SVG
 * @param start - after its start tag
 * @param literal - the index of the next literal; an element with a tag that ends behind it is not plain
 * @returns the index after its end tag; -1 if that has not arrived, if a tag is unusual or matches no other, or if an
 *   element is not in the list above
 */
export function endOfPlainSvg(
  bytes: Buffer,
  outermost: string,
  start: number,
  to: number,
  literal: number,
): number {
  const open = [outermost];
  for (let at = start; ; ) {
    const lessThan = indexOfByte(bytes, LESS_THAN, at, to);
    at = lessThan + 1;
    if (at + 1 >= to) return -1;
    const isEndTag = bytes[at] === SLASH;
    if (isEndTag) at++;
    const first = bytes[at]!;
    if (!isAlpha(first)) {
      if (isEndTag || first === QUESTION) return -1;
      if (first !== EXCLAMATION) continue; // this `<` is text
      at = endOfComment(bytes, at, to);
      if (at < 0) return -1;
      continue;
    }
    const nameStart = at;
    const nameEnd = endOfTagName(bytes, at, to);
    at = endOfPlainTag(bytes, nameEnd, to);
    if (at < 0 || at > literal || at - lessThan >= maxHeldBytes) return -1;
    const name = svgNames.lowerCase(bytes, nameStart, nameEnd);
    const top = open[open.length - 1];
    if (isEndTag) {
      if (top !== name) return -1;
      open.pop();
      if (open.length === 0) return at + 1;
    } else {
      if (top === 'title' || top === 'desc' || !plainSvgElements.has(name)) return -1;
      if (bytes[at - 1] !== SLASH) {
        if (open.length === maxOpenElements) return -1;
        open.push(name);
      }
    }
    at++;
  }
}
