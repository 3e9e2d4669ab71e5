/**
 * The stack of open elements (WHATWG HTML, 13.2.4.2), from the outermost `svg` or `math` on, and counts of the tags around
 * that. Every lookup takes constant time: a walk over the stack for each tag would be quadratic in a hostile page.
 */

/** A set of element names, given with spaces between them. */
export const namesIn = (text: string): ReadonlySet<string> => new Set(text.split(' '));

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

export interface OpenElement {
  readonly name: string;
  readonly namespace: Namespace;
  /** Whether the rules for foreign content apply in it: it is no HTML element and no integration point. */
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

/**
 * The stack's greatest depth, since a hostile page may nest without end. Chromium nests no deeper than 512 elements.
 */
const maxDepth = 256;

export class OpenElements {
  /** The current node: the innermost element. */
  current: OpenElement | undefined;
  readonly #stack: OpenElement[] = [];
  #htmlIndices: IndicesByName | undefined;
  #foreignIndices: IndicesByName | undefined;
  /** Start tags beyond `maxDepth`, which are not on the stack, minus their end tags. */
  #unstackedTags = 0;

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
    // `annotation-xml` is special and bounds a scope even where it is no integration point.
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
    if (index >= maxDepth) {
      this.#unstackedTags++;
      return;
    }
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
    if (this.#stack.length > length) this.#unstackedTags = 0;
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

  /** @returns whether the end tag belongs to a start tag that was beyond `maxDepth` */
  popUnstacked(): boolean {
    if (this.#unstackedTags === 0) return false;
    this.#unstackedTags--;
    return true;
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
/** Of more counts than these a list would take as much as the table. */
const maxListed = 128;

/** A table of zeros that is not in use. */
let spare: Buffer | undefined;
/** The last object that came to rest; it may still have its table. */
let resting: OpenTagCounts | undefined;

const nothing: Buffer = /* @__PURE__ */ Buffer.alloc(0);

/** The factors give different slots to element names of HTML that differ in one of the three. */
function slotOf(first: number, last: number, length: number): number {
  return ((first & 31) + (last & 31) * 163 + length * 97) & (slots - 1);
}

/**
 * Which elements may be open around an `svg` or `math`? It counts start tags minus end tags by a hash of the name's
 * first letter, last letter and length, since it runs at every tag of a page. It may wrongly say that an element is
 * open (hash collisions, omitted end tags).
 *
 * A page that is streamed may wait for its next chunk for long. If another one is read meanwhile, that gets the table, and
 * only the counts above zero are kept here: some twenty of a usual page.
 */
export class OpenTagCounts {
  #counts: Buffer = nothing;
  /** Slots and their counts in turn, while there is no table. */
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

  /** Nothing is counted until more of the page comes. */
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

  /** Nothing is counted any more. */
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
