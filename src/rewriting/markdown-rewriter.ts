/** Turns the URLs of Markdown into edits: destinations of links and images, and the HTML in it. */
import { unescapeReferences } from '../html/references.ts';
import {
  applyEdits,
  type Edit,
  moveEdit,
  type SourceOffsets,
  toSourceEdits,
  type UnescapedValue,
} from '../text/edit.ts';
import { type MarkdownHtml, readMarkdown } from '../values/markdown.ts';
import type { MarkdownDestination } from '../values/markdown-links.ts';
import { LiteralReader } from '../values/markdown-spans.ts';
import { editUrl } from './edit-url.ts';
import type { HtmlRewriterOptions, UrlMapper } from './rewriter-options.ts';

export function editMarkdown(text: string, options: HtmlRewriterOptions, depth: number): readonly Edit[] {
  const { map, mapLink = map, prefilter, editText } = options;
  const bytes = Buffer.from(text, 'latin1');
  if (prefilter.next(bytes, 0, bytes.length) >= bytes.length) return [];
  const { destinations, html } = readMarkdown(text);
  const edits: Edit[] = [];
  for (const destination of destinations) {
    const { start, end, isImage } = destination;
    if (prefilter.next(bytes, start, end) < end)
      edits.push(...editsOf(text, destination, isImage === true ? map : mapLink));
  }
  edits.push(...htmlEdits(html, editText(html.text, 'html', depth + 1, options)));
  return edits.sort((a, b) => a.start - b.start);
}

function editsOf(text: string, destination: MarkdownDestination, map: UrlMapper): readonly Edit[] {
  const { start, end, kind } = destination;
  if (kind === 'escaped') {
    const unescaped = unescapeMarkdown(text.slice(start, end), start);
    return toSourceEdits(destinationEdits(unescaped, map), unescaped);
  }
  if (kind !== 'autolink') return literalEdits(text, destination, map);
  const unescaped = unescapeAutolink(text.slice(start, end), start);
  return toSourceEdits(editUrl(unescaped, 0, end - start, withHost(map)), unescaped);
}

/** `</images/a.jpg>` is no link, but the end of an element. */
function withHost(map: UrlMapper): UrlMapper {
  return (url) => {
    const mapped = map(url);
    return mapped !== undefined && /^https?:/i.test(mapped) ? mapped : undefined;
  };
}

/**
 * Parentheses in a destination need no escapes if they are balanced. If the token takes one of them along, the other would
 * end the destination, or keep it open: then everything from the first parenthesis to the last is written anew, with
 * escapes.
 */
function destinationEdits(unescaped: UnescapedValue, map: UrlMapper): readonly Edit[] {
  const { text } = unescaped;
  const edits = editUrl(unescaped, 0, text.length, map);
  if (edits.every(({ start, end }) => !/[()]/.test(text.slice(start, end)))) return edits;
  const start = Math.min(edits[0]!.start, text.search(/[()]/)); // one of the edits has a parenthesis
  const end = Math.max(edits.at(-1)!.end, text.lastIndexOf('(') + 1, text.lastIndexOf(')') + 1);
  return [{ start, end, text: applyEdits(text.slice(0, end), edits).slice(start), url: edits[0]!.url }];
}

/** The edits of HTML as edits of the Markdown that it stands in. */
function htmlEdits({ pieces, unquoted }: MarkdownHtml, edits: readonly Edit[]): Edit[] {
  const found: Edit[] = [];
  let index = 0;
  let value = 0;
  for (const { start, end, text, url } of edits) {
    while (index < pieces.length && pieces[index]!.end < end) index++;
    const piece = pieces[index];
    // A URL in one piece of HTML and in another, with Markdown in between, is none.
    if (piece === undefined || start < piece.at) continue;
    const shift = piece.source - piece.at;
    const source = start + shift;
    while (value < unquoted.length && unquoted[value]!.end < source) value++;
    const isUnquoted = (unquoted[value]?.start ?? Infinity) <= source;
    // Such a value may hold these in HTML, but not in Markdown, which would take the tag for text.
    const written = isUnquoted ? text.replaceAll('=', '&#61;') : text;
    found.push(moveEdit({ start, end, text: written, url }, shift));
  }
  return found;
}

