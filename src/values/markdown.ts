/**
 * Finds URLs in Markdown (CommonMark 0.31): the destinations of links, images and link reference definitions. It also
 * says where the code is, so that HTML shown as code is not read as HTML.
 *
 * It reads each line once and looks no further than a destination and its title, so a million brackets cost a million
 * steps. It keeps no tree: of block quotes and lists it knows as much as decides where paragraphs and code blocks end.
 */
import { LF } from '../ascii.ts';
import {
  addDefinition,
  GRAVE,
  InlineScanner,
  indexOrEnd,
  type MarkdownSpan,
  TitleReader,
} from './markdown-inline.ts';

export interface MarkdownParts {
  /** Destinations, without angle brackets; escapes and references are still in them. */
  readonly destinations: readonly MarkdownSpan[];
  /** Code spans and code blocks. */
  readonly code: readonly MarkdownSpan[];
}

const TILDE = 0x7e;
/** Block quotes and list items around a line; deeper ones count as text. */
const maxContainers = 32;

export function readMarkdown(text: string): MarkdownParts {
  const blocks = new BlockScanner(text);
  for (let start = 0; start < text.length; ) {
    const end = indexOrEnd(text, LF, start);
    blocks.line(start, end);
    start = end + 1;
  }
  return blocks.end();
}

interface Fence {
  readonly character: number;
  readonly length: number;
}

