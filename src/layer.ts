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
  /**
   * Puts the escapes on. Whatever the text is, the result holds nothing bare that could end the place it stands in, or
   * a place around that: a quote, `<`, `>`, and in CSS `]`, which might end a CDATA section.
   */
  escape(text: string): string;
}

/**
 * Turns edits of the bare value into edits of its source.
 * @param edits - in order, none reaching into another
 */
export function toSource(edits: readonly Edit[], layer: Layer): readonly Edit[] {
  const { offsets } = layer;
  if (offsets === undefined) {
    return edits.map(({ start, end, text }) => ({
      start: layer.start + start,
      end: layer.start + end,
      text: layer.escape(text),
    }));
  }
  return widened(edits, layer).map(({ start, end, text }) => ({
    start: offsets[start]!,
    end: offsets[end]!,
    text: layer.escape(text),
  }));
}

/**
 * An escape is replaced as a whole, and so is what stands open before an edit: the edit grows, and takes the bare
 * characters along. Edits that meet on the way become one.
 */
function widened(edits: readonly Edit[], layer: Layer): Edit[] {
  const out: Edit[] = [];
  for (const edit of edits) {
    const last = out.at(-1);
    const floor = last?.end ?? 0;
    let { start, text } = edit;
    while (start > floor && (layer.isOpenBefore(start) || isWithinEscape(layer, start)))
      text = layer.text[--start] + text;
    const joins = last !== undefined && start <= endOfEscape(layer, floor);
    if (joins) out.pop();
    out.push(
      joins
        ? { start: last.start, end: edit.end, text: last.text + layer.text.slice(floor, start) + text }
        : { start, end: edit.end, text },
    );
  }
  return out.map(({ start, end, text }) => {
    const whole = endOfEscape(layer, end);
    return { start, end: whole, text: text + layer.text.slice(end, whole) };
  });
}

function endOfEscape(layer: Layer, index: number): number {
  let end = index;
  while (isWithinEscape(layer, end)) end++;
  return end;
}

/** Whether the characters before and behind the index are written as one escape. */
function isWithinEscape({ offsets }: Layer, index: number): boolean {
  return (
    offsets !== undefined && index > 0 && index < offsets.length - 1 && offsets[index] === offsets[index - 1]
  );
}
