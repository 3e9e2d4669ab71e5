/** Tables of GitHub Flavored Markdown (0.29-gfm, 4.10). */
import { BACKSLASH, COLON, HYPHEN } from '../text/ascii.ts';
import { isSpaceOrTab, skipSpacesAndTabs } from './markdown-links.ts';
import type { MarkdownSpan } from './markdown-types.ts';

const PIPE = 0x7c;

/** How many cells a delimiter row has, such as `| --- | :-: |`; 0 if the line is none. */
export function countDelimiters(text: string, start: number, end: number): number {
  let count = 0;
  let isTable = false; // without `|` and `:` it is the underline of a heading
  let at = start;
  if (text.charCodeAt(at) === PIPE) {
    isTable = true;
    at = skipSpacesAndTabs(text, at + 1);
  }
  while (at < end) {
    if (text.charCodeAt(at) === COLON) {
      isTable = true;
      at++;
    }
    const dashes = at;
    while (text.charCodeAt(at) === HYPHEN) at++;
    if (at === dashes) return 0;
    if (text.charCodeAt(at) === COLON) {
      isTable = true;
      at++;
    }
    count++;
    at = skipSpacesAndTabs(text, at);
    if (at >= end) break;
    if (text.charCodeAt(at) !== PIPE) return 0;
    isTable = true;
    at = skipSpacesAndTabs(text, at + 1);
  }
  return isTable ? count : 0;
}

/** The cells of a row, without the white space around what they hold. */
export function readCells(text: string, start: number, end: number): MarkdownSpan[] {
  const cells: MarkdownSpan[] = [];
  let from = text.charCodeAt(start) === PIPE ? start + 1 : start;
  for (let at = from; ; at++) {
    const code = at < end ? text.charCodeAt(at) : PIPE;
    if (code === BACKSLASH) {
      const next = text.charCodeAt(at + 1);
      if (next === BACKSLASH || next === PIPE) at++;
      continue;
    }
    if (code !== PIPE) continue;
    const cell = trimmed(text, from, Math.min(at, end));
    // Behind the last `|` there is no cell.
    if (at < end || cell.end > cell.start) cells.push(cell);
    if (at >= end) return cells;
    from = at + 1;
  }
}

function trimmed(text: string, start: number, end: number): MarkdownSpan {
  const from = Math.min(skipSpacesAndTabs(text, start), end);
  let to = end;
  while (to > from && isSpaceOrTab(text.charCodeAt(to - 1))) to--;
  return { start: from, end: to };
}
