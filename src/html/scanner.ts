/**
 * A tokenizer for HTML bytes, chunk by chunk (WHATWG HTML, 13.2.5), with the parts of tree construction that change
 * tokenization. It reports start tags and the text of style sheets and scripts, and knows no images or URLs.
 *
 * Longer than most files: it is one state machine, whose states share the token that is held.
 *
 * Offsets refer to the bytes passed to `scan`. The caller keeps the bytes from `heldFrom` on, appends the next chunk,
 * and calls `rebase` after dropping bytes from the front.
 */
import {
  EXCLAMATION,
  GREATER_THAN,
  HYPHEN,
  isAlpha,
  LESS_THAN,
  QUESTION,
  RIGHT_BRACKET,
  SLASH,
} from '../text/ascii.ts';
import { indexOfByte } from '../text/bytes.ts';
import { maxHeldBytes } from '../text/limits.ts';
import { type Attribute, NameCache, readAttributes } from './attributes.ts';
import { ForeignContent, readStartTagFlags } from './foreign-content.ts';
import { TagEndFinder } from './tag-end.ts';
import {
  commentStartState,
  commentState,
  endsComment,
  nextCommentState,
  RawTextEndFinder,
  rawTextElements,
  ScriptDataEndFinder,
  startsWith,
  switchesTokenizer,
  type TextEndFinder,
} from './text-end.ts';

/** Reads the content of one element, in the same bytes as the scanner around it. */
export interface ContentScanner {
  scan(bytes: Buffer, to: number): void;
  end(bytes: Buffer, to: number): void;
  /** Ends without the rest of an unfinished token, which is dropped. */
  abandon(): void;
  rebase(by: number): void;
  readonly heldFrom: number;
  /** The next chunk may take long: frees what only reading needs. */
  rest?(): void;
}

/** Finds parts that need not be read, because they contain no literal. */
export interface Prefilter {
  /** The index of the first literal that is completely in [from, to); `to` if there is none. */
  next(bytes: Buffer, from: number, to: number): number;
  /** The length of the longest literal, in bytes. */
  readonly longest: number;
  /**
   * @param from - a place in the data state, outside foreign content
   * @param literal - the index of the next literal; a tag or raw text that contains it is not skipped
   * @param openTags - the table of `OpenTagCounts`, to which the skipped tags are added
   * @returns the index of the next `<` that must be read; `to` if there is none
   */
  skip(bytes: Buffer, from: number, to: number, literal: number, openTags: Buffer): number;
}

export interface HtmlSink {
  readonly prefilter: Prefilter;
  /** A start tag that contains a literal. */
  startTag(bytes: Buffer, nameStart: number, nameEnd: number, attributes: readonly Attribute[]): void;
  styleScanner(at: number): ContentScanner;
  /**
   * @param isWhole - whether all bytes of the page have arrived
   * @returns undefined for a script that is not rewritten
   */
  scriptScanner(
    bytes: Buffer,
    attributes: readonly Attribute[],
    at: number,
    isWhole: boolean,
  ): ContentScanner | undefined;
  /** An SVG `style` begins. Its text comes in runs, between tags and comments and within CDATA sections. */
  startSvgStyle(): void;
  svgStyleText(bytes: Buffer, start: number, end: number, isCdata: boolean): void;
  /** A token is longer than `maxHeldBytes`, so it passes through unchanged. */
  tooLong(): void;
}

type State = 'data' | 'tag' | 'comment' | 'bogus-comment' | 'cdata-section' | 'raw-text' | 'plaintext';

/** Shared by all pages, which use the same few names. */
const tagNames: NameCache = new NameCache();

