/**
 * Is the parser in SVG or MathML? There raw text does not exist, CDATA does, and `/>` closes. The part of tree
 * construction that decides it (WHATWG HTML, 13.2.6.5): the elements that are open from the outermost `svg` or
 * `math` on. Of what is open around it no more is known than the shapes of names: an end tag that nothing in here
 * answers to closes something out there, and with it the `svg`, if it may.
 */
import { OpenTagCounts } from './open-tag-counts.ts';

type Namespace = 'html' | 'svg' | 'math';

interface OpenElement {
  readonly name: string;
  readonly namespace: Namespace;
  /** HTML again inside, whatever the namespace of the element itself. */
  readonly integration: 'html' | 'mathml-text' | undefined;
  /** The innermost one, up to this, that most end tags do not look past; -1 for none. */
  readonly lastSpecial: number;
  /** The innermost integration point up to this: no end tag looks past it. */
  readonly lastIntegration: number;
  /** The innermost element of HTML up to this. */
  readonly lastHtml: number;
}

/** Which of the open elements have a name, each list from the outermost in. */
type Places = Map<string, number[]>;

/** What of a start tag's attributes plays a part. */
export interface StartTagFlags {
  /** `font` breaks out with one of `color`, `face` and `size` only. */
  readonly hasFontAttribute: boolean;
  /** `annotation-xml` with an `encoding` of text/html or application/xhtml+xml. */
  readonly isHtmlIntegrationPoint: boolean;
}

/** Elements open at once; browsers nest no deeper than twice that. */
const maxDepth = 256;

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const breakout = words(
  'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta ' +
    'nobr ol p pre ruby s small span strong strike sub sup table tt u ul var',
);
const svgIntegrationPoints = words('foreignobject desc title');
const mathIntegrationPoints = words('mi mo mn ms mtext');
const voidElements = words(
  'area base basefont bgsound br col embed frame hr image img input keygen link meta param source track wbr',
);
const ignoredInBody = words('caption col colgroup frame frameset head html body tbody td tfoot th thead tr');
const closesParagraph = words(
  'address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 ' +
    'h4 h5 h6 header hgroup hr li dd dt listing main menu nav ol p plaintext pre search section summary table ul xmp',
);
/** End tags that look for their element through others that are open, and not only past phrasing elements. */
const closesThrough = words(
  'address article aside blockquote button center details dialog dir div dl fieldset figcaption figure footer ' +
    'header hgroup listing main menu nav ol pre search section summary ul form p li dd dt h1 h2 h3 h4 h5 h6 ' +
    'applet marquee object a b big code em font i nobr s small strike strong tt u table template',
);
const special = words(
  'address applet area article aside base basefont bgsound blockquote body br button caption center col colgroup dd ' +
    'details dir div dl dt embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header ' +
    'hgroup hr html iframe img input keygen li link listing main marquee menu meta nav noembed noframes noscript ' +
    'object ol p param plaintext pre script search section select source style summary table tbody td template ' +
    'textarea tfoot th thead title tr track ul wbr xmp',
);
/** Elements whose end tags close nothing around an `svg`: they hold nothing, or text alone, or never close. */
const neverOpenAround = new Set([
  ...voidElements,
  ...words('title textarea style script iframe xmp noembed noframes noscript plaintext html head body'),
]);

export class ForeignContent {
  /** The tags that are read while none of this is open. */
  readonly outside: OpenTagCounts = new OpenTagCounts();
  readonly #open: OpenElement[] = [];
  /** So that an end tag finds its element, or none, without a walk: a page may hold as many as it likes. */
  #htmlPlaces: Places | undefined;
  #foreignPlaces: Places | undefined;
  /** Start tags that were not kept, the depth being reached. */
  #beyond = 0;

  /** Whether an `svg` or `math` is open. */
  get isOpen(): boolean {
    return this.#open.length > 0;
  }

  /**
   * Whether `<![CDATA[` begins a section here. By the letter of the standard it does in an integration point as well,
   * which is no HTML element itself; Chromium and parse5 read a comment there, and so do we.
   */
  get hasCdata(): boolean {
    return this.isOpen && this.#current.namespace !== 'html' && this.#current.integration === undefined;
  }

  /** Whether text here is a style sheet of SVG. */
  get isSvgStyle(): boolean {
    return this.isOpen && this.#current.namespace === 'svg' && this.#current.name === 'style';
  }

