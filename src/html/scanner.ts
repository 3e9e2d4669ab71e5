/**
 * HTML as bytes, chunk by chunk: which ranges are start tags, which are the text of a style sheet or a script. It
 * follows the WHATWG tokenizer, and of tree construction what changes tokenization; it keeps the unfinished token
 * alone and decodes nothing but names. It knows no images, URLs or keys. Longer than most files: one state machine.
 *
 * Offsets are those of the bytes handed to `scan`. The owner keeps them from `heldFrom` on, adds what arrives
 * behind them, and tells by `rebase` when it has dropped some.
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
} from '../ascii.ts';
import { indexOfByte } from '../bytes.ts';
import { maxHeldBytes } from '../limits.ts';
import { type Attribute, Names, readAttributes } from './attributes.ts';
import { commentStart, endsComment, inComment, nextInComment } from './comment.ts';
import { foreignAttributes } from './foreign-attributes.ts';
import { ForeignContent } from './foreign-content.ts';
import { RawTextEnd, ScriptDataEnd, startsWith, type TextEnd } from './raw-text.ts';
import { skipPlain } from './skip.ts';
import { TagEnd } from './tag-end.ts';
import { changesState, rawTextElements } from './text-elements.ts';

/** What reads the text of an element, in the same bytes. */
export interface Section {
  scan(bytes: Buffer, to: number): void;
  end(bytes: Buffer, to: number): void;
  /** Ends in the middle of something, which comes to nothing. */
  abandon(): void;
  rebase(by: number): void;
  readonly heldFrom: number;
}

export interface HtmlSink {
  /** Where from `from` on, and before `to`, something stands that makes markup worth a look; `to` if nowhere. */
  nextMark(bytes: Buffer, from: number, to: number): number;
  /** The longest mark's length, in bytes. */
  readonly markLength: number;
  /** A start tag with a mark in it. */
  startTag(bytes: Buffer, nameStart: number, nameEnd: number, attributes: readonly Attribute[]): void;
  styleSection(at: number): Section;
  /** Undefined for a script that is left alone. */
  scriptSection(bytes: Buffer, attributes: readonly Attribute[], at: number): Section | undefined;
  /** A `style` of SVG begins, whose text comes in runs: between tags and comments, and within CDATA sections. */
  svgStyle(): void;
  svgStyleText(bytes: Buffer, start: number, end: number, isCdata: boolean): void;
  /** A token was longer than may be held back. */
  tooLong(): void;
}

type State = 'text' | 'tag' | 'comment' | 'bogus-comment' | 'cdata' | 'raw' | 'plaintext';

export class HtmlScanner implements Section {
  readonly #sink: HtmlSink;
  /** Within `noscript`, one in another changes nothing. */
  readonly #isInNoscript: boolean;
  readonly #foreign: ForeignContent = new ForeignContent();
  readonly #tag: TagEnd = new TagEnd();
  readonly #names: Names = new Names();
  #state: State = 'text';
  #at: number;
  /** Where the token begins that is held back, or -1. */
  #held = -1;
  #nameStart = 0;
  #isEndTag = false;
  /** The next mark, if it lies before `#markedTo`, up to where marks have been looked for. */
  #mark = 0;
  #markedTo: number;
  /** Nothing comes after the bytes at hand. */
  #isLast = false;
  /** Set while a tag goes on that is too long to hold: its name, as far as it was there. */
  #longTagName: string | undefined;
  /** What a comment has of its end: the place in `-->`, or a CDATA section in `]]>`. */
  #closing = 0;
  /** Set while a run of SVG style goes on that is too long to hold. */
  #isLongRun = false;
  #textEnd: TextEnd | undefined;
  #section: Section | undefined;

  constructor(sink: HtmlSink, at = 0, isInNoscript = false) {
    this.#sink = sink;
    this.#at = at;
    this.#mark = at;
    this.#markedTo = at;
    this.#isInNoscript = isInNoscript;
  }

  get heldFrom(): number {
    const own = this.#held < 0 ? this.#at : this.#held;
    return this.#section === undefined ? own : Math.min(own, this.#section.heldFrom);
  }

