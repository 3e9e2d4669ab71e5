/** What JSON and Markdown mean, as lines of text, for `pageTree`, without what the package may change. */

import { fromMarkdown } from 'mdast-util-from-markdown';
import { markdown, type TextReader } from '../../src/markdown.ts';
import { siteTargets } from './hostile-places.ts';
import { mayBeUrl } from './one-url.ts';

/** The tree of HTML, as lines. */
export type HtmlTree = (html: string) => readonly string[];

export function jsonTree(text: string, html: HtmlTree): string[] {
  const lines: string[] = [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return ['no JSON'];
  }
  visitValue(value, '', '', html, lines);
  return lines;
}

/** @param name - of the member whose value this is */
function visitValue(value: unknown, name: string, path: string, html: HtmlTree, lines: string[]): void {
  if (typeof value === 'string') {
    for (const line of textTree(value, name, html)) lines.push(`${path} ${line}`);
  } else if (Array.isArray(value)) {
    lines.push(`${path} list of ${value.length}`);
    for (const [index, each] of value.entries()) visitValue(each, '', `${path}/${index}`, html, lines);
  } else if (typeof value === 'object' && value !== null) {
    lines.push(`${path} object of ${Object.keys(value).length}`);
    for (const [key, each] of Object.entries(value)) visitValue(each, key, `${path}/${key}`, html, lines);
  } else lines.push(`${path} ${value}`);
}

function textTree(text: string, name: string, html: HtmlTree): readonly string[] {
  if (isUrl(text)) return ['URL'];
  switch (kindOfField(name)) {
    case 'html':
      return html(text);
    case 'json':
      return jsonTree(text, html);
    case markdown:
      return markdownTree(text, html);
    default:
      // A script that puts it into the page gets the same elements: not a byte of a text changes.
      return [text];
  }
}

/** A string of JSON that is one URL may change as a whole. */
export function isUrl(text: string): boolean {
  return /^(?:https?:|\/)/i.test(text) && mayBeUrl(text);
}

function kindOfField(name: string): 'html' | 'json' | TextReader | undefined {
  return new Map(Object.entries(siteTargets.fields)).get(name);
}

interface MarkdownNode {
  readonly type: string;
  readonly children?: readonly MarkdownNode[];
}

export function markdownTree(text: string, html: HtmlTree): string[] {
  const lines: string[] = [];
  const visit = (node: MarkdownNode, depth: number): void => {
    const { children = [], ...own } = node;
    for (const [key, value] of Object.entries(own)) {
      if (key === 'position') continue;
      if (key === 'value' && node.type === 'html') {
        for (const line of html(String(value))) lines.push(`${depth} html ${line}`);
      } else lines.push(`${depth} ${key} ${key === 'url' ? '' : value}`);
    }
    for (const child of children) visit(child, depth + 1);
  };
  visit(fromMarkdown(text), 0);
  return lines;
}
