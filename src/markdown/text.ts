/**
 * The text of Markdown as its readers see it: lines, their white space, and pattern matches at an offset. Offsets count bytes: a text
 * has one character per byte.
 */
import { CR, LF, SPACE, TAB } from '../text/ascii.ts';
import type { Span } from '../text/edit.ts';

/** @param pattern - a sticky one, which looks no further than what it matches, so that many offsets cost one search */
export function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Lines of a paragraph are not blank, so this passes one line's end at most. */
export function skipWhitespace(text: string, at: number): number {
  let end = at;
  while (isWhitespace(text.charCodeAt(end))) end++;
  return end;
}

/** White space of Markdown: no form feed. */
export function isWhitespace(code: number): boolean {
  return code === SPACE || code === LF || code === TAB || code === CR;
}

/**
 * The lines as one text, with spaces for the markers of blocks between them. So an offset in it, and the first line's start,
 * are an offset in the source.
 */
export function joinLines(source: string, lines: readonly Span[]): string {
  let text = '';
  let from = lines[0]!.start;
  for (const { start, end } of lines) {
    if (start > from) text += '\n'.padEnd(start - from);
    text += source.slice(start, end);
    from = end;
  }
  return text;
}

const lineEnd = /\r\n?|\n/g;
/** Marks of one kind, and the white space between them. */
const marks = /(?:\*[\t ]*)+|(?:-[\t ]*)+|(?:_[\t ]*)+/y;

/** One line, read from its start through the markers of its blocks. Tab stops are every four columns. */
export class LineCursor {
  readonly text: string;
  /** The line's end, without its line ending. */
  end = 0;
  /** The rest of the line, after the markers that were read, including its white space. */
  at = 0;
  /** After the white space. */
  content = 0;
  /** How many columns of white space are before the content. */
  indent = 0;
  #column = 0;
  /** Columns of the tab before `at` that are not used yet. */
  #rest = 0;
  /** Up to here no thematic break begins. */
  #unbroken = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** @returns where the next line begins */
  moveTo(start: number): number {
    lineEnd.lastIndex = start;
    const ending = lineEnd.exec(this.text);
    this.end = ending?.index ?? this.text.length;
    this.at = start;
    this.#column = 0;
    this.#rest = 0;
    this.#measure();
    return this.end + (ending?.[0].length ?? 1);
  }

  get isBlank(): boolean {
    return this.content >= this.end;
  }

  /** The first character of the content; empty in a blank line. */
  get first(): string {
    return this.isBlank ? '' : this.text[this.content]!;
  }

  /** The line from its content on. */
  get rest(): string {
    return this.text.slice(this.content, this.end);
  }

  /** Whether it is a thematic break, such as `* * *`. Each `*` could begin a list, so what was found is remembered. */
  get isBreak(): boolean {
    if (this.content < this.#unbroken) return false;
    const found = matchAt(marks, this.text, this.content) ?? '';
    const end = this.content + found.length;
    if (end >= this.end) return found.replaceAll(/[\t ]+/g, '').length >= 3;
    this.#unbroken = end;
    return false;
  }

  /** Skips white space of the given number of columns. */
  skipColumns(count: number): void {
    for (let left = Math.min(count, this.indent); left > 0; left--) {
      if (this.#rest === 0) {
        this.#rest = this.text.charCodeAt(this.at) === TAB ? 4 - (this.#column % 4) : 1;
        this.at++;
      }
      this.#rest--;
      this.#column++;
      this.indent--;
    }
  }

  /** Skips the white space and the marker after it, which has the given number of bytes. */
  skipMarker(length: number): void {
    const end = this.content + length;
    this.#column += this.indent;
    // Columns count characters: in UTF-8 one has a first byte, and others that continue it.
    for (let at = this.content; at < end; at++)
      if ((this.text.charCodeAt(at) & 0xc0) !== 0x80) this.#column++;
    this.at = end;
    this.#rest = 0;
    this.#measure();
  }

  #measure(): void {
    let column = this.#column;
    let at = this.at;
    for (; at < this.end; at++) {
      const code = this.text.charCodeAt(at);
      if (code === TAB) column += 4 - (column % 4);
      else if (code === SPACE) column++;
      else break;
    }
    this.content = at;
    this.indent = column - this.#column;
  }
}
