/**
 * Splits a page into the places where URLs stand: attributes, style sheets, scripts, and the text between the tags. It
 * knows no URL, and does not decide what is rewritten.
 */
import { type Attribute, findAttribute, lowerCaseName } from '../../html/attributes.ts';
import { unescapeReferences } from '../../html/references.ts';
import { type ContentScanner, HtmlScanner, type HtmlSink } from '../../html/scanner.ts';
import type { LiteralPrefilter } from '../../rewriting/literal-prefilter.ts';

export interface PagePlace {
  /** As a developer would write it: `<img src>`, `<style>`, `<script type="application/json">`, `text`. */
  readonly name: string;
  readonly kind: 'attribute' | 'style' | 'script' | 'text';
  /** With character references decoded, except in the raw text of HTML's style sheets and scripts. */
  readonly text: string;
  /** For a script, its type. */
  readonly type?: string;
  /** For an attribute, its name in lower case. */
  readonly attribute?: string;
}

/** The places of one page in which `prefilter` finds a literal. */
export function placesOf(page: Buffer, prefilter: LiteralPrefilter): PagePlace[] {
  const sink = new PlaceSink(prefilter);
  new HtmlScanner(sink).end(page, page.length);
  const gaps = textsBetween(sink.ranges, page)
    .filter(({ start, end }) => prefilter.next(page, start, end) < end)
    .map(({ start, end }): PagePlace => ({ name: 'text', kind: 'text', text: decoded(page, start, end) }));
  return [...sink.places, ...gaps];
}

/** Enough to recognize an element or an attribute in a list of places. */
const maxNameLength = 64;

interface Range {
  readonly start: number;
  readonly end: number;
}

class PlaceSink implements HtmlSink {
  readonly prefilter: LiteralPrefilter;
  readonly places: PagePlace[] = [];
  /** The parts of the page that `places` covers, in order. */
  readonly ranges: Range[] = [];

  constructor(prefilter: LiteralPrefilter) {
    this.prefilter = prefilter;
  }

  startTag(bytes: Buffer, nameStart: number, nameEnd: number, attributes: readonly Attribute[]): void {
    const element = lowerCaseName(bytes, nameStart, nameEnd).slice(0, maxNameLength);
    for (const { nameStart: start, nameEnd: end, valueStart, valueEnd, quote } of attributes) {
      if (this.prefilter.next(bytes, valueStart, valueEnd) >= valueEnd) continue;
      const attribute = lowerCaseName(bytes, start, end);
      const source = bytes.toString('latin1', valueStart, valueEnd);
      const text = toUnicode(unescapeReferences(source, valueStart, 'attribute', quote).text);
      const name = `<${element} ${attribute.slice(0, maxNameLength)}>`;
      this.places.push({ name, kind: 'attribute', text, attribute });
    }
    this.ranges.push({ start: nameStart, end: attributes.at(-1)?.valueEnd ?? nameEnd });
  }

  styleScanner(at: number): ContentScanner {
    return new RangeScanner(at, (bytes, range) => this.#content('<style>', 'style', bytes, range));
  }

  scriptScanner(bytes: Buffer, attributes: readonly Attribute[], at: number): ContentScanner {
    const type = findAttribute(bytes, attributes, 'type');
    const value =
      type === undefined
        ? ''
        : bytes.toString('latin1', type.valueStart, type.valueEnd).slice(0, maxNameLength);
    const name = value === '' ? '<script>' : `<script type="${value}">`;
    return new RangeScanner(at, (content, range) => this.#content(name, 'script', content, range, value));
  }

  startSvgStyle(): void {}

  /** SVG's style sheets are escaped, unlike those of HTML. */
  svgStyleText(bytes: Buffer, start: number, end: number): void {
    this.ranges.push({ start, end });
    if (this.prefilter.next(bytes, start, end) >= end) return;
    this.places.push({ name: '<style>', kind: 'style', text: decoded(bytes, start, end) });
  }

  tooLong(): void {}

  #content(name: string, kind: PagePlace['kind'], bytes: Buffer, range: Range, type = ''): void {
    this.ranges.push(range);
    if (this.prefilter.next(bytes, range.start, range.end) >= range.end) return;
    this.places.push({ name, kind, type, text: bytes.toString('utf8', range.start, range.end) });
  }
}

/** The content of one element, which is not read further. */
class RangeScanner implements ContentScanner {
  readonly #start: number;
  readonly #onEnd: (bytes: Buffer, range: Range) => void;
  readonly heldFrom: number;

  constructor(start: number, onEnd: (bytes: Buffer, range: Range) => void) {
    this.#start = start;
    this.#onEnd = onEnd;
    this.heldFrom = start;
  }

  scan(): void {}

  end(bytes: Buffer, to: number): void {
    this.#onEnd(bytes, { start: this.#start, end: to });
  }

  abandon(): void {}

  /** The page is there as a whole, so that nothing moves. */
  rebase(): void {}
}

function textsBetween(ranges: readonly Range[], page: Buffer): Range[] {
  const texts: Range[] = [];
  let from = 0;
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    if (start > from) texts.push({ start: from, end: start });
    from = Math.max(from, end);
  }
  return [...texts, { start: from, end: page.length }];
}

function decoded(page: Buffer, start: number, end: number): string {
  return toUnicode(unescapeReferences(page.toString('latin1', start, end), start, 'text', 0).text);
}

/** From one character per byte. */
function toUnicode(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
