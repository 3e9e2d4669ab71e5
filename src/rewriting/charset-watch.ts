/**
 * Recognizes pages in an encoding that cannot be read: in it, a byte below 0x80 need not be an ASCII character.
 *
 * Longer than most files: escape sequences and what the page declares are read together, and the first of them decides.
 */
import { type Attribute, findAttribute, isName } from '../html/attribute-reader.ts';
import { unescapeReferences } from '../html/character-references.ts';
import { type ContentScanner, HtmlScanner, type HtmlSink } from '../html/scanner.ts';
import { indexOfByte } from '../text/bytes.ts';
import { type Charset, classifyMetaLabel, labelInHeader } from '../text/charset.ts';
import { LiteralPrefilter } from './literal-prefilter.ts';

/** What the page itself declares. */
interface DeclaredCharset {
  readonly charset: Charset;
  /** The offset in the page from which on it is read by this encoding: that of the `<meta>`. */
  readonly start: number;
}

/**
 * Browsers prescan this many bytes. A `<meta>` that declares the encoding has to be within them (WHATWG HTML, 4.2.5.4).
 */
export const prescanLength = 1024;
const ESCAPE = 0x1b;
const DOLLAR = 0x24;
const LEFT_PAREN = 0x28;

/**
 * Watches a page that declares no encoding outside its bytes, since it may be ISO-2022-JP. There an escape sequence
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
export class CharsetWatch {
  #state: 'watching' | 'readable' | 'unreadable' = 'watching';
  #total = 0;
  #endsWithEscape = false;
  #declared: DeclaredCharset | undefined;
  /** Undefined once the prescan has ended. */
  #prescan: Prescan | undefined = new Prescan();

  /** Whether the page can be read to its end. */
  get isSettled(): boolean {
    return this.#state === 'readable';
  }

  /** Undefined as long as the page has declared nothing that can be read. */
  get declared(): DeclaredCharset | undefined {
    return this.#declared;
  }

  /** Whether the page must not be read beyond the point that `read` returned. */
  get isUnreadable(): boolean {
    return this.#state === 'unreadable';
  }

  /**
   * @returns how many of the last bytes received must not be read yet; or ever, if `isUnreadable` is true afterwards
   */
  read(chunk: Buffer): number {
    const first = prescanLength - this.#total;
    if (first <= 0 || chunk.length <= first) return this.#read(chunk, 0, chunk.length);
    // Most pages declare their encoding in the first bytes: then the others are not searched for an escape sequence.
    const unread = this.#read(chunk, 0, first);
    if (this.isUnreadable) return unread + chunk.length - first;
    return this.isSettled ? 0 : this.#read(chunk, first, chunk.length);
  }

  /** Reads the bytes in [from, to). @returns how many of them must not be read */
  #read(chunk: Buffer, from: number, to: number): number {
    const start = this.#total;
    this.#total += to - from;
    const escapeStart = this.#findEscapeSequence(chunk, from, to, start);
    const stop = Math.min(escapeStart, this.#runPrescan(chunk, to, escapeStart));
    if (this.#state === 'readable') return 0;
    if (stop < this.#total) {
      this.#state = 'unreadable';
      return this.#total - stop;
    }
    return this.#endsWithEscape ? 1 : 0;
  }

  /** @returns the offset in the page at which an escape sequence begins; Infinity if there is none */
  #findEscapeSequence(chunk: Buffer, from: number, to: number, start: number): number {
    if (from === to) return Number.POSITIVE_INFINITY;
    if (this.#endsWithEscape && continuesEscape(chunk[from]!)) return start - 1;
    const last = to - 1;
    this.#endsWithEscape = chunk[last] === ESCAPE;
    for (let at = from; at < last; at++) {
      at = indexOfByte(chunk, ESCAPE, at, last);
      if (at < last && continuesEscape(chunk[at + 1]!)) return start + at - from;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** @returns the offset of the `<meta>` that names an encoding which cannot be read; Infinity if there is none yet */
  #runPrescan(chunk: Buffer, to: number, escapeStart: number): number {
    const prescan = this.#prescan;
    if (prescan === undefined) return Number.POSITIVE_INFINITY;
    prescan.add(chunk, to, Math.min(escapeStart, this.#total - (this.#endsWithEscape ? 1 : 0)));
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

const nothing: Buffer = /* @__PURE__ */ Buffer.alloc(0);

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
    const bytes = this.#bytes;
    return this.#length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  }

  /**
   * Adds the bytes of the chunk before `to`.
   * @param readable - how many bytes of the page may be read
   */
  add(chunk: Buffer, to: number, readable: number): void {
    if (this.#length === 0 && to >= prescanLength) {
      this.#bytes = chunk;
      this.#length = prescanLength;
    } else {
      if (this.#length === 0) this.#bytes = Buffer.allocUnsafeSlow(prescanLength);
      const end = Math.min(to, prescanLength - this.#length);
      this.#length += chunk.copy(this.#bytes, this.#length, 0, end);
    }
    this.#scanner.scan(this.#bytes, Math.min(this.#length, readable));
  }

  /** Leaves the table of open tags to the page itself. */
  drop(): void {
    this.#scanner.abandon();
  }
}

/**
 * What a browser finds when it prescans a page.
 * @param bytes - the first of the page; those beyond `prescanLength` are not read
 * @returns the label of an encoding that can be read, for a `Content-Type`; undefined for a page with a byte order mark,
 *   which counts more than any label
 */
export function declaredLabel(bytes: Buffer): string | undefined {
  const prescan = new Prescan();
  prescan.add(bytes, bytes.length, bytes.length);
  const { charset, label } = prescan.meta;
  return charset === 'unreadable' || prescan.hasByteOrderMark ? undefined : label;
}

/** Whether this byte, after ESC, belongs to an escape sequence of ISO-2022-JP (Encoding Standard, 12.2.1). */
function continuesEscape(byte: number): boolean {
  return byte === DOLLAR || byte === LEFT_PAREN;
}

let charsetPrefilter: LiteralPrefilter | undefined;

/** Made for the first page: an import takes longer with it. */
function charsetLiteral(): LiteralPrefilter {
  charsetPrefilter ??= new LiteralPrefilter(['charset']);
  return charsetPrefilter;
}

/** Finds the first `<meta>` that declares an encoding, where a browser's tokenizer finds it. */
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
    if (attribute === undefined) return undefined;
    const { valueStart, valueEnd, quote } = attribute;
    return unescapeReferences(bytes.toString('latin1', valueStart, valueEnd), 0, 'attribute', quote).text;
  };
  const charset = textOf('charset');
  if (charset !== undefined || textOf('http-equiv')?.toLowerCase() !== 'content-type') return charset;
  const [, double, single, unquoted] =
    /charset[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|([^\t\n\f\r ;"']+))/i.exec(
      textOf('content') ?? '',
    ) ?? [];
  return double ?? single ?? unquoted;
}

/** Why a body passes through unchanged. */
export class UnreadableEncoding extends Error {}

/** Looks for a byte order mark of UTF-16 or UTF-32 in the first bytes: FF FE, FE FF or 00 00 FE FF. */
export class ByteOrderMarkDetector {
  #first: number[] | undefined = [];

  /** Whether the bytes up to and with this chunk show that the body is UTF-16 or UTF-32. */
  read(chunk: Buffer): boolean {
    if (this.#first === undefined) return false;
    for (let i = 0; i < chunk.length && this.#first.length < 4; i++) this.#first.push(chunk[i]!);
    const [a, b, c, d] = this.#first;
    const isUtf16OrUtf32Le = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
    const isUtf32Be = a === 0 && b === 0 && c === 0xfe && d === 0xff;
    if (isUtf16OrUtf32Le || isUtf32Be || this.#first.length === 4) this.#first = undefined;
    return isUtf16OrUtf32Le || isUtf32Be;
  }
}
