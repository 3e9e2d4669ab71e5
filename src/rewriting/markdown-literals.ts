/** Edits of URLs that are links as they stand: between `<` and `>`, or bare. */
import { type Edit, moveEdit } from '../text/edit.ts';
import type { UnescapedValue } from '../text/unescaped-value.ts';
import type { MarkdownDestination } from '../values/markdown-links.ts';
import { LiteralReader } from '../values/markdown-spans.ts';
import { editUrl, type UrlMapper } from './edit-url.ts';

/** They have no escapes: what could end one is percent-encoded. */
export function unescapeAutolink(source: string, start: number): UnescapedValue {
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
  const edited = applied(source, edits);
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

function applied(source: string, edits: readonly Edit[]): string {
  let out = '';
  let at = 0;
  for (const { start, end, text } of edits) {
    out += source.slice(at, start) + text;
    at = end;
  }
  return out + source.slice(at);
}
