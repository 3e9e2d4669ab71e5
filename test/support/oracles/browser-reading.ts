/**
 * What a browser reads in a page, in the places that the contract names: a second implementation, over a DOM, of what
 * the package finds in bytes. `noscript` is read as a browser with scripting ends it, and its content as markup.
 * Longer than most files: what a place means depends on elements, and all of them are places within places.
 */
import { TokenType, tokenize } from '@csstools/css-tokenizer';
import { type DefaultTreeAdapterMap, html, Parser, type ParserOptions, type Token } from 'parse5';
import { asMarkup, asText, mayBeUrl, ofMarkup } from '../one-url.ts';
import { type Fields, isJson, readJson } from './data-reading.ts';

type Element = DefaultTreeAdapterMap['element'];
type Node = DefaultTreeAdapterMap['node'];

export interface Reading {
  readonly value: string;
  /** Where in the page it stands. */
  readonly at: number;
}

const urlAttributes = new Set([
  ...['src', 'href', 'xlink:href', 'poster', 'data', 'background', 'lazy-src', 'publisher-logo-src'],
  ...['portrait', 'square', 'landscape'].map((shape) => `poster-${shape}-src`),
]);
const cssAttributes = new Set(
  'style clip-path cursor fill filter marker-start marker-mid marker-end mask stroke'.split(' '),
);
const imageMetas = new Set([
  'og:image',
  'og:image:url',
  'og:image:secure_url',
  'twitter:image',
  'twitter:image:src',
  'thumbnail',
  'msapplication-tileimage',
  ...['square70x70', 'square150x150', 'wide310x150', 'square310x310'].map(
    (size) => `msapplication-${size}logo`,
  ),
  'vk:image',
  'parsely-image-url',
]);
const imageProperties = new Set(
  'image thumbnailurl logo photo contenturl screenshot primaryimageofpage'.split(' '),
);

/** What a site has named besides the usual places, as options of a rewriter. */
export interface NamedPlaces {
  readonly attributes?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly fields?: Fields;
  readonly customProperties?: readonly string[];
}

/**
 * All values, in the order of the page's source. Where parse5 and this package differ by design, it reads as the package
 * does:
 * - `noscript` is markup, ended by the first `</noscript`: browsers with scripting end it there, and those without, and
 *   search engines, read what is in it.
 * - Tags that tree construction drops (a `td` outside of a table) are read like the others: nobody loads what they name.
 * - `select` is an element like any other: so the standard since 2025, and Chromium; parse5 still drops what is in it.
 * - So is `frameset`: a page of frames loads nothing but frames, whatever is signed in it.
 */
export function readPage(page: string, named: NamedPlaces = {}): string[] {
  const out: Out = { readings: [], seen: new Set(), named };
  const parser = new ListeningParser(options);
  parser.tokenizer.write(page, true);
  visit(parser.document, 0, out);
  readDropped(parser.tags, 0, out);
  // Sorting keeps the order of what stands in one place.
  return out.readings.sort((a, b) => a.at - b.at).map(({ value }) => value);
}

/**
 * Whether an end tag in a page leaves an `svg` or a `math` that is still open. What it ends stands around that, or nowhere:
 * there the package goes by the shape of names, where a browser has a tree (docs/project/decisions/0003).
 */
export function leavesForeignContent(page: string): boolean {
  const parser = new ListeningParser(options);
  parser.tokenizer.write(page, true);
  return parser.hasLeftForeign;
}

/**
 * Whether a `noscript` is still open where the page ends. A browser with scripting reads the rest as text; of a script or a
 * style sheet that is open in it as well, the package leaves the last value alone.
 */
export function endsInNoscript(page: string): boolean {
  return /<noscript(?![\s\S]*<\/noscript)/i.test(page);
}

type TreeMap = DefaultTreeAdapterMap;
const options: ParserOptions<TreeMap> = { sourceCodeLocationInfo: true };

const { TAG_ID } = html;
const ordinary: ReadonlySet<number> = new Set([TAG_ID.SELECT, TAG_ID.FRAMESET]);

/** Keeps the start tags that went into the tree, or were dropped on the way. */
class ListeningParser extends Parser<TreeMap> {
  readonly tags: Token.TagToken[] = [];
  hasLeftForeign = false;

  override onStartTag(token: Token.TagToken): void {
    this.tags.push({ ...token, attrs: [...token.attrs] });
    super.onStartTag(asOrdinary(token));
  }

