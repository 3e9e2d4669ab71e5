/**
 * Reads one character reference (WHATWG HTML, 13.2.5.72 to 13.2.5.80). The table of names is read at the first name that
 * is not among the common ones: most apps never meet one.
 */

import { EQUALS, HASH, isAlpha, isAlphanumeric, SEMICOLON } from '../text/ascii.ts';
import { referenceTable } from './reference-table.ts';

/** In attributes fewer references are decoded than in text: `&copy=2` stays as it is. Markdown decodes those with `;`. */
export type ReferenceContext = 'attribute' | 'text' | 'markdown';

export interface Reference {
  /** How many characters of the source it has, with its `&`. */
  readonly length: number;
  /** What it stands for. */
  readonly text: string;
}

/**
 * @param at - of the `&`
 * @returns undefined if it begins no reference
 */
export function readReference(source: string, at: number, context: ReferenceContext): Reference | undefined {
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

/** What 128 to 159 stand for: the characters of windows-1252 (13.2.5.80). */
const windows1252 =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';

function characterOf(code: number): string {
  if (code >= 0x80 && code <= 0x9f) return windows1252.charAt(code - 0x80);
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : '\ufffd';
}

/** The names that nearly all pages have, so that most never need the table. */
const common: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
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
  /** What each stands for, by its name without `;`. */
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

/** Reads what `test/support/reference-table.ts` writes, and describes. */
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
