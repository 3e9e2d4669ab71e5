/**
 * Divides Markdown into its blocks (CommonMark 0.31, appendix A; tables and footnotes of GitHub Flavored Markdown), line by
 * line. It keeps no tree, only the block quotes, lists and footnotes that are open, and the texts that may hold URLs.
 *
 * It looks at each character a few times, however deeply blocks nest: a line passes only through containers whose markers
 * it spells itself, and a blank line passes through all list items at once.
 *
 * Longer than most files: the steps for one line share what is open.
 */
import { GREATER_THAN, LEFT_BRACKET, LESS_THAN } from '../text/ascii.ts';
import type { Span } from '../text/edit.ts';
import { endsHtmlBlock, type HtmlBlockEnd, htmlBlockAt } from './markdown-html.ts';
import { type MarkdownDestination, normalizeLabel, readDefinition, TitleReader } from './markdown-links.ts';
import {
  closesFence,
  countDelimiters,
  type Fence,
  fenceAt,
  footnoteAt,
  headingLength,
  isUnderline,
  listMarkerAt,
  mayStartBlock,
  readCells,
  ThematicBreaks,
} from './markdown-markers.ts';
import { LineCursor, type MarkdownLeaf, sourceOf } from './markdown-text.ts';

interface MarkdownBlocks {
  readonly leaves: readonly MarkdownLeaf[];
  /** By label; of several with one label the first. */
  readonly definitions: ReadonlyMap<string, MarkdownDestination>;
  /** The labels of footnotes. */
  readonly footnotes: ReadonlySet<string>;
  /** Attribute values without quotes in HTML that is a block only if its first tag is complete. */
  readonly unquoted: readonly Span[];
}

export function readBlocks(text: string): MarkdownBlocks {
  return new BlockReader(text).read();
}

/** An open block that holds others. */
interface Container {
  readonly kind: 'quote' | 'item' | 'footnote';
  /** How many columns what is in it has to be indented. */
  readonly indent: number;
  /** The label of the footnote that it is, or stands in. */
  readonly footnote: string | undefined;
  /** An item that has begun with a blank line, and holds nothing yet. */
  isEmpty: boolean;
}

interface Line {
  readonly start: number;
  readonly end: number;
  /** Cannot be the head of a table. */
  readonly isPlain: boolean;
}

/** The open block that holds no others. */
type Leaf =
  | { readonly kind: 'paragraph'; readonly lines: Line[] }
  | { readonly kind: 'html'; readonly lines: Line[]; readonly end: HtmlBlockEnd }
  | { readonly kind: 'fence'; readonly fence: Fence }
  | { readonly kind: 'indented' }
  | { readonly kind: 'table'; readonly columns: number };

