/**
 * Character references (WHATWG HTML, 13.2.5.72 to 13.2.5.80): decodes those of an attribute value or a text, and encodes edits. It
 * knows neither the attribute nor the meaning of the value.
 *
 * Longer than most files: encoding depends on how the result would be decoded.
 */
import {
  AMPERSAND,
  APOSTROPHE,
  EQUALS,
  HASH,
  isAlpha,
  isAlphanumeric,
  QUOTE,
  SEMICOLON,
} from '../text/ascii.ts';
import { byteClass } from '../text/bytes.ts';
import type { UnescapedValue } from '../text/edit.ts';
import { referenceTable } from './reference-table.ts';

/** In attributes fewer references are decoded than in text: `&copy=2` stays as it is. Markdown decodes those with `;`. */
export type ReferenceContext = 'attribute' | 'text' | 'markdown';

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
  let from = 0; // after the last reference
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
    // [from, end) is one character, or one reference, which may decode to several.
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
  [QUOTE]: escaperOf('&"<>'),
  [APOSTROPHE]: escaperOf("&'<>"),
  0: escaperOf('&"\'<>`\t\n\f\r '),
};

const escapeText: (text: string) => string = escaperOf('&<>');

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

interface Reference {
  /** How many characters of the source it has, with its `&`. */
  readonly length: number;
  /** The decoded text. */
  readonly text: string;
}

/**
 * @param at - of the `&`
 * @returns undefined if it begins no reference
 */
function readReference(source: string, at: number, context: ReferenceContext): Reference | undefined {
  return source.charCodeAt(at + 1) === HASH ? readNumber(source, at, context) : readName(source, at, context);
}

const number = /&#(?:[xX]([\da-fA-F]+)|(\d+))(;?)/y;

function readNumber(source: string, at: number, context: ReferenceContext): Reference | undefined {
  number.lastIndex = at;
  const found = number.exec(source);
  if (found === null) return undefined;
  const [{ length }, hex, decimal, semicolon] = found;
  if (context === 'markdown' && semicolon === '') return undefined;
  return { length, text: characterOf(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)) };
}

/** The characters for 128 to 159, as in windows-1252 (13.2.5.80). */
const windows1252 =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';

function characterOf(code: number): string {
  if (code >= 0x80 && code <= 0x9f) return windows1252.charAt(code - 0x80);
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : '\ufffd';
}

/** The names that nearly all pages have, so that most never need the table. */
const common: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['AMP', '&'],
  ['lt', '<'],
  ['LT', '<'],
  ['gt', '>'],
  ['GT', '>'],
  ['quot', '"'],
  ['QUOT', '"'],
  ['apos', "'"],
]);

function readName(source: string, at: number, context: ReferenceContext): Reference | undefined {
  let end = at + 1;
  while (end - at <= longestName && isAlphanumeric(source.charCodeAt(end))) end++;
  const name = source.slice(at + 1, end);
  const next = source.charCodeAt(end);
  if (next === SEMICOLON) {
    const text = common.get(name) ?? namedReferences().texts.get(name);
    if (text !== undefined) return { length: end + 1 - at, text };
  }
  if (context === 'markdown') return undefined;
  if (context === 'text') return readLegacyName(name);
  // In an attribute, neither a letter nor a digit nor `=` may follow a name without `;`.
  return next === EQUALS || name.length > longestLegacyName ? undefined : legacyReference(name);
}

/** The longest name without `;` that the text begins with: `&notit;` is `¬it;`. */
function readLegacyName(text: string): Reference | undefined {
  for (let length = Math.min(text.length, longestLegacyName); length > 0; length--) {
    const reference = legacyReference(text.slice(0, length));
    if (reference !== undefined) return reference;
  }
  return undefined;
}

function legacyReference(name: string): Reference | undefined {
  const { texts, legacy } = namedReferences();
  return legacy.has(name) ? { length: name.length + 1, text: texts.get(name)! } : undefined;
}

interface NamedReferences {
  /** The decoded texts, by name without `;`. */
  readonly texts: ReadonlyMap<string, string>;
  /** The names that may be written without `;`. */
  readonly legacy: ReadonlySet<string>;
}

/** `CounterClockwiseContourIntegral` */
const longestName = 31;
/** Such as `frac14`, among the names that may be written without `;`. */
const longestLegacyName = 6;

let references: NamedReferences | undefined;

/** The table (WHATWG HTML, 13.5) as maps. They are made at the first call, which takes 2 to 4 ms. */
export function namedReferences(): NamedReferences {
  references ??= readTable();
  return references;
}

/** Reads what `test/html/reference-table.ts` writes, and describes. */
function readTable(): NamedReferences {
  const texts = new Map<string, string>();
  const legacy = new Set<string>();
  let code = 0;
  for (const entry of referenceTable.split(' ')) {
    let namesAt = 0;
    while (!isAlpha(entry.charCodeAt(namesAt))) namesAt++;
    const [step, second] = entry.slice(0, namesAt).split('+');
    code += step === '' ? 1 : Number(step);
    const text =
      String.fromCodePoint(code) + (second === undefined ? '' : String.fromCodePoint(Number(second)));
    for (const each of entry.slice(namesAt).split(',')) {
      const isLegacy = each.endsWith('&');
      const name = isLegacy ? each.slice(0, -1) : each;
      texts.set(name, text);
      if (isLegacy) legacy.add(name);
    }
  }
  return { texts, legacy };
}
