/**
 * The encoding of a page: which pages cannot be read at all, and how legacy encodings are read (Encoding Standard, section 4: all but
 * UTF-8). `text/charset.ts` knows the labels.
 *
 * Longer than most files: escape sequences and declarations are read together, and the first one decides.
 */
import { type Attribute, findAttribute, isName, unescapeValue } from '../html/attributes.ts';
import { type ContentScanner, HtmlScanner, type HtmlSink } from '../html/scanner.ts';
import { indexOfByte } from '../text/bytes.ts';
import { type Charset, classifyMetaLabel, labelInHeader } from '../text/charset.ts';
import type { Edit } from '../text/edit.ts';
import { type EncodingWatch, readInScratch, type Scanner } from './byte-rewriter.ts';
import { isAscii } from './edit-url.ts';
import { LiteralPrefilter } from './literal-prefilter.ts';
import type { UrlMapper } from './options.ts';

/** The encoding that the page itself declares. */
interface DeclaredCharset {
  readonly charset: Charset;
  /** The offset of the `<meta>` in the page, from which on this encoding applies. */
  readonly start: number;
}

/** Browsers prescan this many bytes, which must contain the `<meta>` that declares the encoding (WHATWG HTML, 4.2.5.4). */
export const prescanLength = 1024;
const ESCAPE = 0x1b;
const DOLLAR = 0x24;
const LEFT_PAREN = 0x28;

/**
 * Watches a page without a declared `Content-Type` charset, because it may be ISO-2022-JP. There an escape sequence
 * changes what the next bytes mean: `<img src="…">` may be halves of characters. A token inserted among them would
 * shift the rest, and an attacker's text could become markup. Without an escape sequence such a page is ASCII.
 *
 * The first of these decides:
 * - a byte order mark of UTF-8, or a `<meta>` that names an ASCII-compatible encoding: the page is read to its end;
 * - a `<meta>` that names ISO-2022-JP: the rest passes through unchanged;
 * - an escape sequence: the rest passes through unchanged, since the browser may guess ISO-2022-JP, or find it in a
 *   later `<meta>`. A `<meta>` after an escape sequence is not trusted: an attacker can write one in shifted text.
 *
 * At most the first 1024 bytes are kept, and the result does not depend on chunking.
 */
export class CharsetWatch implements EncodingWatch {
  #state: 'watching' | 'readable' | 'unreadable' = 'watching';
  #total = 0;
  #endsWithEscape = false;
  #declared: DeclaredCharset | undefined;
  /** Undefined once the prescan has ended. */
  #prescan: Prescan | undefined = new Prescan();

  get isSettled(): boolean {
    return this.#state === 'readable';
  }

  /** Undefined as long as the page has declared nothing that can be read. */
  get declared(): DeclaredCharset | undefined {
    return this.#declared;
  }

  get isUnreadable(): boolean {
    return this.#state === 'unreadable';
  }

  read(chunk: Buffer): number {
    const first = prescanLength - this.#total;
    if (first <= 0 || chunk.length <= first) return this.#read(chunk);
    // Most pages declare their encoding in the first bytes. The rest then need not be searched for an escape sequence.
    const unread = this.#read(chunk.subarray(0, first));
    if (this.isUnreadable) return unread + chunk.length - first;
    return this.isSettled ? 0 : this.#read(chunk.subarray(first));
  }

