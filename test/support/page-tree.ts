/**
 * The tree that a browser builds of a page, as lines of text: elements with their attributes, comments, text, templates
 * and the documents in `srcdoc`. What the package may change is left out: the values of attributes that hold URLs, and
 * what is in style sheets and scripts. So the lines are the same before and after a rewrite, or the tree has changed.
 */
import { type DefaultTreeAdapterMap, parse } from 'parse5';

type Node = DefaultTreeAdapterMap['node'];
type Element = DefaultTreeAdapterMap['element'];

const rewritten =
  /^(?:src|href|xlink:href|poster|data|background|srcset|imagesrcset|style|content|data-.*|lazy-src|mask|fill|cursor|to|values|picture-url|picture-set|picture-css)$/;

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
  else if (node.nodeName === '#text' && 'value' in node)
    lines.push(`${indent}text ${isOpaque(node.parentNode as Element, scripting) ? '…' : node.value}`);
  else lines.push(`${indent}${node.nodeName}`);
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
  if (name === 'srcdoc') {
    lines.push(`${depth} @srcdoc`);
    // A document of its own: the depth tells it from what is around.
    lines.push(...pageTree(value, scripting).map((line) => `${depth}/${line}`));
  } else lines.push(`${depth} @${full}${rewritten.test(full) ? '' : `=${value}`}`);
}

/** Whether the text of the element may change: a sheet, an island, or markup that is read as text. */
function isOpaque({ tagName }: Element, scripting: boolean): boolean {
  return tagName === 'style' || tagName === 'script' || (tagName === 'noscript' && scripting);
}
