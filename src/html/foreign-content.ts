/**
 * Is the parser in foreign content (SVG or MathML)? There are no raw text elements there, but there are CDATA sections
 * and self-closing tags. This is the part of tree construction that decides it (WHATWG HTML, 13.2.6.5).
 *
 * The stack of open elements starts at the outermost `svg` or `math`; of the elements around it there are only
 * approximate counts. An end tag that matches nothing on the stack may match one of them, which closes the `svg` as
 * well.
 *
 * Longer than most files: the rules and the stack that they work on are one part of the standard.
 */
import { type Attribute, findAttribute, unescapeValue } from './attributes.ts';

/** A set of element names, given with spaces between them. */
const namesIn = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Start tags that end foreign content (13.2.6.5). `font` does so only with some attributes. */
const breakoutElements: ReadonlySet<string> = namesIn(
  'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta ' +
    'nobr ol p pre ruby s small span strong strike sub sup table tt u ul var',
);
const voidElements: ReadonlySet<string> = namesIn(
  'area base basefont bgsound br col embed frame hr image img input keygen link meta param source track wbr',
);
/** Their start tags open no element in a body. */
const ignoredInBody: ReadonlySet<string> = namesIn('frame frameset head html body');
const headings: ReadonlySet<string> = namesIn('h1 h2 h3 h4 h5 h6');
const formattingElements: ReadonlySet<string> = namesIn(
  'a b big code em font i nobr s small strike strong tt u',
);
/** Elements that only a `table` or a `template` can contain. */
const tableParts: ReadonlySet<string> = namesIn('caption col colgroup tbody td tfoot th thead tr');
/** Start tags that end an open `p`. */
const closesParagraph: ReadonlySet<string> = namesIn(
  'address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 ' +
    'h4 h5 h6 header hgroup hr li dd dt listing main menu nav ol p plaintext pre search section summary table ul xmp',
);
/** End tags that look for their element "in scope". Most others look no further than a special element. */
const closesInScope: ReadonlySet<string> = namesIn(
  'address article aside blockquote button center details dialog dir div dl fieldset figcaption figure footer ' +
    'header hgroup listing main menu nav ol pre search section select summary ul form p li dd dt h1 h2 h3 h4 h5 h6 ' +
    'applet marquee object a b big code em font i nobr s small strike strong tt u',
);
/**
 * Elements that no end tag can pop from around an `svg`: they are void, contain only text, or their end tag pops
 * nothing but themselves.
 */
const neverPoppedAround: ReadonlySet<string> = new Set([
  ...voidElements,
  ...namesIn(
    'title textarea style script iframe xmp noembed noframes noscript plaintext html head body form',
  ),
]);

/** What the attributes of a start tag say about foreign content. */
interface StartTagFlags {
  /** `font` breaks out of foreign content only if it has `color`, `face` or `size`. */
  readonly hasFontAttribute: boolean;
  /** `annotation-xml` whose `encoding` is `text/html` or `application/xhtml+xml`. */
  readonly isHtmlIntegrationPoint: boolean;
}

const noFlags: StartTagFlags = { hasFontAttribute: false, isHtmlIntegrationPoint: false };

/** @param read - reads the tag's attributes; it is called only for the two elements that need them */
export function readStartTagFlags(
  bytes: Buffer,
  name: string,
  read: () => readonly Attribute[],
): StartTagFlags {
  if (name !== 'font' && name !== 'annotation-xml') return noFlags;
  const has = (attribute: string): boolean => findAttribute(bytes, read(), attribute) !== undefined;
  const encoding = name === 'annotation-xml' ? findAttribute(bytes, read(), 'encoding') : undefined;
  const encodingText = encoding === undefined ? '' : unescapeValue(bytes, encoding).text.toLowerCase();
  return {
    hasFontAttribute: name === 'font' && (has('color') || has('face') || has('size')),
    isHtmlIntegrationPoint: encodingText === 'text/html' || encodingText === 'application/xhtml+xml',
  };
}

