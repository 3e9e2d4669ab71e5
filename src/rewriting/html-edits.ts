/** Finds URLs in the start tags, style sheets and scripts of HTML, and edits them. An option maps them: no keys, no HTTP here. */
import type { CachedKind, ValueCache } from '../caches/value-cache.ts';
import {
  type Attribute,
  DuplicateAttributes,
  findAttribute,
  NameCache,
  unescapeValue,
} from '../html/attributes.ts';
import { unescapeReferences } from '../html/references.ts';
import { type ContentScanner, HtmlScanner, type HtmlSink } from '../html/scanner.ts';
import { type Edit, moveEdit, type Span, toSourceEdits, type UnescapedValue } from '../text/edit.ts';
import { findBgsetUrls, findListedUrls, findSrcsetUrls } from '../values/urls.ts';
import { dependsOnEncoding } from './charset.ts';
import { createCssScanner, editCss, SvgStyle } from './css.ts';
import { editUrl, inCandidate, inCandidateSet, inList, trimmedSpan } from './edit-url.ts';
import { createJsonScanner } from './json.ts';
import type { LiteralPrefilter } from './literal-prefilter.ts';
import type { HtmlRewriterOptions, TargetKind, UrlMapper } from './options.ts';
import { LiteralWatch, ScriptContent } from './script-content.ts';
import { type DataKind, isImagePlace, kindOfScript, targetInTag, targetOfData } from './targets.ts';

/**
 * Creates a scanner that adds the changes of a page to `edits`.
 * @param depth - how many texts surround it
 */
export function createHtmlScanner(options: HtmlRewriterOptions, edits: Edit[], depth: number): HtmlScanner {
  return new HtmlScanner(new HtmlEdits(options, edits, depth));
}

/** How deep templates within templates are read: every open template reads every byte again. */
const maxTemplates = 8;

/** Shared by all pages, which use the same few names. */
const attributeNames: NameCache = new NameCache();

class HtmlEdits implements HtmlSink {
  readonly #options: HtmlRewriterOptions;
  readonly #edits: Edit[];
  readonly #depth: number;
  readonly #templates: number;
  /** Undefined within another text, where an edit of a whole value would replace the author's escapes. */
  readonly #values: ValueCache | undefined;
  /** Whether the current value can be cached: all its URLs are mapped to stable URLs, in any encoding. */
  #isCacheable = true;
  /** Whether the value cache has room for values like this one. */
  #isInCachedValue = false;
  #urlsInValue = 0;
  /** The name of the element whose attributes are read. */
  #elementStart = 0;
  #elementEnd = 0;
  /** The SVG style sheet that is being read. */
  #svgStyle: SvgStyle | undefined;

  /** @param templates - how many template scripts surround it, in the same bytes */
  constructor(options: HtmlRewriterOptions, edits: Edit[], depth: number, templates = 0) {
    this.#options = options;
    this.#edits = edits;
    this.#depth = depth;
    this.#templates = templates;
    this.#values = depth === 0 ? options.values : undefined;
  }

  get prefilter(): LiteralPrefilter {
    return this.#options.prefilter;
  }

  tooLong(): void {
    this.#options.onTooLong();
  }

  startTag(bytes: Buffer, nameStart: number, nameEnd: number, attributes: readonly Attribute[]): void {
    const tag = { bytes, nameStart, nameEnd, attributes };
    const duplicates = new DuplicateAttributes(bytes, attributes);
    const end = attributes[attributes.length - 1]?.valueEnd ?? 0;
    let literal = this.prefilter.next(bytes, nameEnd, end);
    for (let index = 0; index < attributes.length && literal < end; index++) {
      const attribute = attributes[index]!;
      const { valueStart, valueEnd } = attribute;
      if (literal < valueStart) literal = this.prefilter.next(bytes, valueStart, end);
      if (literal >= valueEnd) continue;
      const name = attributeNames.lowerCase(bytes, attribute.nameStart, attribute.nameEnd);
      if (duplicates.has(index, name)) continue; // a browser keeps only the first
      const { extraTargets, mapLink } = this.#options;
      const target = targetInTag(tag, name, extraTargets);
      this.#elementStart = nameStart;
      this.#elementEnd = nameEnd;
      if (target === 'url' && mapLink !== undefined && !isImagePlace(tag)) {
        this.#notePlace(bytes, attribute);
        this.#url(unescapeValue(bytes, attribute), mapLink);
      } else this.#attribute(bytes, attribute, target);
    }
  }

