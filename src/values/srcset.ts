/**
 * Finds the URLs in a `srcset` by the algorithm "parse a srcset attribute" of WHATWG HTML, so that it splits the
 * value exactly where a browser does.
 */
import { COMMA, isWhitespace, LEFT_PAREN, RIGHT_PAREN } from '../ascii.ts';

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The URL of each image candidate string, in order. */
export function findSrcsetUrls(text: string): Span[] {
  const spans: Span[] = [];
  const { length } = text;
  for (let at = 0; ; ) {
    while (at < length && (isWhitespace(text.charCodeAt(at)) || text.charCodeAt(at) === COMMA)) at++;
    if (at >= length) return spans;
    const start = at;
    while (at < length && !isWhitespace(text.charCodeAt(at))) at++;
    let end = at;
    while (text.charCodeAt(end - 1) === COMMA) end--;
    spans.push({ start, end });
    // Trailing commas are not part of the URL. They end the candidate, so no descriptors follow.
    if (end === at) at = endOfDescriptors(text, at);
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
