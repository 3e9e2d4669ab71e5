/** Finds the URLs in a value that is one URL, or a list of them such as a `srcset`. */
import { COMMA, isWhitespace, LEFT_PAREN, RIGHT_PAREN } from '../text/ascii.ts';
import type { Span } from '../text/edit.ts';
import { maxUrlLength } from '../text/limits.ts';

/**
 * Characters that a written URL, including its fragment, never contains: white space, control characters, markup and
 * quotation marks. U+FEFF counts as white space, as it does in JavaScript. It matches bytes of UTF-8, one character each: in
 * other encodings no URL is read.
 */
const textOnly =
  /[\0- <>"`\x7f]|\xc2[\x80-\xa0]|\xe1\x9a\x80|\xe2(?:\x80[\x80-\x8a\xa8\xa9\xaf]|\x81\x9f)|\xe3\x80\x80|\xef\xbb\xbf/;

/** A longer value is not read: it may be an article. */
const maxUrlBytes: number = 3 * maxUrlLength;

/**
 * Whether a value that may be a text is one URL: a string of JSON, a `data-*` attribute, a local of a view. A person's text
 * may begin with a URL. Read as a URL to its end, its words would be percent-encoded, or go with a token.
 * @param bytes - UTF-8, with one character per byte; without the escapes and the white space that its place allows
 */
export function isOneUrl(bytes: string): boolean {
  return bytes.length <= maxUrlBytes && !textOnly.test(bytes);
}

/** White space other than control characters, in UTF-8. */
const spaces =
  / |\xc2\xa0|\xe1\x9a\x80|\xe2(?:\x80[\x80-\x8a\xa8\xa9\xaf]|\x81\x9f)|\xe3\x80\x80|\xef\xbb\xbf/g;

/**
 * Whether the value would be one URL but for white space in its path, as in the name of a file that a person chose.
 * @param bytes - as in `isOneUrl`
 */
export function hasSpaceInPath(bytes: string): boolean {
  if (bytes.length > maxUrlBytes) return false;
  const query = bytes.search(/[?#]/);
  const path = query < 0 ? bytes : bytes.slice(0, query);
  const written = path.replace(spaces, '');
  return written.length < path.length && isOneUrl(written + bytes.slice(path.length));
}

/** The URL of an image candidate string. */
export interface Candidate extends Span {
  /** The offset after the descriptors and the comma that ends them. */
  readonly next: number;
}

/**
 * The URL of each image candidate string, in order, by the algorithm "parse a srcset attribute" of WHATWG HTML: it splits
 * the value exactly where a browser does.
 */
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
 * @returns undefined if there is anything else between them, such as a person's words
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

/**
 * The URLs of a `data-bgset`, in order: sets of image candidates, separated by a `|` next to white space. Each set
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
    // This white space belongs to the separator, so a `|` right after it is not another one.
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
