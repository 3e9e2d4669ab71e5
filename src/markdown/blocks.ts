/**
 * Divides Markdown into its blocks (CommonMark 0.31, appendix A; tables and footnotes of GitHub Flavored Markdown), line by
 * line. It keeps no tree, only the block quotes, lists and footnotes that are open, and the texts that may hold URLs.
 *
 * It looks at each character a few times, however deeply blocks nest: a line passes only through containers whose markers
 * it spells itself, and a blank line passes through all list items at once.
 *
 * Longer than most files: the steps for one line share what is open.
 */
import type { Span } from '../text/edit.ts';
import { endsHtmlBlock, htmlBlockAt } from './html.ts';
import { type Part, readDefinition, readFootnoteLabel, TitleReader } from './links.ts';
import { joinLines, LineCursor, matchAt } from './text.ts';

interface TextBlock {
  /** Without the markers of the blocks around it; offsets as in the source, from `start` on. */
  readonly text: string;
  readonly start: number;
  /** The label of the footnote that it is in. */
  readonly footnote: string | undefined;
  /** Extra cells of a table row, beyond its head, count only for the footnotes that they name. */
  readonly isShown: boolean;
}

interface HtmlBlock {
  readonly lines: readonly Span[];
  readonly footnote: string | undefined;
  /** Whether its first line is one tag, which is complete. */
  readonly isTag: boolean;
}

export interface MarkdownBlocks {
  /** In their order. */
  readonly leaves: readonly (TextBlock | HtmlBlock)[];
  /** By label; the first one wins. */
  readonly definitions: ReadonlyMap<string, Part>;
  /** The labels of footnotes. */
  readonly footnotes: ReadonlySet<string>;
}

export function readBlocks(text: string): MarkdownBlocks {
  const reader = new BlockReader(text);
  reader.read();
  return reader;
}

/** An open block that contains others. */
interface Container {
  readonly kind: 'quote' | 'item' | 'footnote';
  /** How many columns its content must be indented. */
  readonly indent: number;
  /** The label of the footnote that it is, or is in. */
  readonly footnote: string | undefined;
  /** An item that has begun with a blank line, and holds nothing yet. */
  isEmpty: boolean;
}

interface Paragraph {
  readonly kind: 'paragraph';
  readonly lines: Span[];
  /** Whether its last line can be the head of a table. */
  canBeHead: boolean;
}

interface Html {
  readonly kind: 'html';
  readonly lines: Span[];
  readonly end: string | RegExp | undefined;
  readonly isTag: boolean;
}

/** A block that contains no others. */
type Leaf =
  | Paragraph
  | Html
  | { readonly kind: 'fence'; readonly mark: string }
  | { readonly kind: 'table'; readonly columns: number };

/** A block of one line, which ends a paragraph as a fence and HTML do. */
type OneLine = { readonly kind: 'heading'; readonly start: number } | { readonly kind: 'break' };

