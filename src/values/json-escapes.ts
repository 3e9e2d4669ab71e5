/** Decodes the escapes of a JSON string, and encodes what is written back (RFC 8259, section 7). */
import type { SourceOffsets, UnescapedValue } from '../text/edit.ts';

const characters: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * @param source - the string without its quotes, which begins at `start`
 * @returns undefined if this is not a valid JSON string
 */
export function unescapeJson(source: string, start: number): UnescapedValue | undefined {
  if (/[\0-\x1f]/.test(source)) return undefined;
  const decoded = source.includes('\\') ? decode(source, start) : { text: source, offsets: undefined };
  if (decoded === undefined) return undefined;
  const escapesSlashes = source.includes('\\/');
  return {
    ...decoded,
    start,
    isOpenBefore: () => false,
    escape: (unescaped) => escapeJson(unescaped, escapesSlashes),
  };
}

/** Copies what is between the escapes in runs: an article's HTML is one long string with thousands of `\"`. */
function decode(source: string, start: number): Pick<UnescapedValue, 'text' | 'offsets'> | undefined {
  const offsets = new RunOffsets(start);
  let text = '';
  let from = 0;
  for (let at = source.indexOf('\\'); at >= 0; at = source.indexOf('\\', from)) {
    const isHex = source[at + 1] === 'u';
    const bytes = isHex ? readHexEscape(source, at) : characters[source[at + 1] ?? ''];
    if (bytes === undefined) return undefined;
    text += source.slice(from, at) + bytes;
    from = at + (isHex ? (bytes.length === 4 ? 12 : 6) : 2); // only a surrogate pair stands for four bytes
    offsets.addEscape(at, from, text.length);
  }
  return { text: text + source.slice(from), offsets };
}

/**
 * Where the characters of a long value without its escapes are in its source. It keeps one entry for each run between two
 * escapes, since an array with an entry for each character costs more than reading the value.
 */
class RunOffsets implements SourceOffsets {
  readonly #start: number;
  /** For each run, where it begins in the text and in the source, and where the escape behind it begins in the source. */
  readonly #inText: number[] = [0];
  readonly #inSource: number[] = [0];
  readonly #escapes: number[] = [];
  /** The run that was found last: edits come in order. */
  #run = 0;

  /** @param start - where the source begins */
  constructor(start: number) {
    this.#start = start;
  }

  /**
   * The next escape is [from, to) of the source.
   * @param length - of the text with what the escape stands for
   */
  addEscape(from: number, to: number, length: number): void {
    this.#escapes.push(from);
    this.#inSource.push(to);
    this.#inText.push(length);
  }

  at(index: number): number {
    const isAgain = this.#inText[this.#run]! <= index && index < (this.#inText[this.#run + 1] ?? Infinity);
    let run = isAgain ? this.#run : 0;
    for (let past = isAgain ? 0 : this.#inText.length; past - run > 1; ) {
      const middle = (run + past) >> 1;
      if (this.#inText[middle]! <= index) run = middle;
      else past = middle;
    }
    this.#run = run;
    const offset = this.#inSource[run]! + index - this.#inText[run]!;
    // All characters that one escape stands for have its offset.
    return this.#start + Math.min(offset, this.#escapes[run] ?? offset);
  }
}

/** @returns the UTF-8 of what `\u0026` or a surrogate pair stands for, one character per byte; undefined if it is neither */
function readHexEscape(source: string, at: number): string | undefined {
  const unit = readHex(source, at + 2);
  if (unit < 0) return undefined;
  if (unit < 0x80) return String.fromCharCode(unit);
  const isHigh = unit >= 0xd800 && unit <= 0xdbff && source[at + 6] === '\\' && source[at + 7] === 'u';
  const low = isHigh ? readHex(source, at + 8) : -1;
  const isPair = low >= 0xdc00 && low <= 0xdfff;
  const character = isPair ? String.fromCharCode(unit, low) : String.fromCharCode(unit);
  return Buffer.from(character, 'utf8').toString('latin1'); // U+FFFD for half a pair
}

/** The value of four hexadecimal digits; -1 if there are not as many. */
function readHex(source: string, at: number): number {
  const digits = source.slice(at, at + 4);
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
}

/**
 * Characters that are written as `\u` escapes. `<` and `>` could end the script or begin a comment in it. U+2028 and
 * U+2029, here as UTF-8 bytes, end a string literal in JavaScript before ES2019, and some pages evaluate such data as
 * JavaScript.
 */
const needsUnicodeEscape = /[\0-\x1f<>]|\xe2\x80[\xa8\xa9]/g;

function escapeJson(text: string, escapesSlashes: boolean): string {
  const escaped = text
    .replace(/["\\]/g, (character) => `\\${character}`)
    .replace(needsUnicodeEscape, (bytes) => {
      const character = Buffer.from(bytes, 'latin1').toString();
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    });
  return escapesSlashes ? escaped.replaceAll('/', '\\/') : escaped;
}
