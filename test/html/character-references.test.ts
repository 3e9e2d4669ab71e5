import fc from 'fast-check';
import { type DefaultTreeAdapterMap, parseFragment } from 'parse5';
import { describe, expect, test } from 'vitest';
import { readAttributes } from '../../src/html/attributes.ts';
import { unescapeReferences } from '../../src/html/references.ts';
import { editUrl } from '../../src/rewriting/edit-url.ts';
import { applyEdits, toSourceEdits } from '../../src/text/edit.ts';
import { runs } from '../support/seed.ts';

/** What a browser reads in the attribute. */
function read(source: string, quote: '"' | "'" | ''): string {
  const [element] = parseFragment(`<a x=${quote}${source}${quote}>`)
    .childNodes as DefaultTreeAdapterMap['element'][];
  return element!.attrs[0]!.value;
}

/** The source after its value is swapped for what `map` makes of it. */
function swap(source: string, quote: '"' | "'" | '', map: (value: string) => string): string {
  const bytes = Buffer.from(source).toString('latin1');
  const unescaped = unescapeReferences(
    bytes,
    0,
    'attribute',
    ({ '"': 0x22, "'": 0x27, '': 0 } as const)[quote],
  );
  const edits = toSourceEdits(editUrl(unescaped, 0, unescaped.text.length, map), unescaped);
  return Buffer.from(applyEdits(bytes, edits), 'latin1').toString();
}

describe('what stands there keeps its spelling', () => {
  test.each<[title: string, source: string, from: string, to: string, expected: string]>([
    ['references before the change', 'a&#47;b', 'a/b', 'a/b?x', 'a&#47;b?x'],
    ['references behind it', 'a#&eacute;', 'a#é', 'a?x#é', 'a?x#&eacute;'],
    ['an ampersand that is put in', 'a?b=1', 'a?b=1', 'a?b=1&c=2', 'a?b=1&amp;c=2'],
    ['an ampersand that was written bare', 'a?b=1&c=2', 'a?b=1&c=2', 'a?b=1&c=2&d=3', 'a?b=1&c=2&amp;d=3'],
    ['what is no reference any more', 'a?x=1&y=2&amp;lt', 'a?x=1&y=2&lt', 'a?x=1&lt', 'a?x=1&amp;lt'],
    ['nor what follows one that has no semicolon', 'a&#47x', 'a/x', 'a/1', 'a/1'],
    ['nor the half of a name', 'a&am=p;', 'a&am=p;', 'a&amp;', 'a&amp;amp;'],
    ['a reference for two characters', 'a&NotEqualTilde;', 'a\u2242\u0338', 'a\u2242', 'a\u2242'],
  ])('%s', (_title, source, from, to, expected) => {
    expect(read(source, '"')).toBe(from);
    const out = swap(source, '"', () => to);
    expect(out).toBe(expected);
    expect(read(out, '"')).toBe(to);
  });
});

const piece = fc.constantFrom(
  ...(
    'a / & &amp; &amp &#47; &#47 &#x2f &lt &lt; &copy &copy= &notit; &notin; &NotEqualTilde; ' +
    '&eacute; é = ; # 1 x &# &#x &a mp; ? % &#128; &#0; &#xd800;'
  ).split(' '),
);

test('property: a reader of the standard reads before what this reads, and afterwards what it was swapped for', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 8 }),
      fc.constantFrom('"' as const, "'" as const, '' as const),
      fc.nat(),
      fc.nat(),
      fc.constantFrom('', 'x', '&', '=', ';', 'amp;', '1', 'é', '"', "'", '/', '?exp=1&sig=2'),
      (pieces, quote, from, length, text) => {
        const source = pieces.join('');
        const before = read(source, quote);
        let seen: string | undefined;
        const start = from % (before.length + 1);
        const end = Math.min(before.length, start + (length % 4));
        const to = before.slice(0, start) + text + before.slice(end);
        if (!before.isWellFormed() || !to.isWellFormed()) return;
        const out = swap(source, quote, (value) => {
          seen = value;
          return to;
        });
        expect(seen).toBe(before);
        if (to !== '' || quote !== '') expect(read(out, quote), out).toBe(to);
      },
    ),
    { numRuns: runs(8) },
  );
});

test('property: a tag has the attributes that a browser gives it', () => {
  const part = fc.constantFrom(
    ...['a', 'B', '=', '"', "'", ' ', '/', '\n', '<', '`', 'x="1"', "y='2'", 'z=3', '\f', '\r'],
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 10 }), (parts) => {
      const page = Buffer.from(`<p ${parts.join('')}>`);
      const [element] = parseFragment(page.toString()).childNodes;
      if (element === undefined || !('attrs' in element)) return; // a quote that stays open: there is no tag
      const seen = new Map<string, string>();
      for (const { nameStart, nameEnd, valueStart, valueEnd } of readAttributes(page, 2, page.length - 1)) {
        const name = page.toString('latin1', nameStart, nameEnd).toLowerCase();
        if (!seen.has(name))
          seen.set(name, page.toString('latin1', valueStart, valueEnd).replace(/\r\n?/g, '\n'));
      }
      expect([...seen]).toEqual(element.attrs.map(({ name, value }) => [name, value]));
    }),
    { numRuns: runs(4) },
  );
});
