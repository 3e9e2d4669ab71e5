/** Edits the URLs of Markdown: destinations of links and images, and those in its HTML, which renderers pass on. */
import type { EditReader, TextContext, UrlMapper } from '../rewriting/options.ts';
import { applyEdits, type Edit, moveEdit, toSourceEdits, type UnescapedValue } from '../text/edit.ts';
import { readBlocks } from './blocks.ts';
import { unquotedValues } from './html.ts';
import { readInline } from './inline.ts';
import { BareUrlReader, type Part, trailEnd } from './links.ts';
import { joinLines } from './text.ts';

/** CommonMark 0.31 with the tables, footnotes and bare URLs of GitHub. */
export const reader: EditReader = { name: 'Markdown', read: editMarkdown };

function editMarkdown(text: string, context: TextContext): readonly Edit[] {
  const { urls, html } = readShown(text);
  const edits = urls.flatMap((part) =>
    context.mayHoldUrl(part.start, part.end) ? urlEdits(text, part, context) : [],
  );
  return [...edits, ...htmlEdits(text, html, context)].sort(byStart);
}

function byStart(a: { readonly start: number }, b: { readonly start: number }): number {
  return a.start - b.start;
}

interface HtmlPiece {
  readonly start: number;
  /** Without the markers of blocks between its lines. */
  readonly text: string;
  /** How much of it is one tag that Markdown has read. */
  readonly tagLength: number;
  readonly isBlock: boolean;
}

/** The URLs that a renderer shows, and the HTML that it passes on. */
function readShown(text: string): { readonly urls: readonly Part[]; readonly html: readonly HtmlPiece[] } {
  const { leaves, ...references } = readBlocks(text);
  const inlines = leaves.map((leaf) =>
    'text' in leaf ? readInline(leaf.text, leaf.start, references) : undefined,
  );
  const named = new Set(inlines.flatMap((inline) => inline?.footnotes ?? []));
  const urls = new Set<Part>();
  const html: HtmlPiece[] = [];
  for (const [index, leaf] of leaves.entries()) {
    // If several footnotes have one label, renderers show the first, the last, or the one that ends first.
    if (leaf.footnote !== undefined && !named.has(leaf.footnote)) continue;
    if ('lines' in leaf) {
      const { start, end } = leaf.lines[0]!;
      const tagLength = leaf.isTag ? end - start : 0;
      html.push({ start, text: joinLines(text, leaf.lines), tagLength, isBlock: true });
      continue;
    }
    for (const part of leaf.isShown ? inlines[index]!.parts : []) {
      const { kind, start, end } = part;
      if (kind !== 'html') urls.add(part);
      else {
        const text = leaf.text.slice(start - leaf.start, end - leaf.start);
        html.push({ start, text, tagLength: /^<[a-z]/i.test(text) ? text.length : 0, isBlock: false });
      }
    }
  }
  return { urls: [...urls].sort(byStart), html };
}

function htmlEdits(text: string, pieces: readonly HtmlPiece[], context: TextContext): readonly Edit[] {
  if (pieces.length === 0) return [];
  const unquoted = pieces.flatMap(({ start, text, tagLength }) =>
    unquotedValues(text.slice(0, tagLength), start),
  );
  let index = 0;
  return context
    .editHtml(pageOf(pieces))
    .filter(({ start, end }) => !/[\n\r]/.test(text.slice(start, end))) // a marker might be behind
    .map((edit) => {
      while (index < unquoted.length && unquoted[index]!.end < edit.start) index++;
      if ((unquoted[index]?.start ?? Infinity) > edit.start) return edit;
      // Such a value may hold these in HTML, but not in Markdown, which would take the tag for text.
      return { ...edit, text: edit.text.replaceAll('=', '&#61;') };
    });
}

/** The HTML of a text, with spaces for what is Markdown: offsets stay as they are. */
function pageOf(pieces: readonly HtmlPiece[]): string {
  let page = '';
  let between = '\n';
  let last = '';
  for (const { start, text, isBlock } of pieces) {
    const gap = start - page.length;
    // One character cannot end a line and a tag. Behind a hyphen it would also end a comment.
    if (gap === 1 && between.length > 1) page += last.endsWith('-') ? '\n' : '>';
    else if (gap > 0) page += between.padEnd(gap);
    page += text;
    // Behind a block a renderer begins or ends another element, and with it ends a tag that the block has left open.
    between = isBlock ? '\n>' : '\n';
    last = text;
  }
  return page + between;
}

