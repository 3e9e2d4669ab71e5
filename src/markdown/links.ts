/**
 * The parts of links: destinations, titles, labels and definitions (CommonMark 0.31, 4.7 and 6.3), and URLs that are links on their
 * own (6.5; GitHub Flavored Markdown 0.29, 6.9).
 *
 * Longer than most files: every part is short, and has its own memory of what it has read.
 */
import { BACKSLASH, DELETE, isAlpha, LEFT_PAREN, RIGHT_PAREN, SPACE } from '../text/ascii.ts';
import type { Span } from '../text/edit.ts';
import { isWhitespace, matchAt, skipWhitespace } from './text.ts';

/** A URL that a renderer shows, without what encloses it, or HTML that it passes on. */
export interface Part extends Span {
  /** A URL with escapes (of a link, an image or a definition), between `<` and `>`, or bare. */
  readonly kind: 'escaped' | 'autolink' | 'bare' | 'html';
  /** Of an image. One of a definition may be an image's and a link's: it counts as a link. */
  readonly isImage: boolean;
  /** Where the text around it ends, such as the cell of a table. */
  readonly textEnd: number;
}

/** CommonMark lets implementations limit the nesting of parentheses in a destination; cmark allows this much as well. */
const maxParentheses = 32;

const inBrackets = /<[^\n<>\\]*(?:\\[^\n][^\n<>\\]*)*>/y;

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

  /** @returns the destination, and the index after its bracket */
  read(at: number): { readonly start: number; readonly end: number; readonly behind: number } | undefined {
    if (this.#text[at] === '<') {
      const behind = at + (matchAt(inBrackets, this.#text, at)?.length ?? 0);
      return behind > at ? { start: at + 1, end: behind - 1, behind } : undefined;
    }
    if (at < this.#from || at >= this.#to) this.#readRun(at);
    const end = this.#ends.get(at);
    return end === undefined ? undefined : { start: at, end, behind: end };
  }

  /** Up to white space, or a parenthesis that closes one before the run. */
  #readRun(start: number): void {
    const text = this.#text;
    const open = [{ start, depth: 0 }];
    let code = SPACE;
    let at = start;
    for (; at < text.length; at++) {
      code = text.charCodeAt(at);
      if (code === LEFT_PAREN) open.push({ start: at + 1, depth: 0 });
      else if (code === RIGHT_PAREN) {
        const { depth } = this.#close(open, at);
        const outer = open.at(-1);
        if (outer === undefined) break;
        if (depth >= outer.depth) outer.depth = depth + 1;
      } else if (code === BACKSLASH) at += /[()\\]/.test(text.charAt(at + 1)) ? 1 : 0;
      else if ((code !== 0 && code <= SPACE) || code === DELETE) break;
    }
    // Another control character cannot end a destination.
    if (open.length > 0 && (at >= text.length || isWhitespace(code))) this.#close(open, at);
    this.#from = start;
    this.#to = at;
  }

  #close(open: { start: number; depth: number }[], at: number): { readonly depth: number } {
    const last = open.pop()!;
    if (at > last.start && last.depth <= maxParentheses) this.#ends.set(last.start, at);
    return last;
  }
}

interface Title {
  /** The index after its quote. */
  readonly end: number;
  /** The index after the white space that follows. */
  readonly behind: number;
}

/**
 * Reads the titles of one text. Many may be opened before one closing quote, or before none: it remembers how far it has
 * searched, so that they cost one search together.
 */
export class TitleReader {
  readonly #text: string;
  /** By closing quote, the last search: none is in [from, to), but for escaped ones. */
  readonly #searches: Map<string, { from: number; to: number; title: Title | undefined }> = new Map();

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns undefined if no title begins at `at`, or nothing closes it */
  read(at: number): Title | undefined {
    const text = this.#text;
    const open = text.charAt(at);
    if (open !== '"' && open !== "'" && open !== '(') return undefined;
    const close = open === '(' ? ')' : open;
    const last = this.#searches.get(close);
    // A quote is before each title, so that no search begins within an escape.
    if (last !== undefined && last.from <= at && at < last.to) return last.title;
    let to = at + 1;
    for (; to < text.length && text[to] !== close; to++) if (text[to] === '\\') to++;
    const title = to < text.length ? { end: to + 1, behind: skipWhitespace(text, to + 1) } : undefined;
    this.#searches.set(close, { from: at, to, title });
    return title;
  }
}

/** A label in brackets, which holds no bracket, unless it is escaped. */
const label = /\[[^[\\\]]*(?:\\[\s\S][^[\\\]]*)*\]/y;
/** One that spells fewer characters than its bytes, in UTF-8: 999 are allowed. */
const maxLabelBytes: number = 4 * 999;

/** A label as labels are compared, and the index after its bracket. */
export interface Label {
  readonly name: string;
  readonly end: number;
}

/** @returns undefined if no label is opened at `at` */
export function readLabel(text: string, at: number): Label | undefined {
  const source = matchAt(label, text, at);
  const name = source && normalizeLabel(source.slice(1, -1));
  return name ? { name, end: at + source!.length } : undefined;
}

/** The label of a footnote, such as `[^1]`, which holds no white space. Its name has no `^`. */
export function readFootnoteLabel(text: string, at: number): Label | undefined {
  if (text[at + 1] !== '^') return undefined;
  const found = readLabel(text, at);
  if (found === undefined || found.name === '^' || /[\t\n\r ]/.test(text.slice(at, found.end)))
    return undefined;
  return { name: found.name.slice(1), end: found.end };
}

