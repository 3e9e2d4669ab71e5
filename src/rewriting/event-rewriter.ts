/**
 * Turns the data of events into edits: JSON, or HTML (htmx, Turbo, Datastar). An edit stays within its line, so no event
 * ever has another number of lines, or other fields.
 */
import { type Edit, moveEdit, type Span } from '../text/edit.ts';
import { isJsonText } from '../values/json-text.ts';
import { createEventScanner } from '../values/units.ts';
import type { Scanner } from './byte-rewriter.ts';
import type { HtmlRewriterOptions } from './rewriter-options.ts';

/** The kinds of data that are read. */
export interface EventKinds {
  readonly json: boolean;
  readonly html: boolean;
}

/** Creates a scanner that adds the changes of an event stream to `edits`. */
export function createEventRewriter(options: HtmlRewriterOptions, edits: Edit[], kinds: EventKinds): Scanner {
  return createEventScanner({
    isRead: (bytes, start, end) => options.prefilter.next(bytes, start, end) < end,
    event(bytes, lines, name) {
      const found = textsOf(bytes, lines, name).flatMap((text) => editText(bytes, text));
      for (const edit of found.sort((a, b) => a.start - b.start)) edits.push(edit);
    },
    tooLong: options.onTooLong,
  });

  function editText(bytes: Buffer, lines: readonly Span[]): readonly Edit[] {
    const texts = lines.map(({ start, end }) => bytes.toString('latin1', start, end));
    const text = texts.join('\n');
    const kind = isJsonText(text) ? 'json' : 'html';
    let [line, lineStart] = [0, 0];
    return (kinds[kind] ? options.editText(text, kind, 0, options) : []).flatMap((edit) => {
      while (edit.start > lineStart + texts[line]!.length) lineStart += texts[line++]!.length + 1;
      const isWithinLine = edit.end <= lineStart + texts[line]!.length && !/[\r\n]/.test(edit.text);
      return isWithinLine ? [moveEdit(edit, lines[line]!.start - lineStart)] : [];
    });
  }
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
