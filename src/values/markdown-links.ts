/** The parts of links: destinations, titles, labels and definitions (CommonMark 0.31, 4.7 and 6.3). */
import {
  BACKSLASH,
  COLON,
  CR,
  GREATER_THAN,
  LEFT_BRACKET,
  LEFT_PAREN,
  LESS_THAN,
  LF,
  QUOTE,
  RIGHT_BRACKET,
  RIGHT_PAREN,
  SPACE,
  APOSTROPHE,
  DELETE,
  TAB,
} from '../ascii.ts';
import type { MarkdownSpan } from './markdown-types.ts';

/** White space of Markdown: no form feed. */
export function isSpaceOrTab(code: number): boolean {
  return code === SPACE || code === TAB;
}

export function isSpaceOrLineEnd(code: number): boolean {
  return code === SPACE || code === TAB || code === LF || code === CR;
}

export function skipSpacesAndTabs(text: string, at: number): number {
  let end = at;
  while (isSpaceOrTab(text.charCodeAt(end))) end++;
  return end;
}

/** Lines of a paragraph are not blank, so this passes one line's end at most. */
export function skipWhitespace(text: string, at: number): number {
  let end = at;
  while (isSpaceOrLineEnd(text.charCodeAt(end))) end++;
  return end;
}

export interface ReadDestination {
  /** Without angle brackets. */
  readonly span: MarkdownSpan;
  /** The index behind it. */
  readonly end: number;
}

/** CommonMark lets implementations limit the nesting of parentheses in a link's destination; this is what cmark allows. */
export const maxParentheses = 32;

/** @param most - how deeply parentheses may nest */
export function readDestination(text: string, at: number, most: number): ReadDestination | undefined {
  return text.charCodeAt(at) === LESS_THAN ? readInBrackets(text, at) : readBare(text, at, most);
}

function readInBrackets(text: string, at: number): ReadDestination | undefined {
  for (let end = at + 1; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === GREATER_THAN) return { span: { start: at + 1, end }, end: end + 1 };
    if (code === LESS_THAN || code === LF) return undefined;
    if (code === BACKSLASH && text.charCodeAt(end + 1) !== LF) end++;
  }
  return undefined;
}

function readBare(text: string, at: number, most: number): ReadDestination | undefined {
  let depth = 0;
  let end = at;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === LEFT_PAREN) {
      if (++depth > most) return undefined;
    } else if (code === RIGHT_PAREN) {
      if (--depth < 0) break;
    } else if (isSpaceOrLineEnd(code)) break;
    else if ((code < SPACE && code !== 0) || code === DELETE) return undefined;
    else if (code === BACKSLASH) {
      const next = text.charCodeAt(end + 1);
      if (next === LEFT_PAREN || next === RIGHT_PAREN || next === BACKSLASH) end++;
    }
  }
  return depth > 0 || end === at ? undefined : { span: { start: at, end }, end };
}

/** No such quote stands in [from, to), but for escaped ones; `to` is the text's end if there is none. */
interface Search {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads the titles of one text. Many may be opened before one closing quote, or before none: it remembers how far it has
 * searched, so that they cost one search together.
 */
export class TitleReader {
  readonly #text: string;
  readonly #searches: Map<number, Search> = new Map();

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns the index behind the title that begins at `at`; undefined if nothing closes it, or it is none */
  read(at: number): number | undefined {
    const open = this.#text.charCodeAt(at);
    if (open !== QUOTE && open !== APOSTROPHE && open !== LEFT_PAREN) return undefined;
    const to = this.#search(open === LEFT_PAREN ? RIGHT_PAREN : open, at + 1);
    return to < this.#text.length ? to + 1 : undefined;
  }

  #search(close: number, from: number): number {
    const text = this.#text;
    const last = this.#searches.get(close);
    // A quote stands before each title, so that no search begins within an escape.
    if (last !== undefined && last.from <= from && from <= last.to) return last.to;
    let to = from;
    for (; to < text.length && text.charCodeAt(to) !== close; to++)
      if (text.charCodeAt(to) === BACKSLASH) to++;
    to = Math.min(to, text.length);
    this.#searches.set(close, { from, to });
    return to;
  }
}

const maxLabelLength = 999;
/** One that spells fewer characters than its bytes, in UTF-8. */
const maxLabelBytes: number = 4 * maxLabelLength;

/** @returns the index of the `]` that closes the label which is opened at `at`; undefined if it is none */
export function labelEnd(text: string, at: number): number | undefined {
  let isEmpty = true;
  const most = at + 1 + maxLabelBytes;
  for (let end = at + 1; end < text.length && end <= most; end++) {
    const code = text.charCodeAt(end);
    if (code === LEFT_BRACKET) return undefined;
    if (code === RIGHT_BRACKET) return isEmpty ? undefined : end;
    if (!isSpaceOrLineEnd(code)) isEmpty = false;
    if (code === BACKSLASH) {
      const next = text.charCodeAt(end + 1);
      if (next === LEFT_BRACKET || next === RIGHT_BRACKET || next === BACKSLASH) end++;
    }
  }
  return undefined;
}

/** The label of a footnote, behind `[^`: no white space.
 * @returns the index of the `]` that closes it */
export function footnoteLabelEnd(text: string, at: number, limit: number): number | undefined {
  const most = Math.min(limit, at + maxLabelBytes);
  for (let end = at; end < most; end++) {
    const code = text.charCodeAt(end);
    if (code === LEFT_BRACKET || isSpaceOrLineEnd(code)) return undefined;
    if (code === RIGHT_BRACKET) return end === at ? undefined : end;
    if (code === BACKSLASH) {
      const next = text.charCodeAt(end + 1);
      if (next === LEFT_BRACKET || next === RIGHT_BRACKET || next === BACKSLASH) end++;
    }
  }
  return undefined;
}

/** Labels match without case, and whatever white space is in them. Undefined for one that is too long to be one. */
export function normalizeLabel(label: string): string | undefined {
  if (label.length > maxLabelBytes) return undefined;
  const text = /[^\0-\x7f]/.test(label) ? Buffer.from(label, 'latin1').toString('utf8') : label;
  // Of some letters, such as ẞ, only the upper case of the lower case is one text for all.
  return text.replace(/[\t\n\r ]+/g, ' ').trim().toLowerCase().toUpperCase();
}

export interface Definition {
  readonly label: string;
  readonly destination: MarkdownSpan;
  /** The index behind it, and the end of its line. */
  readonly end: number;
}

/** Reads the definition that begins at `at`, where a line does. */
export function readDefinition(text: string, at: number, titles: TitleReader): Definition | undefined {
  if (text.charCodeAt(at) !== LEFT_BRACKET) return undefined;
  const close = labelEnd(text, at);
  if (close === undefined || text.charCodeAt(close + 1) !== COLON) return undefined;
  const label = normalizeLabel(text.slice(at + 1, close));
  const destination = readDestination(text, skipWhitespace(text, close + 2), Number.POSITIVE_INFINITY);
  if (label === undefined || destination === undefined) return undefined;
  const { span, end } = destination;
  const behind = skipWhitespace(text, end);
  const titled = behind > end ? titles.read(behind) : undefined;
  const lineEnd = (titled !== undefined ? endOfLine(text, titled) : undefined) ?? endOfLine(text, end);
  return lineEnd === undefined ? undefined : { label, destination: span, end: lineEnd };
}

/** The index behind the line's end, if only spaces are before it. */
function endOfLine(text: string, at: number): number | undefined {
  const end = skipSpacesAndTabs(text, at);
  if (end >= text.length) return text.length;
  return text.charCodeAt(end) === LF ? end + 1 : undefined;
}