export class HtmlScanner implements ContentScanner {
  readonly #sink: HtmlSink;
  readonly #prefilter: Prefilter;
  /** A `noscript` within a `noscript` does not change tokenization. */
  readonly #isInNoscript: boolean;
  readonly #foreignContent: ForeignContent = new ForeignContent();
  readonly #tagEndFinder: TagEndFinder = new TagEndFinder();
  #state: State = 'data';
  #at: number;
  /** Where the held token begins; -1 without one. */
  #held = -1;
  #nameStart = 0;
  #isEndTag = false;
  /** The next literal, if it is before `#searchedTo`. */
  #literal = 0;
  /** The prefilter has searched the bytes up to here. */
  #searchedTo: number;
  /** No bytes come after the present ones. */
  #isLast = false;
  /** All bytes came in one call of `end`. */
  #isWhole = false;
  #hasScanned = false;
  /** The name of a tag that is too long to hold, as far as it had arrived; undefined for all other tags. */
  #longTagName: string | undefined;
  /** In a comment, its state (`text-end.ts`); in a CDATA section, the number of `]` right before `#at`. */
  #endState = 0;
  /** Whether the current run of SVG style text is too long to hold. */
  #isSvgStyleTooLong = false;
  #textEndFinder: TextEndFinder | undefined;
  #contentScanner: ContentScanner | undefined;

  constructor(sink: HtmlSink, at = 0, isInNoscript = false) {
    this.#sink = sink;
    this.#prefilter = sink.prefilter;
    this.#at = at;
    this.#literal = at;
    this.#searchedTo = at;
    this.#isInNoscript = isInNoscript;
  }

  get skipsMarkup(): boolean {
    return true;
  }

  get heldFrom(): number {
    const own = this.#held < 0 ? this.#at : this.#held;
    return this.#contentScanner === undefined ? own : Math.min(own, this.#contentScanner.heldFrom);
  }

