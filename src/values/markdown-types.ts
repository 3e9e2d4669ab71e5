/** What the readers of Markdown give to each other. Offsets count bytes: a text has one character for each. */

/** A part of a text. */
export interface MarkdownSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * How a destination is written: with escapes (of a link, an image or a definition), between `<` and `>`, or bare, with its
 * scheme or from `www.` on.
 */
export type DestinationKind = 'escaped' | 'autolink' | 'literal' | 'www-literal';

export interface MarkdownDestination extends MarkdownSpan {
  readonly kind: DestinationKind;
  /** Of an image. One of a definition may be an image's and a link's: it counts as a link. */
  readonly isImage?: boolean | undefined;
  /** Where the text ends that it stands in, such as the cell of a table; undefined for a definition. */
  readonly textEnd?: number | undefined;
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
