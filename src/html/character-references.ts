/**
 * Character references, and the quotes around an attribute's value: off and on again.
 * It knows neither which attribute it reads nor what the value means.
 */
import { DecodingMode, EntityDecoder, htmlDecodeTree } from 'entities/decode';
import { AMPERSAND, APOSTROPHE, HASH, isAlphanumeric, QUOTE } from '../ascii.ts';
import type { UnescapedValue } from '../unescaped-value.ts';

/** `"`, `'`, or 0 for a value without quotes. */
export type Quote = 0 | typeof QUOTE | typeof APOSTROPHE;

/** Attributes decode fewer references than text does (`&copy=2` stays). */
export type ReferenceContext = 'attribute' | 'text';

/** Takes the character references off the source that begins at `start`. */
export function unescapeReferences(
  source: string,
  start: number,
  context: ReferenceContext,
  quote: Quote,
): UnescapedValue {
  const escapeFor = context === 'text' ? escapeText : escapers[quote];
  if (!source.includes('&'))
    return { text: source, start, offsets: undefined, isOpenBefore: never, escape: escapeFor };
  const mode = context === 'attribute' ? DecodingMode.Attribute : DecodingMode.Legacy;
  const { text, offsets } = decode(source, start, mode);
  return {
    text,
    start,
    offsets,
    isOpenBefore: (index) => isReferenceOpen(source, start, offsets, index),
    escape: escapeFor,
  };
}

function decode(source: string, start: number, mode: DecodingMode): { text: string; offsets: number[] } {
  let text = '';
  const offsets: number[] = [];
  let reference = '';
  const decoder = new EntityDecoder(htmlDecodeTree, (codePoint) => {
    reference += String.fromCodePoint(codePoint); // halves of a pair come one by one
  });
  for (let at = 0; at < source.length; ) {
    let consumed = 0;
    reference = '';
    if (source.charCodeAt(at) === AMPERSAND) {
      decoder.startEntity(mode);
      consumed = decoder.write(source, at + 1);
      if (consumed < 0) consumed = decoder.end();
    }
    const decoded = consumed > 0 ? utf8(reference) : source[at]!;
    for (let i = 0; i < decoded.length; i++) offsets.push(start + at);
    text += decoded;
    at += consumed > 0 ? consumed : 1;
  }
  offsets.push(start + source.length);
  return { text, offsets };
}

/** UTF-8, a character per byte. References name code points, whatever the page's encoding. */
function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The longest name of a reference, with its `&`. */
const longestReference = 33;

/**
 * Whether the source before the character at `index` may still become a reference, or a longer one, by what follows:
 * `&am`, `&#4`, `&copy`. What a decoded reference ended is closed by any plain character; only a name may go on
 * through some (`&lt` is `&ltimes;` in the making).
 */
function isReferenceOpen(source: string, start: number, offsets: readonly number[], index: number): boolean {
  for (let end = index; end > 0 && index - end < longestReference; ) {
    let from = end - 1; // the unit that ends at `end`: a character, or a reference, which may stand for several
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
  // In quotes `<` and `>` mean nothing, but where the tag stands in a `noscript`, which a browser with scripting reads as text.
  [QUOTE]: (text) => text.replace(/[&"<>]/g, (character) => escapes[character]!),
  [APOSTROPHE]: (text) => text.replace(/[&'<>]/g, (character) => escapes[character]!),
  0: (text) => text.replace(/[&"'<>`\t\n\f\r ]/g, (character) => escapes[character]!),
};

function escapeText(text: string): string {
  return text.replace(/[&<>]/g, (character) => escapes[character]!);
}

function never(): boolean {
  return false;
}
