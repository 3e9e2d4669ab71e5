/** HTML in Markdown: where a block of it begins and ends (CommonMark 0.31, 4.6), and tags in a text (6.6). */
import {
  APOSTROPHE,
  EQUALS,
  EXCLAMATION,
  GREATER_THAN,
  HYPHEN,
  isAlpha,
  isAlphanumeric,
  LEFT_BRACKET,
  LESS_THAN,
  QUESTION,
  QUOTE,
  SLASH,
  SPACE,
} from '../text/ascii.ts';
import type { Span } from '../text/edit.ts';
import { isSpaceOrLineEnd, isSpaceOrTab, skipSpacesAndTabs, skipWhitespace } from './markdown-text.ts';

/** What ends a block: a text in one of its lines, or a blank line. */
export type HtmlBlockEnd = string | RegExp | 'blank';

const rawNames = 'pre|script|style|textarea';
const blockNames =
  'address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul';
const rawStart: RegExp = new RegExp(`^<(?:${rawNames})(?:[\\t >]|$)`, 'i');
const rawEnd: RegExp = new RegExp(`</(?:${rawNames})>`, 'i');
const blockStart: RegExp = new RegExp(`^</?(?:${blockNames})(?:[\\t >]|/>|$)`, 'i');
/** `<blockquote/>`, the longest that decides. */
const longestStart = 16;

/** An HTML block: what ends it, and from which offset on in its first line. */
interface HtmlBlock {
  readonly end: HtmlBlockEnd;
  readonly from: number;
}

/**
 * The HTML block that begins at the `<` at `at`, in the line that ends at `end`.
 * @param canBeAnyTag - whether it may begin with any tag; within a paragraph it may not
 * @param unquoted - takes the attribute values without quotes, where the tag is one that has to be complete
 */
export function htmlBlockAt(
  text: string,
  at: number,
  end: number,
  canBeAnyTag: boolean,
  unquoted: Span[],
): HtmlBlock | undefined {
  const next = text.charCodeAt(at + 1);
  if (next === QUESTION) return { end: '?>', from: at + 1 };
  if (next === EXCLAMATION) {
    if (text.startsWith('--', at + 2)) return { end: '-->', from: at + 2 };
    if (text.startsWith('[CDATA[', at + 2)) return { end: ']]>', from: at + 2 };
    return isAlpha(text.charCodeAt(at + 2)) ? { end: '>', from: at + 2 } : undefined;
  }
  const head = text.slice(at, Math.min(end, at + longestStart));
  if (rawStart.test(head)) return { end: rawEnd, from: at };
  if (blockStart.test(head)) return { end: 'blank', from: at };
  if (!canBeAnyTag) return undefined;
  const found: Span[] = [];
  const line = text.slice(at, end);
  const close = readTag(line, 0, found);
  if (close === undefined || skipSpacesAndTabs(line, close) < line.length) return undefined;
  for (const span of found) unquoted.push({ start: at + span.start, end: at + span.end });
  return { end: 'blank', from: at };
}

/** Whether an HTML block ends in this line. */
export function endsHtmlBlock(line: string, end: HtmlBlockEnd): boolean {
  if (end === 'blank') return false;
  return typeof end === 'string' ? line.includes(end) : end.test(line);
}

/**
 * Reads HTML in a text.
 * @returns the index behind the tag, comment, instruction, declaration or CDATA section at `at`; undefined if it is none
 */
export class HtmlReader {
  readonly #text: string;
  /** What is searched for in vain, so that many openings cost one search. */
  readonly #missing: Set<string> = new Set();

  constructor(text: string) {
    this.#text = text;
  }

  read(at: number, unquoted: Span[]): number | undefined {
    const text = this.#text;
    const next = text.charCodeAt(at + 1);
    if (next === QUESTION) return this.#behind('?>', at + 2);
    if (next !== EXCLAMATION) return readTag(text, at, unquoted);
    const third = text.charCodeAt(at + 2);
    if (third === HYPHEN && text.charCodeAt(at + 3) === HYPHEN) {
      if (text.startsWith('>', at + 4)) return at + 5;
      if (text.startsWith('->', at + 4)) return at + 6;
      return this.#behind('-->', at + 4);
    }
    if (third === LEFT_BRACKET)
      return text.startsWith('CDATA[', at + 3) ? this.#behind(']]>', at + 9) : undefined;
    return isAlpha(third) ? this.#behind('>', at + 3) : undefined;
  }

  #behind(mark: string, from: number): number | undefined {
    if (this.#missing.has(mark)) return undefined;
    const found = this.#text.indexOf(mark, from);
    if (found >= 0) return found + mark.length;
    this.#missing.add(mark);
    return undefined;
  }
}

/** An open or closing tag. */
function readTag(text: string, start: number, unquoted: Span[]): number | undefined {
  let at = start + 1;
  const isClosing = text.charCodeAt(at) === SLASH;
  if (isClosing) at++;
  if (!isAlpha(text.charCodeAt(at))) return undefined;
  while (isAlphanumeric(text.charCodeAt(at)) || text.charCodeAt(at) === HYPHEN) at++;
  const found: Span[] = [];
  while (!isClosing) {
    const name = skipWhitespace(text, at);
    if (name === at || !isNameStart(text.charCodeAt(name))) break;
    at = name + 1;
    while (isNameCharacter(text.charCodeAt(at))) at++;
    const equals = skipWhitespace(text, at);
    if (text.charCodeAt(equals) !== EQUALS) continue;
    const value = skipWhitespace(text, equals + 1);
    const end = endOfValue(text, value);
    if (end === undefined) return undefined;
    if (!isQuote(text.charCodeAt(value))) found.push({ start: value, end });
    at = end;
  }
  at = skipWhitespace(text, at);
  if (!isClosing && text.charCodeAt(at) === SLASH) at++;
  if (text.charCodeAt(at) !== GREATER_THAN) return undefined;
  unquoted.push(...found);
  return at + 1;
}

function endOfValue(text: string, at: number): number | undefined {
  const code = text.charCodeAt(at);
  if (isQuote(code)) {
    const close = text.indexOf(String.fromCharCode(code), at + 1);
    return close < 0 ? undefined : close + 1;
  }
  let end = at;
  while (end < text.length && isUnquoted(text.charCodeAt(end))) end++;
  return end === at ? undefined : end;
}

function isQuote(code: number): boolean {
  return code === QUOTE || code === APOSTROPHE;
}

function isNameStart(code: number): boolean {
  return isAlpha(code) || code === 0x3a || code === 0x5f;
}

function isNameCharacter(code: number): boolean {
  return isAlphanumeric(code) || code === 0x3a || code === 0x5f || code === HYPHEN || code === 0x2e;
}

function isUnquoted(code: number): boolean {
  return (
    code > SPACE &&
    !isQuote(code) &&
    code !== EQUALS &&
    code !== LESS_THAN &&
    code !== GREATER_THAN &&
    code !== 0x60 &&
    !isSpaceOrLineEnd(code) &&
    !isSpaceOrTab(code)
  );
}