  styleScanner(at: number): ContentScanner {
    this.#options.place?.inElement('style');
    return createCssScanner(this.#options, this.#edits, at);
  }

  scriptScanner(
    bytes: Buffer,
    attributes: readonly Attribute[],
    at: number,
    isWhole: boolean,
  ): ContentScanner | undefined {
    const type = findAttribute(bytes, attributes, 'type');
    const { extraTargets, hasHashedScripts, prefilter, onScriptState } = this.#options;
    const kind = type && kindOfScript(unescapeValue(bytes, type).text, extraTargets, hasHashedScripts);
    if (kind === undefined) return onScriptState && new LiteralWatch(prefilter, onScriptState, at);
    const edits = this.#edits;
    const depth = this.#depth;
    if (kind === 'html' && this.#templates === maxTemplates) {
      this.tooLong();
      return undefined;
    }
    const content =
      kind === 'html'
        ? new HtmlScanner(new HtmlEdits(this.#options, edits, depth, this.#templates + 1), at)
        : createJsonScanner(this.#options, edits, { at, depth, isWhole });
    return new ScriptContent(content, edits, kind === 'html', this.#options.onMarkupInScript);
  }

  startSvgStyle(): void {
    this.#options.place?.inElement('style');
    this.#svgStyle = new SvgStyle(this.#options);
  }

  svgStyleText(bytes: Buffer, start: number, end: number, isCdata: boolean): void {
    const edits = this.#svgStyle?.read(bytes, start, end, isCdata) ?? [];
    // A whole page is not read after its last literal, but a chunked page is. Both must give the same result, so runs
    // without a literal get no edits.
    if (this.prefilter.next(bytes, start, end) < end) for (const edit of edits) this.#edits.push(edit);
  }

  #attribute(bytes: Buffer, attribute: Attribute, kind: TargetKind | DataKind | undefined): void {
    if (kind !== 'url' && kind !== 'srcset') this.#notePlace(bytes, attribute);
    switch (kind) {
      case 'url':
      case 'srcset':
        return this.#rewriteWithCache(bytes, attribute, kind, this.#map);
      case 'bgset':
        return this.#urlsIn(unescapeValue(bytes, attribute), findBgsetUrls, inCandidateSet);
      case 'url-list':
        return this.#urlsIn(unescapeValue(bytes, attribute), findListedUrls, inList);
      case 'css':
        return this.#css(unescapeValue(bytes, attribute));
      case 'html':
      case 'json':
        return this.#text(unescapeValue(bytes, attribute), kind);
      case 'data':
      case 'data-srcset':
        return this.#data(bytes, attribute, kind, unescapeValue(bytes, attribute).text);
      case undefined:
        return;
    }
  }

  #notePlace(bytes: Buffer, attribute: Attribute): void {
    this.#options.place?.inTag(bytes, this.#elementStart, this.#elementEnd, attribute);
  }

  #data(bytes: Buffer, attribute: Attribute, kind: DataKind, value: string): void {
    const target = targetOfData(kind, value, this.#options);
    if (target === 'url' || target === 'srcset')
      this.#rewriteWithCache(bytes, attribute, target, this.#mapValue);
    else this.#attribute(bytes, attribute, target);
  }

  #rewriteWithCache(bytes: Buffer, attribute: Attribute, kind: CachedKind, map: UrlMapper): void {
    const { valueStart, valueEnd, quote } = attribute;
    const { onCached } = this.#options;
    const source = bytes.toString('latin1', valueStart, valueEnd);
    const place = { start: valueStart, quote, kind, source };
    const cached = this.#values?.get(place);
    if (cached !== undefined) {
      for (const edit of cached.edits) this.#edits.push(moveEdit(edit, valueStart));
      return onCached(cached.urls);
    }
    this.#notePlace(bytes, attribute);
    const before = this.#edits.length;
    this.#urlsInValue = 0;
    this.#isCacheable = true;
    this.#isInCachedValue = this.#values?.takes(source) === true;
    const unescaped = unescapeReferences(source, valueStart, 'attribute', quote);
    if (kind === 'url') this.#url(unescaped, map);
    else this.#urlsIn(unescaped, findSrcsetUrls, inCandidate, map);
    this.#isInCachedValue = false;
    if (!this.#isCacheable) return;
    this.#values?.set(place, { edits: this.#edits.slice(before), urls: this.#urlsInValue });
  }

  #url(unescaped: UnescapedValue, map: UrlMapper): void {
    const { start, end } = trimmedSpan(unescaped.text);
    this.#push(editUrl(unescaped, start, end, map), unescaped);
  }

  /** @param limit - keeps a mapped URL from ending its item of the list */
  #urlsIn(
    unescaped: UnescapedValue,
    find: (text: string) => readonly Span[],
    limit: (map: UrlMapper) => UrlMapper,
    map: UrlMapper = this.#map,
  ): void {
    const limited = limit(map);
    const edits: Edit[] = [];
    for (const { start, end } of find(unescaped.text))
      for (const edit of editUrl(unescaped, start, end, map, limited)) edits.push(edit);
    this.#push(edits, unescaped);
  }

  #map = (url: string): string | undefined => {
    const mapped = this.#options.map(url, this.#isInCachedValue);
    this.#urlsInValue++;
    this.#isCacheable &&= mapped !== undefined && !dependsOnEncoding(url) && this.#options.isStable(url);
    return mapped;
  };

  /** For a value that may be a text. It can share the value cache with `#map`, because that never holds a URL with a token. */
  #mapValue: UrlMapper = (url) => {
    if (!this.#options.hasTextBehindToken?.(url)) return this.#map(url);
    this.#isCacheable = false;
    return undefined;
  };

  #css(unescaped: UnescapedValue): void {
    this.#push(editCss(unescaped.text, this.#options), unescaped);
  }

  #text(unescaped: UnescapedValue, kind: 'html' | 'json'): void {
    this.#push(this.#options.editText(unescaped.text, kind, this.#depth + 1, this.#options), unescaped);
  }

  #push(edits: readonly Edit[], unescaped: UnescapedValue): void {
    for (const edit of toSourceEdits(edits, unescaped)) this.#edits.push(edit);
  }
}
