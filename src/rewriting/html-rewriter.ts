/**
 * Start tags and style sheets -> edits: which values hold URLs, and what each of them becomes. It maps URLs by a
 * function that it is given, and knows neither keys nor HTTP.
 */

import { unescapeReferences } from '../html/attribute-text.ts';
import { type Attribute, findAttribute, isName, lowerCaseName, Repetition } from '../html/attributes.ts';
import { HtmlScanner, type HtmlSink, type Section } from '../html/scanner.ts';
import { type Edit, type Layer, moveEdit, toSource } from '../layer.ts';
import { type CssSink, CssUrlScanner } from '../values/css.ts';
import { type CssQuote, unescapeCss } from '../values/css-text.ts';
import { JsonStringScanner } from '../values/json.ts';
import { findSrcsetUrls } from '../values/srcset.ts';
import { editUrl, inCandidate, trimmedSpan, type UrlMapper } from './edit-url.ts';
import { editJsonString } from './json-rewriter.ts';
import type { LiteralPrefilter } from './literal-prefilter.ts';
import { SvgStyle } from './svg-style.ts';
import {
  type ExtraTargets,
  isImageMeta,
  isJsonScript,
  kindOfData,
  type TargetKind,
  targetOf,
} from './targets.ts';
import type { CachedKind, ValueCache } from './value-cache.ts';

export interface HtmlRewriterOptions {
  readonly map: UrlMapper;
  /** Whether what a URL is mapped to holds for every response within the step. */
  readonly isStable: (url: string) => boolean;
  /** What has been found out about values before; undefined where each response is one of its own. */
  readonly values: ValueCache | undefined;
  readonly prefilter: LiteralPrefilter;
  readonly extraTargets: ExtraTargets;
  /** False where a policy allows styles by their hash, which an edit would change. */
  readonly rewritesCss: boolean;
  readonly onTooLong: () => void;
}

/** Documents within `srcdoc` within `srcdoc`: deeper ones pass as they came. */
const maxDocumentDepth = 8;

/** A scanner that puts what is to change into `edits`. */
export function createHtmlScanner(rewriting: HtmlRewriterOptions, edits: Edit[]): HtmlScanner {
  return new HtmlScanner(new HtmlEdits(rewriting, edits, 0));
}

class HtmlEdits implements HtmlSink {
  readonly #rewriting: HtmlRewriterOptions;
  readonly #edits: Edit[];
  readonly #depth: number;
  /** Whether every URL of the value at hand has been mapped to what lasts. */
  #isLasting = true;
  /** The style sheet of SVG that is being read. */
  #svgStyle: SvgStyle | undefined;

  constructor(rewriting: HtmlRewriterOptions, edits: Edit[], depth: number) {
    this.#rewriting = rewriting;
    this.#edits = edits;
    this.#depth = depth;
  }

  nextMark(bytes: Buffer, from: number, to: number): number {
    return this.#rewriting.prefilter.next(bytes, from, to);
  }

  get markLength(): number {
    return this.#rewriting.prefilter.longest;
  }

  tooLong(): void {
    this.#rewriting.onTooLong();
  }

  startTag(bytes: Buffer, nameStart: number, nameEnd: number, attributes: readonly Attribute[]): void {
    const repetition = new Repetition(bytes, attributes);
    const end = attributes[attributes.length - 1]?.valueEnd ?? 0;
    let mark = this.nextMark(bytes, nameEnd, end);
    for (let index = 0; index < attributes.length && mark < end; index++) {
      const attribute = attributes[index]!;
      const { valueStart, valueEnd } = attribute;
      if (mark < valueStart) mark = this.nextMark(bytes, valueStart, end);
      if (mark >= valueEnd) continue;
      const name = lowerCaseName(bytes, attribute.nameStart, attribute.nameEnd);
      if (repetition.has(index, name)) continue; // a browser keeps the first alone
      const isMeta = name === 'content' && isName(bytes, nameStart, nameEnd, 'meta');
      if (isMeta && namesImage(bytes, attributes)) this.#attribute(bytes, attribute, 'url');
      else this.#attribute(bytes, attribute, targetOf(name, this.#rewriting.extraTargets));
    }
  }