  override onEndTag(token: Token.TagToken): void {
    if (this.currentNotInHTML && !this.#isOpenForeign(token.tagName)) this.hasLeftForeign = true;
    super.onEndTag(asOrdinary(token));
  }

  #isOpenForeign(name: string): boolean {
    const { items, stackTop } = this.openElements; // what is behind the top has been closed
    const open = items.slice(0, stackTop + 1).filter((each) => 'tagName' in each);
    const outermost = open.findLastIndex(({ namespaceURI }) => namespaceURI === html.NS.HTML);
    return open.slice(outermost + 1).some(({ tagName }) => tagName.toLowerCase() === name);
  }
}

function asOrdinary(token: Token.TagToken): Token.TagToken {
  return ordinary.has(token.tagID)
    ? Object.assign(token, { tagName: 'x-any', tagID: TAG_ID.UNKNOWN })
    : token;
}

function readDropped(tags: readonly Token.TagToken[], shift: number, out: Out): void {
  for (const { tagName, attrs, location } of tags) {
    if (location === null || out.seen.has(shift + location.startOffset)) continue;
    readElement(
      {
        nodeName: tagName,
        tagName,
        attrs,
        namespaceURI: 'dropped',
        childNodes: [],
        parentNode: null,
        sourceCodeLocation: { ...location, startTag: location },
      } as unknown as Element, // as much of an element as is read
      shift,
      out,
    );
  }
}

interface Out {
  readonly readings: Reading[];
  /** Tags that have been read: tree construction opens some formatting elements again. */
  readonly seen: Set<number>;
  readonly named: NamedPlaces;
}

function visit(node: Node, shift: number, out: Out): void {
  // What later tags of theirs add to `html` and `body` is read with those tags.
  const isRoot = 'tagName' in node && (node.tagName === 'html' || node.tagName === 'body');
  if ('tagName' in node && !isRoot) readElement(node, shift, out);
  const isNoscript = 'tagName' in node && node.tagName === 'noscript' && node.namespaceURI.endsWith('xhtml');
  if (isNoscript) {
    return readFragment(textOf(node), shift + (node.sourceCodeLocation?.startTag?.endOffset ?? 0), out);
  }
  if ('content' in node) visit(node.content, shift, out);
  if ('childNodes' in node) for (const child of node.childNodes) visit(child, shift, out);
}

function readElement(element: Element, shift: number, out: Out): void {
  const { tagName, attrs, sourceCodeLocation: location } = element;
  // What has no place in the source is implied, or a formatting element that is opened again.
  if (!location) return;
  const start = shift + (location.startTag?.startOffset ?? location.startOffset);
  if (out.seen.has(start)) return;
  out.seen.add(start);
  const attributes = new Map(
    attrs.map(({ prefix, name, value }) => [prefix ? `${prefix}:${name}` : name, value]),
  );
  for (const [name, value] of attributes) {
    const place = location.attrs?.[name]?.startOffset;
    const at = place === undefined ? start : shift + place;
    for (const each of readAttribute(tagName, name.toLowerCase(), value, attributes, out.named))
      out.readings.push({ value: innerUrl(each), at });
  }
  const at = shift + (location.startTag?.endOffset ?? 0);
  const isHtml = element.namespaceURI.endsWith('xhtml');
  const isStyle = tagName === 'style' && !element.namespaceURI.endsWith('MathML');
  const type = (attributes.get('type') ?? '').split(';')[0]!.trim().toLowerCase();
  if (isStyle) {
    for (const each of readCss(textOf(element), out.named.customProperties))
      out.readings.push({ value: innerUrl(each), at });
  } else if (isHtml && tagName === 'script' && kindOfScript(type, out.named) === 'json') {
    for (const each of readData(textOf(element), out.named))
      out.readings.push({ value: inScript(innerUrl(each)), at });
  } else if (isHtml && tagName === 'script' && kindOfScript(type, out.named) === 'html') {
    const before = out.readings.length;
    readFragment(textOf(element), at, out);
    for (const reading of out.readings.splice(before))
      out.readings.push({ ...reading, value: inTemplate(inScript(reading.value)) });
  }
}

/**
 * What decides where the script ends stays. Without quotes, the `>` of the tag may be the end of a `-->`, also where the
 * parameters behind the hyphens are taken off.
 */
