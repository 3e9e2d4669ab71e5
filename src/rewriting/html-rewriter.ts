/**
 * Start tags and style sheets -> edits: which values hold URLs, and what each of them becomes. It maps URLs by a
 * function that it is given, and knows neither keys nor HTTP.
 */

import { type ReferenceContext, unescapeReferences } from '../html/attribute-text.ts';
import { type Attribute, findAttribute, isName, lowerCaseName, Repetition } from '../html/attributes.ts';
import { HtmlScanner, type HtmlSink, type Section } from '../html/scanner.ts';
import { type Edit, type Layer, toSource } from '../layer.ts';
import { CssUrlScanner } from '../values/css.ts';
import { type CssQuote, unescapeCss } from '../values/css-text.ts';
import { JsonStringScanner } from '../values/json.ts';
import { findSrcsetUrls } from '../values/srcset.ts';
import { editUrl, trimmedSpan, type UrlMapper } from './edit-url.ts';
import { editJsonString } from './json-rewriter.ts';
import type { Landmarks } from './landmarks.ts';
import { type ExtraTargets, isImageMeta, isJsonScript, type TargetKind, targetOf } from './targets.ts';

export interface HtmlRewriting {
  readonly map: UrlMapper;
  readonly landmarks: Landmarks;
  readonly extraTargets: ExtraTargets;
  /** False where a policy allows styles by their hash, which an edit would change. */
  readonly rewritesCss: boolean;
  readonly tooLong: () => void;
}

/** Documents within `srcdoc` within `srcdoc`: deeper ones pass as they came. */
const maxDocumentDepth = 8;

/** A scanner that puts what is to change into `edits`. */
export function createHtmlScanner(rewriting: HtmlRewriting, edits: Edit[]): HtmlScanner {
  return new HtmlScanner(new HtmlEdits(rewriting, edits, 0));
}

class HtmlEdits implements HtmlSink {
  readonly #rewriting: HtmlRewriting;
  readonly #edits: Edit[];
  readonly #depth: number;
  /** The style sheet of SVG that is being read, and what has been found in its run. */
  #svgStyle: { readonly found: Edit[]; readonly scanner: CssUrlScanner } | undefined;

  constructor(rewriting: HtmlRewriting, edits: Edit[], depth: number) {
    this.#rewriting = rewriting;
    this.#edits = edits;
    this.#depth = depth;
  }

  nextMark(bytes: Buffer, from: number, to: number): number {
    return this.#rewriting.landmarks.next(bytes, from, to);
  }

  get markLength(): number {
    return this.#rewriting.landmarks.longest;
  }

  tooLong(): void {
    this.#rewriting.tooLong();
  }

