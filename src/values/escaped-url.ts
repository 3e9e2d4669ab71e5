/**
 * Reads a URL in a text of unknown kind: HTML, Markdown, JSON, code or plain text. Characters may have the escapes of
 * any of these, also nested (HTML in a JSON string), and the whole URL may be percent-encoded, as a parameter of another one. It knows
 * no bases and no tokens.
 */
import { AMPERSAND, BACKSLASH, DELETE, isControl, PERCENT, SPACE } from '../text/ascii.ts';

/** ASCII characters that no signed URL contains: they end one. */
const endings: ReadonlySet<number> = new Set(Array.from('"<>`{}^\\', (character) => character.charCodeAt(0)));

/** Raw characters that a parameter's value cannot hold: they belong to the URL around. */
const outside: ReadonlySet<string> = new Set('&?#');

const named: Readonly<Record<string, string>> = {
  ...{ lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\xa0' },
  ...{ sol: '/', colon: ':', quest: '?', equals: '=', num: '#', percnt: '%' },
};

/** One slash, right before the end of a text. */
const slashAtEnd =
  /(?:\\{0,8}\/|&(?:amp;){0,3}(?:#0{0,4}47|#x0{0,4}2f|sol);|(%(?:25){0,3})2f|\\{1,8}(?:u002f|x2f))$/i;
/** The longest of them: `&amp;amp;amp;#00047;`. */
const maxSlashLength = 24;

/**
 * A character reference, of which the `&` may be escaped again, or an escape of JSON, JavaScript or Markdown. Every
 * repetition has a limit.
 */
const escapes =
  /(?:&|\\{1,8}(?:u0026|x26|&))(?:amp;|#0{0,4}38;|#x0{0,4}26;){0,8}(?:#0{0,4}(\d{1,7});|#x0{0,4}([\da-f]{1,6});|(lt|gt|quot|apos|nbsp|sol|colon|quest|equals|num|percnt);)?|\\{1,8}(?:u([\da-f]{4})|x([\da-f]{2})|([!-/:-@[\]-`{-~]))/iy;

/** @returns the slash that ends right before `end`: where it starts, and how often it is percent-encoded */
export function slashBefore(
  text: string,
  end: number,
): { readonly start: number; readonly percentDepth: number } | undefined {
  if (!'/;fF'.includes(text.charAt(end - 1)) || end < 1) return undefined;
  const match = slashAtEnd.exec(text.slice(Math.max(0, end - maxSlashLength), end));
  if (match === null) return undefined;
  const [slash, percent] = match;
  return { start: end - slash.length, percentDepth: percent === undefined ? 0 : (percent.length + 1) >> 1 };
}

export class EscapedUrlReader {
  readonly #text: string;
  readonly #percentDepth: number;
  readonly #percent: RegExp;
  /** The character that was read, percent-encoded unless it is ASCII. */
  written = '';
  /** Whether it is beyond ASCII, as words may be and tokens are not. */
  isForeign = false;
  /** Where the next one starts. */
  next = 0;

  /** @param percentDepth - how often the URL is percent-encoded as a whole */
  constructor(text: string, percentDepth: number) {
    this.#text = text;
    this.#percentDepth = percentDepth;
    this.#percent = new RegExp(`%(?:25){${Math.max(0, percentDepth - 1)}}([\\da-f]{2})`, 'iy');
  }

  /** @returns whether a character of the URL starts at this offset */
  read(at: number): boolean {
    const code = this.#text.charCodeAt(at);
    if (code === AMPERSAND || code === BACKSLASH) return this.#readEscape(at);
    if (code === PERCENT && this.#percentDepth > 0) return this.#readPercent(at);
    return this.#take(this.#text.codePointAt(at) ?? SPACE, at + (code >= 0xd800 && code <= 0xdbff ? 2 : 1));
  }

  #readEscape(at: number): boolean {
    escapes.lastIndex = at;
    const match = escapes.exec(this.#text);
    if (match === null) return false;
    const [, decimal, hex, name, unit, byte, character] = match;
    const digits = hex ?? unit ?? byte;
    const next = escapes.lastIndex;
    if (decimal !== undefined) return this.#take(Number(decimal), next);
    if (digits !== undefined) return this.#take(Number.parseInt(digits, 16), next);
    const decoded = name === undefined ? (character ?? '&') : named[name.toLowerCase()]!; // the names of `escapes`
    return this.#take(decoded.charCodeAt(0), next);
  }

  #readPercent(at: number): boolean {
    this.#percent.lastIndex = at;
    const match = this.#percent.exec(this.#text);
    if (match === null) return false;
    const byte = Number.parseInt(match[1]!, 16);
    this.next = this.#percent.lastIndex;
    this.isForeign = byte >= 0x80;
    this.written = this.isForeign ? `%${match[1]!}` : String.fromCharCode(byte);
    return byte > SPACE && byte !== DELETE && !endings.has(byte);
  }

  #take(code: number, next: number): boolean {
    this.next = next;
    this.isForeign = code >= 0x80;
    if (!this.isForeign) {
      this.written = String.fromCharCode(code);
      if (this.#percentDepth > 0 && outside.has(this.written)) return false;
      return code > SPACE && code !== DELETE && !endings.has(code);
    }
    if (code > 0x10ffff || isControl(code)) return false;
    const character = String.fromCodePoint(code);
    if (!character.isWellFormed() || character.trim() === '') return false;
    this.written = encodeURIComponent(character);
    return true;
  }
}
