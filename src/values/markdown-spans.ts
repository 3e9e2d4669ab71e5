/**
 * Spans of Markdown in which nothing else is read: code, URLs between `<` and `>` (CommonMark 0.31, 6.1 and 6.5), and bare
 * URLs (GitHub Flavored Markdown 0.29, 6.9).
 */
import {
  DELETE,
  GRAVE,
  GREATER_THAN,
  isAlpha,
  isAlphanumeric,
  isControl,
  LESS_THAN,
  SPACE,
} from '../text/ascii.ts';
import { isSpaceOrLineEnd } from './markdown-text.ts';

export class CodeSpanReader {
  readonly #text: string;
  /** Where the last run of backticks of each length begins; undefined before the first run. */
  #lastRuns: ReadonlyMap<number, number> | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns the index behind the code span, or behind the backticks if nothing closes them */
  read(at: number): number {
    const text = this.#text;
    const length = runLength(text, at);
    // Without this, backticks of many lengths would each be searched for up to the end.
    this.#lastRuns ??= lastRuns(text, at);
    if ((this.#lastRuns.get(length) ?? at) <= at) return at + length;
    let close = text.indexOf('`', at + length);
    for (let found = runLength(text, close); found !== length; found = runLength(text, close))
      close = text.indexOf('`', close + found);
    return close + length;
  }
}

function runLength(text: string, at: number): number {
  let end = at;
  while (text.charCodeAt(end) === GRAVE) end++;
  return end - at;
}

/** Where the last run of backticks of each length begins. */
function lastRuns(text: string, from: number): ReadonlyMap<number, number> {
  const last = new Map<number, number>();
  for (let at = from; at >= 0; ) {
    const length = runLength(text, at);
    last.set(length, at);
    at = text.indexOf('`', at + length);
  }
  return last;
}

/** @returns the index behind the `>` of the URL whose `<` is at `at`; undefined if it is none */
export function autolinkEnd(text: string, at: number): number | undefined {
  let end = at + 1;
  if (!isAlpha(text.charCodeAt(end))) return undefined;
  while (isSchemeCharacter(text.charCodeAt(end)) && end - at <= 33) end++;
  const length = end - at - 1;
  if (length < 2 || length > 32 || text[end] !== ':') return undefined;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === GREATER_THAN) return end + 1;
    if (code === LESS_THAN || (code !== 0 && code <= SPACE) || code === DELETE) return undefined;
  }
  return undefined;
}

function isSchemeCharacter(code: number): boolean {
  return isAlphanumeric(code) || code === 0x2b || code === 0x2d || code === 0x2e;
}

/** Punctuation that does not belong to a URL at whose end it stands. */
const trailing = '!"\')*,.:;?_~';
const inPath = `${trailing}&<]`;

/** Reads the URLs of one text. It remembers where punctuation is not at an end, so that a run of it is read once. */
export class LiteralReader {
  readonly #text: string;
  /** What was last read as punctuation at an end goes on here. */
  #insideEnd = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns the index behind the URL that begins at `at` with `http:` or `https:`; undefined if it is none */
  readUrl(at: number): number | undefined {
    const text = this.#text;
    if (at > 0 && isAlpha(text.charCodeAt(at - 1))) return undefined;
    const head = text.slice(at, at + 8).toLowerCase();
    const host = head.startsWith('http://') ? at + 7 : head === 'https://' ? at + 8 : 0;
    if (host === 0 || host >= text.length) return undefined;
    const { code } = characterAt(text, host);
    if (isControl(code) || isSpace(code) || isPunctuation(code)) return undefined;
    return this.#readFrom(host);
  }

  /** @returns the index behind the URL that begins at `at` with `www.`; undefined if it is none */
  readWww(at: number): number | undefined {
    const text = this.#text;
    if (at > 0 && !/[\s(*_[\]~]/.test(text[at - 1]!)) return undefined;
    if (text.slice(at, at + 4).toLowerCase() !== 'www.' || at + 4 >= text.length) return undefined;
    return this.#readFrom(at);
  }

  #readFrom(host: number): number | undefined {
    const end = this.#hostEnd(host);
    return end === undefined ? undefined : this.#pathEnd(end);
  }

  #hostEnd(start: number): number | undefined {
    const text = this.#text;
    let at = start;
    let hasUnderscore = false; // in the last part of the name
    let hadUnderscore = false; // in the one before
    while (at < text.length) {
      const { code, length } = characterAt(text, at);
      if (code === 0x2e || code === 0x5f) {
        if (this.#isTrail(at)) break;
        if (code === 0x5f) hasUnderscore = true;
        else {
          hadUnderscore = hasUnderscore;
          hasUnderscore = false;
        }
      } else if (isSpace(code) || (code !== 0x2d && isPunctuation(code))) break;
      at += length;
    }
    return at === start || hasUnderscore || hadUnderscore ? undefined : at;
  }

  #pathEnd(start: number): number {
    const text = this.#text;
    let opened = 0;
    let at = start;
    while (at < text.length) {
      const { code, length } = characterAt(text, at);
      if (code === 0x28) opened++;
      else if (code === 0x29 && opened > 0) opened--;
      else if (inPath.includes(text[at]!)) {
        if (this.#isTrail(at)) break;
      } else if (isSpace(code)) break;
      at += length;
    }
    return at;
  }

  /** Whether nothing but punctuation is between `start` and the end of the URL. */
  #isTrail(start: number): boolean {
    const text = this.#text;
    let at = start;
    while (at < text.length) {
      if (at < this.#insideEnd) return false;
      const character = text[at]!;
      if (trailing.includes(character)) at++;
      else if (character === '&') {
        let end = at + 1;
        while (isAlpha(text.charCodeAt(end))) end++;
        if (end === at + 1 || text[end] !== ';') return this.#goesOn(at);
        at = end + 1;
      } else if (character === ']') {
        at++;
        if (text[at] === '(' || text[at] === '[') return true;
      } else if (character === '<' || isSpace(characterAt(text, at).code)) return true;
      else return this.#goesOn(at);
    }
    return true;
  }

  #goesOn(at: number): false {
    this.#insideEnd = at;
    return false;
  }
}

/** The character at `at` of UTF-8 with one character for each byte. */
function characterAt(text: string, at: number): { readonly code: number; readonly length: number } {
  const code = text.charCodeAt(at);
  if (code < 0x80) return { code, length: 1 };
  const length = code >= 0xf0 ? 4 : code >= 0xe0 ? 3 : code >= 0xc0 ? 2 : 1;
  const decoded = Buffer.from(text.slice(at, at + length), 'latin1').toString('utf8');
  return { code: decoded.codePointAt(0)!, length };
}

function isSpace(code: number): boolean {
  return code < 0x80
    ? isSpaceOrLineEnd(code) || code === 0x0b || code === 0x0c
    : /\s/.test(String.fromCodePoint(code));
}

function isPunctuation(code: number): boolean {
  return code < 0x80
    ? code > 0x20 && code < 0x7f && !isAlphanumeric(code)
    : /[\p{P}\p{S}]/u.test(String.fromCodePoint(code));
}
