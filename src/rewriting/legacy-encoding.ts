/**
 * Reads a page in a legacy encoding (Encoding Standard, section 4: every encoding but UTF-8) as if it were ASCII. In
 * Shift_JIS, GBK and Big5 the second byte of a character may be `\`, `]` or `}`, which no tokenizer may take for the
 * ASCII character. So the scanner of the page reads a copy, in which 0xFF stands for each byte of such a character:
 * - The copy has the same offsets, so the edits fit the page's own bytes.
 * - No UTF-8 holds 0xFF, so a URL with characters beyond ASCII stays unsigned. Read as UTF-8, its bytes could name
 *   another image. Runtimes disagree on how to decode them, and all machines must send the same page.
 * - Character references and escapes still name code points: a URL that is spelled with them is signed.
 *
 * A page is read as it comes until it declares an encoding, as no bytes are held for that. Without a declaration,
 * a URL whose bytes are valid UTF-8 is signed: `rewriteHtml` gets pages without their `Content-Type`, and most are UTF-8.
 */
import type { Charset } from '../text/charset.ts';
import type { Edit } from '../text/edit.ts';
import type { Scanner } from './byte-rewriter.ts';
import type { CharsetWatch } from './charset-watch.ts';
import { isAscii } from './edit-url.ts';
import type { LiteralPrefilter } from './literal-prefilter.ts';
import type { UrlMapper } from './rewriter-options.ts';

/**
 * For each byte that begins a character of two bytes, the symbols that may be its second byte. Letters may be as well,
 * but after a byte beyond ASCII they never change what the tokenizers find. GB18030 also has characters of four bytes,
 * two of which are digits, for which the same holds.
 */
type Trails = readonly (string | undefined)[];
/** A range of first bytes, and the symbols after each. A later row replaces an earlier one. */
type Row = readonly [first: number, last: number, symbols: string];

const allSymbols = '@[\\]^_`{|}~';

/**
 * The decoders of the Encoding Standard (10.2.1, 11.1.1, 12.3.1) do not take the second byte away if it is ASCII and the
 * two bytes are no character: `\` after 0x85 is a `\` in Shift_JIS.
 */
const rows: Readonly<Record<Exclude<Charset, 'utf-8'>, readonly Row[]>> = {
  shift_jis: [
    [0x81, 0x9f, ''],
    [0xe0, 0xfc, ''],
    [0x81, 0x81, allSymbols],
    [0x82, 0x82, '`'],
    [0x83, 0x84, allSymbols],
    [0x87, 0x87, '@[\\]_`~'],
    [0x89, 0x97, allSymbols],
    [0x98, 0x98, '@[\\]^_`'],
    [0x99, 0x9f, allSymbols],
    [0xe0, 0xea, allSymbols],
    [0xed, 0xee, allSymbols],
    [0xf0, 0xfb, allSymbols],
    [0xfc, 0xfc, '@'],
  ],
  gbk: [[0x81, 0xfe, allSymbols]],
  big5: [
    [0x81, 0xfe, ''],
    [0x87, 0xfe, allSymbols],
  ],
  other: [],
};

/** Stands for a byte of a character beyond ASCII. */
const beyondAscii = 0xff;
const byteOrderMark: readonly number[] = [0xef, 0xbb, 0xbf];
const nothing: Buffer = /* @__PURE__ */ Buffer.alloc(0);

export class LegacyPageScanner implements Scanner {
  readonly #scanner: Scanner;
  readonly #edits: Edit[];
  readonly #watch: CharsetWatch | undefined;
  readonly #prefilter: Pick<LiteralPrefilter, 'next'>;
  /** Whether no byte of the page has been read. */
  #isAtStart = true;
  /** Undefined for a page in UTF-8, and as long as the page has not declared its encoding. */
  #trails: Trails | undefined;
  /** The `Content-Type` names a legacy encoding; a byte order mark of UTF-8 would count more. */
  #mayHaveMark: boolean;
  /** Where in the page the present bytes begin. */
  #offset = 0;
  /** The copy of the present bytes, of which `#length` have been read. */
  #copy: Buffer = nothing;
  #length = 0;
  /** The first byte of a character whose second has not arrived; 0 if there is none. */
  #lead = 0;