  styleSection(at: number): Section {
    return new CssUrlScanner(this.#cssSink(this.#edits), at);
  }

  scriptSection(bytes: Buffer, attributes: readonly Attribute[], at: number): Section | undefined {
    const type = findAttribute(bytes, attributes, 'type');
    if (type === undefined || !isJsonScript(unescapeValue(bytes, type).text)) return undefined;
    return new JsonStringScanner(
      {
        stringValue: (source, start, end) => {
          for (const edit of editJsonString(source, start, end, this.#rewriting)) this.#edits.push(edit);
        },
        tooLong: () => this.tooLong(),
      },
      at,
    );
  }

  svgStyle(): void {
    this.#svgStyle = new SvgStyle((edits) => this.#cssSink(edits));
  }

  svgStyleText(bytes: Buffer, start: number, end: number, isCdata: boolean): void {
    const edits = this.#svgStyle?.read(bytes, start, end, isCdata) ?? [];
    // A page that is there as a whole is not read behind its last mark: what stands in no marked run is never seen.
    if (this.#hasMark(bytes, start, end)) for (const edit of edits) this.#edits.push(edit);
  }

  #hasMark(bytes: Buffer, start: number, end: number): boolean {
    return this.nextMark(bytes, start, end) < end;
  }

  #attribute(bytes: Buffer, attribute: Attribute, kind: TargetKind | 'data' | undefined): void {
    switch (kind) {
      case 'url':
      case 'srcset':
        return this.#remembered(bytes, attribute, kind);
      case 'css':
        return this.#cssInLayer(unescapeValue(bytes, attribute));
      case 'document':
        return this.#document(unescapeValue(bytes, attribute));
      case 'data':
        return this.#attribute(bytes, attribute, kindOfData(unescapeValue(bytes, attribute).text));
      case undefined:
        return;
    }
  }

  #remembered(bytes: Buffer, { valueStart, valueEnd, quote }: Attribute, kind: CachedKind): void {
    const { values } = this.#rewriting;
    const source = bytes.toString('latin1', valueStart, valueEnd);
    const known = values?.get(kind, quote, source);
    if (known !== undefined) {
      for (const edit of known) this.#edits.push(moveEdit(edit, valueStart));
      return;
    }
    const before = this.#edits.length;
    this.#isLasting = true;
    const layer = unescapeReferences(source, valueStart, 'attribute', quote);
    if (kind === 'url') this.#url(layer);
    else this.#srcset(layer);
    if (this.#isLasting) values?.set(kind, quote, source, this.#edits.slice(before), valueStart);
  }

  #url(layer: Layer): void {
    const { start, end } = trimmedSpan(layer.text);
    this.#push(editUrl(layer, start, end, this.#map), layer);
  }

  #srcset(layer: Layer): void {
    const map = inCandidate(this.#map);
    const edits = findSrcsetUrls(layer.text).flatMap(({ start, end }) => editUrl(layer, start, end, map));
    this.#push(edits, layer);
  }

  #map = (url: string): string | undefined => {
    const mapped = this.#rewriting.map(url);
    if (mapped === undefined || !this.#rewriting.isStable(url)) this.#isLasting = false;
    return mapped;
  };

  #cssInLayer(layer: Layer): void {
    const bytes = Buffer.from(layer.text, 'latin1');
    const edits: Edit[] = [];
    this.#css(bytes, 0, bytes.length, edits);
    this.#push(edits, layer);
  }

  #css(bytes: Buffer, start: number, end: number, edits: Edit[]): void {
    new CssUrlScanner(this.#cssSink(edits), start).end(bytes, end);
  }

  #cssSink(edits: Edit[]): CssSink {
    return {
      url: (bytes, start, end, quote: CssQuote) => {
        if (!this.#rewriting.rewritesCss || !this.#hasMark(bytes, start, end)) return;
        const layer = unescapeCss(bytes.toString('latin1', start, end), start, quote);
        const found = editUrl(layer, 0, layer.text.length, this.#rewriting.map);
        for (const edit of toSource(found, layer)) edits.push(edit);
      },
      tooLong: () => this.tooLong(),
    };
  }

  #document(layer: Layer): void {
    if (this.#depth >= maxDocumentDepth) return;
    const bytes = Buffer.from(layer.text, 'latin1');
    const edits: Edit[] = [];
    new HtmlScanner(new HtmlEdits(this.#rewriting, edits, this.#depth + 1)).end(bytes, bytes.length);
    this.#push(edits, layer);
  }

  #push(edits: readonly Edit[], layer: Layer): void {
    for (const edit of toSource(edits, layer)) this.#edits.push(edit);
  }
}

function unescapeValue(bytes: Buffer, { valueStart, valueEnd, quote }: Attribute): Layer {
  return unescapeReferences(bytes.toString('latin1', valueStart, valueEnd), valueStart, 'attribute', quote);
}

function namesImage(bytes: Buffer, attributes: readonly Attribute[]): boolean {
  const read = (name: string): string => {
    const attribute = findAttribute(bytes, attributes, name);
    return attribute === undefined ? '' : unescapeValue(bytes, attribute).text.toLowerCase();
  };
  return isImageMeta(read('property'), read('name'), read('itemprop'));
}