  startTag(bytes: Buffer, nameStart: number, nameEnd: number, attributes: readonly Attribute[]): void {
    const repetition = new Repetition(bytes, attributes);
    for (const [index, attribute] of attributes.entries()) {
      if (!this.#hasMark(bytes, attribute.valueStart, attribute.valueEnd)) continue;
      const name = lowerCaseName(bytes, attribute.nameStart, attribute.nameEnd);
      if (repetition.has(index, name)) continue; // a browser keeps the first alone
      const layer = this.#unescape(bytes, attribute);
      const isMeta = name === 'content' && isName(bytes, nameStart, nameEnd, 'meta');
      if (isMeta && namesImage(bytes, attributes)) this.#url(layer);
      else this.#attribute(layer, targetOf(name, layer.text, this.#rewriting.extraTargets));
    }
  }

  styleSection(at: number): Section {
    return new CssUrlScanner(this.#cssSink(this.#edits), at);
  }

  scriptSection(bytes: Buffer, attributes: readonly Attribute[], at: number): Section | undefined {
    const type = findAttribute(bytes, attributes, 'type');
    if (type === undefined || !isJsonScript(this.#unescape(bytes, type).text)) return undefined;
    return new JsonStringScanner(
      {
        stringValue: (source, start, end) => {
          const edit = editJsonString(source, start, end, this.#rewriting);
          if (edit !== undefined) this.#edits.push(edit);
        },
        tooLong: () => this.tooLong(),
      },
      at,
    );
  }

  svgStyle(): void {
    const found: Edit[] = [];
    this.#svgStyle = { found, scanner: new CssUrlScanner(this.#cssSink(found), 0) };
  }

  svgStyleText(bytes: Buffer, start: number, end: number, isCdata: boolean): void {
    if (this.#svgStyle === undefined) return;
    const { found, scanner } = this.#svgStyle;
    // References count in a run, and not in a section; strings and comments go on from one to the next.
    const layer = isCdata ? undefined : unescapeRange(bytes, start, end, 'text', 0);
    const text = layer === undefined ? bytes.subarray(start, end) : Buffer.from(layer.text, 'latin1');
    scanner.moveTo(0);
    scanner.scan(text, text.length);
    for (const edit of found.splice(0)) {
      if (layer !== undefined) this.#push(edit, layer);
      else this.#edits.push({ ...edit, start: edit.start + start, end: edit.end + start });
    }
  }

  #hasMark(bytes: Buffer, start: number, end: number): boolean {
    return this.nextMark(bytes, start, end) < end;
  }

  #attribute(layer: Layer, kind: TargetKind | undefined): void {
    switch (kind) {
      case 'url':
        return this.#url(layer);
      case 'srcset':
        return this.#srcset(layer);
      case 'css':
        return this.#cssInLayer(layer);
      case 'document':
        return this.#document(layer);
      case undefined:
        return;
    }
  }

  #unescape(bytes: Buffer, { valueStart, valueEnd, quote }: Attribute): Layer {
    return unescapeRange(bytes, valueStart, valueEnd, 'attribute', quote);
  }

  #url(layer: Layer): void {
    const { start, end } = trimmedSpan(layer.text);
    this.#push(editUrl(layer, start, end, this.#rewriting.map), layer);
  }

  #srcset(layer: Layer): void {
    for (const { start, end } of findSrcsetUrls(layer.text)) {
      this.#push(editUrl(layer, start, end, this.#rewriting.map), layer);
    }
  }

  #cssInLayer(layer: Layer): void {
    const bytes = Buffer.from(layer.text, 'latin1');
    const edits: Edit[] = [];
    this.#css(bytes, 0, bytes.length, edits);
    for (const edit of edits) this.#push(edit, layer);
  }

  #css(bytes: Buffer, start: number, end: number, edits: Edit[]): void {
    new CssUrlScanner(this.#cssSink(edits), start).end(bytes, end);
  }

  #cssSink(edits: Edit[]): ConstructorParameters<typeof CssUrlScanner>[0] {
    return {
      url: (bytes, start, end, quote: CssQuote) => {
        if (!this.#rewriting.rewritesCss || !this.#hasMark(bytes, start, end)) return;
        const layer = unescapeCss(bytes.toString('latin1', start, end), start, quote);
        const edit = editUrl(layer, 0, layer.text.length, this.#rewriting.map);
        if (edit !== undefined) edits.push(toSource(edit, layer));
      },
      tooLong: () => this.tooLong(),
    };
  }

  #document(layer: Layer): void {
    if (this.#depth >= maxDocumentDepth) return;
    const bytes = Buffer.from(layer.text, 'latin1');
    const edits: Edit[] = [];
    new HtmlScanner(new HtmlEdits(this.#rewriting, edits, this.#depth + 1)).end(bytes, bytes.length);
    for (const edit of edits) this.#push(edit, layer);
  }

  #push(edit: Edit | undefined, layer: Layer): void {
    if (edit !== undefined) this.#edits.push(toSource(edit, layer));
  }
}

function unescapeRange(
  bytes: Buffer,
  start: number,
  end: number,
  context: ReferenceContext,
  quote: Attribute['quote'],
): Layer {
  return unescapeReferences(bytes.toString('latin1', start, end), start, context, quote);
}

function namesImage(bytes: Buffer, attributes: readonly Attribute[]): boolean {
  const read = (name: string): string => {
    const attribute = findAttribute(bytes, attributes, name);
    if (attribute === undefined) return '';
    return unescapeRange(
      bytes,
      attribute.valueStart,
      attribute.valueEnd,
      'attribute',
      attribute.quote,
    ).text.toLowerCase();
  };
  return isImageMeta(read('property'), read('name'), read('itemprop'));
}