  /** @returns whether the tag opens an element of HTML, which may hold raw text */
  startTag(name: string, isSelfClosing: boolean, attributes: StartTagFlags): boolean {
    if (this.#isHtmlRule(name)) return this.#startHtml(name, isSelfClosing);
    if (breakout.has(name) || (name === 'font' && attributes.hasFontAttribute)) {
      this.#breakOut();
      return this.#startHtml(name, isSelfClosing);
    }
    if (!isSelfClosing) this.#push(name, this.#current.namespace, attributes.isHtmlIntegrationPoint);
    return false;
  }

  endTag(name: string): void {
    if (!this.isOpen) return;
    if (this.#beyond > 0) {
      this.#beyond--;
      return;
    }
    let index = this.#open.length - 1;
    if (this.#current.namespace !== 'html') {
      if (name === 'br' || name === 'p') return this.#breakOut();
      index = this.#current.lastHtml;
      const place = innermost(this.#foreignPlaces, name);
      if (place > index) return this.#popTo(place);
    }
    this.#endHtml(name, index);
  }

  get #current(): OpenElement {
    return this.#open[this.#open.length - 1]!;
  }

  /** Whether a start tag here is read by the rules for HTML. */
  #isHtmlRule(name: string): boolean {
    if (!this.isOpen) return true;
    const { namespace, integration, name: current } = this.#current;
    if (namespace === 'html' || integration === 'html') return true;
    if (integration === 'mathml-text') return name !== 'mglyph' && name !== 'malignmark';
    return namespace === 'math' && current === 'annotation-xml' && name === 'svg';
  }

  #startHtml(name: string, isSelfClosing: boolean): boolean {
    if (name === 'svg' || name === 'math') {
      if (!isSelfClosing) this.#push(name, name, false);
      return false;
    }
    if (!this.isOpen || ignoredInBody.has(name)) return true;
    if (closesParagraph.has(name) && this.#current.namespace === 'html' && this.#current.name === 'p')
      this.#pop();
    if (!voidElements.has(name)) this.#push(name, 'html', false);
    return true;
  }

  #push(name: string, namespace: Namespace, isHtmlIntegrationPoint: boolean): void {
    if (this.#open.length >= maxDepth) {
      this.#beyond++;
      return;
    }
    let integration: OpenElement['integration'];
    if (namespace === 'svg' && svgIntegrationPoints.has(name)) integration = 'html';
    else if (namespace === 'math' && mathIntegrationPoints.has(name)) integration = 'mathml-text';
    else if (namespace === 'math' && name === 'annotation-xml' && isHtmlIntegrationPoint)
      integration = 'html';
    const index = this.#open.length;
    const outer = this.#open[index - 1] ?? outermost;
    const isHtml = namespace === 'html';
    this.#open.push({
      name,
      namespace,
      integration,
      lastSpecial: isHtml && special.has(name) ? index : outer.lastSpecial,
      lastIntegration: integration === undefined ? outer.lastIntegration : index,
      lastHtml: isHtml ? index : outer.lastHtml,
    });
    const places = this.#placesOf(namespace);
    const named = places.get(name);
    if (named === undefined) places.set(name, [index]);
    else named.push(index);
  }

  #placesOf(namespace: Namespace): Places {
    // Made once it is needed: most pages have no such element, and a stream may stay open for long.
    if (namespace === 'html') this.#htmlPlaces ??= new Map();
    else this.#foreignPlaces ??= new Map();
    return (namespace === 'html' ? this.#htmlPlaces : this.#foreignPlaces)!; // just made, if it was not there
  }

  #pop(): void {
    const { name, namespace } = this.#open.pop()!; // one is open
    const places = this.#placesOf(namespace);
    const named = places.get(name)!; // put there with it
    if (named.length > 1) named.pop();
    else places.delete(name);
  }

  #popTo(index: number): void {
    while (this.#open.length > index) this.#pop();
  }

  /** Closes foreign elements up to an integration point or to HTML. */
  #breakOut(): void {
    this.#beyond = 0;
    while (this.isOpen && this.#current.namespace !== 'html' && this.#current.integration === undefined) {
      this.#pop();
    }
  }

  /** An end tag by the rules for HTML, which look from `index` outwards. */
  #endHtml(name: string, index: number): void {
    const { lastSpecial, lastIntegration } = this.#open[index] ?? outermost;
    // How far it looks: up to and with an element of HTML, but not with an integration point.
    const bound = Math.max(closesThrough.has(name) ? -1 : lastSpecial, lastIntegration);
    const place = innermost(this.#htmlPlaces, name);
    if (place >= Math.max(bound, 0)) return this.#popTo(place);
    if (bound < 0 && !neverOpenAround.has(name) && this.outside.mayBeOpen(name)) this.#popTo(0);
  }
}

/** What is open around the first element that is known. */
const outermost = { lastSpecial: -1, lastIntegration: -1, lastHtml: -1 };

function innermost(places: Places | undefined, name: string): number {
  return places?.get(name)?.at(-1) ?? -1;
}