  rebase(by: number): void {
    this.#at -= by;
    if (this.#held >= 0) this.#held -= by;
    this.#nameStart -= by;
    this.#literal -= by;
    this.#searchedTo -= by;
    this.#tagEndFinder.rebase(by);
    this.#textEndFinder?.rebase(by);
    this.#contentScanner?.rebase(by);
  }

  scan(bytes: Buffer, to: number): void {
    if (this.#literal >= this.#searchedTo) {
      // A literal may begin in the previous chunk and end in this one.
      const from = Math.max(this.#searchedTo - Math.max(this.#prefilter.longest, 1) + 1, 0);
      this.#literal = this.#prefilter.next(bytes, from, to);
    }
    this.#searchedTo = to;
    this.#hasScanned = true;
    while (this.#at < to && this.#step(bytes, to));
    if (this.#held >= 0 && to - this.#held > maxHeldBytes) this.#release(bytes);
  }

  end(bytes: Buffer, to: number): void {
    this.#isLast = true;
    this.#isWhole = !this.#hasScanned;
    this.scan(bytes, to);
    const isCdata = this.#state === 'cdata-section';
    if (this.#foreignContent.isSvgStyle && (isCdata || this.#state === 'data'))
      this.#endSvgStyleText(bytes, to, isCdata);
    if (this.#isInNoscript) return this.abandon();
    this.#contentScanner?.end(bytes, to);
    this.#held = -1;
    this.#foreignContent.openTags.drop();
  }

  abandon(): void {
    this.#contentScanner?.abandon();
    this.#held = -1;
    this.#foreignContent.openTags.drop();
  }

  rest(): void {
    this.#contentScanner?.rest?.();
    this.#foreignContent.openTags.rest();
  }

  /** @returns false if the next step needs bytes that have not arrived yet */
  #step(bytes: Buffer, to: number): boolean {
    switch (this.#state) {
      case 'data':
        return this.#data(bytes, to);
      case 'tag':
        return this.#continueTag(bytes, to);
      case 'comment':
        return this.#comment(bytes, to);
      case 'bogus-comment':
        return this.#bogusComment(bytes, to);
      case 'cdata-section':
        return this.#cdataSection(bytes, to);
      case 'raw-text':
        return this.#rawText(bytes, to);
      case 'plaintext':
        this.#at = to;
        return true;
    }
  }

  #data(bytes: Buffer, to: number): boolean {
    const { isOpen, isSvgStyle } = this.#foreignContent;
    if (isSvgStyle) this.#holdSvgStyleText();
    this.#at = isOpen ? indexOfByte(bytes, LESS_THAN, this.#at, to) : this.#skip(bytes, to);
    if (this.#at === to) return true;
    if (isSvgStyle) this.#endSvgStyleText(bytes, this.#at, false);
    return this.#tagOpen(bytes, this.#at, to);
  }

  /** @returns the index of the next `<` that must be read */
  #skip(bytes: Buffer, to: number): number {
    for (let at = this.#at; ; ) {
      const hasLiteral = this.#hasLiteral(bytes, at, to, to);
      if (!hasLiteral && this.#isLast) return to; // no literal in the rest of the page: nothing can change there
      const literal = this.#literal;
      at = this.#prefilter.skip(bytes, at, to, literal, this.#foreignContent.openTags.counts);
      if (at <= literal || at === to) return at;
      // The literal was in text: search on.
    }
  }

  /** Whether a literal begins in [from, end). `from` never decreases, so each byte is searched once. */
  #hasLiteral(bytes: Buffer, from: number, end: number, to: number): boolean {
    if (this.#literal < from) this.#literal = this.#prefilter.next(bytes, from, to);
    return this.#literal < end;
  }

  /** At a `<` (13.2.5.6 "tag open state", 13.2.5.7 "end tag open state"). */
  #tagOpen(bytes: Buffer, lessThan: number, to: number): boolean {
    const next = lessThan + 1;
    if (next >= to) return false;
    const byte = bytes[next]!;
    if (isAlpha(byte)) return this.#openTag(bytes, lessThan, next, false, to);
    if (byte === SLASH) {
      if (next + 1 >= to) return false;
      if (isAlpha(bytes[next + 1]!)) return this.#openTag(bytes, lessThan, next + 1, true, to);
      if (bytes[next + 1] === GREATER_THAN) this.#at = next + 2;
      else this.#enter('bogus-comment', next + 1);
      return true;
    }
    if (byte === EXCLAMATION) return this.#markupDeclarationOpen(bytes, next + 1, to);
    if (byte === QUESTION) this.#enter('bogus-comment', next);
    else this.#at = next;
    return true;
  }

  /** After `<!` (13.2.5.42). A DOCTYPE ends at the first `>`, as a bogus comment does. */
  #markupDeclarationOpen(bytes: Buffer, at: number, to: number): boolean {
    const isComment = startsWith(bytes, at, to, '--');
    if (isComment === undefined) return false;
    if (isComment) {
      this.#enter('comment', at + 2);
      this.#endState = commentStartState;
      return true;
    }
    const isCdata = this.#foreignContent.hasCdata ? startsWithExactly(bytes, at, to, '[CDATA[') : false;
    if (isCdata === undefined) return false;
    this.#enter(isCdata ? 'cdata-section' : 'bogus-comment', isCdata ? at + 7 : at);
    this.#endState = 0;
    return true;
  }

  #enter(state: State, at: number): void {
    this.#state = state;
    this.#at = at;
  }

  #openTag(bytes: Buffer, lessThan: number, nameStart: number, isEndTag: boolean, to: number): boolean {
    this.#nameStart = nameStart;
    this.#isEndTag = isEndTag;
    this.#longTagName = undefined;
    const greaterThan = this.#tagEndFinder.open(bytes, nameStart, to);
    if (greaterThan >= 0) return this.#tagEnded(bytes, lessThan, greaterThan, to);
    this.#held = lessThan;
    this.#enter('tag', to);
    return true;
  }

  #continueTag(bytes: Buffer, to: number): boolean {
    const greaterThan = this.#tagEndFinder.continue(bytes, to);
    if (greaterThan >= 0) return this.#tagEnded(bytes, this.#held, greaterThan, to);
    this.#at = to;
    return true;
  }

