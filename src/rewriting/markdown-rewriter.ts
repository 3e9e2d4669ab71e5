/** Turns the URLs of Markdown into edits: destinations of links and images, and the HTML in it. */
import type { Edit } from '../edit.ts';
import { toSourceEdits, type UnescapedValue } from '../unescaped-value.ts';
import { readMarkdown } from '../values/markdown.ts';
import { editUrl, type UrlMapper } from './edit-url.ts';
import type { EditText } from './json-rewriter.ts';
import type { LiteralPrefilter } from './literal-prefilter.ts';
import { unescapeMarkdown } from './markdown-escapes.ts';

export interface MarkdownRewriterOptions {
  readonly map: UrlMapper;
  readonly prefilter: LiteralPrefilter;
  readonly editText: EditText;
}

export function editMarkdown(
  text: string,
  { map, prefilter, editText }: MarkdownRewriterOptions,
  depth: number,
): readonly Edit[] {
  const bytes = Buffer.from(text, 'latin1');
  if (prefilter.next(bytes, 0, bytes.length) >= bytes.length) return [];
  const { destinations, code } = readMarkdown(text);
  const edits: Edit[] = [];
  for (const { start, end } of destinations) {
    if (prefilter.next(bytes, start, end) >= end) continue;
    const unescaped = unescapeMarkdown(text.slice(start, end), start);
    edits.push(...toSourceEdits(destinationEdits(unescaped, map), unescaped));
  }
  // Spaces in the place of code and destinations: their `<` begins no tag, and every offset stays.
  for (const { start, end } of [...code, ...destinations]) bytes.fill(' ', start, end);
  const inHtml = editText(bytes.toString('latin1'), 'html', depth + 1);
  return [...edits, ...inHtml].sort((a, b) => a.start - b.start);
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
  let out = '';
  let at = start;
  for (const edit of edits) {
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return [{ start, end, text: out + text.slice(at, end) }];
}
