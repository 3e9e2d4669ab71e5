/** One line of Markdown, read from its start through the markers of its blocks. Tab stops are every four columns. */
import { CR, LF, SPACE, TAB } from '../text/ascii.ts';

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
