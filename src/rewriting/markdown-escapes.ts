/** Decodes the escapes of a destination in Markdown: backslashes and character references (CommonMark 0.31, 2.4, 2.5). */
import { unescapeReferences } from '../html/character-references.ts';
import type { SourceOffsets, UnescapedValue } from '../text/unescaped-value.ts';

/** `\` before ASCII punctuation. */
const backslashEscape = /\\[!-/:-@[-`{-~]/;

/** @param source - the destination without its angle brackets, which begins at `start` */
export function unescapeMarkdown(source: string, start: number): UnescapedValue {
  const { text, offsets } = decode(source, start);
  return {
    text,
    start,
    offsets,
    isOpenBefore: (index) => isReferenceOpen(text, index),
    escape: escapeDestination,
  };
}

function decode(source: string, start: number): { text: string; offsets: SourceOffsets | undefined } {
  if (!source.includes('\\')) return unescapeReferences(source, start, 'markdown', 0);
  let text = '';
  const offsets: number[] = [];
  for (let at = 0; at < source.length; ) {
    if (backslashEscape.test(source.slice(at, at + 2))) {
      text += source[at + 1];
      offsets.push(start + at);
      at += 2;
      continue;
    }
    // Everything up to the next backslash, references decoded.
    const found = source.indexOf('\\', at + 1);
    const end = found < 0 ? source.length : found;
    const part = unescapeReferences(source.slice(at, end), start + at, 'markdown', 0);
    for (let i = 0; i < part.text.length; i++) offsets.push(part.offsets?.at(i) ?? start + at + i);
    text += part.text;
    at = end;
  }
  offsets.push(start + source.length);
  return { text, offsets };
}

/**
 * The characters that could end a destination, or the cell of a table around it (GitHub Flavored Markdown, 4.10), or begin
 * an escape. A reference needs its `;`, which may also stand in the source behind the text.
 */
function escapeDestination(text: string): string {
  return text
    .replace(/[\\()<>|]/g, (character) => `\\${character}`)
    .replace(/&(?=#?\w*(?:;|$))/g, '&amp;')
    .replace(/[\0-\x20\x7f]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** `&CounterClockwiseContourIntegral`, the longest name. */
const longestName = 32;

/** Whether an `&` and the beginning of a reference stand before: without the token between them, `&` and `#60;` are one. */
function isReferenceOpen(text: string, index: number): boolean {
  return /&#?\w*$/.test(text.slice(Math.max(0, index - longestName), index));
}