  #read(chunk: Buffer): number {
    const start = this.#total;
    this.#total += chunk.length;
    const escapeStart = this.#findEscapeSequence(chunk, start);
    const stop = Math.min(escapeStart, this.#runPrescan(chunk, escapeStart));
    if (this.#state === 'readable') return 0;
    if (stop < this.#total) this.#state = 'unreadable';
    return stop < this.#total ? this.#total - stop : Number(this.#endsWithEscape);
  }

  /** @returns the offset of the first escape sequence in the page; Infinity without one */
  #findEscapeSequence(chunk: Buffer, start: number): number {
    if (chunk.length === 0) return Number.POSITIVE_INFINITY;
    if (this.#endsWithEscape && continuesEscape(chunk[0]!)) return start - 1;
    const last = chunk.length - 1;
    this.#endsWithEscape = chunk[last] === ESCAPE;
    for (let at = 0; at < last; at++) {
      at = indexOfByte(chunk, ESCAPE, at, last);
      if (at < last && continuesEscape(chunk[at + 1]!)) return start + at;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** @returns the offset of the `<meta>` that names an unreadable encoding; Infinity without one so far */
  #runPrescan(chunk: Buffer, escapeStart: number): number {
    const prescan = this.#prescan;
    if (prescan === undefined) return Number.POSITIVE_INFINITY;
    prescan.add(chunk, Math.min(escapeStart, this.#total - (this.#endsWithEscape ? 1 : 0)));
    const { charset, start } = prescan.meta;
    if (prescan.hasByteOrderMark) this.#declared = { charset: 'utf-8', start: 0 };
    else if (charset !== undefined && charset !== 'unreadable') this.#declared = { charset, start };
    if (this.#declared !== undefined) this.#state = 'readable';
    if (prescan.isFull || this.#state === 'readable') {
      prescan.drop();
      this.#prescan = undefined;
    }
    return charset === 'unreadable' ? start : Number.POSITIVE_INFINITY;
  }
}

const nothing: Buffer = Buffer.alloc(0);
const byteOrderMark: readonly number[] = [0xef, 0xbb, 0xbf];

/** The page's first bytes, and the encoding that they declare (WHATWG HTML, 13.2.3.2 "prescan a byte stream"). */
class Prescan {
  /** Finds the first `<meta>` that declares an encoding. */
  readonly meta: MetaCharsetSink;
  readonly #scanner: HtmlScanner;
  /** The first bytes; a copy, unless they all came at once. */
  #bytes: Buffer = nothing;
  #length = 0;

  constructor() {
    this.meta = new MetaCharsetSink();
    this.#scanner = new HtmlScanner(this.meta);
  }

  get isFull(): boolean {
    return this.#length === prescanLength;
  }

  /** Whether the page begins with the byte order mark of UTF-8. */
  get hasByteOrderMark(): boolean {
    return this.#length >= 3 && byteOrderMark.every((byte, at) => this.#bytes[at] === byte);
  }

  /** @param readable - how many bytes of the page may be read */
  add(chunk: Buffer, readable: number): void {
    if (this.#length === 0 && chunk.length >= prescanLength) {
      this.#bytes = chunk;
      this.#length = prescanLength;
    } else {
      if (this.#length === 0) this.#bytes = Buffer.allocUnsafeSlow(prescanLength);
      this.#length += chunk.copy(this.#bytes, this.#length, 0, prescanLength - this.#length);
    }
    this.#scanner.scan(this.#bytes, Math.min(this.#length, readable));
  }

  /** Leaves the table of open tags to the page itself. */
  drop(): void {
    this.#scanner.abandon();
  }
}

/**
 * The encoding that a browser finds when it prescans a page.
 * @param bytes - the page's first bytes; bytes beyond `prescanLength` are not read
 * @returns the label of a readable encoding, for a `Content-Type`; undefined for a page with a byte order mark, which overrides any
 *   label
 */
export function declaredLabel(bytes: Buffer): string | undefined {
  const prescan = new Prescan();
  prescan.add(bytes, bytes.length);
  const { charset, label } = prescan.meta;
  return charset === 'unreadable' || prescan.hasByteOrderMark ? undefined : label;
}

/** Whether this byte, after ESC, belongs to an escape sequence of ISO-2022-JP (Encoding Standard, 12.2.1). */
function continuesEscape(byte: number): boolean {
  return byte === DOLLAR || byte === LEFT_PAREN;
}

let charsetPrefilter: LiteralPrefilter | undefined;

/** Created for the first page, because it would make the import slower. */
function charsetLiteral(): LiteralPrefilter {
  charsetPrefilter ??= new LiteralPrefilter(['charset']);
  return charsetPrefilter;
}

/** Finds the first `<meta>` that declares an encoding, like a browser's tokenizer. */
class MetaCharsetSink implements HtmlSink {
  readonly prefilter: LiteralPrefilter = charsetLiteral();
  charset: ReturnType<typeof classifyMetaLabel>;
  label: string | undefined;
  start = 0;

  startTag(bytes: Buffer, nameStart: number, nameEnd: number, attributes: readonly Attribute[]): void {
    if (this.charset !== undefined || !isName(bytes, nameStart, nameEnd, 'meta')) return;
    const label = labelOf(bytes, attributes) ?? '';
    const charset = classifyMetaLabel(label);
    const isReadable = charset !== undefined && charset !== 'unreadable';
    if (isReadable && isUncertain(bytes.toString('latin1', 0, nameStart))) return;
    this.charset = charset;
    this.label = labelInHeader(label);
    this.start = nameStart - 1;
  }

  styleScanner(): ContentScanner {
    return ignoredContent;
  }

  scriptScanner(): undefined {}
  startSvgStyle(): void {}
  svgStyleText(): void {}
  tooLong(): void {}
}

const ignoredContent: ContentScanner = {
  scan() {},
  end() {},
  abandon() {},
  rebase() {},
  heldFrom: Number.POSITIVE_INFINITY,
};

/**
 * Whether a harmless `<meta>` may not be the one that counts: browsers differ on a `<meta>` within `noscript`, and an
 * XML declaration or a script before it may have named ISO-2022-JP.
 */
function isUncertain(before: string): boolean {
  return /<noscript|iso-?2022/i.test(before);
}

/**
 * The label in `charset`; or in `content`, if `http-equiv` is `content-type`, by the
 * "algorithm for extracting a character encoding from a meta element" of WHATWG HTML.
 */
function labelOf(bytes: Buffer, attributes: readonly Attribute[]): string | undefined {
  const textOf = (name: string): string | undefined => {
    const attribute = findAttribute(bytes, attributes, name);
    return attribute && unescapeValue(bytes, attribute).text;
  };
  const charset = textOf('charset');
  if (charset !== undefined || textOf('http-equiv')?.toLowerCase() !== 'content-type') return charset;
  const [, double, single, unquoted] =
    /charset[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|([^\t\n\f\r ;"']+))/i.exec(
      textOf('content') ?? '',
    ) ?? [];
  return double ?? single ?? unquoted;
}

/**
 * For every byte that begins a two-byte character, the symbols that can be its second byte. Letters can too, but after a non-ASCII
 * byte they never change what the tokenizers find. The same holds for the two digits in GB18030's four-byte characters.
 */
type Trails = readonly (string | undefined)[];
/** A range of first bytes, and the symbols that can follow. A later row replaces an earlier one. */
type Row = readonly [first: number, last: number, symbols: string];

const allSymbols = '@[\\]^_`{|}~';

/**
 * The decoders of the Encoding Standard (10.2.1, 11.1.1, 12.3.1) keep an ASCII second byte if the two bytes are not a character: `\`
 * after 0x85 is a `\` in Shift_JIS.
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

/** Replaces the bytes of a non-ASCII character. */
const beyondAscii = 0xff;

/**
 * Reads a page in a legacy encoding as if it were ASCII. In Shift_JIS, GBK and Big5 the second byte of a character may be
 * `\`, `]` or `}`, which no tokenizer may take for the ASCII character. So the scanner of the page reads a copy, in which
 * 0xFF stands for each byte of such a character:
 * - The copy has the same offsets, so the edits fit the page's own bytes.
 * - No UTF-8 holds 0xFF, so a URL with characters beyond ASCII stays unsigned. Read as UTF-8, its bytes could name
 *   another image. Runtimes disagree on how to decode them, and all machines must send the same page.
 * - Character references and escapes still name code points: a URL that is spelled with them is signed.
 *
 * A page is read as it comes until it declares an encoding, as no bytes are held for that. Without a declaration,
 * a URL whose bytes are valid UTF-8 is signed: `rewriteHtml` gets pages without their `Content-Type`, and most are UTF-8.
 */
export class LegacyPageScanner implements Scanner {
  readonly #scanner: Scanner;
  readonly #edits: Edit[];
  readonly #watch: CharsetWatch | undefined;
  readonly #prefilter: Pick<LiteralPrefilter, 'next'>;
  /** Whether no byte of the page has been read. */
  #isAtStart = true;
  /** Undefined for UTF-8, and until the page declares its encoding. */
  #trails: Trails | undefined;
  /** The `Content-Type` names a legacy encoding; a UTF-8 byte order mark would override it. */
  #mayHaveMark: boolean;
  /** The offset in the page at which the current bytes begin. */
  #offset = 0;
  /** The copy of the current bytes, of which `#length` have been read. */
  #copy: Buffer = nothing;
  #length = 0;
  /** The first byte of a character whose second has not arrived; 0 without one. */
  #lead = 0;

  /**
   * @param createScanner - creates the page's scanner; it must apply `limit` to its mappers
   * @param edits - receives the changes of the page
   * @param declared - the encoding in `Content-Type`, or a watch for the page's own declaration
   * @param prefilter - its literals are letters and digits, which the copy keeps in place
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
    // With spare room, like the bytes that `ByteRewriter` holds.
    this.#copy = rest.length === 0 ? nothing : Buffer.allocUnsafeSlow(Math.max(256, rest.length * 2));
    rest.copy(this.#copy);
  }

  scan(bytes: Buffer, to: number): void {
    this.#isAtStart = false;
    if (this.#mayHaveMark && !this.#readMark(bytes, to)) return;
    this.#read(bytes, to, (readable) => this.#scanner.scan(readable, to));
  }

  end(bytes: Buffer, to: number): void {
    // A whole page without a literal cannot change, so it is not copied.
    if (this.#isAtStart && this.#prefilter.next(bytes, 0, to) >= to) return;
    if (this.#mayHaveMark) this.#readMark(bytes, to);
    this.#read(bytes, to, (readable) => this.#scanner.end(readable, to));
  }

  /** @returns whether the bytes suffice to decide if the page begins with a byte order mark */
  #readMark(bytes: Buffer, to: number): boolean {
    const end = byteOrderMark.findIndex((byte, at) => at >= to || bytes[at] !== byte);
    if (end === to) return false;
    this.#mayHaveMark = false;
    if (end < 0) this.#trails = undefined;
    return true;
  }

  /** The scanner reads the page's own bytes instead of a copy. */
  get skipsMarkup(): boolean {
    const { charset = 'utf-8' } = this.#watch?.declared ?? {};
    return this.#trails === undefined && charset === 'utf-8';
  }

  /** Passes the bytes, or their copy, to the page's scanner. */
  #read(bytes: Buffer, to: number, read: (readable: Buffer) => void): void {
    const declared = this.#watch?.declared;
    if (this.#trails === undefined && declared !== undefined && declared.charset !== 'utf-8') {
      this.#trails = trailsOf(declared.charset);
      const from = Math.max(declared.start - this.#offset, 0);
      this.#grow(to);
      bytes.copy(this.#copy, 0, 0, from);
      this.#length = from;
    }
    if (this.#trails === undefined) return read(bytes);
    this.#grow(to);
    this.#append(bytes, to, this.#trails);
    readInScratch(this.#copy.subarray(0, to), read);
    this.#dropUnwritable();
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
   * Drops edits that write non-ASCII text, which would be UTF-8. An edit does so if it removes a token right after a reference or an
   * escape such as `&eacute`, which it must write again.
   */
  #dropUnwritable(): void {
    // In place, because others hold the same list. Spreading the edits of a long page into one call would overflow the stack.
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

/** Created on first use, because few sites have pages in such an encoding. */
function trailsOf(charset: keyof typeof rows): Trails {
  const table: (string | undefined)[] = new Array(256);
  for (const [first, last, symbols] of rows[charset]) table.fill(symbols, first, last + 1);
  return table;
}

/**
 * A browser encodes the query in the page's encoding, and everything else in UTF-8 (URL Standard, 4.4 "query state"): it would request
 * another query than the signed one.
 */
export function dependsOnEncoding(url: string): boolean {
  if (!url.includes('?') || isAscii(url)) return false; // nearly all of them
  const [, query] = /^[^?#]*(\?[^#]*)/.exec(url) ?? [];
  return query !== undefined && !isAscii(query);
}