/** `\` before ASCII punctuation. */
const backslashEscape = /\\[!-/:-@[-`{-~]/;

/**
 * Decodes backslashes and character references (CommonMark 0.31, 2.4, 2.5).
 * @param source - the destination without its angle brackets, which begins at `start`
 */
function unescapeMarkdown(source: string, start: number): UnescapedValue {
  const { text, offsets } = decodeEscapes(source, start);
  return {
    text,
    start,
    offsets,
    isOpenBefore: (index) => isReferenceOpen(text, index),
    escape: escapeDestination,
  };
}

function decodeEscapes(source: string, start: number): { text: string; offsets: SourceOffsets | undefined } {
  if (!source.includes('\\')) return unescapeReferences(source, start, 'markdown', 0);
  let text = '';
  const offsets: number[] = [];
  for (let at = 0; at < source.length; ) {
    if (backslashEscape.test(source.slice(at, at + 2))) {
      text += source[at + 1];
      offsets.push(start + at);
      at += 2;
      continue;
    }
    // Everything up to the next backslash, references decoded.
    const found = source.indexOf('\\', at + 1);
    const end = found < 0 ? source.length : found;
    const part = unescapeReferences(source.slice(at, end), start + at, 'markdown', 0);
    for (let i = 0; i < part.text.length; i++) offsets.push(part.offsets?.at(i) ?? start + at + i);
    text += part.text;
    at = end;
  }
  offsets.push(start + source.length);
  return { text, offsets };
}

/**
 * The characters that could end a destination, or the cell of a table around it (GitHub Flavored Markdown, 4.10), or begin
 * an escape. A reference needs its `;`, which may also stand in the source behind the text.
 */
function escapeDestination(text: string): string {
  return text
    .replace(/[\\()<>|]/g, (character) => `\\${character}`)
    .replace(/&(?=#?\w*(?:;|$))/g, '&amp;')
    .replace(/[\0-\x20\x7f]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** `&CounterClockwiseContourIntegral`, the longest name. */
const longestName = 32;

/** Whether an `&` and the beginning of a reference stand before: without the token between them, `&` and `#60;` are one. */
function isReferenceOpen(text: string, index: number): boolean {
  return /&#?\w*$/.test(text.slice(Math.max(0, index - longestName), index));
}

/** A URL between `<` and `>` has no escapes: what could end it is percent-encoded. */
function unescapeAutolink(source: string, start: number): UnescapedValue {
  return { text: source, start, offsets: undefined, isOpenBefore: () => false, escape: encodeEnds };
}

function encodeEnds(text: string): string {
  return text.replace(/[\0-\x20<>\x7f]/g, encodeURIComponent);
}

/**
 * The edits of a bare URL. Where it ends depends on its last characters and on what follows: one that would end elsewhere
 * stays as it is. Between `<` and `>` it would be a link for renderers that take a bare URL for text as well.
 */
export function literalEdits(
  text: string,
  { start, end, kind, textEnd }: MarkdownDestination,
  map: UrlMapper,
): readonly Edit[] {
  const source = text.slice(start, end);
  const unescaped = unescapeAutolink(source, 0);
  const edits = editUrl(unescaped, 0, source.length, kind === 'literal' ? map : withScheme(map)).map(
    (edit) => ({
      ...edit,
      text: encodeEnds(edit.text),
    }),
  );
  if (edits.length === 0) return edits;
  const edited = applyEdits(source, edits);
  const following = /^[^\s<]*./s.exec(text.slice(end, textEnd))?.[0] ?? '';
  const isSameEnd = endOf(edited + following, kind) === edited.length;
  return isSameEnd ? edits.map((edit) => moveEdit(edit, start)) : [];
}

function endOf(text: string, kind: MarkdownDestination['kind']): number | undefined {
  const reader = new LiteralReader(text);
  return kind === 'literal' ? reader.readUrl(0) : reader.readWww(0);
}

/** `www.example.org` is a link to `http://www.example.org`. */
function withScheme(map: UrlMapper): UrlMapper {
  const scheme = 'http://';
  return (url) => {
    const mapped = map(scheme + url);
    return mapped?.startsWith(scheme) ? mapped.slice(scheme.length) : undefined;
  };
}
