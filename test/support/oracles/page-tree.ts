/**
 * The tree that a browser builds of a page, as lines of text: elements with their attributes, comments, text, templates
 * and the documents in `srcdoc`. What the package may change is left out: the values of attributes that hold URLs, and
 * what is in style sheets and scripts that run. Of JSON the values are there, and the trees of HTML in it. So the lines are the same before and after a rewrite, or the tree has changed.
 */

import { fromMarkdown } from 'mdast-util-from-markdown';
import { type DefaultTreeAdapterMap, parse } from 'parse5';
import { markdown, type TextReader } from '../../../src/markdown.ts';
import { siteTargets } from '../generators/hostile-places.ts';
import { mayBeUrl, trimmed } from '../one-url.ts';

/** The tree of HTML, as lines. */
type HtmlTree = (html: string) => readonly string[];

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
    for (const line of fieldTree(value, name, html)) lines.push(`${path} ${line}`);
  } else if (Array.isArray(value)) {
    lines.push(`${path} list of ${value.length}`);
    for (const [index, each] of value.entries()) visitValue(each, '', `${path}/${index}`, html, lines);
  } else if (typeof value === 'object' && value !== null) {
    lines.push(`${path} object of ${Object.keys(value).length}`);
    for (const [key, each] of Object.entries(value)) visitValue(each, key, `${path}/${key}`, html, lines);
  } else lines.push(`${path} ${value}`);
}

function fieldTree(text: string, name: string, html: HtmlTree): readonly string[] {
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
function isUrl(text: string): boolean {
  return /^(?:https?:|\/)/i.test(text) && mayBeUrl(text);
}

function kindOfField(name: string): 'html' | 'json' | TextReader | undefined {
  return new Map(Object.entries(siteTargets.fields)).get(name);
}

interface MarkdownNode {
  readonly type: string;
  readonly children?: readonly MarkdownNode[];
}

function markdownTree(text: string, html: HtmlTree): string[] {
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

type Node = DefaultTreeAdapterMap['node'];
type Element = DefaultTreeAdapterMap['element'];

const rewritten =
  /^(?:src|href|xlink:href|poster|data|background|srcset|imagesrcset|style|content|data-.*|lazy-src|image|mask|fill|cursor|to|values|picture-url|picture-set|picture-css)$/;

/** @param scripting - whether `noscript` is text, as in a browser that runs scripts */
export function pageTree(page: string, scripting: boolean): string[] {
  const lines: string[] = [];
  visit(parse(page, { scriptingEnabled: scripting }), 0, scripting, lines);
  return lines;
}

function visit(node: Node, depth: number, scripting: boolean, lines: string[]): void {
  const indent = `${depth} `;
  if ('tagName' in node) {
    lines.push(`${indent}${node.namespaceURI} ${node.tagName}`);
    for (const attribute of node.attrs) visitAttribute(attribute, depth, scripting, lines);
  } else if (node.nodeName === '#comment' && 'data' in node) lines.push(`${indent}comment ${node.data}`);
  else if (node.nodeName === '#text' && 'value' in node) {
    const parent = node.parentNode as Element;
    for (const line of textTree(parent, node.value, scripting)) lines.push(`${indent}text ${line}`);
  } else lines.push(`${indent}${node.nodeName}`);
  if ('content' in node) visit(node.content, depth + 1, scripting, lines);
  if ('childNodes' in node) for (const child of node.childNodes) visit(child, depth + 1, scripting, lines);
}

function visitAttribute(
  { prefix, name, value }: Element['attrs'][number],
  depth: number,
  scripting: boolean,
  lines: string[],
): void {
  const full = prefix ? `${prefix}:${name}` : name;
  const nested = nestedTree(name, value, scripting);
  if (nested !== undefined) {
    lines.push(`${depth} @${name}`);
    // A document of its own: the depth tells it from what is around.
    lines.push(...nested.map((line) => `${depth}/${line}`));
  } else lines.push(`${depth} @${full}${rewritten.test(full) && !isText(full, value) ? '' : `=${value}`}`);
}

/** A text in a `data-*` attribute, of which nothing changes. */
function isText(name: string, value: string): boolean {
  if (!name.startsWith('data-') || /set$/.test(name)) return false;
  return !/^[\t\n\f\r ]*url\(/i.test(value) && !mayBeUrl(trimmed(value));
}

function nestedTree(name: string, value: string, scripting: boolean): readonly string[] | undefined {
  if (name === 'srcdoc' || name === 'picture-page') return pageTree(value, scripting);
  const isData = name === 'picture-data' || (name.startsWith('data-') && /^[\t\n\r ]*[[{]/.test(value));
  return isData ? jsonTree(value, (html) => pageTree(html, scripting)) : undefined;
}

const jsonTypes: ReadonlySet<string> = new Set(
  `application/json application/ld+json application/geo+json importmap speculationrules qwik/json
    text/x-data`.split(/\s+/),
);
const viewTypes: ReadonlySet<string> = new Set(
  `text/html text/template text/ng-template text/x-template text/x-magento-template text/mustache
    text/x-mustache text/x-jquery-tmpl text/x-view`.split(/\s+/),
);

function textTree(parent: Element, text: string, scripting: boolean): readonly string[] {
  const type = parent.attrs?.find(({ name }) => name === 'type')?.value ?? '';
  const essence = type.replace(/;.*/s, '').trim().toLowerCase();
  const isScript = parent.tagName === 'script' && parent.namespaceURI.endsWith('xhtml');
  if (isScript && viewTypes.has(essence)) return pageTree(text, scripting);
  if (isScript && jsonTypes.has(essence)) return jsonTree(text, (html) => pageTree(html, scripting));
  return [isOpaque(parent, scripting) ? '…' : text];
}

/** Whether the text of the element may change: a sheet, a script, or markup that is read as text. */
function isOpaque({ tagName }: Element, scripting: boolean): boolean {
  return tagName === 'style' || tagName === 'script' || (tagName === 'noscript' && scripting);
}