function urlEdits(text: string, part: Part, context: TextContext): readonly Edit[] {
  const { start, end, kind, isImage } = part;
  const map = isImage ? context.map : context.mapLink;
  const source = text.slice(start, end);
  if (kind === 'escaped') {
    const unescaped = unescapeMarkdown(source, start, context);
    return toSourceEdits(destinationEdits(unescaped, map, context), unescaped);
  }
  // The signed URL would spell these words anew, and people see them.
  const query = source.indexOf('?');
  if (kind === 'bare' && query >= 0 && /[^\0-\x7f]/.test(source.slice(query))) return [];
  const own = kind === 'bare' ? withoutText(map, context) : withHost(map);
  const limited = /^w/i.test(source) ? withScheme(own) : own;
  // Between `<` and `>`, and bare, a URL has no escapes: what could end it is percent-encoded.
  const edits = context.editUrl(source, limited).map((edit) => ({ ...edit, text: encodeEnds(edit.text) }));
  if (edits.length === 0 || (kind === 'bare' && !keepsEnd(text, part, applyEdits(source, edits)))) return [];
  return edits.map((edit) => moveEdit(edit, start));
}

/** Words that directly follow a token belong to the text: with the token, they would be removed. */
function withoutText(map: UrlMapper, { hasTextBehindToken }: TextContext): UrlMapper {
  return (url) => (hasTextBehindToken?.(url) ? undefined : map(url));
}

/** `</images/a.jpg>` isn't a link, but an end tag. */
function withHost(map: UrlMapper): UrlMapper {
  return (url) => {
    const mapped = map(url);
    return mapped !== undefined && /^https?:/i.test(mapped) ? mapped : undefined;
  };
}

/** `www.example.org` is a link to `http://www.example.org`. */
function withScheme(map: UrlMapper): UrlMapper {
  const scheme = 'http://';
  return (url) => {
    const mapped = map(scheme + url);
    return mapped?.startsWith(scheme) ? mapped.slice(scheme.length) : undefined;
  };
}

function encodeEnds(text: string): string {
  return text.replace(/[\0-\x20<>\x7f]/g, encodeURIComponent);
}

/**
 * Whether a bare URL still ends after its last character, which depends on that character and the following ones. Otherwise it must
 * stay plain: between `<` and `>` it would also become a link in renderers that do not link bare URLs.
 */
function keepsEnd(text: string, { end, textEnd }: Part, edited: string): boolean {
  // No white space takes more than three bytes.
  const following = text.slice(end, Math.min(trailEnd(text, end) + 3, textEnd));
  return new BareUrlReader(edited + following).read(0) === edited.length;
}

/**
 * Parentheses in a destination need no escapes if they are balanced. If the token takes one of them along, the other would
 * end the destination, or keep it open: then everything from the first parenthesis to the last is written anew, with
 * escapes.
 */
function destinationEdits({ text }: UnescapedValue, map: UrlMapper, context: TextContext): readonly Edit[] {
  const edits = context.editUrl(text, map);
  if (edits.every(({ start, end }) => !/[()]/.test(text.slice(start, end)))) return edits;
  const start = Math.min(edits[0]!.start, text.search(/[()]/)); // one of the edits has a parenthesis
  const end = Math.max(edits.at(-1)!.end, text.lastIndexOf('(') + 1, text.lastIndexOf(')') + 1);
  return [{ start, end, text: applyEdits(text.slice(0, end), edits).slice(start), url: edits[0]!.url }];
}

/** `\` before ASCII punctuation, or the text up to the next `\`. */
const escapeOrText = /\\([!-/:-@[-`{-~])|\\?[^\\]+|\\/g;

/**
 * Decodes backslashes and character references (CommonMark 0.31, 2.4, 2.5).
 * @param source - the destination without its angle brackets, which begins at `start`
 */
function unescapeMarkdown(source: string, start: number, context: TextContext): UnescapedValue {
  const { text, offsets } = source.includes('\\')
    ? decodeEscapes(source, start, context)
    : context.unescapeReferences(source, start);
  return {
    text,
    start,
    offsets,
    isOpenBefore: (index) => isReferenceOpen(text, index),
    escape: escapeDestination,
  };
}

function decodeEscapes(
  source: string,
  start: number,
  context: TextContext,
): Pick<UnescapedValue, 'text' | 'offsets'> {
  let text = '';
  const offsets: number[] = [];
  for (const { 0: part, 1: escaped, index } of source.matchAll(escapeOrText)) {
    const at = start + index;
    const decoded =
      escaped === undefined ? context.unescapeReferences(part, at) : { text: escaped, offsets: undefined };
    for (let i = 0; i < decoded.text.length; i++) offsets.push(decoded.offsets?.at(i) ?? at + i);
    text += decoded.text;
  }
  offsets.push(start + source.length);
  return { text, offsets };
}

/**
 * The characters that could end a destination, or the cell of a table around it (GitHub Flavored Markdown, 4.10), or begin
 * an escape. A reference needs its `;`, which may also be in the source behind the text.
 */
function escapeDestination(text: string): string {
  return text
    .replace(/[\\()<>|]/g, (character) => `\\${character}`)
    .replace(/&(?=#?\w*(?:;|$))/g, '&amp;')
    .replace(/[\0-\x20\x7f]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** `&CounterClockwiseContourIntegral`, the longest name. */
const longestName = 32;

/** Whether an `&` and the beginning of a reference are before: without the token between them, `&` and `#60;` are one. */
function isReferenceOpen(text: string, index: number): boolean {
  return /&#?\w*$/.test(text.slice(Math.max(0, index - longestName), index));
}
