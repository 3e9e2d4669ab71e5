/** The inline content of Markdown: destinations of links and images, and code spans (CommonMark 0.31, section 6). */
import {
  BACKSLASH,
  GREATER_THAN,
  isWhitespace,
  LEFT_BRACKET,
  LEFT_PAREN,
  LESS_THAN,
  LF,
  RIGHT_BRACKET,
  RIGHT_PAREN,
} from '../ascii.ts';

/** A part of a text. */
export interface MarkdownSpan {
  readonly start: number;
  readonly end: number;
}

export const GRAVE = 0x60;
/**
 * CommonMark lets implementations limit the nesting of parentheses in a destination, to three at least. Of many links that are
 * opened one in another, so many are looked through at each place.
 */
const maxParentheses = 6;
/** A longer title is not looked through. */
const maxTitleLength = 1024;

/**
 * Reads a link reference definition, `[label]: destination "title"`, which has its lines for itself.
 * @returns whether this is one
 */
export function addDefinition(
  text: string,
  at: number,
  end: number,
  titles: TitleReader,
  destinations: MarkdownSpan[],
): boolean {
  if (text.charCodeAt(at) !== LEFT_BRACKET) return false;
  let close = at + 1;
  while (close < end && text.charCodeAt(close) !== RIGHT_BRACKET) {
    if (text.charCodeAt(close) === LEFT_BRACKET) return false;
    close += text.charCodeAt(close) === BACKSLASH ? 2 : 1;
  }
  if (close >= end || text[close + 1] !== ':' || close === at + 1) return false;
  const destination = readDestination(text, skipSpace(text, close + 2));
  if (destination === undefined) return false;
  const rest = text.slice(titles.skip(destination.end), indexOrEnd(text, LF, destination.end));
  if (rest.trim() !== '') return false;
  destinations.push(destination.span);
  return true;
}

/** Reads the inline content of paragraphs. */
export class InlineScanner {
  readonly #text: string;
  readonly #titles: TitleReader;
  readonly #destinations: MarkdownSpan[];
  readonly #code: MarkdownSpan[];
  /** How many `[` are open in the paragraph. */
  #brackets = 0;
  /** Where the paragraph ends. */
  #end = 0;
  /** Where the last run of backticks of each length begins; undefined before the first run of the paragraph. */
  #lastRuns: ReadonlyMap<number, number> | undefined;

  constructor(text: string, titles: TitleReader, destinations: MarkdownSpan[], code: MarkdownSpan[]) {
    this.#text = text;
    this.#titles = titles;
    this.#destinations = destinations;
    this.#code = code;
  }

  scan(start: number, end: number): void {
    const text = this.#text;
    this.#brackets = 0;
    this.#end = end;
    this.#lastRuns = undefined;
    for (let at = start; at < end; ) {
      const character = text.charCodeAt(at);
      if (character === BACKSLASH) at += 2;
      else if (character === GRAVE) at = this.#codeSpan(at);
      else if (character === LEFT_BRACKET) {
        this.#brackets++;
        at++;
      } else if (character === RIGHT_BRACKET) at = this.#closeBracket(at);
      else at++;
    }
  }

  /** @returns the index behind the code span, or behind the backticks if nothing closes them */
  #codeSpan(at: number): number {
    const text = this.#text;
    const length = runLength(text, at);
    // Without this, backticks of many lengths would each be searched for up to the end.
    this.#lastRuns ??= lastRuns(text, at, this.#end);
    if ((this.#lastRuns.get(length) ?? at) <= at) return at + length;
    let close = text.indexOf('`', at + length);
    for (let found = runLength(text, close); found !== length; found = runLength(text, close))
      close = text.indexOf('`', close + found);
    this.#code.push({ start: at, end: close + length });
    return close + length;
  }

  /** @returns where to go on */
  #closeBracket(at: number): number {
    const text = this.#text;
    if (this.#brackets === 0 || text.charCodeAt(at + 1) !== LEFT_PAREN) {
      this.#brackets = Math.max(0, this.#brackets - 1);
      return at + 1;
    }
    this.#brackets--;
    const destination = readDestination(text, skipSpace(text, at + 2));
    if (destination === undefined) return at + 1;
    const end = this.#titles.skip(destination.end);
    if (text.charCodeAt(end) !== RIGHT_PAREN) return at + 1;
    this.#destinations.push(destination.span);
    return end + 1;
  }
}

