/**
 * What a line of Markdown says of its block: the marker that it begins with (CommonMark 0.31, sections 4 and 5), and in a
 * table its cells (GitHub Flavored Markdown 0.29, 4.10).
 */
import {
  ASTERISK,
  BACKSLASH,
  CARET,
  COLON,
  DOT,
  EQUALS,
  GRAVE,
  HASH,
  HYPHEN,
  isDigit,
  LEFT_BRACKET,
  LESS_THAN,
  PIPE,
  PLUS,
  RIGHT_PAREN,
  TILDE,
  UNDERSCORE,
} from '../text/ascii.ts';
import type { Span } from '../text/edit.ts';
import { footnoteLabelEnd } from './markdown-links.ts';
import { isSpaceOrTab, skipSpacesAndTabs } from './markdown-text.ts';

/** Whether a heading, a thematic break, a fence or HTML may begin with it. Most lines begin with a letter. */
export function mayStartBlock(code: number): boolean {
  return code < 0x30 || code === LESS_THAN || code === UNDERSCORE || code === GRAVE || code === TILDE;
}

export interface Fence {
  readonly code: number;
  readonly length: number;
}

/** At least three backticks or tildes; backticks are a code span if another follows in the line. */
export function fenceAt(text: string, at: number, end: number): Fence | undefined {
  const code = text.charCodeAt(at);
  if (code !== GRAVE && code !== TILDE) return undefined;
  const length = runLength(text, at, end);
  if (length < 3) return undefined;
  if (code === GRAVE && text.slice(at + length, end).includes('`')) return undefined;
  return { code, length };
}

/** Whether a line's content closes this fence. */
export function closesFence(text: string, at: number, end: number, { code, length }: Fence): boolean {
  if (text.charCodeAt(at) !== code) return false;
  const run = runLength(text, at, end);
  return run >= length && skipSpacesAndTabs(text, at + run) >= end;
}

/** @returns how many `#` a heading begins with; 0 if this is none */
export function headingLength(text: string, at: number, end: number): number {
  if (text.charCodeAt(at) !== HASH) return 0;
  const length = runLength(text, at, end);
  return length <= 6 && isEndOrSpace(text, at + length, end) ? length : 0;
}

/** Whether a line's content is the underline of a heading. */
export function isUnderline(text: string, at: number, end: number): boolean {
  const code = text.charCodeAt(at);
  if (code !== EQUALS && code !== HYPHEN) return false;
  return skipSpacesAndTabs(text, at + runLength(text, at, end)) >= end;
}

/** Finds thematic breaks, such as `* * *`. Of one line it remembers where there is none, since each `*` could be a list. */
export class ThematicBreaks {
  readonly #text: string;
  /** From here on up to there is no break of this character. */
  #code = 0;
  #until = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isBreak(at: number, end: number): boolean {
    const text = this.#text;
    const code = text.charCodeAt(at);
    if (code !== ASTERISK && code !== HYPHEN && code !== UNDERSCORE) return false;
    if (code === this.#code && at < this.#until) return false;
    let count = 0;
    for (let to = at; to < end; to++) {
      const each = text.charCodeAt(to);
      if (each === code) count++;
      else if (!isSpaceOrTab(each)) {
        this.#code = code;
        this.#until = to;
        return false;
      }
    }
    return count >= 3;
  }
}

/** A list item's marker. */
interface ListMarker {
  readonly length: number;
  /** `1.` or `1)`, or no number at all: only these end a paragraph. */
  readonly canInterrupt: boolean;
}

/** `-`, `*`, `+` or up to nine digits and `.` or `)`, before a space or the end of the line. */
export function listMarkerAt(text: string, at: number, end: number): ListMarker | undefined {
  const code = text.charCodeAt(at);
  let length = 0;
  if (code === HYPHEN || code === ASTERISK || code === PLUS) length = 1;
  else {
    while (length < 9 && isDigit(text.charCodeAt(at + length))) length++;
    const mark = text.charCodeAt(at + length);
    if (length === 0 || (mark !== DOT && mark !== RIGHT_PAREN)) return undefined;
    length++;
  }
  if (!isEndOrSpace(text, at + length, end)) return undefined;
  return { length, canInterrupt: length === 1 || (length === 2 && text[at] === '1') };
}

/** @returns the index of the `]` of a footnote's definition, `[^label]:` */
export function footnoteAt(text: string, at: number, end: number): number | undefined {
  if (text.charCodeAt(at) !== LEFT_BRACKET || text.charCodeAt(at + 1) !== CARET) return undefined;
  const close = footnoteLabelEnd(text, at + 2, end);
  return close !== undefined && text.charCodeAt(close + 1) === COLON ? close : undefined;
}

function runLength(text: string, at: number, end: number): number {
  const code = text.charCodeAt(at);
  let to = at;
  while (to < end && text.charCodeAt(to) === code) to++;
  return to - at;
}

function isEndOrSpace(text: string, at: number, end: number): boolean {
  return at >= end || isSpaceOrTab(text.charCodeAt(at));
}

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
export function readCells(text: string, start: number, end: number): Span[] {
  const cells: Span[] = [];
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

function trimmed(text: string, start: number, end: number): Span {
  const from = Math.min(skipSpacesAndTabs(text, start), end);
  let to = end;
  while (to > from && isSpaceOrTab(text.charCodeAt(to - 1))) to--;
  return { start: from, end: to };
}