  /**
   * @param createScanner - creates the scanner of the page; its URLs have to be mapped by what `limit` makes of a mapper
   * @param edits - the array to which the changes of the page are added
   * @param declared - what the `Content-Type` names, or a watch for what the page itself declares
   * @param prefilter - its literals are letters and digits, which the copy holds wherever the page does
   */
  constructor(
    createScanner: (limit: (map: UrlMapper) => UrlMapper) => Scanner,
    edits: Edit[],
    declared: Exclude<Charset, 'utf-8'> | CharsetWatch,
    prefilter: Pick<LiteralPrefilter, 'next'>,
  ) {
    this.#prefilter = prefilter;
    this.#scanner = createScanner(
      (map) => (url, isInCachedValue) =>
        this.#trails !== undefined && dependsOnEncoding(url) ? undefined : map(url, isInCachedValue),
    );
    this.#edits = edits;
    this.#mayHaveMark = typeof declared === 'string';
    this.#trails = typeof declared === 'string' ? trailsOf(declared) : undefined;
    this.#watch = typeof declared === 'string' ? undefined : declared;
  }

  get heldFrom(): number {
    return this.#scanner.heldFrom;
  }

  rest(): void {
    this.#scanner.rest?.();
  }

  rebase(by: number): void {
    this.#scanner.rebase(by);
    this.#offset += by;
    if (this.#length === 0) return;
    const rest = this.#copy.subarray(by, this.#length);
    this.#length = rest.length;
    // With spare room, as `ByteRewriter` holds the bytes themselves.
    this.#copy = rest.length === 0 ? nothing : Buffer.allocUnsafeSlow(Math.max(256, rest.length * 2));
    rest.copy(this.#copy);
  }

  scan(bytes: Buffer, to: number): void {
    this.#isAtStart = false;
    if (this.#mayHaveMark && !this.#readMark(bytes, to)) return;
    this.#read(bytes, to, (readable) => this.#scanner.scan(readable, to));
    this.#dropUnwritable();
  }

  end(bytes: Buffer, to: number): void {
    // A whole page without a literal has nothing to change, and is not copied.
    if (this.#isAtStart && this.#prefilter.next(bytes, 0, to) >= to) return;
    if (this.#mayHaveMark) this.#readMark(bytes, to);
    this.#read(bytes, to, (readable) => this.#scanner.end(readable, to));
    this.#dropUnwritable();
  }

  /** @returns whether the bytes suffice to decide if the page begins with a byte order mark */
  #readMark(bytes: Buffer, to: number): boolean {
    const end = byteOrderMark.findIndex((byte, at) => at >= to || bytes[at] !== byte);
    if (end === to) return false;
    this.#mayHaveMark = false;
    if (end < 0) this.#trails = undefined;
    return true;
  }

  /** Where the page's bytes lie in the memory of WebAssembly, their copy is read there too. */
  #read(bytes: Buffer, to: number, read: (readable: Buffer) => void): void {
    const readable = this.#readable(bytes, to);
    read(readable);
  }

  /** The bytes as the page's scanner is to read them. */
  #readable(bytes: Buffer, to: number): Buffer {
    const declared = this.#watch?.declared;
    if (this.#trails === undefined && declared !== undefined && declared.charset !== 'utf-8') {
      this.#trails = trailsOf(declared.charset);
      const from = Math.max(declared.start - this.#offset, 0);
      this.#grow(to);
      bytes.copy(this.#copy, 0, 0, from);
      this.#length = from;
    }
    if (this.#trails === undefined) return bytes;
    this.#grow(to);
    this.#append(bytes, to, this.#trails);
    return this.#copy.subarray(0, to);
  }

  #grow(length: number): void {
    if (length <= this.#copy.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(length, this.#copy.length * 2));
    this.#copy.copy(larger, 0, 0, this.#length);
    this.#copy = larger;
  }

  #append(bytes: Buffer, to: number, trailsByLead: Trails): void {
    const copy = this.#copy;
    bytes.copy(copy, this.#length, this.#length, to);
    const words = new Int32Array(copy.buffer, copy.byteOffset, to >> 2); // `allocUnsafeSlow` aligns the copy
    let lead = this.#lead;
    for (let at = this.#length; at < to; at++) {
      if (lead === 0) at = endOfAscii(words, at);
      if (at >= to) break;
      const byte = copy[at]!;
      if (byte < 0x80) {
        if (lead !== 0 && trailsByLead[lead]!.includes(String.fromCharCode(byte))) copy[at] = beyondAscii;
        lead = 0;
      } else {
        copy[at] = beyondAscii;
        lead = lead === 0 && trailsByLead[byte] !== undefined ? byte : 0;
      }
    }
    this.#lead = lead;
    this.#length = to;
  }

  /**
   * Drops edits that write more than ASCII, since it would be in UTF-8. An edit does if it removes a token right behind a
   * reference or an escape such as `&eacute`, and has to write that again.
   */
  #dropUnwritable(): void {
    if (this.#trails === undefined || this.#edits.length === 0) return;
    // In place: others hold the same list. Spread into one call, the edits of a long page would overflow the stack.
    let kept = 0;
    for (const edit of this.#edits) if (isAscii(edit.text)) this.#edits[kept++] = edit;
    this.#edits.length = kept;
  }
}

/** Skips words of ASCII, of which most markup consists. @returns an offset before which all bytes from `at` on are ASCII */
function endOfAscii(words: Int32Array, at: number): number {
  if ((at & 3) !== 0) return at;
  let word = at >> 2;
  while (word < words.length && (words[word]! & 0x80808080) === 0) word++;
  return word << 2;
}

/** Made for a page, not at the import: few sites have any in such an encoding. */
function trailsOf(charset: keyof typeof rows): Trails {
  const table: (string | undefined)[] = new Array(256);
  for (const [first, last, symbols] of rows[charset]) table.fill(symbols, first, last + 1);
  return table;
}

/**
 * A browser writes the query in the page's encoding, and everything else in UTF-8 (URL Standard, 4.4 "query state"). It
 * would ask for another query than the one that is signed.
 */
export function dependsOnEncoding(url: string): boolean {
  if (!url.includes('?') || isAscii(url)) return false; // nearly all of them
  const [, query] = /^[^?#]*(\?[^#]*)/.exec(url) ?? [];
  return query !== undefined && !isAscii(query);
}
