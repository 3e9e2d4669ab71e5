/** What a renderer makes of Markdown: micromark with GitHub's extensions, whose HTML parse5 reads. */

import { micromark, type Options } from 'micromark';
import { gfmAutolinkLiteral, gfmAutolinkLiteralHtml } from 'micromark-extension-gfm-autolink-literal';
import { gfmFootnote, gfmFootnoteHtml } from 'micromark-extension-gfm-footnote';
import { gfmStrikethrough, gfmStrikethroughHtml } from 'micromark-extension-gfm-strikethrough';
import { gfmTable, gfmTableHtml } from 'micromark-extension-gfm-table';
import { gfmTaskListItem, gfmTaskListItemHtml } from 'micromark-extension-gfm-task-list-item';
import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5';
import { markdown } from '../../../src/markdown.ts';
import { signerWith, withoutTokens } from '../../support/samples.ts';

const options: Options = {
  extensions: [gfmAutolinkLiteral(), gfmFootnote(), gfmStrikethrough(), gfmTable(), gfmTaskListItem()],
  // Without the filter of tags, which GitHub has, and few others.
  htmlExtensions: [
    gfmAutolinkLiteralHtml(),
    gfmFootnoteHtml(),
    gfmStrikethroughHtml(),
    gfmTableHtml(),
    gfmTaskListItemHtml(),
  ],
};

/** @param allowDangerousHtml - whether HTML in the Markdown is HTML; otherwise it is shown as text */
export function renderMarkdown(text: string, allowDangerousHtml = true): string {
  // In a page more markup follows, which ends a tag that is still open.
  return `${micromark(text, { ...options, allowDangerousHtml })}</i>`;
}

/** Elements, attributes and texts, in their order. */
interface Part {
  readonly name: string;
  readonly value: string;
}

function partsOf(html: string): Part[] {
  const parts: Part[] = [];
  const visit = (node: DefaultTreeAdapterTypes.Node, depth: number): void => {
    const value = 'value' in node ? node.value : 'data' in node ? node.data : '';
    parts.push({ name: `${depth} ${node.nodeName}`, value });
    if ('attrs' in node) parts.push(...node.attrs);
    if ('content' in node) visit(node.content, depth + 1);
    if ('childNodes' in node) for (const child of node.childNodes) visit(child, depth + 1);
  };
  visit(parseFragment(html), 0);
  return parts;
}

function isUrl({ name }: Part): boolean {
  return name === 'src' || name === 'href';
}

const signer = signerWith({ report: false });
const before = '<script type="application/json">';

export function rewriteMarkdown(text: string): string {
  const page = `${before}${JSON.stringify({ body: text }).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e')}</script>`;
  const out = signer.rewriteHtml(page, { fields: { body: markdown } });
  return JSON.parse(out.slice(before.length, -'</script>'.length)).body;
}

/** The URL as a page has it. One with a backslash, which a renderer encodes, is none. */
function signedUrl(url: string): string {
  if (url.includes('%5C')) return url;
  const tag = `<img src="${url.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}">`;
  return partsOf(signer.rewriteHtml(tag)).find(isUrl)!.value;
}

const number = /\/i(\d+)\/thumb/;
const signedNumber = /\/i(\d+)\/thumb(?:(?!\/i\d).)*?exp(?:=|&#61;)\d/gs;

/** Whether two footnotes have one label. Which of them is shown differs from renderer to renderer. */
function hasRivalFootnotes(text: string): boolean {
  const labels = [...text.matchAll(/\[\^([^\]\s]+)\]:/g)].map(([, label]) => label!.toLowerCase());
  return new Set(labels).size < labels.length;
}

/**
 * What is wrong with the rewrite of a document in which each URL has a number of its own: every destination of a link or an
 * image that a renderer shows is signed, whether it passes HTML on or shows it as text, and no other, but for those of
 * footnotes that another renderer would show; and nothing else of the tree changes.
 */
export function markdownFault(document: string): string | undefined {
  const text = `\n${document}`; // with text around it, a URL alone is Markdown, too
  const out = rewriteMarkdown(text);
  const html = renderMarkdown(text);
  // micromark leaves tags in `alt` as they are, where CommonMark has text alone: what follows is not what was meant.
  if (/ alt="[^"]*</.test(html)) return undefined;
  const parts = partsOf(html);
  const signed = new Map<string, string>();
  for (const part of [...parts, ...partsOf(renderMarkdown(text, false))]) {
    const url = isUrl(part) ? signedUrl(part.value) : part.value;
    if (url !== part.value) signed.set(part.value, url);
  }
  // A fragment may hold another URL.
  const wanted = new Set([...signed.keys()].flatMap((url) => number.exec(url)?.[1] ?? []));
  const found = new Set([...out.matchAll(signedNumber)].map(([, each]) => each!));
  const isExact = !hasRivalFootnotes(text);
  const wrong = [...wanted, ...found].filter((each) => (isExact && !wanted.has(each)) || !found.has(each));
  if (wrong.length > 0) return `${wrong} ${found.has(wrong[0]!) ? 'is signed' : 'is not signed'}`;
  // What is shown of a URL that is a link by itself is the URL. It may be spelled with characters that `href` has encoded.
  const shown = new Map([...signed].map(([url, to]) => [percentDecoded(url), to]));
  const expected = parts.map((part) => ({
    ...part,
    value: isUrl(part) ? (signed.get(part.value) ?? part.value) : withUrls(part.value, shown),
  }));
  const is = partsOf(renderMarkdown(out));
  const at = expected.findIndex(({ name, value }, index) => {
    const other = is[index];
    if (other === undefined || other.name !== name) return true;
    // A comment that nothing closes holds what comes behind it.
    const plain = (text: string): string =>
      decoded(name.endsWith('#comment') ? withoutTokens(decoded(text)) : text);
    return plain(other.value) !== plain(value);
  });
  if (at < 0 && is.length === expected.length) return undefined;
  return `${JSON.stringify(is[at])} is not ${JSON.stringify(expected[at])}`;
}

/** Without the escapes that only some of the places of a URL need. */
function decoded(value: string): string {
  return percentDecoded(value.replaceAll('&amp;', '&'));
}

function percentDecoded(value: string): string {
  return value.replaceAll(/(?:%[0-9A-F]{2})+/g, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString(),
  );
}

function withUrls(text: string, urls: ReadonlyMap<string, string>): string {
  let out = text;
  for (const [url, to] of urls) out = out.replaceAll(url, to);
  return out;
}
