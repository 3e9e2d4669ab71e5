import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CssUrlScanner } from '../../src/values/css-scanner.ts';
import { unescapeCss } from '../../src/values/css-syntax.ts';
import { cutAt } from '../support/generators/chunks.ts';
import { readCss } from '../support/oracles/browser-reading.ts';
import { runs } from '../support/seed.ts';
import cases from '../vectors/css.json' with { type: 'json' };

/** The URLs that the scanner finds in a sheet, cut at these places, as CSS reads them. */
function urlsIn(css: string, places: readonly number[] = [], properties: readonly string[] = []): string[] {
  const found: string[] = [];
  const bytes = Buffer.from(css, 'utf8');
  const scanner = new CssUrlScanner(
    {
      customProperties: new Set(properties.map((name) => Buffer.from(name, 'utf8').toString('latin1'))),
      url: (source, start, end, quote) => {
        const { text } = unescapeCss(source.toString('latin1', start, end), start, quote);
        found.push(Buffer.from(text, 'latin1').toString('utf8'));
      },
      tooLong: () => found.push('too long'),
    },
    0,
  );
  let to = 0;
  for (const chunk of cutAt(places, bytes)) {
    to += chunk.length;
    scanner.scan(bytes, to);
    if (scanner.heldFrom > to) expect.fail(`${scanner.heldFrom} of ${to} bytes are held from`);
  }
  scanner.end(bytes, bytes.length);
  return found;
}

type Row = [css: string, urls: string[]];

describe('URLs in CSS', () => {
  const deep: Row = [`${'image-set('.repeat(100)}"a"${')'.repeat(100)} url(b)`, ['a', 'b']];

  test.each([...(cases.urls as Row[]), deep])('%j: %j', (css, urls) => {
    expect(urlsIn(css)).toEqual(urls);
    for (let at = 0; at <= css.length; at++) expect(urlsIn(css, [at]), `cut at ${at}`).toEqual(urls);
    expect(urlsIn(css, [...Array.from(css).keys()])).toEqual(urls);
  });

  test('a token is as long as it may be, and no longer', () => {
    // Byte by byte at both ends; between them every hundredth is enough.
    const cuts = Array.from({ length: 70_000 }, (_, index) => index).filter(
      (at) => at < 100 || at > 65_400 || at % 101 === 0,
    );
    for (const open of ['url(', 'url("', 'image-set("']) {
      const close = open.endsWith('"') ? '")' : ')';
      for (const length of [65_535, 65_536, 65_537]) {
        const css = `${open}${'a'.repeat(length)}${close}} b{c:url(next)}`;
        const expected = [length <= 65_536 ? 'a'.repeat(length) : 'too long', 'next'];
        expect(urlsIn(css)).toEqual(expected);
        expect(urlsIn(css, [70_000, 65_537, 3])).toEqual(expected);
        expect(urlsIn(css, cuts)).toEqual(expected);
      }
    }
  });
});

const properties = ['--hero', '--h\u00e9'];

test.each(cases.properties as Row[])('a string in a property that the site names: %j: %j', (css, urls) => {
  expect(urlsIn(css, [], properties)).toEqual(urls);
  const every = Array.from(Buffer.from(css), (_, index) => index);
  for (const at of every) expect(urlsIn(css, [at], properties), `cut at ${at}`).toEqual(urls);
  expect(urlsIn(css, every, properties)).toEqual(urls);
});

describe('blocks in an image-set', () => {
  const pieces = ['image-set(', 'url(', 'x(', '(', ')', '[', ']', '{', '}', '"a"'];

  test('any four pieces, before a string', () => {
    const wrong: string[] = [];
    for (let number = 0; number < pieces.length ** 4; number++) {
      const digits = String(number).padStart(4, '0');
      const css = `image-set(${Array.from(digits, (digit) => pieces[Number(digit)]).join('')} "z" 1x`;
      if (urlsIn(css).join() !== readCss(css).join()) wrong.push(css);
    }
    expect(wrong.slice(0, 5)).toEqual([]);
  });

  test.each([
    ['(', ')'],
    ['[', ']'],
    ['{', '}'],
    ['x(', ')'],
  ])('%s hides a string up to 63 blocks deep, and closes each', (open, close) => {
    for (const depth of [1, 62, 63]) {
      const css = `image-set(${open.repeat(depth)}"hidden"${close.repeat(depth)} "found") "behind"`;
      expect(urlsIn(css), `${depth} deep`).toEqual(['found']);
    }
  });
});

test('property: a tokenizer that follows the standard finds the same URLs, wherever the sheet is cut', () => {
  const piece = fc.constantFrom(
    ...['url(', 'URL(', 'u\\72 l(', '\\75 rl(', 'image-set(', '-webkit-image-set(', 'x(', '('],
    ...[')', '[', ']', '{', '}', '"', "'", 'a', 'é', '1', '.5', '-', '--', '->', '#', '@', '+'],
    ...['%', '\\', '\\2f ', '\\\n', '\n', '\r\n', ' ', '\t', '/*', '*/', '/', '*', '<!--', '-->'],
    ...['<', ':', ';', ',', 'https://x', 'e', 'E+1', '@import', '@import "', '--hero', '--hero:'],
    ...['--hero: "'],
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 16 }),
      fc.array(fc.nat(), { maxLength: 5 }),
      fc.constantFrom([], properties),
      (pieces, places, names) => {
        const css = pieces.join('');
        const expected = readCss(css, names).filter((url) => url !== '');
        const found = urlsIn(css, [], names);
        expect(found.filter((url) => url !== '')).toEqual(expected);
        expect(urlsIn(css, places, names)).toEqual(found);
      },
    ),
    { numRuns: runs(15) },
  );
});