/** Divides lines into paragraphs and code blocks. */
class BlockScanner {
  readonly #text: string;
  readonly #destinations: MarkdownSpan[] = [];
  readonly #code: MarkdownSpan[] = [];
  readonly #titles: TitleReader;
  readonly #inline: InlineScanner;
  /** Where the open paragraph begins; -1 if there is none. */
  #paragraph = -1;
  /** The last line was a definition, after which an indented line is a paragraph. */
  #isAfterDefinition = false;
  #quotes = 0;
  /** The columns at which the content of the open list items begins. */
  readonly #items: number[] = [];
  #fence: (Fence & { readonly start: number; readonly quotes: number; readonly column: number }) | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#titles = new TitleReader(text);
    this.#inline = new InlineScanner(text, this.#titles, this.#destinations, this.#code);
  }

  line(start: number, end: number): void {
    const text = this.#text;
    const { content, outer, column, quotes, itemColumn } = readContainers(text, start, end, this.#items);
    const isBlank = content >= end;
    if (this.#fence !== undefined && !this.#leavesFence(quotes, outer, isBlank, start)) {
      if (!this.#closesFence(content, outer, end)) return;
      this.#code.push({ start: this.#fence.start, end });
      this.#fence = undefined;
      return;
    }
    if (isBlank && itemColumn === undefined) return this.#endParagraph(start);
    if (column - (this.#items.at(-1) ?? 0) < 4) this.#isAfterDefinition = false;
    const isNewBlock = itemColumn !== undefined || quotes > this.#quotes;
    if (isNewBlock) this.#endParagraph(start);
    this.#quotes = quotes;
    const isText = itemColumn === undefined && fenceAt(text, content, end) === undefined;
    this.#enterItems(outer, itemColumn, isText);
    if (isBlank) return;
    const isIndented = column - (this.#items.at(-1) ?? 0) >= 4;
    if (!isIndented || (this.#paragraph < 0 && this.#isAfterDefinition)) this.#block(content, end);
    else if (this.#paragraph < 0) this.#code.push({ start, end });
  }

  #block(content: number, end: number): void {
    const text = this.#text;
    const fence = fenceAt(text, content, end);
    if (fence !== undefined) {
      this.#endParagraph(content);
      this.#fence = {
        ...fence,
        start: content,
        quotes: this.#quotes,
        column: this.#items.at(-1) ?? 0,
      };
      return;
    }
    const line = text.slice(content, Math.min(end, content + 128));
    if (isHeading.test(line)) {
      this.#endParagraph(content);
      this.#inline.scan(content, end);
    } else if (isUnderlineOrBreak.test(line) && end - content < 128) this.#endParagraph(content);
    else if (this.#paragraph < 0) {
      this.#isAfterDefinition = addDefinition(text, content, end, this.#titles, this.#destinations);
      if (!this.#isAfterDefinition) this.#paragraph = content;
    }
  }

  #enterItems(outer: number, itemColumn: number | undefined, isText: boolean): void {
    // A line that is not indented so far ends the item, unless it goes on with its paragraph.
    const isLazy = this.#paragraph >= 0 && isText;
    while (!isLazy && this.#items.length > 0 && outer < this.#items.at(-1)!) this.#items.pop();
    if (itemColumn !== undefined) this.#items.push(itemColumn);
  }

  #leavesFence(quotes: number, outer: number, isBlank: boolean, start: number): boolean {
    const fence = this.#fence!;
    if (quotes >= fence.quotes && (isBlank || outer >= fence.column)) return false;
    this.#code.push({ start: fence.start, end: start });
    this.#fence = undefined;
    return true;
  }

  #closesFence(content: number, column: number, end: number): boolean {
    const fence = this.#fence!;
    if (column - fence.column >= 4) return false;
    const closing = fenceAt(this.#text, content, end);
    if (closing === undefined || closing.character !== fence.character || closing.length < fence.length)
      return false;
    return this.#text.slice(content + closing.length, end).trim() === '';
  }

  #endParagraph(end: number): void {
    if (this.#paragraph >= 0) this.#inline.scan(this.#paragraph, end);
    this.#paragraph = -1;
    this.#isAfterDefinition = false;
  }

  end(): MarkdownParts {
    this.#endParagraph(this.#text.length);
    if (this.#fence !== undefined) this.#code.push({ start: this.#fence.start, end: this.#text.length });
    return { destinations: this.#destinations.sort((a, b) => a.start - b.start), code: this.#code };
  }
}

const isHeading = /^#{1,6}(?:[ \t]|$)/;
/** A setext heading's underline, or a thematic break. */
const isUnderlineOrBreak = /^(?:=+|-+|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})[ \t]*$/;

interface Containers {
  /** Where the line's content begins, behind the markers of block quotes and list items. */
  readonly content: number;
  /** The column of the first list item, or of the content; columns count from the last block quote on. */
  readonly outer: number;
  /** The column of the content. Tab stops are every four characters. */
  readonly column: number;
  readonly quotes: number;
  /** The column of the content of the last list item that begins in this line. */
  readonly itemColumn: number | undefined;
}

function readContainers(text: string, start: number, end: number, items: readonly number[]): Containers {
  let at = start;
  let absolute = 0;
  /** The column at which the content of the innermost block quote begins. */
  let origin = 0;
  let quotes = 0;
  let outer = -1;
  let itemColumn: number | undefined;
  for (let count = 0; ; count++) {
    const before = absolute;
    for (; at < end && (text[at] === ' ' || text[at] === '\t' || text[at] === '\r'); at++)
      absolute = text[at] === '\t' ? absolute + 4 - (absolute % 4) : absolute + 1;
    // Behind a quote's marker `before` may be one column less: that space belongs to the marker.
    const indent = absolute - Math.max(before, origin);
    const column = absolute - origin;
    const isNear = indent < 4 || (outer < 0 && items.some((item) => column >= item && column - item < 4));
    const isQuote = text[at] === '>' && isNear;
    const marker = isQuote || !isNear ? 0 : listMarkerLength(text, at, end);
    if (count === maxContainers || (!isQuote && marker === 0)) {
      return { content: at, outer: outer < 0 ? column : outer, column, quotes, itemColumn };
    }
    if (isQuote) {
      quotes++;
      at++;
      absolute++;
      origin = absolute + (text[at] === ' ' || text[at] === '\t' ? 1 : 0);
      outer = -1;
      itemColumn = undefined;
    } else {
      if (outer < 0) outer = column;
      at += marker;
      absolute += marker;
      itemColumn = absolute - origin + 1;
    }
  }
}

/** `-`, `*`, `+` or up to nine digits and `.` or `)`, before a space or the end of the line. */
function listMarkerLength(text: string, at: number, end: number): number {
  let length = 0;
  if (/[-*+]/.test(text[at] ?? '')) length = 1;
  else {
    while (length < 9 && /\d/.test(text[at + length] ?? '')) length++;
    if (length === 0 || !/[.)]/.test(text[at + length] ?? '')) return 0;
    length++;
  }
  const next = at + length;
  return next >= end || text[next] === ' ' || text[next] === '\t' ? length : 0;
}

/** At least three backticks or tildes; backticks are a code span if another follows in the line. */
function fenceAt(
  text: string,
  at: number,
  end: number,
): { readonly character: number; readonly length: number } | undefined {
  const character = text.charCodeAt(at);
  if (character !== GRAVE && character !== TILDE) return undefined;
  let to = at;
  while (to < end && text.charCodeAt(to) === character) to++;
  if (to - at < 3) return undefined;
  if (character === GRAVE && indexOrEnd(text, GRAVE, to) < end) return undefined;
  return { character, length: to - at };
}