/** The elements that a table part can be in, by the part's level; further in are those of the next levels. */
const tableContexts = [
  ['template', 'table'],
  ['template', 'table', 'tbody', 'thead', 'tfoot'],
  ['template', 'table', 'tbody', 'thead', 'tfoot', 'tr'],
] as const;
const tableLevel: ReadonlyMap<string, number> = new Map([
  ['tr', 1],
  ['td', 2],
  ['th', 2],
]);
/** A `table` in one of these is not in the table around it. */
const tableBounds = ['td', 'th', 'caption', 'template'];
const lists = ['ul', 'ol'];

export class ForeignContent {
  /** Counts the tags outside foreign content. */
  readonly openTags: OpenTagCounts = new OpenTagCounts();
  readonly #elements: OpenElements = new OpenElements();

  /** Whether an `svg` or `math` element is open. */
  get isOpen(): boolean {
    return this.#elements.current !== undefined;
  }

  /**
   * Whether `<![CDATA[` begins a CDATA section here. By the letter of the standard it also does if the adjusted current
   * node is an integration point, which is not in the HTML namespace. Chromium and parse5 read a comment there, and so
   * do we.
   */
  get hasCdata(): boolean {
    return this.#elements.current?.isForeign === true;
  }

  /** Whether there are more elements than are followed: what is text from here on, and what a tag, is unknown. */
  get isTooDeep(): boolean {
    return this.#elements.length > maxDepth;
  }

  /** Whether text here belongs to an SVG `style` element. */
  get isSvgStyle(): boolean {
    return this.#elements.current?.isSvgStyle === true;
  }

  /** @returns whether the tag opens an HTML element, whose text may be raw text */
  startTag(name: string, isSelfClosing: boolean, flags: StartTagFlags): boolean {
    const { current } = this.#elements;
    if (current === undefined || current.namespace === 'html' || isHtmlWithin(current, name))
      return this.#startTagInHtml(name, isSelfClosing);
    if (breakoutElements.has(name) || (name === 'font' && flags.hasFontAttribute)) {
      this.#breakOut();
      return this.#startTagInHtml(name, isSelfClosing);
    }
    if (!isSelfClosing) this.#elements.pushForeign(name, current.namespace, flags.isHtmlIntegrationPoint);
    return false;
  }

  /** @returns whether the tag is one for the elements around the outermost `svg` or `math` */
  endTag(name: string): boolean {
    if (name === 'br' || name === 'p') this.#breakOut();
    const { current } = this.#elements;
    if (current === undefined) return true;
    if (current.namespace !== 'html') {
      const found = this.#elements.lastForeign(name);
      if (found > current.lastHtml) {
        this.#elements.popTo(found);
        return false;
      }
    }
    return this.#endTagInHtml(name, current);
  }

  /** Pops foreign elements until the current node is an HTML element or an integration point. */
  #breakOut(): void {
    while (this.#elements.current?.isForeign) this.#elements.popTo(this.#elements.length - 1);
  }

