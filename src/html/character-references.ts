/**
 * Decodes the character references of an attribute's value or of text, and encodes what is written back
 * (WHATWG HTML, 13.2.5.72). It knows neither the attribute nor what the value means.
 */
import { AMPERSAND, APOSTROPHE, HASH, isAlphanumeric, QUOTE } from '../text/ascii.ts';
import { byteClass } from '../text/bytes.ts';
import type { UnescapedValue } from '../text/edit.ts';
import { type ReferenceContext, readReference } from './reference-reader.ts';

/** `"`, `'`, or 0 for a value without quotes. */
export type Quote = 0 | typeof QUOTE | typeof APOSTROPHE;

/** Decodes the character references in the source, which begins at `start`. */
export function unescapeReferences(
  source: string,
  start: number,
  context: ReferenceContext,
  quote: Quote,
): UnescapedValue {
  const escapeFor = context === 'attribute' ? escapers[quote] : escapeText;
  if (!source.includes('&'))
    return { text: source, start, offsets: undefined, isOpenBefore: never, escape: escapeFor };
  const { text, offsets } = decode(source, start, context);
  return {
    text,
    start,
    offsets,
    isOpenBefore: (index) => isReferenceOpen(source, start, offsets, index),
    escape: escapeFor,
  };
}

function decode(
  source: string,
  start: number,
  context: ReferenceContext,
): { text: string; offsets: number[] } {
  let text = '';
  const offsets: number[] = [];
  let from = 0; // behind the last reference
  for (let at = 0; at < source.length; ) {
    const reference = mayBeReference(source, at) ? readReference(source, at, context) : undefined;
    if (reference === undefined) {
      offsets.push(start + at++);
      continue;
    }
    const decoded = utf8(reference.text);
    for (let i = 0; i < decoded.length; i++) offsets.push(start + at);
    text += source.slice(from, at) + decoded;
    at += reference.length;
    from = at;
  }
  offsets.push(start + source.length);
  return { text: text + source.slice(from), offsets };
}

/** A name has at least two letters or digits, so that `&a=`, which is common in queries, costs no lookup. */
function mayBeReference(source: string, at: number): boolean {
  if (source.charCodeAt(at) !== AMPERSAND) return false;
  const first = source.charCodeAt(at + 1);
  return first === HASH || (isAlphanumeric(first) && isAlphanumeric(source.charCodeAt(at + 2)));
}

/** UTF-8 with one character per byte. References name code points, in a page of any encoding. */
function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** `&CounterClockwiseContourIntegral;`, the longest named reference, has 33 characters. */
const longestReference = 33;

/**
 * Whether inserted text could complete a reference that the source has begun before `index`, or make one longer: after
 * `&am`, `&#4` or `&copy`. A decoded reference without `;` stays open only while its name could go on: `&lt` followed
 * by `im` could become `&ltimes;`. A numeric one is closed by the next character.
 */
function isReferenceOpen(source: string, start: number, offsets: readonly number[], index: number): boolean {
  for (let end = index; end > 0 && index - end < longestReference; ) {
    // [from, end) is one character, or one reference, which may stand for several.
    let from = end - 1;
    while (from > 0 && offsets[from - 1] === offsets[from]) from--;
    const [at, to] = [offsets[from]! - start, offsets[end]! - start];
    const code = source.charCodeAt(at);
    if (to - at > 1) {
      return source[to - 1] !== ';' && (end === index || source.charCodeAt(at + 1) !== HASH);
    }
    if (code === AMPERSAND) return true;
    if (code !== HASH && !isAlphanumeric(code)) return false;
    end = from;
  }
  return false;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '"': '&quot;',
  "'": '&#39;',
  '<': '&lt;',
  '>': '&gt;',
  '`': '&#96;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\f': '&#12;',
  '\r': '&#13;',
  ' ': '&#32;',
};

const escapers: Readonly<Record<Quote, (text: string) => string>> = {
  // `<` and `>` are harmless in quotes, except in `noscript`: a browser with scripting reads its content as raw text,
  // in which `</noscript>` ends it even within quotes.
  [QUOTE]: /* @__PURE__ */ escaperOf('&"<>'),
  [APOSTROPHE]: /* @__PURE__ */ escaperOf("&'<>"),
  0: /* @__PURE__ */ escaperOf('&"\'<>`\t\n\f\r '),
};

const escapeText: (text: string) => string = /* @__PURE__ */ escaperOf('&<>');

/** `replace` with a function takes several times as long for a token, which has one `&`. */
function escaperOf(characters: string): (text: string) => string {
  const isEscaped = byteClass((byte) => characters.includes(String.fromCharCode(byte)));
  return (text) => {
    let out = '';
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      if (isEscaped[text.charCodeAt(at)] !== 1) continue;
      out += text.slice(from, at) + escapes[text[at]!]!; // it has each of `characters`
      from = at + 1;
    }
    return from === 0 ? text : out + text.slice(from);
  };
}

function never(): boolean {
  return false;
}
