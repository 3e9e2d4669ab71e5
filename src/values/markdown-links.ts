/** The parts of links: destinations, titles, labels and definitions (CommonMark 0.31, 4.7 and 6.3). */
import {
  APOSTROPHE,
  BACKSLASH,
  COLON,
  DELETE,
  GREATER_THAN,
  LEFT_BRACKET,
  LEFT_PAREN,
  LESS_THAN,
  LF,
  QUOTE,
  RIGHT_BRACKET,
  RIGHT_PAREN,
  SPACE,
} from '../text/ascii.ts';
import type { Span } from '../text/edit.ts';
import { isSpaceOrLineEnd, skipSpacesAndTabs, skipWhitespace } from './markdown-text.ts';

/**
 * How a destination is written: with escapes (of a link, an image or a definition), between `<` and `>`, or bare, with its
 * scheme or from `www.` on.
 */
type DestinationKind = 'escaped' | 'autolink' | 'literal' | 'www-literal';

export interface MarkdownDestination extends Span {
  readonly kind: DestinationKind;
  /** Of an image. One of a definition may be an image's and a link's: it counts as a link. */
  readonly isImage?: boolean | undefined;
  /** Where the text ends that it stands in, such as the cell of a table; undefined for a definition. */
  readonly textEnd?: number | undefined;
}

interface ReadDestination {
  /** Without angle brackets. */
  readonly span: Span;
  /** The index behind it. */
  readonly end: number;
}

/** CommonMark lets implementations limit the nesting of parentheses in a destination; cmark allows this much as well. */
const maxParentheses = 32;

/**
 * Reads the destinations of one text. Of links that are opened one in another, each is in the destination of the one before:
 * where the parentheses of a run close is found out once for all of them.
 */
export class DestinationReader {
  readonly #text: string;
  /** Where destinations without brackets end, by where they begin: those in [from, to). */
  readonly #ends: Map<number, number> = new Map();
  #from = 0;
  #to = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(at: number): ReadDestination | undefined {
    if (this.#text.charCodeAt(at) === LESS_THAN) return readInBrackets(this.#text, at);
    if (at < this.#from || at >= this.#to) this.#readRun(at);
    const end = this.#ends.get(at);
    return end === undefined ? undefined : { span: { start: at, end }, end };
  }

  /** Up to white space, or a parenthesis that closes one before the run. */
  #readRun(start: number): void {
    const text = this.#text;
    const open = [{ start, depth: 0 }];
    let isBroken = false;
    let at = start;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === LEFT_PAREN) open.push({ start: at + 1, depth: 0 });
      else if (code === RIGHT_PAREN) {
        const { start: from, depth } = open.pop()!;
        this.#keep(from, at, depth);
        const outer = open.at(-1);
        if (outer === undefined) break;
        if (depth >= outer.depth) outer.depth = depth + 1;
      } else if (code === BACKSLASH) at += isOneOf(text.charCodeAt(at + 1), LEFT_PAREN, RIGHT_PAREN) ? 1 : 0;
      else if (code <= SPACE || code === DELETE) {
        isBroken = code !== 0 && !isSpaceOrLineEnd(code);
        if (code !== 0) break;
      }
    }
    const last = open.at(-1);
    if (last !== undefined && !isBroken) this.#keep(last.start, at, last.depth);
    this.#from = start;
    this.#to = at;
  }

  #keep(from: number, to: number, depth: number): void {
    if (to > from && depth <= maxParentheses) this.#ends.set(from, to);
  }
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

/** Whether a backslash may stand before it, and change what it means. */
function isOneOf(code: number, first: number, second: number): boolean {
  return code === BACKSLASH || code === first || code === second;
}

/** No such quote stands in [from, to), but for escaped ones. */
interface Search {
  readonly from: number;
  readonly to: number;
  /** Undefined if there is no quote at `to`, which is the text's end. */
  readonly title: Title | undefined;
}

interface Title {
  /** The index behind its quote. */
  readonly end: number;
  /** The index behind the white space that follows. */
  readonly behind: number;
}

/**
 * Reads the titles of one text. Many may be opened before one closing quote, or before none: it remembers how far it has
 * searched, so that they cost one search together.
 */
export class TitleReader {
  readonly #text: string;
  /** The last search for each closing quote. */
  readonly #searches: Map<number, Search> = new Map();

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns undefined if no title begins at `at`, or nothing closes it */
  read(at: number): Title | undefined {
    const open = this.#text.charCodeAt(at);
    if (open !== QUOTE && open !== APOSTROPHE && open !== LEFT_PAREN) return undefined;
    return this.#search(open === LEFT_PAREN ? RIGHT_PAREN : open, at + 1).title;
  }

  #search(close: number, from: number): Search {
    const text = this.#text;
    const last = this.#searches.get(close);
    // A quote stands before each title, so that no search begins within an escape.
    if (last !== undefined && last.from <= from && from <= last.to) return last;
    let to = from;
    for (; to < text.length && text.charCodeAt(to) !== close; to++)
      if (text.charCodeAt(to) === BACKSLASH) to++;
    const title = to < text.length ? { end: to + 1, behind: skipWhitespace(text, to + 1) } : undefined;
    const search = { from, to, title };
    this.#searches.set(close, search);
    return search;
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
      if (isOneOf(text.charCodeAt(end + 1), LEFT_BRACKET, RIGHT_BRACKET)) end++;
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
      if (isOneOf(text.charCodeAt(end + 1), LEFT_BRACKET, RIGHT_BRACKET)) end++;
    }
  }
  return undefined;
}

/** Labels match without case, and whatever white space is in them. Undefined for one that is too long to be one. */
export function normalizeLabel(label: string): string | undefined {
  if (label.length > maxLabelBytes) return undefined;
  const text = /[^\0-\x7f]/.test(label) ? Buffer.from(label, 'latin1').toString('utf8') : label;
  // Of some letters, such as ẞ, only the upper case of the lower case is one text for all.
  return text
    .replace(/[\t\n\r ]+/g, ' ')
    .trim()
    .toLowerCase()
    .toUpperCase();
}

export interface Definition {
  readonly label: string;
  readonly destination: Span;
  /** The index behind it, and the end of its line. */
  readonly end: number;
}

/** Reads the definition that begins at `at`, where a line does. */
export function readDefinition(text: string, at: number, titles: TitleReader): Definition | undefined {
  if (text.charCodeAt(at) !== LEFT_BRACKET) return undefined;
  const close = labelEnd(text, at);
  if (close === undefined || text.charCodeAt(close + 1) !== COLON) return undefined;
  const destination = new DestinationReader(text).read(skipWhitespace(text, close + 2));
  if (destination === undefined) return undefined;
  const { span, end } = destination;
  const behind = skipWhitespace(text, end);
  const title = behind > end ? titles.read(behind) : undefined;
  const lineEnd = (title && endOfLine(text, title.end)) ?? endOfLine(text, end);
  const label = lineEnd === undefined ? undefined : normalizeLabel(text.slice(at + 1, close));
  return label === undefined ? undefined : { label, destination: span, end: lineEnd! };
}

/** The index behind the line's end, if only spaces are before it. */
function endOfLine(text: string, at: number): number | undefined {
  const end = skipSpacesAndTabs(text, at);
  if (end >= text.length) return text.length;
  return text.charCodeAt(end) === LF ? end + 1 : undefined;
}
