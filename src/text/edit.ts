/** Replacements in a text. */

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Replaces the characters from `start` up to `end` with `text`. */
export interface Edit extends Span {
  readonly text: string;
  /** The URL that it changes, or a part of it; undefined if that is not known any more. */
  readonly url?: EditedUrl | undefined;
}

/** A URL where it is written. It moves along with its edits, from one layer of escapes to the next. */
export interface EditedUrl extends Span {
  /** Without its escapes. */
  readonly text: string;
}

/** The edit, moved by a number of characters. */
export function moveEdit({ start, end, text, url }: Edit, by: number): Edit {
  return { start: start + by, end: end + by, text, url: url && moveUrl(url, by) };
}

function moveUrl({ start, end, text }: EditedUrl, by: number): EditedUrl {
  return { start: start + by, end: end + by, text };
}

/** The text with its edits, which are in order. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  let out = '';
  let at = 0;
  for (const { start, end, text } of edits) {
    out += source.slice(at, start) + text;
    at = end;
  }
  return out + source.slice(at);
}
