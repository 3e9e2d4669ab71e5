/**
 * Turns the data of events into edits: JSON, or HTML (htmx, Turbo, Datastar). An edit stays within its line, so no event
 * ever has another number of lines, or other fields.
 */
import { type Edit, type SourceOffsets, type Span, toSourceEdits } from '../text/edit.ts';
import { EventStreamScanner } from '../values/event-stream-scanner.ts';
import { isJsonText } from '../values/json-text.ts';
import type { HtmlRewriterOptions } from './rewriter-options.ts';

/** The kinds of data that are read. */
export interface EventKinds {
  readonly json: boolean;
  readonly html: boolean;
}

/** Creates a scanner that adds the changes of an event stream to `edits`. */
export function createEventScanner(
  options: HtmlRewriterOptions,
  edits: Edit[],
  kinds: EventKinds,
): EventStreamScanner {
  return new EventStreamScanner({
    event(bytes, lines, name) {
      if (!mayHoldUrl(bytes, lines, options)) return;
      const found = textsOf(bytes, lines, name).flatMap((text) => editText(bytes, text, options, kinds));
      for (const edit of found.sort((a, b) => a.start - b.start)) edits.push(edit);
    },
    tooLong: options.onTooLong,
  });
}

function mayHoldUrl(bytes: Buffer, lines: readonly Span[], { prefilter }: HtmlRewriterOptions): boolean {
  const [start, end] = [lines[0]!.start, lines.at(-1)!.end];
  return prefilter.next(bytes, start, end) < end;
}

/**
 * The texts of an event, each as the lines that it is written in. Datastar begins each line with the name of an argument
 * (https://data-star.dev/reference/sse_events): the lines of one name are a text.
 */
function textsOf(bytes: Buffer, lines: readonly Span[], name: string): readonly (readonly Span[])[] {
  if (!name.startsWith('datastar-')) return [lines];
  const texts = new Map<string, Span[]>();
  for (const { start, end } of lines) {
    const [argument = ''] = bytes.toString('latin1', start, end).split(' ', 1);
    const text = texts.get(argument) ?? [];
    texts.set(argument, text);
    text.push({ start: Math.min(start + argument.length + 1, end), end });
  }
  return [...texts.values()];
}

function editText(
  bytes: Buffer,
  lines: readonly Span[],
  options: HtmlRewriterOptions,
  kinds: EventKinds,
): readonly Edit[] {
  const text = lines.map(({ start, end }) => bytes.toString('latin1', start, end)).join('\n');
  const kind = isJsonText(text) ? 'json' : 'html';
  if (!kinds[kind]) return [];
  const withinLines = options.editText(text, kind, 0, options).filter((edit) => isWithinLine(edit, text));
  const offsets = lines.length === 1 ? undefined : offsetsOf(lines);
  const { start } = lines[0]!;
  return toSourceEdits(withinLines, {
    text,
    start,
    offsets,
    isOpenBefore: () => false,
    escape: (inserted) => inserted,
  });
}

function isWithinLine({ start, end, text: inserted }: Edit, text: string): boolean {
  return !/[\r\n]/.test(inserted) && !text.slice(start, end).includes('\n');
}

/** Where the characters of lines that are joined with line feeds stand. A line feed stands where its line ends. */
function offsetsOf(lines: readonly Span[]): SourceOffsets {
  const starts: number[] = [];
  let length = 0;
  for (const { start, end } of lines) {
    starts.push(length);
    length += end - start + 1;
  }
  return {
    at(index) {
      let [low, high] = [0, starts.length - 1];
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (starts[middle]! <= index) low = middle;
        else high = middle - 1;
      }
      return lines[low]!.start + index - starts[low]!;
    },
  };
}
