/** Values without their escapes, and edits of them as edits of the source. */
import { describe, expect, test } from 'vitest';
import { type Quote, unescapeReferences } from '../../src/html/references.ts';
import { applyEdits, toSourceEdits, type UnescapedValue } from '../../src/text/edit.ts';
import { type CssQuote, unescapeCss } from '../../src/values/css-syntax.ts';
import { unescapeJson } from '../../src/values/json-escapes.ts';

const attribute = (source: string, quote: Quote = 0x22): UnescapedValue =>
  unescapeReferences(source, 0, 'attribute', quote);

/** Applies edits that are given as parts of the unescaped text. */
function edited(
  unescaped: UnescapedValue,
  source: string,
  ...parts: readonly (readonly [gone: string, put: string])[]
): string {
  const edits = parts.map(([gone, put]) => {
    const start = unescaped.text.indexOf(gone);
    return { start, end: start + gone.length, text: put };
  });
  return applyEdits(source, toSourceEdits(edits, unescaped));
}

describe('edits that meet become one', () => {
  test('where one has to reach back into another', () => {
    const source = '?exp=1&am&sig=2&#38;';
    expect(edited(attribute(source), source, ['exp=1&', ''], ['&sig=2', ''])).toBe('?am&#38;');
  });

  test('where one escape stands for what both of them change', () => {
    const source = 'a&NotEqualTilde;b';
    const unescaped = attribute(source);
    const [first, , , last] = [...unescaped.text.slice(1)] as [string, string, string, string];
    const edits = [
      { start: 1, end: 2, text: 'x' },
      { start: 4, end: 5, text: 'y' },
    ];
    const kept = unescaped.text.slice(2, 4) + unescaped.text.slice(5, -1);
    expect(applyEdits(source, toSourceEdits(edits, unescaped))).toBe(
      `ax${kept.slice(0, 2)}y${kept.slice(2)}b`,
    );
    expect([first, last].every((each) => each > '\x7f')).toBe(true);
  });

  test('and edits that do not stay apart, whatever is open before the first', () => {
    const source = '?a=\\3c\\2f&exp=1&b=\\3e&sig=2';
    const unescaped = unescapeCss(source, 0, 0x22);
    expect(edited(unescaped, source, ['&exp=1', ''], ['&sig=2', ''])).toBe('?a=\\3c /&b=\\3e ');
  });
});

describe('what is written ends no place that it stands in', () => {
  /** All that may stand in a URL, and what ends some place. */
  const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
  const separators = Buffer.from('\u2028\u2029').toString('latin1');

  test.each<[title: string, quote: Quote, bare: RegExp]>([
    ['double quotes', 0x22, /["<>]|&(?![a-z]+;|#\d+;)/],
    ['single quotes', 0x27, /['<>]|&(?![a-z]+;|#\d+;)/],
    ['no quotes', 0, /["'<>`\t\n\f\r ]|&(?![a-z]+;|#\d+;)/],
  ])('in an attribute with %s', (_title, quote, bare) => {
    const written = attribute('&amp;', quote).escape(all);
    expect(written).not.toMatch(bare);
    expect(unescapeReferences(written, 0, 'attribute', quote).text).toBe(all);
  });

  test('in text', () => {
    const written = unescapeReferences('', 0, 'text', 0).escape(all);
    expect(written).not.toMatch(/[<>]|&(?![a-z]+;|#\d+;)/);
    expect(unescapeReferences(written, 0, 'text', 0).text).toBe(all);
  });

  test.each<[title: string, quote: CssQuote, bare: RegExp]>([
    ['double quotes', 0x22, /(?<!\\)"|[<>\]\n\r\f]/],
    ['single quotes', 0x27, /(?<!\\)'|[<>\]\n\r\f]/],
    ['url() without quotes', 0, /(?<!\\)["'()]|[<>\]\n\r\f\t]/],
  ])('in CSS with %s', (_title, quote, bare) => {
    const text = all.replaceAll('\0', ''); // which no escape can stand for
    const written = unescapeCss('', 0, quote).escape(text);
    expect(written).not.toMatch(bare);
    expect(unescapeCss(written, 0, quote).text).toBe(text);
  });

  test('in JSON', () => {
    const written = unescapeJson('', 0)!.escape(all + separators);
    expect(written).not.toMatch(/(?<!\\)"|[<>\0-\x1f]|\xe2\x80[\xa8\xa9]/);
    expect(unescapeJson(written, 0)!.text).toBe(all + separators);
  });
});
