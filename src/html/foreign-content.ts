/**
 * Is the parser in foreign content (SVG or MathML)? There are no raw text elements there, but there are CDATA sections
 * and self-closing tags. This is the part of tree construction that decides it (WHATWG HTML, 13.2.6.5).
 *
 * The stack of open elements starts at the outermost `svg` or `math`; of the elements around it there are only
 * approximate counts. An end tag that matches nothing on the stack may match one of them, which closes the `svg` as
 * well.
 */
import { OpenTagCounts } from './open-tag-counts.ts';

type Namespace = 'html' | 'svg' | 'math';

interface OpenElement {
  readonly name: string;
  readonly namespace: Namespace;
  /** Whether the element is an HTML integration point or a MathML text integration point. */
  readonly integration: 'html' | 'mathml-text' | undefined;
  /**
   * The index of the innermost special element up to this one; most end tags do not look past it. -1 if there is none.
   */
  readonly lastSpecial: number;
  /** The same for integration points, which no end tag looks past. */
  readonly lastIntegration: number;
  /** The same for HTML elements. */
  readonly lastHtml: number;
}

/** The indices on the stack of the elements with a name, the outermost first. */
type IndicesByName = Map<string, number[]>;

/** What the attributes of a start tag say about foreign content. */
export interface StartTagFlags {
  /** `font` breaks out of foreign content only if it has `color`, `face` or `size`. */
  readonly hasFontAttribute: boolean;
  /** `annotation-xml` whose `encoding` is `text/html` or `application/xhtml+xml`. */
  readonly isHtmlIntegrationPoint: boolean;
}

/**
 * The stack's greatest depth, since a hostile page may nest without end. Chromium nests no deeper than 512 elements.
 */
const maxDepth = 256;

const namesIn = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const breakoutElements = namesIn(
  'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta ' +
    'nobr ol p pre ruby s small span strong strike sub sup table tt u ul var',
);
const svgIntegrationPoints = namesIn('foreignobject desc title');
const mathIntegrationPoints = namesIn('mi mo mn ms mtext');
const voidElements = namesIn(
  'area base basefont bgsound br col embed frame hr image img input keygen link meta param source track wbr',
);
const ignoredInBody = namesIn(
  'caption col colgroup frame frameset head html body tbody td tfoot th thead tr',
);
const closesParagraph = namesIn(
  'address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 ' +
    'h4 h5 h6 header hgroup hr li dd dt listing main menu nav ol p plaintext pre search section summary table ul xmp',
);
/** End tags with rules of their own in "in body": unlike "any other end tag", they look past special elements. */
const passSpecialElements = namesIn(
  'address article aside blockquote button center details dialog dir div dl fieldset figcaption figure footer ' +
    'header hgroup listing main menu nav ol pre search section summary ul form p li dd dt h1 h2 h3 h4 h5 h6 ' +
    'applet marquee object a b big code em font i nobr s small strike strong tt u table template',
);
const special = namesIn(
  'address applet area article aside base basefont bgsound blockquote body br button caption center col colgroup dd ' +
    'details dir div dl dt embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header ' +
    'hgroup hr html iframe img input keygen li link listing main marquee menu meta nav noembed noframes noscript ' +
    'object ol p param plaintext pre script search section select source style summary table tbody td template ' +
    'textarea tfoot th thead title tr track ul wbr xmp',
);
/**
 * Elements that cannot be open around an `svg`: they are void, contain only text, or their end tag does not pop them.
 */
const neverOpenAround = /* @__PURE__ */ new Set([
  ...voidElements,
  ...namesIn('title textarea style script iframe xmp noembed noframes noscript plaintext html head body'),
]);

export class ForeignContent {
  /** Counts the tags outside foreign content. */
  readonly openTags: OpenTagCounts = new OpenTagCounts();
  readonly #stack: OpenElement[] = [];
  /** Lets an end tag find its element without a walk over the stack, which would be quadratic in a hostile page. */
  #htmlIndices: IndicesByName | undefined;
  #foreignIndices: IndicesByName | undefined;
  /** Start tags beyond `maxDepth`, which are not on the stack, minus their end tags. */
  #unstackedTags = 0;

  /** Whether an `svg` or `math` element is open. */
  get isOpen(): boolean {
    return this.#stack.length > 0;
  }

  /**
   * Whether `<![CDATA[` begins a CDATA section here. By the letter of the standard it also does if the adjusted current
   * node is an integration point, which is not in the HTML namespace. Chromium and parse5 read a comment there, and so
   * do we.
   */
  get hasCdata(): boolean {
    return (
      this.isOpen && this.#currentNode.namespace !== 'html' && this.#currentNode.integration === undefined
    );
  }

  /** Whether text here belongs to an SVG `style` element. */
  get isSvgStyle(): boolean {
    return this.isOpen && this.#currentNode.namespace === 'svg' && this.#currentNode.name === 'style';
  }

