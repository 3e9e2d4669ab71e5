/**
 * Splits a page into the places where URLs occur: attributes, style sheets, scripts, and the text between the tags. It
 * knows no URLs, and does not decide what is rewritten.
 */
import { findAttribute, lowerCaseName } from '../../html/attributes.ts';
import { unescapeReferences } from '../../html/references.ts';
import { type ContentScanner, HtmlScanner, type HtmlSink } from '../../html/scanner.ts';
import { LiteralPrefilter } from '../../rewriting/literal-prefilter.ts';

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

/** A literal would miss unnamed texts, such as the hosts of other images. */
export const everywhere: LiteralPrefilter = new LiteralPrefilter(['']);

/** Enough to recognize an element or an attribute in a list of places. */
const maxNameLength = 64;

export function placesOf(page: Buffer): PagePlace[] {
  const places: PagePlace[] = [];
  const between = Buffer.from(page); // the text outside tags and other places
  const cover = (start: number, end: number): void => void between.fill(' ', start, end);
  /** For the content of one element, which is not parsed further. */
  const contentScanner = (start: number, place: Omit<PagePlace, 'text'>): ContentScanner => ({
    heldFrom: start,
    scan() {},
    end(bytes, end) {
      cover(start, end);
      places.push({ ...place, text: bytes.toString('utf8', start, end) });
    },
    abandon() {},
    rebase() {}, // the page is there as a whole
  });
  const sink: HtmlSink = {
    prefilter: everywhere,
    startTag(bytes, nameStart, nameEnd, attributes) {
      const element = lowerCaseName(bytes, nameStart, nameEnd).slice(0, maxNameLength);
      for (const { nameStart: start, nameEnd: end, valueStart, valueEnd, quote } of attributes) {
        const attribute = lowerCaseName(bytes, start, end);
        const source = bytes.toString('latin1', valueStart, valueEnd);
        const text = toUnicode(unescapeReferences(source, valueStart, 'attribute', quote).text);
        const name = `<${element} ${attribute.slice(0, maxNameLength)}>`;
        places.push({ name, kind: 'attribute', text, attribute });
      }
      cover(nameStart, attributes.at(-1)?.valueEnd ?? nameEnd);
    },
    styleScanner: (at) => contentScanner(at, { name: '<style>', kind: 'style' }),
    scriptScanner(bytes, attributes, at) {
      const found = findAttribute(bytes, attributes, 'type');
      const type =
        found === undefined
          ? ''
          : bytes.toString('latin1', found.valueStart, found.valueEnd).slice(0, maxNameLength);
      const name = type === '' ? '<script>' : `<script type="${type}">`;
      return contentScanner(at, { name, kind: 'script', type });
    },
    startSvgStyle() {},
    /** SVG's style sheets are escaped, unlike those of HTML. */
    svgStyleText(bytes, start, end) {
      cover(start, end);
      places.push({ name: '<style>', kind: 'style', text: decoded(bytes.toString('latin1', start, end)) });
    },
    tooLong() {},
  };
  new HtmlScanner(sink).end(page, page.length);
  places.push({ name: 'text', kind: 'text', text: decoded(between.toString('latin1')) });
  return places;
}

/** @param bytes - one character per byte */
function decoded(bytes: string): string {
  return toUnicode(unescapeReferences(bytes, 0, 'text', 0).text);
}

function toUnicode(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