function runLength(text: string, at: number): number {
  let end = at;
  while (text.charCodeAt(end) === GRAVE) end++;
  return end - at;
}

/** Where the last run of backticks of each length in [from, end) begins. */
function lastRuns(text: string, from: number, end: number): ReadonlyMap<number, number> {
  const last = new Map<number, number>();
  for (let at = from; at >= 0 && at < end; ) {
    const length = runLength(text, at);
    last.set(length, at);
    at = text.indexOf('`', at + length);
  }
  return last;
}

function readDestination(
  text: string,
  at: number,
): { readonly span: MarkdownSpan; readonly end: number } | undefined {
  if (text.charCodeAt(at) === LESS_THAN) {
    for (let end = at + 1; end < text.length; end++) {
      const character = text.charCodeAt(end);
      if (character === GREATER_THAN) return { span: { start: at + 1, end }, end: end + 1 };
      if (character === LESS_THAN || character === LF) return undefined;
      if (character === BACKSLASH) end++;
    }
    return undefined;
  }
  let depth = 0;
  let end = at;
  for (; end < text.length; end++) {
    const character = text.charCodeAt(end);
    if (character <= 0x20 || character === 0x7f) break;
    if (character === LEFT_PAREN && ++depth > maxParentheses) return undefined;
    if (character === RIGHT_PAREN && --depth < 0) break;
    if (character === BACKSLASH && text.charCodeAt(end + 1) > 0x20) end++;
  }
  return depth > 0 || end === at ? undefined : { span: { start: at, end }, end };
}

/** No such quote stands in [from, to), but for escaped ones. */
interface Search {
  readonly from: number;
  readonly to: number;
  /** The index behind the quote at `to` and the white space that follows; undefined if another character is there. */
  readonly behind: number | undefined;
}

/**
 * Reads titles. Many may be opened before one closing quote, or before none: it remembers how far it has searched, so that
 * they cost one search together.
 */
export class TitleReader {
  readonly #text: string;
  /** The last search for each closing quote. */
  readonly #searches: Map<string, Search> = new Map();

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns the index behind an optional title, and the white space around it */
  skip(at: number): number {
    const text = this.#text;
    const start = skipSpace(text, at);
    const open = text[start];
    if (start === at || (open !== '"' && open !== "'" && open !== '(')) return start;
    const close = open === '(' ? ')' : open;
    const { to, behind } = this.#search(close, start + 1, Math.min(text.length, start + maxTitleLength));
    return behind === undefined || to >= start + maxTitleLength ? start : behind;
  }

  #search(close: string, from: number, most: number): Search {
    const text = this.#text;
    const last = this.#searches.get(close);
    // White space is before each title, so that no search begins within an escape.
    const known = last !== undefined && last.from <= from && from <= last.to ? last : undefined;
    if (known?.behind !== undefined) return known;
    let to = known?.to ?? from;
    for (; to < most && text[to] !== close; to++) if (text.charCodeAt(to) === BACKSLASH) to++;
    const search = { from, to, behind: to < most ? skipSpace(text, to + 1) : undefined };
    this.#searches.set(close, search);
    return search;
  }
}

/** White space, with one line's end at most. */
function skipSpace(text: string, at: number): number {
  let lines = 0;
  let end = at;
  while (end < text.length && isWhitespace(text.charCodeAt(end))) {
    if (text.charCodeAt(end) === LF && ++lines > 1) break;
    end++;
  }
  return end;
}

export function indexOrEnd(text: string, character: number, from: number): number {
  const found = text.indexOf(String.fromCharCode(character), from);
  return found < 0 ? text.length : found;
}