/** Normalizes a label: matching ignores case and the amount of white space. Undefined if it is too long for a label. */
export function normalizeLabel(label: string): string | undefined {
  if (label.length > maxLabelBytes) return undefined;
  const text = /[^\0-\x7f]/.test(label) ? Buffer.from(label, 'latin1').toString('utf8') : label;
  // Of some letters, such as ẞ, only the upper case of the lower case is one text for all.
  return text
    .replace(/[\t\n\r ]+/g, ' ')
    .replace(/^ | $/g, '')
    .toLowerCase()
    .toUpperCase();
}

interface Definition {
  readonly name: string;
  readonly destination: Span;
  /** The index after it, and the end of its line. */
  readonly end: number;
}

const endOfLine = /[\t ]*(?:\n|$)/y;

/** Reads the definition that begins in the line at `from`. */
export function readDefinition(text: string, from: number, titles: TitleReader): Definition | undefined {
  const found = readLabel(text, skipWhitespace(text, from));
  if (found === undefined || text[found.end] !== ':') return undefined;
  const destination = new DestinationReader(text).read(skipWhitespace(text, found.end + 1));
  if (destination === undefined) return undefined;
  const { behind } = destination;
  const title = skipWhitespace(text, behind);
  const titleEnd = title > behind ? titles.read(title)?.end : undefined;
  for (const end of [titleEnd, behind]) {
    const rest = end === undefined ? undefined : matchAt(endOfLine, text, end);
    if (rest !== undefined) return { name: found.name, destination, end: end! + rest.length };
  }
  return undefined;
}

/** A URL between `<` and `>`. */
const autolink = /<[a-z][a-z\d+.-]{1,31}:[^\x01- <>\x7f]*>/iy;

/** @returns the index after the `>` of the URL whose `<` is at `at`; undefined if it is none */
export function autolinkEnd(text: string, at: number): number | undefined {
  const length = matchAt(autolink, text, at)?.length;
  return length && at + length;
}

const scheme = /https?:\/\/(?=[a-z\d\x80-\xff])|www\.(?!$)/iy;
const host = /[\w.-]+/y;
/** Punctuation at the end of a URL, which does not belong to it. */
const trail = /(?:[!"')*,.:;?_~]|&[a-z]+;|\](?![[(]))*/iy;
/** White space of Unicode, in UTF-8, and what else ends a URL. */
const ending =
  /[\t-\r <\]]|\xc2\xa0|\xe1\x9a\x80|\xe2(?:\x80[\x80-\x8a\xa8\xa9\xaf]|\x81\x9f)|\xe3\x80\x80|\xef\xbb\xbf|$/y;
const mayEnd = new RegExp(`[!"'()*,.:;?_~&]|${ending.source}`, 'g');

/**
 * Reads the bare URLs of one text. It remembers where punctuation is not at an end, and the host that it read last: a run of
 * either, in which each character may begin another URL, is read once.
 */
export class BareUrlReader {
  readonly #text: string;
  /** What was last read as punctuation at an end goes on here. */
  #insideEnd = 0;
  #host = { start: 0, lastLabels: -1, isRefused: false };

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns the index after the URL that begins at `at` with `http:`, `https:` or `www.`; undefined if it is none */
  read(at: number): number | undefined {
    const text = this.#text;
    const found = matchAt(scheme, text, at);
    if (found === undefined) return undefined;
    const isWww = found.length === 4;
    if (at > 0 && (isWww ? !/[\t\n\r (*[\]_~]/.test(text[at - 1]!) : isAlpha(text.charCodeAt(at - 1))))
      return undefined;
    const start = isWww ? at : at + found.length;
    if (this.#refusesHost(start)) return undefined;
    const end = this.#end(start);
    return end === start ? undefined : end;
  }

  /** Whether one of the last two labels of the host has an underscore. Only the host is read: most of a URL is behind it. */
  #refusesHost(start: number): boolean {
    if (start >= this.#host.start && start <= this.#host.lastLabels) return this.#host.isRefused;
    const labels = matchAt(host, this.#text, start) ?? '';
    let end = labels.length;
    while (end > 0 && /[._]/.test(labels[end - 1]!)) end--;
    if (!this.#isTrail(start + end)) end = labels.length;
    const last = labels.lastIndexOf('.', end - 1);
    const lastLabels = last <= 0 ? 0 : labels.lastIndexOf('.', last - 1) + 1;
    const isRefused = labels.slice(lastLabels, end).includes('_');
    this.#host = { start, lastLabels: start + lastLabels, isRefused };
    return isRefused;
  }

  #end(start: number): number {
    let opened = 0;
    for (let at = start; ; at++) {
      mayEnd.lastIndex = at;
      at = mayEnd.exec(this.#text)!.index;
      const character = this.#text[at];
      if (character === '(') opened++;
      else if (character === ')' && opened > 0) opened--;
      else if (this.#isTrail(at)) return at;
    }
  }

  /** Whether nothing but punctuation is between `start` and the end of the URL. */
  #isTrail(start: number): boolean {
    if (start < this.#insideEnd) return false;
    const end = trailEnd(this.#text, start);
    if (matchAt(ending, this.#text, end) !== undefined) return true;
    this.#insideEnd = end;
    return false;
  }
}

/** Where the punctuation behind a URL ends. */
export function trailEnd(text: string, at: number): number {
  return at + matchAt(trail, text, at)!.length;
}
