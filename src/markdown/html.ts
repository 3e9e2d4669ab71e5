/** HTML in Markdown: where a block of it begins and ends (CommonMark 0.31, 4.6), and tags in a text (6.6). */
import type { Span } from '../text/edit.ts';
import { matchAt } from './text.ts';

/** What a comment, an instruction, a CDATA section and a declaration begin and end with. */
const sections: readonly (readonly [start: RegExp, end: string])[] = [
  [/<!--/y, '-->'],
  [/<\?/y, '?>'],
  [/<!\[CDATA\[/y, ']]>'],
  [/<![a-z]/iy, '>'],
];

const tag =
  /<(?:\/[a-z][a-z\d-]*[\t\n\r ]*|[a-z][a-z\d-]*(?:[\t\n\r ]+[a-z:_][\w.:-]*(?:[\t\n\r ]*=[\t\n\r ]*(?:[^\0- "'<=>`]+|'[^']*'|"[^"]*"))?)*[\t\n\r ]*\/?)>/iy;
const value = /=[\t\n\r ]*(?:'[^']*'|"[^"]*"|([^\0- "'<=>`]+))/g;

const rawStart = /<(?:pre|script|style|textarea)(?=[\t\n\r >]|$)/iy;
const rawEnd = /<\/(?:pre|script|style|textarea)>/i;
const blockStart =
  /<\/?(?:address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)(?=[\t\n\r >]|\/>|$)/iy;

interface HtmlBlock {
  /** What is in its last line; undefined if it ends with a blank line. */
  readonly end: string | RegExp | undefined;
  /** Whether its first line is one tag, which is complete. */
  readonly isTag: boolean;
}

/**
 * The HTML block that begins at the `<` at `at`, in the line that ends at `end`.
 * @param canBeAnyTag - whether it may begin with any tag; within a paragraph it may not
 */
export function htmlBlockAt(
  text: string,
  at: number,
  end: number,
  canBeAnyTag: boolean,
): HtmlBlock | undefined {
  const section = sectionAt(text, at);
  if (section !== undefined) return { end: section, isTag: false };
  if (matchAt(rawStart, text, at) !== undefined) return { end: rawEnd, isTag: false };
  if (matchAt(blockStart, text, at) !== undefined) return { end: undefined, isTag: false };
  if (!canBeAnyTag) return undefined;
  const line = text.slice(at, end);
  const length = matchAt(tag, line, 0)?.length;
  const isAlone = length !== undefined && !/[^\t ]/.test(line.slice(length));
  return isAlone ? { end: undefined, isTag: true } : undefined;
}

/** Whether an HTML block ends in this line. */
export function endsHtmlBlock(line: string, end: string | RegExp): boolean {
  return typeof end === 'string' ? line.includes(end) : end.test(line);
}

/** @returns what ends the section that begins at `at` */
function sectionAt(text: string, at: number): string | undefined {
  return sections.find(([start]) => matchAt(start, text, at) !== undefined)?.[1];
}

/** Reads HTML in a text. */
export class HtmlReader {
  readonly #text: string;
  /** What is searched for in vain, so that many openings cost one search. */
  readonly #missing: Set<string> = new Set();

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns the index after the tag, comment, instruction, declaration or CDATA section at `at`; undefined if it is none */
  read(at: number): number | undefined {
    const end = sectionAt(this.#text, at);
    if (end === undefined) {
      const length = matchAt(tag, this.#text, at)?.length;
      return length && at + length;
    }
    if (this.#missing.has(end)) return undefined;
    // `<!-->` is a comment.
    const found = this.#text.indexOf(end, at + 2);
    if (found >= 0) return found + end.length;
    this.#missing.add(end);
    return undefined;
  }
}

/** The attribute values without quotes in a tag; offsets as `at`. */
export function unquotedValues(tag: string, at: number): Span[] {
  return Array.from(tag.matchAll(value), ({ 0: { length }, 1: found, index }) => {
    const end = at + index + length;
    return { start: end - (found?.length ?? 0), end };
  }).filter(({ start, end }) => end > start);
}