function inScript(value: string): string {
  return /[<>]|-(?:$|[?&])/.test(value) && ofMarkup(value) === undefined ? asMarkup(value) : value;
}

/** What may be an expression stays: a brace that is bare in the source. */
function inTemplate(value: string): string {
  return /\{(?!\})/.test(value) && ofMarkup(value) === undefined ? asMarkup(value) : value;
}

const jsonTypes = new Set(
  `application/json text/json importmap speculationrules text/x-magento-init qwik/json
    fastboot/shoebox`.split(/\s+/),
);
const templateTypes = new Set([
  ...['html', 'template', 'ng-template', 'mustache'].map((name) => `text/${name}`),
  ...['template', 'handlebars', 'handlebars-template', 'magento-template', 'mustache', 'jquery-tmpl'].map(
    (name) => `text/x-${name}`,
  ),
]);

function kindOfScript(type: string, { scripts }: NamedPlaces): string | undefined {
  if (jsonTypes.has(type) || /^[^/\s]+\/[^/\s]+\+json$/.test(type)) return 'json';
  return templateTypes.has(type) ? 'html' : scripts?.[type];
}

/** The strings of JSON, and the URLs in the texts that it holds. */
export function readData(json: string, named: NamedPlaces): string[] {
  return readJson(json, named.fields ?? {}, (html) => readPage(html, named));
}

function readFragment(text: string, at: number, out: Out): void {
  const parser = ListeningParser.getFragmentParser<TreeMap>(null, options) as ListeningParser;
  parser.tokenizer.write(text, true);
  visit(parser.getFragment(), at, out);
  readDropped(parser.tags, at, out);
}