  #startTagInHtml(name: string, isSelfClosing: boolean): boolean {
    if (name === 'svg' || name === 'math') {
      if (!isSelfClosing) this.#elements.pushForeign(name, name, false);
      return false;
    }
    if (!this.isOpen || ignoredInBody.has(name)) return true;
    if (tableParts.has(name)) this.#startTablePart(name);
    else {
      if (closesParagraph.has(name)) this.#popInScope('p');
      if (name === 'button') this.#popInScope(name);
      if (name === 'table') this.#endTableWithoutCell();
      const { length, current } = this.#elements;
      if (headings.has(name) && current?.namespace === 'html' && headings.has(current.name))
        this.#elements.popTo(length - 1);
      if (!voidElements.has(name)) this.#elements.pushHtml(name);
    }
    return true;
  }

  /** "If the stack of open elements has a `p` element in button scope, then close a `p` element", and the like. */
  #popInScope(name: string): void {
    const { current } = this.#elements;
    const found = this.#elements.lastHtml(name);
    if (found >= 0 && found >= this.#endTagBound(name, current!)) this.#elements.popTo(found); // not empty: found
  }

  /** Pops what a row, a cell and the like cannot be in. */
  #startTablePart(name: string): void {
    const outer = this.#elements.lastHtmlOf(tableContexts[tableLevel.get(name) ?? 0]!); // 0 to 2
    if (outer >= 0) {
      this.#elements.popTo(outer + 1);
      if (name !== 'col') this.#elements.pushHtml(name);
    } else if (this.#isTableAround()) this.#elements.popTo(0);
  }

  /** A `table` ends the table around it, unless it is in a cell or a caption. */
  #endTableWithoutCell(): void {
    const table = this.#elements.lastHtml('table');
    const bound = this.#elements.lastHtmlOf(tableBounds);
    if (table > bound) this.#elements.popTo(table);
    else if (bound < 0 && this.openTags.mayBeOpen('table') && !this.openTags.mayBeOpenOf(tableBounds))
      this.#elements.popTo(0);
  }

  /** Processes an end tag by the rules for HTML content. */
  #endTagInHtml(name: string, current: OpenElement): boolean {
    const bound = this.#endTagBound(name, current);
    const found = headings.has(name) ? this.#elements.lastHtmlOf(headings) : this.#elements.lastHtml(name);
    if (found >= Math.max(bound, 0)) {
      this.#closeElement(name, found, current.lastSpecial);
      return false;
    }
    if (bound < 0 && this.#mayPopAround(name)) this.#elements.popTo(0);
    return bound < 0;
  }

  #closeElement(name: string, index: number, lastSpecial: number): void {
    if (name === 'form') this.#elements.remove(index);
    else if (formattingElements.has(name) && lastSpecial > index) {
      // The adoption agency algorithm (13.2.6.4.7) leaves the special elements within the formatting element open.
      this.#elements.popTo(lastSpecial + 1);
      this.#elements.remove(index);
    } else this.#elements.popTo(index);
  }

  /** @returns the index of the innermost element that an end tag does not look past; -1 if there is none */
  #endTagBound(name: string, { lastSpecial, lastScope }: OpenElement): number {
    if (closesInScope.has(name)) {
      if (name === 'p') return Math.max(lastScope, this.#elements.lastHtml('button'));
      return name === 'li' ? Math.max(lastScope, this.#elements.lastHtmlOf(lists)) : lastScope;
    }
    if (name === 'template') return -1;
    const isTable = name === 'table' || tableParts.has(name);
    return isTable ? this.#elements.lastHtmlOf(tableContexts[0]) : lastSpecial;
  }

  /** Whether an end tag may pop an element around the outermost `svg` or `math`. */
  #mayPopAround(name: string): boolean {
    if (neverPoppedAround.has(name)) return false;
    if (headings.has(name)) return this.openTags.mayBeOpenOf(headings);
    return this.openTags.mayBeOpen(name) && (!tableParts.has(name) || this.#isTableAround());
  }

  /** Whether the rules for a table's content may apply around the outermost `svg` or `math`. */
  #isTableAround(): boolean {
    // A `template` takes over these rules from the first table part in it.
    if (this.openTags.mayBeOpen('table')) return true;
    return this.openTags.mayBeOpen('template') && this.openTags.mayBeOpenOf(tableParts);
  }
}

/** Whether a start tag in a foreign element is processed by the rules for HTML content (13.2.6). */
function isHtmlWithin({ name: current, namespace, integration }: OpenElement, name: string): boolean {
  if (integration === 'html') return true;
  if (integration === 'mathml-text') return name !== 'mglyph' && name !== 'malignmark';
  return namespace === 'math' && current === 'annotation-xml' && name === 'svg';
}

const svgIntegrationPoints: ReadonlySet<string> = namesIn('foreignobject desc title');
const mathIntegrationPoints: ReadonlySet<string> = namesIn('mi mo mn ms mtext');
/** The HTML elements that bound a scope, except `html`. */
const scopeElements: ReadonlySet<string> = namesIn(
  'applet caption table td th marquee object select template',
);
const specialElements: ReadonlySet<string> = namesIn(
  'address applet area article aside base basefont bgsound blockquote body br button caption center col colgroup dd ' +
    'details dir div dl dt embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header ' +
    'hgroup hr html iframe img input keygen li link listing main marquee menu meta nav noembed noframes noscript ' +
    'object ol p param plaintext pre script search section select source style summary table tbody td template ' +
    'textarea tfoot th thead title tr track ul wbr xmp',
);

