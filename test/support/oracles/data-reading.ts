/** What is read as a URL in JSON and in Markdown, for `readPage`: by a regular expression, `JSON.parse` and micromark. */

import { fromMarkdown } from 'mdast-util-from-markdown';
import { markdown, type TextReader } from '../../../src/markdown.ts';
import { asText, mayBeUrl } from '../one-url.ts';

/** Members whose strings hold a text, by name. */
export type Fields = Readonly<Record<string, 'html' | 'json' | TextReader>>;

/** The URLs in HTML. */
export type ReadHtml = (html: string) => readonly string[];

/** Each string of JSON that is a value, also where the JSON is malformed; of those in `fields` the URLs in them, if any. */
export function readJson(json: string, fields: Fields, html: ReadHtml): string[] {
  const urls: string[] = [];
  let name = '';
  let nameEnd = -1;
  for (const { 0: all, index, groups } of json.matchAll(/(?<text>"(?:[^"\\]|\\.)*")(?<colon>\s*:)?/g)) {
    const text = parseString(groups!['text']!);
    if (groups!['colon'] !== undefined) {
      name = text ?? '';
      nameEnd = index + all.length;
    } else if (text !== undefined) {
      const isMember = nameEnd >= 0 && json.slice(nameEnd, index).trim() === '';
      const kind = isMember && Object.hasOwn(fields, name) ? fields[name] : undefined;
      const inner = kind === undefined ? [] : readText(text, kind, fields, html);
      // A text in a field may be a URL as a whole.
      urls.push(...(inner.length > 0 ? inner : [mayBeUrl(text) ? text : asText(text)]));
    }
  }
  return urls;
}

function readText(text: string, kind: Fields[string], fields: Fields, html: ReadHtml): readonly string[] {
  if (kind === 'html') return html(text);
  if (kind === markdown) return readMarkdown(text, html);
  return isJson(text) ? readJson(text, fields, html) : [];
}

interface MarkdownNode {
  readonly type: string;
  readonly url?: string;
  readonly value?: string;
  readonly identifier?: string;
  readonly children?: readonly MarkdownNode[];
}

function readMarkdown(text: string, html: ReadHtml): string[] {
  const definitions = new Map<string, string>();
  const named: string[] = [];
  const visit = ({ type, url, value, identifier = '', children = [] }: MarkdownNode): string[] => {
    if (type === 'definition' && !definitions.has(identifier)) definitions.set(identifier, url!);
    if (type === 'linkReference' || type === 'imageReference') named.push(identifier);
    return [
      ...(url === undefined || type === 'definition' ? [] : [url]),
      ...(type === 'html' ? html(value!) : []),
      ...children.flatMap(visit),
    ];
  };
  const urls = visit(fromMarkdown(text));
  return [...urls, ...[...new Set(named)].map((each) => definitions.get(each)!)];
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parseString(source: string): string | undefined {
  try {
    return JSON.parse(source) as string;
  } catch {
    return undefined;
  }
}
