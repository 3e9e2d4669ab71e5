/**
 * The text of Markdown as its readers see it: lines, their white space, and where the text of a block is in the source.
 * Offsets count bytes: a text has one character for each.
 */
import { CR, LF, SPACE, TAB } from '../text/ascii.ts';

/** White space of Markdown: no form feed. */
export function isSpaceOrTab(code: number): boolean {
  return code === SPACE || code === TAB;
}

export function isSpaceOrLineEnd(code: number): boolean {
  return code === SPACE || code === TAB || code === LF || code === CR;
}

export function skipSpacesAndTabs(text: string, at: number): number {
  let end = at;
  while (isSpaceOrTab(text.charCodeAt(end))) end++;
  return end;
}

/** Lines of a paragraph are not blank, so this passes one line's end at most. */
export function skipWhitespace(text: string, at: number): number {
  let end = at;
  while (isSpaceOrLineEnd(text.charCodeAt(end))) end++;
  return end;
}

/** Text without the markers of the blocks around it, line by line. */
export interface MarkdownLeaf {
  /** `html` is raw, `text` has inline content. */
  readonly kind: 'html' | 'text';
  readonly text: string;
  /** Where each line begins in `text`, and where in the source. */
  readonly lines: readonly { readonly at: number; readonly source: number }[];
  /** The label of the footnote that it stands in. */
  readonly footnote: string | undefined;
  /** A row of a table may have more cells than its head: these count for the footnotes that they name alone. */
  readonly isShown: boolean;
}

/** Where the character at `index` of a leaf is in the source. */
export function sourceOf({ lines }: MarkdownLeaf, index: number): number {
  let low = 0;
  for (let high = lines.length; high - low > 1; ) {
    const middle = (low + high) >> 1;
    if (lines[middle]!.at <= index) low = middle;
    else high = middle;
  }
  const { at, source } = lines[low]!;
  return source + index - at;
}

/** One line, read from its start through the markers of its blocks. Tab stops are every four columns. */
export class LineCursor {
  readonly text: string;
  /** The line, without its end. */
  #end = 0;
  #at = 0;
  #column = 0;
  /** Columns of the tab before `#at` that are not used yet. */
  #rest = 0;
  #content = 0;
  #indent = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** @returns where the next line begins */
  moveTo(start: number): number {
    let end = start;
    const { text } = this;
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end);
      if (code === LF || code === CR) break;
    }
    this.#end = end;
    this.#at = start;
    this.#column = 0;
    this.#rest = 0;
    this.#measure();
    return text.charCodeAt(end) === CR && text.charCodeAt(end + 1) === LF ? end + 2 : end + 1;
  }

  get end(): number {
    return this.#end;
  }

  /** Where the line goes on, behind the markers that were read, with its white space. */
  get at(): number {
    return this.#at;
  }

  /** Behind the white space. */
  get content(): number {
    return this.#content;
  }

  /** How many columns of white space are before the content. */
  get indent(): number {
    return this.#indent;
  }

  get isBlank(): boolean {
    return this.#content >= this.#end;
  }

  get code(): number {
    return this.isBlank ? 0 : this.text.charCodeAt(this.#content);
  }

  /** Skips white space of the given number of columns. */
  skipColumns(count: number): void {
    let left = count;
    while (left > 0) {
      if (this.#rest === 0) {
        const code = this.#at < this.#end ? this.text.charCodeAt(this.#at) : 0;
        if (code !== SPACE && code !== TAB) break;
        this.#rest = code === TAB ? 4 - (this.#column % 4) : 1;
        this.#at++;
      }
      const used = Math.min(left, this.#rest);
      this.#rest -= used;
      this.#column += used;
      left -= used;
    }
    this.#measure();
  }

  /** Skips the white space and the marker after it, which has the given number of bytes. */
  skipMarker(length: number): void {
    const end = this.#content + length;
    this.#column += this.#indent;
    // Columns count characters: in UTF-8 one has a first byte, and others that continue it.
    for (let at = this.#content; at < end; at++)
      if ((this.text.charCodeAt(at) & 0xc0) !== 0x80) this.#column++;
    this.#at = end;
    this.#rest = 0;
    this.#measure();
  }

  #measure(): void {
    const { text } = this;
    let column = this.#column + this.#rest;
    let at = this.#at;
    for (; at < this.#end; at++) {
      const code = text.charCodeAt(at);
      if (code === TAB) column += 4 - (column % 4);
      else if (code === SPACE) column++;
      else break;
    }
    this.#content = at;
    this.#indent = column - this.#column;
  }
}
