/**
 * Puts the rewriters together: each kind of text may hold texts of the others, such as HTML in a string of JSON in an
 * attribute. It maps URLs by a function that is passed in, and knows neither keys nor HTTP.
 */

import { unescapeReferences } from '../html/references.ts';
import type { Charset } from '../text/charset.ts';
import { asUnescaped, type Edit } from '../text/edit.ts';
import { isJsonText } from '../values/json-text.ts';
import { createJsonUnitScanner, createPartScanner, type PartKind } from '../values/units.ts';
import { dropOverlapping, readInScratch, type Scanner } from './byte-rewriter.ts';
import { type CharsetWatch, LegacyPageScanner } from './charset.ts';
import type { StringMapper } from './data.ts';
import { editUrl } from './edit-url.ts';
import { createEventRewriter, type EventKinds } from './event-rewriter.ts';
import { createHtmlScanner } from './html-rewriter.ts';
import { createJsonScanner, editJson, mapString } from './json-rewriter.ts';
import type { EditReader, EditText, HtmlRewriterOptions, UrlMapper } from './rewriter-options.ts';

/** How deeply texts may nest: deeper ones pass through unchanged, and are reported. */
const maxDepth = 8;

/**
 * A scanner that adds the changes of a page to `edits`.
 * @param encoding - the page's, or what finds it
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

/** JSON: one value, one in each line, or a sequence (RFC 7464). Or events, or JSON in the parts of a multipart body. */
export type DataKind = 'json' | 'json-lines' | 'json-seq' | { readonly events: EventKinds } | PartKind;

/** A scanner that adds the changes of such a body to `edits`. Strings may be long in JSON that comes in one call of `end`. */
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

/** A byte order mark, and what React Router writes before a row that another one waits for. */
const beforeValue = /^(?:\xef\xbb\xbf)?(?:[EP]\d+:)?/;

/** Maps the strings of data as those of a JSON body. */
export function createStringMapper(options: HtmlRewriterOptions): StringMapper {
  return (value, name) => mapString(value, name, options);
}

/** Fields are copied one by one: V8 gives every copy by `...` a hidden class of its own, which takes longer than the copy. */
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

/** What each text does with the texts in it. */
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
    editHtml: (html) => editText(html, 'html', depth + 1, options),
    unescapeReferences: (source, start) => unescapeReferences(source, start, 'markdown', 0),
  });
  // The engine did not write the reader: what it gets wrong must not reach beyond its text.
  const kept = [...edits];
  dropOverlapping(kept, text.length);
  return kept;
}