  rebase(by: number): void {
    this.#at -= by;
    if (this.#held >= 0) this.#held -= by;
    this.#nameStart -= by;
    this.#mark -= by;
    this.#markedTo -= by;
    this.#tag.rebase(by);
    this.#textEnd?.rebase(by);
    this.#section?.rebase(by);
  }

  scan(bytes: Buffer, to: number): void {
    if (this.#mark >= this.#markedTo) {
      // One may have begun in what was there before.
      const from = Math.max(this.#markedTo - Math.max(this.#sink.markLength, 1) + 1, 0);
      this.#mark = this.#sink.nextMark(bytes, from, to);
    }
    this.#markedTo = to;
    while (this.#at < to && this.#step(bytes, to));
    if (this.#held >= 0 && to - this.#held > maxHeldBytes) this.#giveUp(bytes);
  }

  end(bytes: Buffer, to: number): void {
    this.#isLast = true;
    this.scan(bytes, to);
    const isCdata = this.#state === 'cdata';
    if (this.#foreign.isSvgStyle && (isCdata || this.#state === 'text'))
      this.#endSvgStyleText(bytes, to, isCdata);
    if (this.#isInNoscript) return this.abandon();
    this.#section?.end(bytes, to);
    this.#held = -1;
  }

  abandon(): void {
    this.#section?.abandon();
    this.#held = -1;
  }

  /** Moves on, or answers false: it has to see more than is there. */
  #step(bytes: Buffer, to: number): boolean {
    switch (this.#state) {
      case 'text':
        return this.#text(bytes, to);
      case 'tag':
        return this.#continueTag(bytes, to);
      case 'comment':
        return this.#comment(bytes, to);
      case 'bogus-comment':
        return this.#bogusComment(bytes, to);
      case 'cdata':
        return this.#cdata(bytes, to);
      case 'raw':
        return this.#raw(bytes, to);
      case 'plaintext':
        this.#at = to;
        return true;
    }
  }

  #text(bytes: Buffer, to: number): boolean {
    const { isOpen, isSvgStyle } = this.#foreign;
    if (isSvgStyle) this.#holdSvgStyleText();
    this.#at = isOpen ? indexOfByte(bytes, LESS_THAN, this.#at, to) : this.#skip(bytes, to);
    if (this.#at === to) return true;
    if (isSvgStyle) this.#endSvgStyleText(bytes, this.#at, false);
    return this.#markup(bytes, this.#at, to);
  }

  /** Passes over what holds nothing, up to what has to be looked at. */
  #skip(bytes: Buffer, to: number): number {
    for (let at = this.#at; ; ) {
      const isMarked = this.#hasMark(bytes, at, to, to);
      if (!isMarked && this.#isLast) return to; // what follows can hold nothing, whatever it is
      const mark = this.#mark;
      at = skipPlain(bytes, at, to, mark, this.#foreign.outside);
      if (at <= mark || at === to) return at;
      // The mark stood in text.
    }
  }

  /** Whether a mark stands from `from` on, which only grows, and before `end`. */
  #hasMark(bytes: Buffer, from: number, end: number, to: number): boolean {
    if (this.#mark < from) this.#mark = this.#sink.nextMark(bytes, from, to);
    return this.#mark < end;
  }

  /** At a `<` in text (13.2.5.6, 13.2.5.7, 13.2.5.42). */
  #markup(bytes: Buffer, lessThan: number, to: number): boolean {
    const next = lessThan + 1;
    if (next >= to) return false;
    const byte = bytes[next]!;
    if (isAlpha(byte)) return this.#openTag(bytes, lessThan, next, false, to);
    if (byte === SLASH) {
      if (next + 1 >= to) return false;
      if (isAlpha(bytes[next + 1]!)) return this.#openTag(bytes, lessThan, next + 1, true, to);
      if (bytes[next + 1] === GREATER_THAN) this.#at = next + 2;
      else this.#open('bogus-comment', next + 1);
      return true;
    }
    if (byte === EXCLAMATION) return this.#declaration(bytes, next + 1, to);
    if (byte === QUESTION) this.#open('bogus-comment', next);
    else this.#at = next;
    return true;
  }

  /** Behind `<!`. A doctype, too, ends at the first `>`. */
  #declaration(bytes: Buffer, at: number, to: number): boolean {
    const isComment = startsWith(bytes, at, to, '--');
    if (isComment === undefined) return false;
    if (isComment) {
      this.#open('comment', at + 2);
      this.#closing = commentStart;
      return true;
    }
    const isCdata = this.#foreign.hasCdata ? startsWithExactly(bytes, at, to, '[CDATA[') : false;
    if (isCdata === undefined) return false;
    this.#open(isCdata ? 'cdata' : 'bogus-comment', isCdata ? at + 7 : at);
    this.#closing = 0;
    return true;
  }

  #open(state: State, at: number): void {
    this.#state = state;
    this.#at = at;
  }

  #openTag(bytes: Buffer, lessThan: number, nameStart: number, isEndTag: boolean, to: number): boolean {
    this.#nameStart = nameStart;
    this.#isEndTag = isEndTag;
    this.#longTagName = undefined;
    const greaterThan = this.#tag.open(bytes, nameStart, to);
    if (greaterThan >= 0) return this.#endOfTag(bytes, lessThan, greaterThan, to);
    this.#held = lessThan;
    this.#open('tag', to);
    return true;
  }

  #continueTag(bytes: Buffer, to: number): boolean {
    const greaterThan = this.#tag.continue(bytes, to);
    if (greaterThan >= 0) return this.#endOfTag(bytes, this.#held, greaterThan, to);
    this.#at = to;
    return true;
  }

  /** @param start - where the tag begins; -1 for one that is too long, and has been let go of */
  #endOfTag(bytes: Buffer, start: number, greaterThan: number, to: number): boolean {
    this.#open('text', greaterThan + 1);
    this.#held = -1;
    if (start >= 0 && greaterThan + 1 - start > maxHeldBytes) {
      this.#longTagName = this.#tagName(bytes);
      this.#sink.tooLong();
    }
    const isForeign = this.#foreign.isOpen;
    if (!isForeign) this.#noteOutside(bytes, this.#isEndTag);
    if (!this.#isEndTag) this.#startTag(bytes, start, greaterThan, to);
    else if (isForeign) this.#foreign.endTag(this.#longTagName ?? this.#tagName(bytes));
    return true;
  }

  #startTag(bytes: Buffer, start: number, greaterThan: number, to: number): void {
    const nameEnd = this.#tag.nameEnd;
    const isWhole = this.#longTagName === undefined;
    if (isWhole && this.#hasMark(bytes, start, greaterThan, to)) {
      const attributes = readAttributes(bytes, nameEnd, greaterThan);
      this.#sink.startTag(bytes, this.#nameStart, nameEnd, attributes);
    }
    if (isWhole && !this.#foreign.isOpen && !changesState(bytes, this.#nameStart, nameEnd)) return;
    const name = this.#longTagName ?? this.#tagName(bytes);
    const read = (): readonly Attribute[] => (isWhole ? readAttributes(bytes, nameEnd, greaterThan) : []);
    if (this.#foreign.isOpen || name === 'svg' || name === 'math') {
      if (!this.#foreign.isOpen) this.#noteOutside(bytes, true); // it is inside of itself
      const isHtml = this.#foreign.startTag(
        name,
        this.#tag.isSelfClosing,
        foreignAttributes(bytes, name, read),
      );
      if (name === 'style' && !this.#tag.isSelfClosing && this.#foreign.isSvgStyle) this.#sink.svgStyle();
      if (!isHtml) return;
    }
    this.#openText(bytes, name, read, greaterThan + 1, to);
  }

  /** Elements of HTML that make of what follows them something else than markup. */
  #openText(bytes: Buffer, name: string, read: () => readonly Attribute[], at: number, to: number): void {
    const isNoscript = name === 'noscript' && !this.#isInNoscript;
    if (name === 'plaintext') this.#state = 'plaintext';
    if (!isNoscript && !rawTextElements.has(name)) return;
    this.#state = 'raw';
    this.#textEnd = name === 'script' ? new ScriptDataEnd(at) : new RawTextEnd(name, at);
    const end = this.#textEnd.scan(bytes, to);
    if (end >= 0 && !this.#hasMark(bytes, at, end, to)) return; // it is all here, and holds nothing
    if (name === 'style') this.#section = this.#sink.styleSection(at);
    else if (name === 'script') this.#section = this.#sink.scriptSection(bytes, read(), at);
    // Markup, but browsers with scripting end it at the first `</noscript`, whatever stands open inside.
    else if (isNoscript) this.#section = new HtmlScanner(this.#sink, at, true);
  }

  #raw(bytes: Buffer, to: number): boolean {
    const textEnd = this.#textEnd!; // set with the state
    const lessThan = textEnd.scan(bytes, to);
    this.#at = textEnd.at;
    if (lessThan < 0) {
      this.#section?.scan(bytes, textEnd.at);
      return false;
    }
    this.#section?.end(bytes, lessThan);
    this.#section = undefined;
    this.#textEnd = undefined;
    return this.#openTag(bytes, lessThan, lessThan + 2, true, to);
  }

  #comment(bytes: Buffer, to: number): boolean {
    for (let at = this.#at; at < to; at++) {
      if (this.#closing === inComment) at = indexOfByte(bytes, HYPHEN, at, to);
      if (at >= to) break;
      const byte = bytes[at]!;
      if (byte === GREATER_THAN && endsComment(this.#closing)) {
        this.#open('text', at + 1);
        return true;
      }
      this.#closing = nextInComment(this.#closing, byte);
    }
    this.#at = to;
    return true;
  }

  #bogusComment(bytes: Buffer, to: number): boolean {
    this.#at = indexOfByte(bytes, GREATER_THAN, this.#at, to);
    if (this.#at < to) this.#open('text', this.#at + 1);
    return true;
  }

  #cdata(bytes: Buffer, to: number): boolean {
    this.#holdSvgStyleText();
    for (let at = this.#at; at < to; at++) {
      if (this.#closing === 0) at = indexOfByte(bytes, RIGHT_BRACKET, at, to);
      if (at >= to) break;
      const byte = bytes[at]!;
      if (byte === GREATER_THAN && this.#closing >= 2) {
        if (this.#foreign.isSvgStyle) this.#endSvgStyleText(bytes, at - 2, true);
        this.#open('text', at + 1);
        return true;
      }
      this.#closing = byte === RIGHT_BRACKET ? this.#closing + 1 : 0;
    }
    this.#at = to;
    return true;
  }

  #holdSvgStyleText(): void {
    if (this.#foreign.isSvgStyle && this.#held < 0 && !this.#isLongRun) this.#held = this.#at;
  }

  #endSvgStyleText(bytes: Buffer, end: number, isCdata: boolean): void {
    const start = this.#held;
    this.#held = -1;
    this.#isLongRun = false;
    if (start < 0 || start >= end) return;
    // The `]]` of a section had to be held as well.
    if (end + (isCdata ? 2 : 0) - start > maxHeldBytes) this.#sink.tooLong();
    else this.#sink.svgStyleText(bytes, start, end, isCdata);
  }

  /** Lets go of a token that is too long; the state goes on through it, so that what follows is read right. */
  #giveUp(bytes: Buffer): void {
    if (this.#state === 'tag') this.#longTagName = this.#tagName(bytes);
    else this.#isLongRun = true;
    this.#held = -1;
    this.#sink.tooLong();
  }

  #noteOutside(bytes: Buffer, isEndTag: boolean): void {
    const { outside } = this.#foreign;
    const name = this.#longTagName;
    if (name === undefined) {
      const last = this.#tag.nameEnd - 1;
      outside.note(bytes[this.#nameStart]!, bytes[last]!, last + 1 - this.#nameStart, isEndTag);
    } else outside.note(name.charCodeAt(0), name.charCodeAt(name.length - 1), name.length, isEndTag);
  }

  /** In lower case; nothing that is longer than any name which matters. */
  #tagName(bytes: Buffer): string {
    const end = this.#tag.nameEnd;
    return end < 0 || end - this.#nameStart > 32 ? '' : this.#names.lowerCase(bytes, this.#nameStart, end);
  }
}

function startsWithExactly(bytes: Buffer, at: number, to: number, text: string): boolean | undefined {
  for (let i = 0; i < text.length; i++) {
    if (at + i >= to) return undefined;
    if (bytes[at + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}