const itemMarker = /(?:[-*+]|\d{1,9}[.)])(?=[\t\n\r ]|$)/y;
/** Only such an item ends a paragraph. */
const interruptingMarker = /(?:[-*+]|1[.)])(?=[\t ]+[^\t\n\r ])/y;
const underline = /^(?:=+|-+)[\t ]*$/;
/** Backticks are a code span if another follows in the line. */
const fenceStart = /^(?:`{3,}(?=[^`]*$)|~{3,})/;
const fenceEnd = /^(?:`+|~+)(?=[\t ]*$)/;
const delimiterRow = /^\|?[\t ]*:?-+:?[\t ]*(?:\|[\t ]*:?-+:?[\t ]*)*(?:\|[\t ]*)?$/;

const mayHoldUrls = /[[<]|http|www/i;

class BlockReader implements MarkdownBlocks {
  readonly leaves: (TextBlock | HtmlBlock)[] = [];
  readonly definitions: Map<string, Part> = new Map();
  readonly footnotes: Set<string> = new Set();
  readonly #text: string;
  readonly #line: LineCursor;
  readonly #containers: Container[] = [];
  /** Which of them are block quotes. */
  readonly #quotes: number[] = [];
  #leaf: Leaf | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#line = new LineCursor(text);
  }

  read(): void {
    const bom = this.#text.startsWith('\xef\xbb\xbf') ? 3 : 0;
    for (let at = bom; at < this.#text.length; ) {
      at = this.#line.moveTo(at);
      this.#readLine();
    }
    this.#closeLeaf();
  }

  #readLine(): void {
    const matched = this.#matchContainers();
    const isMatched = matched === this.#containers.length;
    const leaf = this.#leaf;
    if (isMatched && leaf?.kind === 'html') return this.#addHtml(leaf);
    if (isMatched && leaf?.kind === 'fence') return this.#endFence(leaf.mark);
    if (!this.#openContainers(matched, isMatched) && !isMatched) {
      if (this.#isLazy()) return this.#addLine(false);
      this.#closeContainers(matched);
    }
    if (this.#line.isBlank) this.#closeLeaf();
    else this.#readContent();
  }

  /** @returns how many of the open containers the line belongs to */
  #matchContainers(): number {
    const line = this.#line;
    let quotes = 0;
    for (const [index, container] of this.#containers.entries()) {
      if (container.kind === 'quote') {
        if (line.indent >= 4 || line.first !== '>') return index;
        quotes++;
        this.#skipQuoteMarker();
      } else if (line.isBlank) {
        // It belongs to all items up to the next quote.
        const next = this.#quotes[quotes] ?? this.#containers.length;
        if (next < this.#containers.length) return next;
        return this.#containers.at(-1)!.isEmpty ? next - 1 : next;
      } else {
        if (line.indent < container.indent) return index;
        line.skipColumns(container.indent);
        container.isEmpty = false;
      }
    }
    return this.#containers.length;
  }

  #skipQuoteMarker(): void {
    this.#line.skipMarker(1);
    this.#line.skipColumns(1);
  }

  /** @returns whether the line begins a new one */
  #openContainers(matched: number, isMatched: boolean): boolean {
    let isNew = false;
    while (this.#line.indent < 4) {
      const interrupts = isMatched && !isNew && this.#leaf?.kind === 'paragraph';
      const container = this.#containerAt(interrupts);
      if (container === undefined) break;
      if (!isNew) this.#closeContainers(matched);
      isNew = true;
      if (container.kind === 'quote') this.#quotes.push(this.#containers.length);
      this.#containers.push({ ...container, footnote: container.footnote ?? this.#footnote });
    }
    return isNew;
  }

  /** Reads the marker of a container. */
  #containerAt(interrupts: boolean): Container | undefined {
    switch (this.#line.first) {
      case '>':
        this.#skipQuoteMarker();
        return { kind: 'quote', indent: 0, footnote: undefined, isEmpty: false };
      case '[':
        return this.#footnoteAt();
      default:
        return this.#itemAt(interrupts);
    }
  }

  #footnoteAt(): Container | undefined {
    const line = this.#line;
    const label = readFootnoteLabel(this.#text, line.content);
    if (label === undefined || this.#text[label.end] !== ':') return undefined;
    this.footnotes.add(label.name);
    line.skipMarker(label.end + 1 - line.content);
    line.skipColumns(line.indent);
    return { kind: 'footnote', indent: 4, footnote: label.name, isEmpty: false };
  }

  #itemAt(interrupts: boolean): Container | undefined {
    const line = this.#line;
    const marker = matchAt(interrupts ? interruptingMarker : itemMarker, this.#text, line.content);
    if (marker === undefined || line.isBreak) return undefined;
    const before = line.indent + marker.length;
    line.skipMarker(marker.length);
    const isEmpty = line.isBlank;
    const padding = isEmpty || line.indent > 4 ? 1 : line.indent;
    line.skipColumns(padding);
    return { kind: 'item', indent: before + padding, footnote: undefined, isEmpty };
  }

  get #footnote(): string | undefined {
    return this.#containers.at(-1)?.footnote;
  }

  /** Whether the line goes on with a paragraph whose containers it does not name. */
  #isLazy(): boolean {
    const line = this.#line;
    if (this.#leaf?.kind !== 'paragraph' || line.isBlank) return false;
    return line.indent >= 4 || this.#blockAt() === undefined;
  }

  #readContent(): void {
    const line = this.#line;
    const isParagraph = this.#leaf?.kind === 'paragraph';
    if (line.indent >= 4) {
      // Code, unless it goes on with a paragraph.
      if (isParagraph) this.#addLine(false);
      else this.#closeLeaf();
      return;
    }
    if (isParagraph && (this.#endHeading() || this.#startTable())) return;
    const block = this.#blockAt();
    if (block === undefined) {
      if (this.#leaf?.kind === 'table') this.#addRow(line.content, line.end, this.#leaf.columns);
      else this.#addLine(true);
      return;
    }
    this.#closeLeaf();
    if (block.kind === 'heading') this.#addText([{ start: block.start, end: line.end }]);
    else if (block.kind === 'html') this.#addHtml(block);
    else if (block.kind === 'fence') this.#leaf = block;
  }

  /** The heading, thematic break, fence or HTML that the line begins. */
  #blockAt(): OneLine | Leaf | undefined {
    const line = this.#line;
    switch (line.first) {
      case '#': {
        const marker = /^#{1,6}(?=[\t ]|$)/.exec(line.rest)?.[0];
        return marker === undefined ? undefined : { kind: 'heading', start: line.content + marker.length };
      }
      case '*':
      case '-':
      case '_':
        return line.isBreak ? { kind: 'break' } : undefined;
      case '`':
      case '~': {
        const mark = fenceStart.exec(line.rest)?.[0];
        return mark === undefined ? undefined : { kind: 'fence', mark };
      }
      case '<': {
        const canBeAnyTag = this.#leaf?.kind !== 'paragraph';
        const html = htmlBlockAt(this.#text, line.content, line.end, canBeAnyTag);
        return html && { kind: 'html', lines: [], ...html };
      }
      default:
        return undefined;
    }
  }

  #endFence(mark: string): void {
    const line = this.#line;
    if (line.indent >= 4 || line.first !== mark[0]) return;
    if (fenceEnd.exec(line.rest)?.[0].startsWith(mark)) this.#leaf = undefined;
  }

  #addHtml(html: Html): void {
    const { at, end, isBlank } = this.#line;
    this.#leaf = html;
    if (isBlank && html.end === undefined) return void this.#closeLeaf();
    html.lines.push({ start: at, end });
    if (html.end !== undefined && endsHtmlBlock(this.#text.slice(at, end), html.end)) this.#closeLeaf();
  }

  /** Makes a heading of a paragraph, if the line underlines it. */
  #endHeading(): boolean {
    return underline.test(this.#line.rest) && this.#closeLeaf();
  }

  /** Begins a table whose head is the last line of a paragraph. */
  #startTable(): boolean {
    const { rest } = this.#line;
    const leaf = this.#leaf;
    if (leaf?.kind !== 'paragraph' || !leaf.canBeHead) return false;
    // Without `|` and `:` it is the underline of a heading.
    if (!delimiterRow.test(rest) || !/[|:]/.test(rest)) return false;
    const columns = rest.match(/-+/g)!.length;
    const head = leaf.lines.at(-1)!;
    if (readCells(this.#text, head.start, head.end).length !== columns) return false;
    leaf.lines.pop();
    this.#closeLeaf();
    this.#addRow(head.start, head.end, columns);
    this.#leaf = { kind: 'table', columns };
    return true;
  }

  #addRow(start: number, end: number, columns: number): void {
    for (const [index, cell] of readCells(this.#text, start, end).entries())
      this.#addLeaf(this.#text.slice(cell.start, cell.end), cell.start, index < columns);
  }

  #addLine(canBeHead: boolean): void {
    const line = { start: this.#line.content, end: this.#line.end };
    if (this.#leaf?.kind === 'paragraph') {
      this.#leaf.lines.push(line);
      this.#leaf.canBeHead = canBeHead;
    } else {
      this.#closeLeaf();
      this.#leaf = { kind: 'paragraph', lines: [line], canBeHead };
    }
  }

  #closeContainers(count: number): void {
    this.#closeLeaf();
    this.#containers.length = count;
    while ((this.#quotes.at(-1) ?? -1) >= count) this.#quotes.pop();
  }

  /** @returns whether it was a paragraph of more than definitions */
  #closeLeaf(): boolean {
    const leaf = this.#leaf;
    this.#leaf = undefined;
    if (leaf?.kind === 'html')
      this.leaves.push({ lines: leaf.lines, isTag: leaf.isTag, footnote: this.#footnote });
    return leaf?.kind === 'paragraph' && leaf.lines.length > 0 && this.#addText(leaf.lines);
  }

  /** @returns whether there is text, besides definitions */
  #addText(lines: readonly Span[]): boolean {
    const text = joinLines(this.#text, lines);
    const { start } = lines[0]!;
    const from = this.#readDefinitions(text, start);
    if (from >= text.length) return false;
    this.#addLeaf(text.slice(from), start + from, true);
    return true;
  }

  #addLeaf(text: string, start: number, isShown: boolean): void {
    if (mayHoldUrls.test(text)) this.leaves.push({ text, start, isShown, footnote: this.#footnote });
  }

  /** @returns the index after the definitions that a paragraph begins with */
  #readDefinitions(text: string, start: number): number {
    if (!text.startsWith('[')) return 0;
    const titles = new TitleReader(text);
    let at = 0;
    for (;;) {
      const definition = readDefinition(text, at, titles);
      if (definition === undefined) return at;
      at = definition.end;
      const { name, destination } = definition;
      if (this.definitions.has(name)) continue;
      const [from, to] = [start + destination.start, start + destination.end];
      this.definitions.set(name, { kind: 'escaped', start: from, end: to, isImage: false, textEnd: to });
    }
  }
}

/** The cells of a row. */
function readCells(text: string, start: number, end: number): Span[] {
  const cells: Span[] = [];
  let from = text[start] === '|' ? start + 1 : start;
  for (let at = from; at < end; at++) {
    if (text[at] === '|') {
      cells.push({ start: from, end: at });
      from = at + 1;
    } else if (text[at] === '\\' && /[\\|]/.test(text.charAt(at + 1))) at++;
  }
  // There is no cell after the last `|`.
  if (/[^\t ]/.test(text.slice(from, end))) cells.push({ start: from, end });
  return cells;
}