class BlockReader {
  readonly #text: string;
  readonly #line: LineCursor;
  readonly #breaks: ThematicBreaks;
  readonly #containers: Container[] = [];
  /** Which of them are block quotes. */
  readonly #quotes: number[] = [];
  #leaf: Leaf | undefined;
  readonly #leaves: MarkdownLeaf[] = [];
  readonly #definitions: Map<string, MarkdownDestination> = new Map();
  readonly #footnotes: Set<string> = new Set();
  readonly #unquoted: Span[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#line = new LineCursor(text);
    this.#breaks = new ThematicBreaks(text);
  }

  read(): MarkdownBlocks {
    const bom = this.#text.startsWith('\xef\xbb\xbf') ? 3 : 0;
    for (let at = bom; at < this.#text.length; ) {
      at = this.#line.moveTo(at);
      this.#readLine();
    }
    this.#closeLeaf();
    return {
      leaves: this.#leaves,
      definitions: this.#definitions,
      footnotes: this.#footnotes,
      unquoted: this.#unquoted,
    };
  }

  #readLine(): void {
    const line = this.#line;
    const matched = this.#matchContainers();
    const isMatched = matched === this.#containers.length;
    const { kind } = this.#leaf ?? {};
    if (isMatched && (kind === 'html' || kind === 'fence')) return this.#continueRaw();
    const isNew = this.#openContainers(matched, isMatched);
    if (!isNew && !isMatched && this.#isLazy()) return this.#addLine(true);
    if (!isNew && !isMatched) this.#closeContainers(matched);
    if (line.isBlank) return this.#blankLine();
    this.#readContent();
  }

  /** @returns how many of the open containers the line belongs to */
  #matchContainers(): number {
    const line = this.#line;
    let quotes = 0;
    for (let index = 0; index < this.#containers.length; index++) {
      const container = this.#containers[index]!;
      if (container.kind === 'quote') {
        if (line.indent >= 4 || line.code !== GREATER_THAN) return index;
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
    const line = this.#line;
    let isNew = false;
    while (!line.isBlank && line.indent < 4 && line.code <= LEFT_BRACKET) {
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
    const line = this.#line;
    if (line.code === GREATER_THAN) {
      this.#skipQuoteMarker();
      return { kind: 'quote', indent: 0, footnote: undefined, isEmpty: false };
    }
    return line.code === LEFT_BRACKET ? this.#footnoteAt() : this.#itemAt(interrupts);
  }

  #footnoteAt(): Container | undefined {
    const line = this.#line;
    const close = footnoteAt(this.#text, line.content, line.end);
    const label = close === undefined ? undefined : normalizeLabel(this.#text.slice(line.content + 2, close));
    if (close === undefined || label === undefined) return undefined;
    this.#footnotes.add(label);
    line.skipMarker(close + 2 - line.content);
    line.skipColumns(line.indent);
    return { kind: 'footnote', indent: 4, footnote: label, isEmpty: false };
  }

  #itemAt(interrupts: boolean): Container | undefined {
    const line = this.#line;
    if (this.#breaks.isBreak(line.content, line.end)) return undefined;
    const marker = listMarkerAt(this.#text, line.content, line.end);
    if (marker === undefined || (interrupts && !marker.canInterrupt)) return undefined;
    const behind = line.content + marker.length;
    if (interrupts && this.#text.slice(behind, line.end).trim() === '') return undefined;
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
    return line.indent >= 4 || !this.#startsBlock();
  }

  /** Whether the line begins a block that ends a paragraph. */
  #startsBlock(): boolean {
    const { content, end, code } = this.#line;
    if (!mayStartBlock(code)) return false;
    return (
      headingLength(this.#text, content, end) > 0 ||
      this.#breaks.isBreak(content, end) ||
      fenceAt(this.#text, content, end) !== undefined ||
      (code === LESS_THAN && htmlBlockAt(this.#text, content, end, false, []) !== undefined)
    );
  }

  #continueRaw(): void {
    const line = this.#line;
    const leaf = this.#leaf!;
    if (leaf.kind === 'fence') {
      if (line.indent < 4 && closesFence(this.#text, line.content, line.end, leaf.fence))
        this.#leaf = undefined;
      return;
    }
    if (leaf.kind !== 'html') return;
    if (line.isBlank && leaf.end === 'blank') {
      this.#closeLeaf();
      return;
    }
    leaf.lines.push({ start: line.at, end: line.end, isPlain: true });
    if (endsHtmlBlock(this.#text.slice(line.at, line.end), leaf.end)) this.#closeLeaf();
  }

  #blankLine(): void {
    if (this.#leaf?.kind !== 'indented') this.#closeLeaf();
  }

  #readContent(): void {
    const line = this.#line;
    const leaf = this.#leaf;
    if (line.indent >= 4) {
      if (leaf?.kind === 'paragraph') return this.#addLine(true);
      this.#closeLeaf();
      this.#leaf = { kind: 'indented' };
      return;
    }
    if (leaf?.kind === 'indented') this.#closeLeaf();
    if (leaf?.kind === 'paragraph') {
      if (isUnderline(this.#text, line.content, line.end) && this.#closeLeaf()) return;
      if (this.#leaf !== undefined && this.#startTable(leaf.lines)) return;
    }
    if (this.#startBlock()) return;
    if (this.#leaf?.kind === 'table') return this.#addRow(line.content, line.end, this.#leaf.columns);
    this.#addLine(false);
  }

  /** Begins a heading, a thematic break, a fence or HTML. */
  #startBlock(): boolean {
    const { content, at, end, code } = this.#line;
    if (!mayStartBlock(code)) return false;
    const heading = headingLength(this.#text, content, end);
    if (heading > 0) {
      this.#closeLeaf();
      this.#addText([{ start: content + heading, end, isPlain: true }]);
      return true;
    }
    if (this.#breaks.isBreak(content, end)) {
      this.#closeLeaf();
      return true;
    }
    const fence = fenceAt(this.#text, content, end);
    if (fence !== undefined) {
      this.#closeLeaf();
      this.#leaf = { kind: 'fence', fence };
      return true;
    }
    const canBeAnyTag = this.#leaf?.kind !== 'paragraph';
    const html =
      code === LESS_THAN ? htmlBlockAt(this.#text, content, end, canBeAnyTag, this.#unquoted) : undefined;
    if (html === undefined) return false;
    this.#closeLeaf();
    this.#leaf = { kind: 'html', lines: [{ start: at, end, isPlain: true }], end: html.end };
    if (endsHtmlBlock(this.#text.slice(html.from, end), html.end)) this.#closeLeaf();
    return true;
  }

  /** Begins a table whose head is the last line of a paragraph. */
  #startTable(lines: Line[]): boolean {
    const { content, end } = this.#line;
    const head = lines.at(-1)!;
    if (head.isPlain) return false;
    const columns = countDelimiters(this.#text, content, end);
    if (columns === 0 || readCells(this.#text, head.start, head.end).length !== columns) return false;
    lines.pop();
    this.#closeLeaf();
    this.#addRow(head.start, head.end, columns);
    this.#leaf = { kind: 'table', columns };
    return true;
  }

  #addRow(start: number, end: number, columns: number): void {
    for (const [index, cell] of readCells(this.#text, start, end).entries()) {
      if (mayHoldUrls(this.#text.slice(cell.start, cell.end)))
        this.#leaves.push(this.#joined('text', [{ ...cell, isPlain: true }], index < columns));
    }
  }

  #addLine(isPlain: boolean): void {
    const { content, end } = this.#line;
    const line = { start: content, end, isPlain };
    if (this.#leaf?.kind === 'paragraph') this.#leaf.lines.push(line);
    else {
      this.#closeLeaf();
      this.#leaf = { kind: 'paragraph', lines: [line] };
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
    if (leaf?.kind === 'html') this.#leaves.push(this.#joined('html', leaf.lines));
    return leaf?.kind === 'paragraph' && this.#addText(leaf.lines, true);
  }

  /** @returns whether there is text, besides definitions */
  #addText(lines: readonly Line[], hasDefinitions = false): boolean {
    if (lines.length === 0) return false;
    const leaf = this.#joined('text', lines);
    const from = hasDefinitions ? this.#readDefinitions(leaf) : 0;
    if (from >= leaf.text.length) return false;
    if (mayHoldUrls(leaf.text)) this.#leaves.push(from === 0 ? leaf : behind(leaf, from));
    return true;
  }

  #joined(kind: 'html' | 'text', lines: readonly Line[], isShown = true): MarkdownLeaf {
    const [first] = lines;
    if (lines.length === 1) {
      const text = this.#text.slice(first!.start, first!.end);
      return { kind, text, lines: [{ at: 0, source: first!.start }], footnote: this.#footnote, isShown };
    }
    let at = 0;
    const offsets = lines.map(({ start, end }) => {
      const line = { at, source: start };
      at += end - start + 1;
      return line;
    });
    const text = lines.map(({ start, end }) => this.#text.slice(start, end)).join('\n');
    return { kind, text, lines: offsets, footnote: this.#footnote, isShown };
  }

  /** @returns the index behind the definitions that a paragraph begins with */
  #readDefinitions(leaf: MarkdownLeaf): number {
    if (!leaf.text.startsWith('[')) return 0;
    const titles = new TitleReader(leaf.text);
    let at = 0;
    for (;;) {
      const definition = readDefinition(leaf.text, at, titles);
      if (definition === undefined) return at;
      at = definition.end;
      if (this.#definitions.has(definition.label)) continue;
      const { start, end } = definition.destination;
      const source = sourceOf(leaf, start);
      this.#definitions.set(definition.label, { start: source, end: source + end - start, kind: 'escaped' });
    }
  }
}

function mayHoldUrls(text: string): boolean {
  return /[[<]|http|www/i.test(text);
}

/** The rest of a text. */
function behind(leaf: MarkdownLeaf, from: number): MarkdownLeaf {
  const lines = leaf.lines
    .filter(({ at }) => at >= from)
    .map(({ at, source }) => ({ at: at - from, source }));
  return { ...leaf, text: leaf.text.slice(from), lines };
}
