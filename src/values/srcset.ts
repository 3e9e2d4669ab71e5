/**
 * Finds the URLs in a `srcset` by the algorithm "parse a srcset attribute" of WHATWG HTML, so that it splits the
 * value exactly where a browser does.
 */
import { COMMA, isWhitespace, LEFT_PAREN, RIGHT_PAREN } from '../text/ascii.ts';
import type { Span } from '../text/edit.ts';

export type { Span } from '../text/edit.ts';

/** The URL of an image candidate string. */
export interface Candidate extends Span {
  /** Offset behind the descriptors, and behind the comma that ends them. */
  readonly next: number;
}

/** The URL of each image candidate string, in order. */
export function findSrcsetUrls(text: string): Candidate[] {
  const spans: Candidate[] = [];
  const { length } = text;
  for (let at = 0; ; ) {
    while (at < length && (isWhitespace(text.charCodeAt(at)) || text.charCodeAt(at) === COMMA)) at++;
    if (at >= length) return spans;
    const start = at;
    while (at < length && !isWhitespace(text.charCodeAt(at))) at++;
    let end = at;
    while (text.charCodeAt(end - 1) === COMMA) end--;
    // Trailing commas are not part of the URL. They end the candidate, so no descriptors follow.
    if (end === at) at = endOfDescriptors(text, at);
    spans.push({ start, end, next: at });
  }
}

/**
 * The index after the comma that ends the descriptors. Parentheses do not nest; one that is not closed takes the rest.
 */
function endOfDescriptors(text: string, start: number): number {
  let isInParens = false;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isInParens) isInParens = code !== RIGHT_PAREN;
    else if (code === LEFT_PAREN) isInParens = true;
    else if (code === COMMA) return at + 1;
  }
  return text.length;
}

/** A width, a height or a density. */
const descriptor = /^(?:\d+[wh]|(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?x)$/i;

/**
 * How many of the candidates have a descriptor.
 * @returns undefined if anything else stands between them, such as a person's words
 */
export function countDescribed(text: string, candidates: readonly Candidate[]): number | undefined {
  let described = 0;
  for (const { end, next } of candidates) {
    const words = text.slice(end, next).match(/[^\t\n\f\r ,]+/g) ?? [];
    if (!words.every((word) => descriptor.test(word))) return undefined;
    if (words.length > 0) described++;
  }
  return described;
}