  /** @param start - where the tag begins; -1 if it was too long to hold */
  #tagEnded(bytes: Buffer, start: number, greaterThan: number, to: number): boolean {
    this.#enter('data', greaterThan + 1);
    this.#held = -1;
    if (start >= 0 && greaterThan + 1 - start > maxHeldBytes) {
      this.#longTagName = this.#tagName(bytes);
      this.#sink.tooLong();
    }
    const isForeign = this.#foreignContent.isOpen;
    if (!isForeign) this.#countTag(bytes, this.#isEndTag);
    if (!this.#isEndTag) this.#startTag(bytes, start, greaterThan, to, isForeign);
    else if (isForeign && this.#foreignContent.endTag(this.#longTagName ?? this.#tagName(bytes)))
      this.#countTag(bytes, true);
    return true;
  }

  #startTag(bytes: Buffer, start: number, greaterThan: number, to: number, isForeign: boolean): void {
    const nameEnd = this.#tagEndFinder.nameEnd;
    const isWhole = this.#longTagName === undefined;
    const hasLiteral = isWhole && this.#hasLiteral(bytes, start, greaterThan, to);
    if (hasLiteral) {
      const attributes = readAttributes(bytes, nameEnd, greaterThan);
      this.#sink.startTag(bytes, this.#nameStart, nameEnd, attributes);
    }
    if (isWhole && !isForeign && !switchesTokenizer(bytes, this.#nameStart, nameEnd)) return;
    const name = this.#longTagName ?? this.#tagName(bytes);
    const read = (): readonly Attribute[] => (isWhole ? readAttributes(bytes, nameEnd, greaterThan) : []);
    if (isForeign || name === 'svg' || name === 'math') {
      if (!isForeign) this.#countTag(bytes, true); // counted above, but it is not around itself
      const isHtml = this.#foreignContent.startTag(
        name,
        this.#tagEndFinder.isSelfClosing,
        readStartTagFlags(bytes, name, read),
      );
      if (this.#foreignContent.isTooDeep) {
        this.#state = 'plaintext';
        return this.#sink.tooLong();
      }
      if (isForeign && !this.#foreignContent.isOpen) this.#countTag(bytes, false); // it broke out
      if (name === 'style' && !this.#tagEndFinder.isSelfClosing && this.#foreignContent.isSvgStyle)
        this.#sink.startSvgStyle();
      if (!isHtml) return;
    }
    this.#startElementText(bytes, name, read, greaterThan + 1, to);
  }

  /** Switches to the state for the text of an HTML element, if the element has one of its own. */
  #startElementText(
    bytes: Buffer,
    name: string,
    read: () => readonly Attribute[],
    at: number,
    to: number,
  ): void {
    const isNoscript = name === 'noscript' && !this.#isInNoscript;
    if (name === 'plaintext') this.#state = 'plaintext';
    if (!isNoscript && !rawTextElements.has(name)) return;
    this.#state = 'raw-text';
    this.#textEndFinder = name === 'script' ? new ScriptDataEndFinder(at) : new RawTextEndFinder(name, at);
    const end = this.#textEndFinder.scan(bytes, to);
    if (end >= 0 && !this.#hasLiteral(bytes, at, end, to)) return; // complete, and without a literal
    if (name === 'style') this.#contentScanner = this.#sink.styleScanner(at);
    else if (name === 'script')
      this.#contentScanner = this.#sink.scriptScanner(bytes, read(), at, this.#isWhole);
    // Without scripting this is markup; with scripting, raw text up to the first `</noscript`, even within a tag.
    else if (isNoscript) this.#contentScanner = new HtmlScanner(this.#sink, at, true);
  }

  #rawText(bytes: Buffer, to: number): boolean {
    const textEnd = this.#textEndFinder!; // set together with the state
    const lessThan = textEnd.scan(bytes, to);
    this.#at = textEnd.at;
    if (lessThan < 0) {
      this.#contentScanner?.scan(bytes, textEnd.at);
      return false;
    }
    this.#contentScanner?.end(bytes, lessThan);
    this.#contentScanner = undefined;
    this.#textEndFinder = undefined;
    return this.#openTag(bytes, lessThan, lessThan + 2, true, to);
  }

  #comment(bytes: Buffer, to: number): boolean {
    for (let at = this.#at; at < to; at++) {
      if (this.#endState === commentState) at = indexOfByte(bytes, HYPHEN, at, to);
      if (at >= to) break;
      const byte = bytes[at]!;
      if (byte === GREATER_THAN && endsComment(this.#endState)) {
        this.#enter('data', at + 1);
        return true;
      }
      this.#endState = nextCommentState(this.#endState, byte);
    }
    this.#at = to;
    return true;
  }

  #bogusComment(bytes: Buffer, to: number): boolean {
    this.#at = indexOfByte(bytes, GREATER_THAN, this.#at, to);
    if (this.#at < to) this.#enter('data', this.#at + 1);
    return true;
  }

  #cdataSection(bytes: Buffer, to: number): boolean {
    this.#holdSvgStyleText();
    for (let at = this.#at; at < to; at++) {
      if (this.#endState === 0) at = indexOfByte(bytes, RIGHT_BRACKET, at, to);
      if (at >= to) break;
      const byte = bytes[at]!;
      if (byte === GREATER_THAN && this.#endState >= 2) {
        if (this.#foreignContent.isSvgStyle) this.#endSvgStyleText(bytes, at - 2, true);
        this.#enter('data', at + 1);
        return true;
      }
      this.#endState = byte === RIGHT_BRACKET ? this.#endState + 1 : 0;
    }
    this.#at = to;
    return true;
  }

  #holdSvgStyleText(): void {
    if (this.#foreignContent.isSvgStyle && this.#held < 0 && !this.#isSvgStyleTooLong) this.#held = this.#at;
  }

  #endSvgStyleText(bytes: Buffer, end: number, isCdata: boolean): void {
    const start = this.#held;
    this.#held = -1;
    this.#isSvgStyleTooLong = false;
    if (start < 0 || start >= end) return;
    // The `]]` of a CDATA section was held as well.
    if (end + (isCdata ? 2 : 0) - start > maxHeldBytes) this.#sink.tooLong();
    else this.#sink.svgStyleText(bytes, start, end, isCdata);
  }

  /** Stops holding a token that is too long. The state machine still reads the token to its end. */
  #release(bytes: Buffer): void {
    if (this.#state === 'tag') this.#longTagName = this.#tagName(bytes);
    else this.#isSvgStyleTooLong = true;
    this.#held = -1;
    this.#sink.tooLong();
  }

  #countTag(bytes: Buffer, isEndTag: boolean): void {
    const { openTags } = this.#foreignContent;
    const name = this.#longTagName;
    if (name === undefined) {
      const last = this.#tagEndFinder.nameEnd - 1;
      openTags.add(bytes[this.#nameStart]!, bytes[last]!, last + 1 - this.#nameStart, isEndTag);
    } else openTags.add(name.charCodeAt(0), name.charCodeAt(name.length - 1), name.length, isEndTag);
  }

  /** In lower case; `''` for a name longer than 32 bytes, since no element that matters here has one. */
  #tagName(bytes: Buffer): string {
    const end = this.#tagEndFinder.nameEnd;
    return end < 0 || end - this.#nameStart > 32 ? '' : tagNames.lowerCase(bytes, this.#nameStart, end);
  }
}

function startsWithExactly(bytes: Buffer, at: number, to: number, text: string): boolean | undefined {
  for (let i = 0; i < text.length; i++) {
    if (at + i >= to) return undefined;
    if (bytes[at + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}
