/** Finds the URLs in lists that are not a `srcset`: lazySizes' `data-bgset`, and the `values` of an SVG animation. */
import { isWhitespace } from '../text/ascii.ts';
import { findSrcsetUrls, type Span } from './srcset.ts';

/**
 * The URLs of a `data-bgset`, in order: sets of image candidates, separated by a `|` with white space beside it. Each set
 * may end in a media condition and a type in square brackets, `a 320w, b 640w [(max-width: 600px)] | c`.
 */
export function findBgsetUrls(text: string): Span[] {
  const spans: Span[] = [];
  for (let start = 0; ; ) {
    let end = start;
    while (end < text.length && !isSeparator(text, end, start)) end++;
    const candidates = text.slice(start, endOfCandidates(text, start, end));
    for (const span of findSrcsetUrls(candidates)) {
      spans.push({ start: span.start + start, end: span.end + start });
    }
    if (end >= text.length) return spans;
    start = end + 1;
    // This white space belongs to the separator, so that a `|` right after it is none.
    while (start < text.length && isWhitespace(text.charCodeAt(start))) start++;
  }
}

function isSeparator(text: string, at: number, start: number): boolean {
  if (text[at] !== '|') return false;
  return (at > start && isWhitespace(text.charCodeAt(at - 1))) || isWhitespace(text.charCodeAt(at + 1));
}

/** Where the brackets at the end of a set begin; its end if there are none. */
function endOfCandidates(text: string, start: number, end: number): number {
  let last = end - 1;
  while (last > start && isWhitespace(text.charCodeAt(last))) last--;
  if (text[last] !== ']') return end;
  for (let at = start + 1; at < last; at++) {
    if (text[at] === '[' && isWhitespace(text.charCodeAt(at - 1))) return at;
  }
  return end;
}

/** The values of a list that is separated by semicolons (SVG Animations 2, `values`), in order. */
export function findListedUrls(text: string): Span[] {
  const spans: Span[] = [];
  for (let from = 0; from <= text.length; ) {
    const semicolon = text.indexOf(';', from);
    const to = semicolon < 0 ? text.length : semicolon;
    let [start, end] = [from, to];
    while (start < end && isWhitespace(text.charCodeAt(start))) start++;
    while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--;
    spans.push({ start, end });
    from = to + 1;
  }
  return spans;
}
