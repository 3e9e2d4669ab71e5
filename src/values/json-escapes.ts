/** Decodes the escapes of a JSON string, and encodes what is written back (RFC 8259, section 7). */
import { BACKSLASH, SPACE } from '../ascii.ts';
import type { UnescapedValue } from '../unescaped-value.ts';

const characters: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * @param source - the string without its quotes, which begins at `start`
 * @returns undefined if this is not a valid JSON string
 */
export function unescapeJson(source: string, start: number): UnescapedValue | undefined {
  let text = source;
  let offsets: number[] | undefined;
  if (source.includes('\\')) {
    text = '';
    offsets = [];
    for (let at = 0; at < source.length; ) {
      const length = source.charCodeAt(at) === BACKSLASH ? escapeLength(source, at) : 1;
      const unit = length === 1 ? source[at]! : readEscape(source, at, length);
      if (unit === undefined) return undefined;
      for (let i = 0; i < unit.length; i++) offsets.push(start + at);
      text += unit;
      at += length;
    }
    offsets.push(start + source.length);
  }
  for (let i = 0; i < source.length; i++) if (source.charCodeAt(i) < SPACE) return undefined;
  const escapesSlashes = source.includes('\\/');
  return {
    text,
    start,
    offsets,
    isOpenBefore: () => false,
    escape: (unescaped) => escapeJson(unescaped, escapesSlashes),
  };
}

/** 2 for `\n`, 6 for `\u0026`, 12 for a surrogate pair. */
function escapeLength(source: string, at: number): number {
  if (source[at + 1] !== 'u') return 2;
  const isPair = /^\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}$/.test(
    source.slice(at, at + 12),
  );
  return isPair ? 12 : 6;
}

function readEscape(source: string, at: number, length: number): string | undefined {
  if (length === 2) return characters[source[at + 1] ?? ''];
  const units = source.slice(at, at + length).match(/\\u[0-9a-fA-F]{4}/g) ?? [];
  if (units.length * 6 !== length) return undefined;
  const character = String.fromCharCode(...units.map((unit) => Number.parseInt(unit.slice(2), 16)));
  return Buffer.from(character, 'utf8').toString('latin1');
}

/**
 * Characters that are written as `\u` escapes. `<` and `>` could end the script or begin a comment in it. U+2028 and
 * U+2029, here as UTF-8 bytes, end a string literal in JavaScript before ES2019, and some pages evaluate such data as
 * JavaScript.
 */
const needsUnicodeEscape = /[\0-\x1f<>]|\xe2\x80[\xa8\xa9]/g;

function escapeJson(text: string, escapesSlashes: boolean): string {
  const escaped = text
    .replace(/["\\]/g, (character) => `\\${character}`)
    .replace(needsUnicodeEscape, (bytes) => {
      const character = Buffer.from(bytes, 'latin1').toString();
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    });
  return escapesSlashes ? escaped.replaceAll('/', '\\/') : escaped;
}
