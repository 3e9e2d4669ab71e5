/** URLs that are links as they stand in a text (GitHub Flavored Markdown 0.29, 6.9), and where they end. */
import { isAlpha, isAlphanumeric, isControl } from '../text/ascii.ts';
import { isSpaceOrLineEnd } from './markdown-links.ts';

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
