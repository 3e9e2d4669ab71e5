/** Decodes the escapes of a destination in Markdown: backslashes and character references (CommonMark 0.31, 2.4, 2.5). */
import { unescapeReferences } from '../html/character-references.ts';
import type { UnescapedValue } from '../unescaped-value.ts';

/** `\` before ASCII punctuation. */
const backslashEscape = /\\[!-/:-@[-`{-~]/;

/** @param source - the destination without its angle brackets, which begins at `start` */
export function unescapeMarkdown(source: string, start: number): UnescapedValue {
  if (!source.includes('\\')) {
    const { text, offsets } = unescapeReferences(source, start, 'markdown', 0);
    return { text, start, offsets, isOpenBefore: never, escape: escapeDestination };
  }
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
  return { text, start, offsets, isOpenBefore: never, escape: escapeDestination };
}

/** The characters that could end a destination, or begin an escape. A reference needs its `;`, which tokens never have. */
function escapeDestination(text: string): string {
  return text.replace(/[\\()<>]/g, (character) => `\\${character}`).replace(/&(?=#?\w+;)/g, '&amp;');
}

/** Tokens begin with `?` or `&`, and a reference needs its `;`: nothing can be joined to what stands before. */
function never(): boolean {
  return false;
}
