/**
 * Edits of a text, and their translation back to its escaped source. Everything outside an edit keeps the author's spelling. It knows
 * no grammar: `html/` and `values/` create unescaped values.
 */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Replaces the characters from `start` up to `end` with `text`. */
export interface Edit extends Span {
  readonly text: string;
  /** The URL that it changes, or a part of it; undefined if that is no longer known. */
  readonly url?: EditedUrl | undefined;
}

/** The place of a URL. It moves along with its edits, from one layer of escapes to the next. */
interface EditedUrl extends Span {
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

/** The source offset of each character of an unescaped text, then that of its end; such as an array. */
export interface SourceOffsets {
  at(index: number): number | undefined;
}

/**
 * A value without its escapes. Values nest: CSS in a `style` attribute has CSS escapes inside character references inside
 * the page. Text has one character per byte (latin1) throughout, so bytes of any encoding survive.
 */
export interface UnescapedValue {
  /** The value without escapes. */
  readonly text: string;
  /** Where the value starts in its source. */
  readonly start: number;
  /** Undefined if the source holds no escapes: then the character at `i` is at `start + i`. */
  readonly offsets: SourceOffsets | undefined;
  /**
   * Whether text inserted at `index` could join the source right before it to form another escape. After `&am`, an
   * inserted `p;` would form `&amp;`; after `\3a`, an inserted `b` would form `\3ab`.
   */
  isOpenBefore(index: number): boolean;
  /**
   * Escapes any text so that it cannot end the value or something around it: the result holds no bare quote, `<` or
   * `>`, and in CSS no `]`, since `]]>` would end a CDATA section.
   */
  escape(text: string): string;
}

/** A text that is written without escapes. */
export function asUnescaped(text: string): UnescapedValue {
  return { text, start: 0, offsets: undefined, isOpenBefore: () => false, escape: (inserted) => inserted };
}

/**
 * Turns edits of the unescaped text into edits of its source.
 * @param edits - in order, without overlaps
 */
export function toSourceEdits(edits: readonly Edit[], unescaped: UnescapedValue): readonly Edit[] {
  const { offsets } = unescaped;
  if (offsets === undefined) {
    const [edit] = edits;
    if (edits.length === 1) return [moveInto(edit!, unescaped)]; // most often: a closure takes longer
    return edits.map((each) => moveInto(each, unescaped));
  }
  return extendEdits(edits, unescaped).map(({ start, end, text, url }) => ({
    start: offsets.at(start)!,
    end: offsets.at(end)!,
    text: unescaped.escape(text),
    url: url && { start: offsets.at(url.start)!, end: offsets.at(url.end)!, text: url.text },
  }));
}

function moveInto({ start, end, text, url }: Edit, unescaped: UnescapedValue): Edit {
  const by = unescaped.start;
  return { start: start + by, end: end + by, text: unescaped.escape(text), url: url && moveUrl(url, by) };
}

/**
 * Extends each edit so that it never starts or ends within an escape, nor right after an open one (`isOpenBefore`). The
 * characters that an edit gains become part of its text. Edits that touch after this are merged.
 */
function extendEdits(edits: readonly Edit[], unescaped: UnescapedValue): Edit[] {
  const out: Edit[] = [];
  for (const edit of edits) {
    const last = out.at(-1);
    const previousEnd = last?.end ?? 0;
    let { start, text } = edit;
    while (start > previousEnd && (unescaped.isOpenBefore(start) || isWithinEscape(unescaped, start)))
      text = unescaped.text[--start] + text;
    const isMerged = last !== undefined && start <= endOfEscape(unescaped, previousEnd);
    if (isMerged) out.pop();
    out.push(
      isMerged
        ? {
            start: last.start,
            end: edit.end,
            text: last.text + unescaped.text.slice(previousEnd, start) + text,
            url: joinUrls(last.url, edit.url),
          }
        : { start, end: edit.end, text, url: edit.url },
    );
  }
  return out.map(({ start, end, text, url }) => {
    const extendedEnd = endOfEscape(unescaped, end);
    return { start, end: extendedEnd, text: text + unescaped.text.slice(end, extendedEnd), url };
  });
}

/** Nearly always both are the same URL. Two URLs that share an escape count as one. */
function joinUrls(first: EditedUrl | undefined, last: EditedUrl | undefined): EditedUrl | undefined {
  return first && last && { start: first.start, end: last.end, text: first.text };
}

function endOfEscape(unescaped: UnescapedValue, index: number): number {
  let end = index;
  while (isWithinEscape(unescaped, end)) end++;
  return end;
}

/** Whether one escape encodes both the character before the index and the one after it. */
function isWithinEscape({ text, offsets }: UnescapedValue, index: number): boolean {
  return (
    offsets !== undefined && index > 0 && index < text.length && offsets.at(index) === offsets.at(index - 1)
  );
}
