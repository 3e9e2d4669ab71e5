/**
 * Guards a page whose character set nobody outside it names. In ISO-2022-JP an escape sequence shifts what follows:
 * bytes that look like `<img src="…">` are halves of characters then, and a token put among them would shift the rest,
 * so that a visitor's text could become markup. Without such a sequence the page is ASCII.
 *
 * Whichever comes first decides: a byte order mark of UTF-8 or a `<meta>` that names a harmless set, after which
 * escapes mean nothing; a `<meta>` that names ISO-2022-JP; or an escape sequence, which a browser that guesses, or
 * finds a later `<meta>`, may take for what it looks like. A `<meta>` behind an escape is not believed: a visitor can
 * write one in shifted text. It remembers the first 1024 bytes at most, and how they are cut changes nothing.
 */
import { indexOfByte } from '../bytes.ts';
import { classifyMetaLabel } from '../charset.ts';
import { type Attribute, findAttribute, isName } from '../html/attributes.ts';
import { unescapeReferences } from '../html/character-references.ts';
import { type ContentScanner, HtmlScanner, type HtmlSink } from '../html/scanner.ts';
import { LiteralPrefilter } from './literal-prefilter.ts';

/** So many bytes browsers look at before they begin; a page's own name for its set has to stand in them (13.2.3.2). */
const looked = 1024;
const ESCAPE = 0x1b;
const DOLLAR = 0x24;
const OPEN_BRACKET = 0x28;

export class CharsetWatch {
  #state: 'watching' | 'readable' | 'unreadable' = 'watching';
  #total = 0;
  #endsWithEscape = false;
  /** Undefined once nothing is looked for in the page's first bytes any more. */
  #head: Head | undefined = new Head();

  /** The page is read to its end, whatever comes. */
  get isSettled(): boolean {
    return this.#state === 'readable';
  }

  /** From the point that `read` has named on, nothing is read any more. */
  get isUnreadable(): boolean {
    return this.#state === 'unreadable';
  }

  /** @returns how many bytes at the end of all that came must not be read: for now, or for good */
  read(chunk: Buffer): number {
    const start = this.#total;
    this.#total += chunk.length;
    const shift = this.#findShift(chunk, start);
    const stop = Math.min(shift, this.#readHead(chunk, shift));
    if (this.#state === 'readable') return 0;
    if (stop < this.#total) {
      this.#state = 'unreadable';
      return this.#total - stop;
    }
    return this.#endsWithEscape ? 1 : 0;
  }

  /** @returns where an escape sequence begins, counted from the page's start; Infinity if none does */
  #findShift(chunk: Buffer, start: number): number {
    if (chunk.length === 0) return Number.POSITIVE_INFINITY;
    if (this.#endsWithEscape && shifts(chunk[0]!)) return start - 1;
    this.#endsWithEscape = chunk[chunk.length - 1] === ESCAPE;
    const last = chunk.length - 1;
    for (let at = 0; at < last; at++) {
      at = indexOfByte(chunk, ESCAPE, at, last);
      if (at < last && shifts(chunk[at + 1]!)) return start + at;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** @returns where the `<meta>` begins that names a set which cannot be read; Infinity if there is none yet */
  #readHead(chunk: Buffer, shift: number): number {
    const head = this.#head;
    if (head === undefined) return Number.POSITIVE_INFINITY;
    head.add(chunk, Math.min(shift, this.#total - (this.#endsWithEscape ? 1 : 0)));
    if (head.hasMark || head.meta.verdict === 'readable') this.#state = 'readable';
    if (head.isFull || this.#state === 'readable') this.#head = undefined;
    return head.meta.verdict === 'unreadable' ? head.meta.start : Number.POSITIVE_INFINITY;
  }
}

/** The page's first bytes, and what they say. */
class Head {
  /** The first `<meta>` that names a character set. */
  readonly meta: MetaSink;
  readonly #scanner: HtmlScanner;
  readonly #bytes: Buffer = Buffer.allocUnsafeSlow(looked);
  #length = 0;

  constructor() {
    this.meta = new MetaSink();
    this.#scanner = new HtmlScanner(this.meta);
  }

  get isFull(): boolean {
    return this.#length === looked;
  }

  /** The byte order mark of UTF-8. */
  get hasMark(): boolean {
    const [a, b, c] = this.#bytes.subarray(0, this.#length);
    return a === 0xef && b === 0xbb && c === 0xbf;
  }

  /** @param readable - how many of the page's bytes may be read */
  add(chunk: Buffer, readable: number): void {
    this.#length += chunk.copy(this.#bytes, this.#length, 0, looked - this.#length);
    this.#scanner.scan(this.#bytes, Math.min(this.#length, readable));
  }
}

function shifts(byte: number): boolean {
  return byte === DOLLAR || byte === OPEN_BRACKET;
}

const mark = new LiteralPrefilter(['charset']);

/** Finds the first `<meta>` that names a character set, where a browser's tokenizer would. */
class MetaSink implements HtmlSink {
  readonly literalLength: number = mark.longest;
  verdict: ReturnType<typeof classifyMetaLabel>;
  start = 0;

  nextLiteral(bytes: Buffer, from: number, to: number): number {
    return mark.next(bytes, from, to);
  }

  startTag(bytes: Buffer, nameStart: number, nameEnd: number, attributes: readonly Attribute[]): void {
    if (this.verdict !== undefined || !isName(bytes, nameStart, nameEnd, 'meta')) return;
    const verdict = classifyMetaLabel(labelOf(bytes, attributes) ?? '');
    if (verdict === 'readable' && isDoubtful(bytes.toString('latin1', 0, nameStart))) return;
    this.verdict = verdict;
    this.start = nameStart - 1;
  }

  styleScanner(): ContentScanner {
    return noSection;
  }

  scriptScanner(): undefined {}
  startSvgStyle(): void {}
  svgStyleText(): void {}
  tooLong(): void {}
}

const noSection: ContentScanner = {
  scan() {},
  end() {},
  abandon() {},
  rebase() {},
  heldFrom: Number.POSITIVE_INFINITY,
};

/** Browsers differ on what stands in `noscript`; an XML declaration or a script may have named the other set before. */
function isDoubtful(before: string): boolean {
  return /<noscript|iso-?2022/i.test(before);
}

/** `charset`, or what `content` says where `http-equiv` makes it count (13.2.3.2, 2.4.4.4). */
function labelOf(bytes: Buffer, attributes: readonly Attribute[]): string | undefined {
  const textOf = (name: string): string | undefined => {
    const attribute = findAttribute(bytes, attributes, name);
    if (attribute === undefined) return undefined;
    const { valueStart, valueEnd, quote } = attribute;
    return unescapeReferences(bytes.toString('latin1', valueStart, valueEnd), 0, 'attribute', quote).text;
  };
  const charset = textOf('charset');
  if (charset !== undefined || textOf('http-equiv')?.toLowerCase() !== 'content-type') return charset;
  const [, double, single, plain] =
    /charset[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|([^\t\n\f\r ;"']+))/i.exec(
      textOf('content') ?? '',
    ) ?? [];
  return double ?? single ?? plain;
}