type Namespace = 'html' | 'svg' | 'math';

interface OpenElement {
  readonly name: string;
  readonly namespace: Namespace;
  /** Whether the rules for foreign content apply in it: it is neither an HTML element nor an integration point. */
  readonly isForeign: boolean;
  readonly isSvgStyle: boolean;
  /** Whether the element is an HTML integration point or a MathML text integration point. */
  readonly integration: 'html' | 'mathml-text' | undefined;
  /** The index of the innermost special element up to this one; -1 if there is none. */
  readonly lastSpecial: number;
  /** The index of the innermost element up to this one that bounds a scope; -1 if there is none. */
  readonly lastScope: number;
  /** The index of the innermost HTML element up to this one; -1 if there is none. */
  readonly lastHtml: number;
  /** Removed while elements within it stayed on the stack. */
  isRemoved: boolean;
}

/** The indices on the stack of the elements with a name, the outermost first. */
type IndicesByName = Map<string, number[]>;

/** The stack's greatest depth, since a hostile page may nest without end. */
const maxDepth = 256;

class OpenElements {
  /** The current node: the innermost element. */
  current: OpenElement | undefined;
  readonly #stack: OpenElement[] = [];
  #htmlIndices: IndicesByName | undefined;
  #foreignIndices: IndicesByName | undefined;

  get length(): number {
    return this.#stack.length;
  }

  /** @returns the index of the innermost HTML element with this name; -1 if there is none */
  lastHtml(name: string): number {
    return this.#htmlIndices?.get(name)?.at(-1) ?? -1;
  }

  /** @returns the index of the innermost HTML element with one of these names; -1 if there is none */
  lastHtmlOf(names: Iterable<string>): number {
    let last = -1;
    for (const name of names) last = Math.max(last, this.lastHtml(name));
    return last;
  }

  /** @returns the index of the innermost SVG or MathML element with this name; -1 if there is none */
  lastForeign(name: string): number {
    return this.#foreignIndices?.get(name)?.at(-1) ?? -1;
  }

  pushHtml(name: string): void {
    this.#push(name, 'html', undefined, specialElements.has(name), scopeElements.has(name));
  }

  pushForeign(name: string, namespace: 'svg' | 'math', isHtmlIntegrationPoint: boolean): void {
    let integration: OpenElement['integration'];
    if (namespace === 'svg') integration = svgIntegrationPoints.has(name) ? 'html' : undefined;
    else if (mathIntegrationPoints.has(name)) integration = 'mathml-text';
    else if (isHtmlIntegrationPoint) integration = 'html';
    // `annotation-xml` is special and bounds a scope even if it isn't an integration point.
    const isBound = integration !== undefined || (namespace === 'math' && name === 'annotation-xml');
    this.#push(name, namespace, integration, isBound, isBound);
  }

  #push(
    name: string,
    namespace: Namespace,
    integration: OpenElement['integration'],
    isSpecial: boolean,
    isScope: boolean,
  ): void {
    const index = this.#stack.length;
    const outer = this.current ?? noElement;
    const isHtml = namespace === 'html';
    this.current = {
      name,
      namespace,
      isForeign: !isHtml && integration === undefined,
      isSvgStyle: namespace === 'svg' && name === 'style',
      integration,
      lastSpecial: isSpecial ? index : outer.lastSpecial,
      lastScope: isScope ? index : outer.lastScope,
      lastHtml: isHtml ? index : outer.lastHtml,
      isRemoved: false,
    };
    this.#stack.push(this.current);
    const indices = this.#indicesOf(namespace);
    const stacked = indices.get(name);
    if (stacked === undefined) indices.set(name, [index]);
    else stacked.push(index);
  }

  popTo(length: number): void {
    while (this.current !== undefined && (this.#stack.length > length || this.current.isRemoved)) {
      if (!this.current.isRemoved) this.#forget(this.current);
      this.#stack.pop();
      this.current = this.#stack[this.#stack.length - 1];
    }
  }

  /** Removes an element, and leaves those within it. It is the innermost HTML element with its name. */
  remove(index: number): void {
    if (index === this.#stack.length - 1) return this.popTo(index);
    const element = this.#stack[index]!; // the caller found it there
    element.isRemoved = true;
    this.#forget(element);
  }

  #indicesOf(namespace: Namespace): IndicesByName {
    // Created only when needed: most pages have no such element, and a streamed page may stay in memory for long.
    if (namespace === 'html') this.#htmlIndices ??= new Map();
    else this.#foreignIndices ??= new Map();
    return (namespace === 'html' ? this.#htmlIndices : this.#foreignIndices)!; // assigned above
  }

  #forget({ name, namespace }: OpenElement): void {
    const indices = this.#indicesOf(namespace);
    const stacked = indices.get(name)!; // `push` added it
    if (stacked.length > 1) stacked.pop();
    else indices.delete(name);
  }
}

