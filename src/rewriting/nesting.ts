/**
 * Combines the rewriters, because every kind of text may contain the others, such as HTML in a JSON string in an attribute. An option
 * maps the URLs: no keys, no HTTP here.
 */
import { unescapeReferences } from '../html/references.ts';
import type { Charset } from '../text/charset.ts';
import { asUnescaped, type Edit, moveEdit, type Span } from '../text/edit.ts';
import { isJsonText } from '../values/json-text.ts';
import {
  createEventScanner,
  createJsonUnitScanner,
  createPartScanner,
  type PartKind,
} from '../values/units.ts';
import { dropOverlapping, readInScratch, type Scanner } from './byte-rewriter.ts';
import { type CharsetWatch, LegacyPageScanner } from './charset.ts';
import type { StringMapper } from './data.ts';
import { editUrl } from './edit-url.ts';
import { createHtmlScanner } from './html-edits.ts';
import { createJsonScanner, editJson, mapString } from './json.ts';
import type { EditReader, EditText, HtmlRewriterOptions, UrlMapper } from './options.ts';

/** How deeply texts may nest: deeper ones pass through unchanged, and are reported. */
const maxDepth = 8;

/**
 * A scanner that adds the changes of a page to `edits`.
 * @param encoding - the page's, or a watch that finds it
 */
export function createPageScanner(
  options: HtmlRewriterOptions,
  edits: Edit[],
  encoding: Charset | CharsetWatch,
): Scanner {
  if (encoding === 'utf-8') return createHtmlScanner(options, edits, 0);
  const { map, mapLink } = options;
  const createScanner = (limit: (map: UrlMapper) => UrlMapper): Scanner =>
    createHtmlScanner(withMappers(options, limit(map), mapLink && limit(mapLink)), edits, 0);
  return new LegacyPageScanner(createScanner, edits, encoding, options.prefilter);
}

/** Which data of events is read. */
interface EventKinds {
  readonly json: boolean;
  readonly html: boolean;
}

/** JSON (one value, one per line, or a sequence, RFC 7464), events, or JSON in the parts of a multipart body. */
export type DataKind = 'json' | 'json-lines' | 'json-seq' | { readonly events: EventKinds } | PartKind;

/** A scanner that adds the changes of such a body to `edits`. JSON that comes in one call of `end` may have long strings. */
export function createDataScanner(options: HtmlRewriterOptions, edits: Edit[], kind: DataKind): Scanner {
  if (typeof kind === 'object' && 'events' in kind) return createEventRewriter(options, edits, kind.events);
  const isWhole = typeof kind === 'string';
  const strings = createJsonScanner(options, edits, { at: 0, depth: 0, isWhole });
  if (kind === 'json') return strings;
  if (kind === 'json-seq') return createJsonUnitScanner(strings, '\x1e');
  const { prefilter, onTooLong } = options;
  if (kind !== 'json-lines') return createPartScanner(kind, strings, edits, onTooLong);
  return createJsonUnitScanner(strings, '\n', (bytes, start, end) => {
    if (prefilter.next(bytes, start, end) >= end) return false;
    return isJsonText(bytes.toString('latin1', start, end).replace(beforeValue, ''));
  });
}

/** A byte order mark, and React Router's prefix of a row that another row waits for. */
const beforeValue = /^(?:\xef\xbb\xbf)?(?:[EP]\d+:)?/;

/**
 * Edits the data of events: JSON, or HTML (htmx, Turbo, Datastar). An edit stays within its line, so the number of lines and the
 * fields of an event never change.
 */
function createEventRewriter(options: HtmlRewriterOptions, edits: Edit[], kinds: EventKinds): Scanner {
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
 * The texts of an event, as lists of lines. In Datastar, every line begins with the name of an argument
 * (https://data-star.dev/reference/sse_events), and the lines of one argument form a text.
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

/** Maps the strings of data like those of a JSON body. */
export function createStringMapper(options: HtmlRewriterOptions): StringMapper {
  return (value, name) => mapString(value, name, options);
}

/** Copies fields one by one: V8 gives every copy by `...` its own hidden class, which takes longer than the copy. */
function withMappers(
  options: HtmlRewriterOptions,
  map: UrlMapper,
  mapLink: UrlMapper | undefined,
): HtmlRewriterOptions {
  return {
    map,
    mapLink,
    isStable: options.isStable,
    values: options.values,
    onCached: options.onCached,
    prefilter: options.prefilter,
    extraTargets: options.extraTargets,
    rewritesCss: options.rewritesCss,
    hasHashedScripts: options.hasHashedScripts,
    editText: options.editText,
    onTooLong: options.onTooLong,
    onScriptState: options.onScriptState,
    hasTextBehindToken: options.hasTextBehindToken,
    onSpaceInPath: options.onSpaceInPath,
    onMarkupInScript: options.onMarkupInScript,
    onUnreadString: options.onUnreadString,
    place: options.place,
  };
}

/** Reads a text within another text. */
export const editNestedText: EditText = (text, kind, depth, options) => {
  if (depth > maxDepth) {
    options.onTooLong();
    return [];
  }
  if (kind === 'json') return editJson(text, options, depth);
  if (kind !== 'html') return editByReader(text, kind, depth, options);
  const edits: Edit[] = [];
  const scanner = createHtmlScanner(options, edits, depth);
  readInScratch(Buffer.from(text, 'latin1'), (bytes) => scanner.end(bytes, bytes.length));
  return edits;
};

function editByReader(
  text: string,
  reader: EditReader,
  depth: number,
  options: HtmlRewriterOptions,
): readonly Edit[] {
  const { map, mapLink = map, prefilter, editText } = options;
  const bytes = Buffer.from(text, 'latin1');
  const mayHoldUrl = (start: number, end: number): boolean => prefilter.next(bytes, start, end) < end;
  if (!mayHoldUrl(0, bytes.length)) return [];
  options.place?.in(reader.name);
  const edits = reader.read(text, {
    map,
    mapLink,
    mayHoldUrl,
    editUrl: (url, map) => editUrl(asUnescaped(url), 0, url.length, map),
    hasTextBehindToken: options.hasTextBehindToken,
    editHtml: (html) => editText(html, 'html', depth + 1, options),
    unescapeReferences: (source, start) => unescapeReferences(source, start, 'markdown', 0),
  });
  // A reader is not part of the engine: its mistakes must not reach beyond its text.
  const kept = [...edits];
  dropOverlapping(kept, text.length);
  return kept;
}
