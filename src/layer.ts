/**
 * A value with one layer of escapes taken off, and the way back: an edit of the bare value becomes an edit of what
 * the author wrote, and all that the edit does not touch keeps the author's spelling. Layers stack: CSS escapes
 * within character references within a page. It knows no grammar; `html/` and `values/` make the layers.
 *
 * Text is a string with a character per byte (latin1) throughout: bytes of any encoding survive it.
 */

/** Replaces what stands from `start` to `end`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The same edit, so many places further on. */
export function moveEdit({ start, end, text }: Edit, by: number): Edit {
  return { start: start + by, end: end + by, text };
}

export interface Layer {
  /** The bare value. */
  readonly text: string;
  /** Where the value begins in its source. */
  readonly start: number;
  /** Where each character of `text` begins in the source, and, last, where the value ends; undefined: one by one. */
  readonly offsets: readonly number[] | undefined;
  /** Whether other text right before `index` could change how the source before it is read: `&am`, `\3a`. */
  isOpenBefore(index: number): boolean;
  /** Puts the escapes on. */
  escape(text: string): string;
}

export function sourceOffset(layer: Layer, index: number): number {
  return layer.offsets === undefined ? layer.start + index : layer.offsets[index]!;
}

/** Turns an edit of the bare value into one of its source. */
export function toSource(edit: Edit, layer: Layer): Edit {
  let { start, end, text } = edit;
  if (layer.offsets === undefined) {
    return { start: layer.start + start, end: layer.start + end, text: layer.escape(text) };
  }
  while (start > 0 && (layer.isOpenBefore(start) || isInsideUnit(layer, start)))
    text = layer.text[--start] + text;
  while (isInsideUnit(layer, end)) text += layer.text[end++];
  return { start: sourceOffset(layer, start), end: sourceOffset(layer, end), text: layer.escape(text) };
}

/** One escape may stand for several bytes; it is replaced as a whole. */
function isInsideUnit({ offsets }: Layer, index: number): boolean {
  return (
    offsets !== undefined && index > 0 && index < offsets.length - 1 && offsets[index] === offsets[index - 1]
  );
}