function readAttribute(
  tagName: string,
  name: string,
  value: string,
  attributes: ReadonlyMap<string, string>,
  named: NamedPlaces,
): string[] {
  const trimmed = value.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, '');
  const kind = named.attributes?.[name];
  const isMeta = tagName === 'meta' && name === 'content';
  if (isMeta) {
    const words = (each: string): string[] => (attributes.get(each) ?? '').toLowerCase().split(/\s+/);
    const isNamed = [...words('property'), ...words('name')].some((each) => imageMetas.has(each));
    if (isNamed || words('itemprop').some((each) => imageProperties.has(each))) return [trimmed];
  }
  if (/^(?:set|animate)$/i.test(tagName) && /^(?:xlink:)?href$/.test(attributeName(attributes))) {
    if (name === 'to' || name === 'from') return [trimmed];
    if (name === 'values')
      return value.split(';').map((each) => each.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, ''));
  }
  if (name === 'srcdoc' || kind === 'html') return readPage(value, named);
  if (name === 'data-bgset') return readBgset(value);
  if (kind === 'css' || cssAttributes.has(name)) return readCss(value, named.customProperties);
  if (/^data-.*srcset$/.test(name)) return hasWords(value) ? [asText(value)] : readSrcset(value);
  if (kind === 'srcset' || name === 'srcset' || name === 'imagesrcset') return readSrcset(value);
  if (kind === 'json' || (name.startsWith('data-') && /^[[{]/.test(trimmed)))
    return isJson(value) ? readData(value, named) : [];
  if (name.startsWith('data-')) {
    if (/^url\(/i.test(trimmed)) return readCss(value, named.customProperties);
    return [mayBeUrl(trimmed) ? trimmed : asText(trimmed)];
  }
  const isAvatar = name === 'image' && /^(?:sl|wa)-avatar$/i.test(tagName);
  return kind === 'url' || isAvatar || urlAttributes.has(name) ? [trimmed] : [];
}

/** parse5 changes the case of the name in SVG. */
function attributeName(attributes: ReadonlyMap<string, string>): string {
  return attributes.get('attributeName') ?? attributes.get('attributename') ?? '';
}

/** By the regular expressions of lazySizes' plugin, with the white space of HTML. */
function readBgset(value: string): string[] {
  return value.split(/[\t\n\f\r ]*\|[\t\n\f\r ]+|[\t\n\f\r ]+\|[\t\n\f\r ]*/).flatMap((set) => {
    const [, candidates] = /^([\s\S]+?)[\t\n\f\r ]+\[[\s\S]+\][\t\n\f\r ]*$/.exec(set) ?? [];
    return readSrcset(candidates ?? set);
  });
}

/** What the image optimizer of Next.js is asked for, by the URL standard; any other URL as it is. */
export function innerUrl(value: string): string {
  if (!/^(?:\/[\w~-]+)*\/_next\/image\/?\?/.test(value) || /[^!-~]|[+\\]/.test(value)) return value;
  const { searchParams } = new URL(value, 'https://shop.example');
  const [, query = ''] = /\?([^#]*)/.exec(value)!; // as written: `search` encodes a `<`
  const names = query.split('&').map((each) => each.split('=', 1)[0]!);
  const isPlain = names.every((name) => name === 'url' || !/^url|%/.test(name));
  const isUtf8 = !/%(?![0-9a-f]{2})/i.test(/[?&]url=([^&#]*)/.exec(value)?.[1] ?? '%');
  if (!isPlain || !isUtf8 || searchParams.getAll('url').length !== 1) return value;
  return searchParams.get('url')!;
}

/** By two regular expressions, as the standard's algorithm reads. */
export function readSrcset(value: string): string[] {
  const urls: string[] = [];
  for (let rest = value; ; ) {
    const [all, url] = /^[\t\n\f\r ,]*([^\t\n\f\r ]+)/.exec(rest) ?? [];
    if (all === undefined || url === undefined || /^,+$/.test(url)) return urls;
    urls.push(url.replace(/,+$/, ''));
    rest = rest.slice(all.length);
    if (!url.endsWith(',')) rest = rest.replace(/^(?:\([^)]*\)?|[^,(])*/, '');
  }
}

/** Whether something stands between candidates that is no descriptor. */
function hasWords(value: string): boolean {
  for (let rest = value; ; ) {
    const [all, url] = /^[\t\n\f\r ,]*([^\t\n\f\r ]+)/.exec(rest) ?? [];
    if (all === undefined || url === undefined || /^,+$/.test(url)) return false;
    rest = rest.slice(all.length);
    if (url.endsWith(',')) continue;
    const [descriptors = ''] = /^(?:\([^)]*\)?|[^,(])*/.exec(rest) ?? [];
    const words = descriptors.split(/[\t\n\f\r ]+/).filter((word) => word !== '');
    if (words.some((word) => !/^(?:\d+[wh]|(?:\d+|\d*\.\d+)(?:e[+-]?\d+)?x)$/i.test(word))) return true;
    rest = rest.slice(descriptors.length);
  }
}

/** By a tokenizer that follows CSS Syntax 3. */
export function readCss(css: string, properties: readonly string[] = []): string[] {
  const urls: string[] = [];
  const open: string[] = [];
  /** What a string here belongs to, or a colon. */
  let before: 'import' | 'property' | 'colon' | undefined;
  for (const token of tokenize({ css })) {
    const [type, , , , data] = token;
    if (type === TokenType.Whitespace || type === TokenType.Comment) continue;
    const { value: text = '' } = (data ?? {}) as { readonly value?: string };
    const isValue = before === 'import' || before === 'colon';
    if (type === TokenType.AtKeyword && text.toLowerCase() === 'import') before = 'import';
    else if (type === TokenType.Ident && properties.includes(text)) before = 'property';
    else if (type === TokenType.Colon && before === 'property') before = 'colon';
    else before = undefined;
    if (type === TokenType.String && isValue) urls.push(text);
    else if (type === TokenType.URL) urls.push((data as { value: string }).value);
    else if (type === TokenType.String && /^(?:url|(?:-webkit-)?image-set)$/.test(open.at(-1) ?? '')) {
      urls.push((data as { value: string }).value);
      if (open.at(-1) === 'url') open[open.length - 1] = 'url, read';
    } else if (type === TokenType.BadString && open.at(-1) === 'url') open[open.length - 1] = 'url, read';
    else if (type === TokenType.Function) open.push((data as { value: string }).value.toLowerCase());
    else if (type === TokenType.OpenParen) open.push(')');
    else if (type === TokenType.OpenSquare) open.push('[');
    else if (type === TokenType.OpenCurly) open.push('{');
    else if (type === TokenType.CloseSquare && open.at(-1) === '[') open.pop();
    else if (type === TokenType.CloseCurly && open.at(-1) === '{') open.pop();
    else if (type === TokenType.CloseParen && !['[', '{', undefined].includes(open.at(-1))) open.pop();
  }
  return urls;
}

function textOf(node: Element): string {
  return node.childNodes.map((child) => ('value' in child ? child.value : '')).join('');
}