  /** @returns whether the tag opens an HTML element, whose text may be raw text */
  startTag(name: string, isSelfClosing: boolean, flags: StartTagFlags): boolean {
    if (this.#followsHtmlRules(name)) return this.#startTagInHtml(name, isSelfClosing);
    if (breakoutElements.has(name) || (name === 'font' && flags.hasFontAttribute)) {
      this.#breakOut();
      return this.#startTagInHtml(name, isSelfClosing);
    }
    if (!isSelfClosing) this.#push(name, this.#currentNode.namespace, flags.isHtmlIntegrationPoint);
    return false;
  }

  endTag(name: string): void {
    if (!this.isOpen) return;
    if (this.#unstackedTags > 0) {
      this.#unstackedTags--;
      return;
    }
    let index = this.#stack.length - 1;
    if (this.#currentNode.namespace !== 'html') {
      if (name === 'br' || name === 'p') return this.#breakOut();
      index = this.#currentNode.lastHtml;
      const found = innermostIndex(this.#foreignIndices, name);
      if (found > index) return this.#popTo(found);
    }
    this.#endTagInHtml(name, index);
  }

  get #currentNode(): OpenElement {
    return this.#stack[this.#stack.length - 1]!;
  }

  /** Whether a start tag is processed by the rules for HTML content ("tree construction dispatcher", 13.2.6). */
  #followsHtmlRules(name: string): boolean {
    if (!this.isOpen) return true;
    const { namespace, integration, name: current } = this.#currentNode;
    if (namespace === 'html' || integration === 'html') return true;
    if (integration === 'mathml-text') return name !== 'mglyph' && name !== 'malignmark';
    return namespace === 'math' && current === 'annotation-xml' && name === 'svg';
  }

  #startTagInHtml(name: string, isSelfClosing: boolean): boolean {
    if (name === 'svg' || name === 'math') {
      if (!isSelfClosing) this.#push(name, name, false);
      return false;
    }
    if (!this.isOpen || ignoredInBody.has(name)) return true;
    if (closesParagraph.has(name) && this.#currentNode.namespace === 'html' && this.#currentNode.name === 'p')
      this.#pop();
    if (!voidElements.has(name)) this.#push(name, 'html', false);
    return true;
  }

  #push(name: string, namespace: Namespace, isHtmlIntegrationPoint: boolean): void {
    if (this.#stack.length >= maxDepth) {
      this.#unstackedTags++;
      return;
    }
    let integration: OpenElement['integration'];
    if (namespace === 'svg' && svgIntegrationPoints.has(name)) integration = 'html';
    else if (namespace === 'math' && mathIntegrationPoints.has(name)) integration = 'mathml-text';
    else if (namespace === 'math' && name === 'annotation-xml' && isHtmlIntegrationPoint)
      integration = 'html';
    const index = this.#stack.length;
    const outer = this.#stack[index - 1] ?? noElement;
    const isHtml = namespace === 'html';
    this.#stack.push({
      name,
      namespace,
      integration,
      lastSpecial: isHtml && special.has(name) ? index : outer.lastSpecial,
      lastIntegration: integration === undefined ? outer.lastIntegration : index,
      lastHtml: isHtml ? index : outer.lastHtml,
    });
    const indices = this.#indicesOf(namespace);
    const stacked = indices.get(name);
    if (stacked === undefined) indices.set(name, [index]);
    else stacked.push(index);
  }

  #indicesOf(namespace: Namespace): IndicesByName {
    // Created only when needed: most pages have no such element, and a streamed page may stay in memory for long.
    if (namespace === 'html') this.#htmlIndices ??= new Map();
    else this.#foreignIndices ??= new Map();
    return (namespace === 'html' ? this.#htmlIndices : this.#foreignIndices)!; // assigned above
  }

  #pop(): void {
    const { name, namespace } = this.#stack.pop()!; // callers check that the stack is not empty
    const indices = this.#indicesOf(namespace);
    const stacked = indices.get(name)!; // `#push` added it
    if (stacked.length > 1) stacked.pop();
    else indices.delete(name);
  }

  #popTo(index: number): void {
    while (this.#stack.length > index) this.#pop();
  }

  /** Pops foreign elements until the current node is an HTML element or an integration point. */
  #breakOut(): void {
    this.#unstackedTags = 0;
    while (
      this.isOpen &&
      this.#currentNode.namespace !== 'html' &&
      this.#currentNode.integration === undefined
    ) {
      this.#pop();
    }
  }

  /** Processes an end tag by the rules for HTML content, from the element at `index` outwards. */
  #endTagInHtml(name: string, index: number): void {
    const { lastSpecial, lastIntegration } = this.#stack[index] ?? noElement;
    // The lookup includes a special HTML element but stops before an integration point, which is not an HTML element.
    const bound = Math.max(passSpecialElements.has(name) ? -1 : lastSpecial, lastIntegration);
    const found = innermostIndex(this.#htmlIndices, name);
    if (found >= Math.max(bound, 0)) return this.#popTo(found);
    if (bound < 0 && !neverOpenAround.has(name) && this.openTags.mayBeOpen(name)) this.#popTo(0);
  }
}

/** Stands in for the element around the outermost one on the stack. */
const noElement = { lastSpecial: -1, lastIntegration: -1, lastHtml: -1 };

function innermostIndex(indices: IndicesByName | undefined, name: string): number {
  return indices?.get(name)?.at(-1) ?? -1;
}
