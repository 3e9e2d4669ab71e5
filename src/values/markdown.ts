/**
 * Finds URLs in Markdown (CommonMark 0.31 and GitHub Flavored Markdown 0.29): the destinations of the links and images that
 * a renderer shows. It also gives the HTML in it, since Markdown passes HTML on.
 */
import type { Span } from '../text/edit.ts';
import { readBlocks } from './markdown-blocks.ts';
import { type InlineParts, readInline } from './markdown-inline.ts';
import type { MarkdownDestination } from './markdown-links.ts';
import { type MarkdownLeaf, sourceOf } from './markdown-text.ts';

interface MarkdownParts {
  /** In their order. */
  readonly destinations: readonly MarkdownDestination[];
  readonly html: MarkdownHtml;
}

/** All HTML of a text, without what is around it. */
export interface MarkdownHtml {
  readonly text: string;
  /** Where each piece of it begins in `text`, and where in the Markdown. */
  readonly pieces: readonly { readonly at: number; readonly source: number; readonly end: number }[];
  /** Attribute values without quotes in which Markdown allows fewer characters than HTML; offsets in the Markdown. */
  readonly unquoted: readonly Span[];
}

export function readMarkdown(text: string): MarkdownParts {
  const { leaves, definitions, footnotes, unquoted } = readBlocks(text);
  const references = { definitions, footnotes };
  const hasReferences = definitions.size > 0 || footnotes.size > 0;
  const inlines = leaves.map(({ kind, text }) => {
    if (kind !== 'text') return undefined;
    return hasReferences || mayHoldDestination.test(text) ? readInline(text, references) : nothing;
  });
  const named = new Set(inlines.flatMap((inline) => inline?.footnotes ?? []));
  const parts = new PartsBuilder(unquoted);
  for (const [index, leaf] of leaves.entries()) {
    // Of several footnotes with one label renderers show the first, the last, or the one that ends first.
    if (!leaf.isShown || (leaf.footnote !== undefined && !named.has(leaf.footnote))) continue;
    const inline = inlines[index];
    if (inline === undefined) parts.addHtmlBlock(leaf);
    else parts.addInline(leaf, inline);
  }
  return parts.build();
}

/** What a link, an image or HTML has where no definition names a URL. */
const mayHoldDestination = /\]\(|<|http|www/i;
const nothing: InlineParts = { destinations: [], definitions: [], footnotes: [], html: [], unquoted: [] };

class PartsBuilder {
  readonly #destinations: Set<MarkdownDestination> = new Set();
  readonly #html: string[] = [];
  readonly #pieces: { at: number; source: number; end: number }[] = [];
  readonly #unquoted: Span[];
  #length = 0;

  constructor(unquoted: readonly Span[]) {
    this.#unquoted = [...unquoted];
  }

  addInline(leaf: MarkdownLeaf, { destinations, definitions, html, unquoted }: InlineParts): void {
    const textEnd = sourceOf(leaf, leaf.text.length);
    for (const { kind, isImage, ...span } of destinations)
      this.#destinations.add({ kind, ...spanOf(leaf, span), isImage, textEnd });
    for (const definition of definitions) this.#destinations.add(definition);
    for (const { start, end } of html) this.#addHtml(leaf, start, end);
    for (const span of unquoted) this.#unquoted.push(spanOf(leaf, span));
  }

  addHtmlBlock(leaf: MarkdownLeaf): void {
    this.#addHtml(leaf, 0, leaf.text.length);
    // Behind a block a renderer begins or ends another element, and with it ends a tag that the block has left open.
    this.#html.push('</i>');
    this.#length += 4;
  }

  #addHtml(leaf: MarkdownLeaf, start: number, end: number): void {
    for (let from = start; from < end; ) {
      const lineEnd = leaf.text.indexOf('\n', from);
      const to = lineEnd < 0 || lineEnd >= end ? end : lineEnd + 1;
      this.#html.push(leaf.text.slice(from, to));
      const at = this.#length;
      this.#length += to - from;
      this.#pieces.push({ at, source: sourceOf(leaf, from), end: this.#length });
      from = to;
    }
    this.#html.push('\n');
    this.#length++;
  }

  build(): MarkdownParts {
    const destinations = [...this.#destinations].sort((a, b) => a.start - b.start);
    this.#unquoted.sort((a, b) => a.start - b.start);
    const html = { text: this.#html.join(''), pieces: this.#pieces, unquoted: this.#unquoted };
    return { destinations, html };
  }
}

function spanOf(leaf: MarkdownLeaf, { start, end }: Span): Span {
  const source = sourceOf(leaf, start);
  return { start: source, end: source + end - start };
}