/** The element around the outermost one on the stack. */
const noElement = { lastSpecial: -1, lastScope: -1, lastHtml: -1 };

const slots = 2048;
/** A list of more counts would take as much memory as the table. */
const maxListed = 128;

/** A table of zeros that is not in use. */
let spare: Buffer | undefined;
/** The object that has rested last; it may still have its table. */
let resting: OpenTagCounts | undefined;

const nothing: Buffer = Buffer.alloc(0);

/** The factors give different slots to element names of HTML that differ in one of the three. */
function slotOf(first: number, last: number, length: number): number {
  return ((first & 31) + (last & 31) * 163 + length * 97) & (slots - 1);
}

/**
 * Which elements may be open around an `svg` or `math`? It counts start tags minus end tags by a hash of the name's
 * first letter, last letter and length, since it runs at every tag of a page. It may wrongly say that an element is
 * open (hash collisions, omitted end tags).
 *
 * A streamed page may wait long for its next chunk. If another page is read meanwhile, it gets the table, and this object keeps only
 * the counts above zero, about twenty for a usual page.
 */
export class OpenTagCounts {
  #counts: Buffer = nothing;
  /** Alternating slots and counts, while there is no table. */
  #listed: readonly number[] = [];

  /**
   * The table, until another object needs its own. It does not use Node's pool: a slice of it would keep the whole
   * pool alive (64 KiB from Node.js 24 on).
   */
  get counts(): Buffer {
    if (this.#counts.length === 0) this.#takeTable();
    return this.#counts;
  }

  #takeTable(): void {
    if (resting !== undefined) resting.#shelve();
    resting = undefined;
    this.#counts = spare ?? Buffer.alloc(slots);
    spare = undefined;
    for (let i = 0; i < this.#listed.length; i += 2) this.#counts[this.#listed[i]!] = this.#listed[i + 1]!;
    this.#listed = [];
  }

  /** Rests until more of the page comes. */
  rest(): void {
    if (this.#counts.length === 0 || resting === this) return;
    if (resting !== undefined) resting.#shelve();
    resting = this;
  }

  /** Keeps the counts without the table, if they are few. */
  #shelve(): void {
    const counts = this.#counts;
    const listed: number[] = [];
    for (let slot = 0; slot < counts.length; slot++) {
      if (counts[slot] === 0) continue;
      if (listed.push(slot, counts[slot]!) > 2 * maxListed) return;
    }
    this.drop();
    this.#listed = listed;
  }

  /** Ends the counting. */
  drop(): void {
    if (resting === this) resting = undefined;
    if (this.#counts.length > 0) spare = this.#counts.fill(0);
    this.#counts = nothing;
  }

  /** @param first - the first letter of the tag's name, in either case, as is `last` */
  add(first: number, last: number, length: number, isEndTag: boolean): void {
    const { counts } = this;
    const slot = slotOf(first, last, length);
    const count = counts[slot]! + (isEndTag ? -1 : 1);
    if (count >= 0 && count <= 0x7f) counts[slot] = count;
  }

  mayBeOpen(name: string): boolean {
    return this.counts[slotOf(name.charCodeAt(0), name.charCodeAt(name.length - 1), name.length)]! > 0;
  }

  mayBeOpenOf(names: Iterable<string>): boolean {
    for (const name of names) if (this.mayBeOpen(name)) return true;
    return false;
  }
}
