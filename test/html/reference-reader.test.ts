import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { DecodingMode, EntityDecoder, htmlDecodeTree } from 'entities/decode';
import fc from 'fast-check';
import { parseFragment } from 'parse5';
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';
import { namedReferences, unescapeReferences } from '../../src/html/references.ts';
import { runs } from '../support/seed.ts';
import references from '../vectors/references.json' with { type: 'json' };
import { tableFile, writeReferenceTable } from './reference-table.ts';

const modes = {
  attribute: DecodingMode.Attribute,
  text: DecodingMode.Legacy,
  markdown: DecodingMode.Strict,
} as const;
type Context = keyof typeof modes;
const contexts = Object.keys(modes) as Context[];

/** Asks the tables at every `&`: what is decoded, and for each character of it where its source begins. */
function decodedByTables(source: string, context: Context): { text: string; offsets: number[] } {
  let text = '';
  const offsets: number[] = [];
  let reference = '';
  const decoder = new EntityDecoder(htmlDecodeTree, (code) => {
    reference += String.fromCodePoint(code);
  });
  for (let at = 0; at < source.length; ) {
    reference = '';
    let length = 0;
    if (source[at] === '&') {
      decoder.startEntity(modes[context]);
      length = decoder.write(source, at + 1);
      if (length < 0) length = decoder.end();
    }
    const decoded = length > 0 ? Buffer.from(reference).toString('latin1') : source.charAt(at);
    for (const _ of decoded) offsets.push(at);
    text += decoded;
    at += Math.max(length, 1);
  }
  offsets.push(source.length);
  return { text, offsets };
}

function check(source: string, context: Context): void {
  const { text, offsets } = unescapeReferences(source, 0, context, context === 'attribute' ? 0x22 : 0);
  const expected = decodedByTables(source, context);
  if (text !== expected.text) expect.fail(`${context}: ${source}: ${text} and not ${expected.text}`);
  if (offsets === undefined || isDeepStrictEqual(offsets, expected.offsets)) return;
  expect(offsets, `${context}: ${source}`).toEqual(expected.offsets);
}

const names = 'amp lt gt quot apos AMP LT GT QUOT APOS Amp Lt copy not notin'.split(' ');
const numbers = '38 60 62 34 39 47 61 96 0 128 999999999999 3 1114112 55296'.split(' ');
const named = fc.constantFrom(...names);
const numeric = fc
  .tuple(
    fc.constantFrom('#', '#x', '#X', '#0', '#00000', '#x0', '#X00'),
    fc.constantFrom(...numbers, '3c', '3C', '2f', '2F', 'd800'),
  )
  .map((parts) => parts.join(''));
const tail = fc.constantFrom(
  ...['', ';', ';', ';', '=', ';;', ';=', 'x', 'x;', '1', ' ', '-', '&', '=1', '\u00e9', '"'],
  ...[';x'],
);
const reference = fc.tuple(fc.oneof(named, numeric), tail).map(([name, after]) => `&${name}${after}`);
const bare = fc.constantFrom(
  ...['&', '&a=', '&width=3', '&copy=', '&notit=', '&lt=', '&gt', 'a', ';', '#', '\u00e9'],
  ...['&;', '&#;', '&#x;', '&='],
);
const text = fc.array(
  fc.oneof(reference, reference, bare, fc.string({ maxLength: 3, unit: 'binary-ascii' })),
  { maxLength: 8 },
);

test('property: every reference stands for what the tables say, in attributes, in text and in Markdown', () => {
  fc.assert(
    fc.property(text, fc.constantFrom(...contexts), (parts, context) => check(parts.join(''), context)),
    { numRuns: runs(20) },
  );
});

test('property: in an attribute and in text, every reference stands for what a browser reads', () => {
  fc.assert(
    fc.property(text, (parts) => {
      const source = parts.join('').replace(/[\r\0<>"\u0080-\uffff]/g, '');
      const [element, node] = parseFragment(`<a x="${source}"></a>${source}`).childNodes;
      const inText = node !== undefined && 'value' in node ? node.value : '';
      const inAttribute = element !== undefined && 'attrs' in element ? element.attrs[0]!.value : '';
      const utf8 = (bytes: string): string => Buffer.from(bytes, 'latin1').toString();
      if (!inAttribute.isWellFormed() || inText.includes('\uffff')) return;
      expect(utf8(unescapeReferences(source, 0, 'attribute', 0x22).text)).toBe(inAttribute);
      expect(utf8(unescapeReferences(source, 0, 'text', 0).text)).toBe(inText);
    }),
    { numRuns: runs(8) },
  );
});

/** Of thirteen signs: four make 30,000 texts. */
const longest = 4;

test(`every text of up to ${longest} letters, digits and signs after an ampersand is read as the tables read it`, () => {
  const alphabet = ['a', 'm', 'p', 'l', 't', 'G', 'T', '#', 'x', '3', '9', ';', '='];
  let sources = ['&'];
  for (let length = 1; length <= longest; length++) {
    sources = sources.flatMap((source) => alphabet.map((each) => source + each));
    for (const source of sources) for (const context of contexts) check(source, context);
  }
});

describe('the table of names is not asked', () => {
  const { texts, legacy } = namedReferences();
  let asked: MockInstance[];
  beforeEach(() => {
    asked = [vi.spyOn(texts, 'get'), vi.spyOn(legacy, 'has')];
  });
  afterEach(() => void vi.restoreAllMocks());

  test.each<[title: string, source: string, expected: string]>([
    ['for ampersands', 'a?b&amp;c=2&AMP;d=3&#38;e&#038;f=5&#x26;g', 'a?b&c=2&d=3&e&f=5&g'],
    ['for the other characters of markup', '&lt;&LT;&#60;&gt;&GT;&#x3E;&quot;&QUOT;&#34;', '<<<>>>"""'],
    ['for what template engines write', '&#39;&#039;&#x27;&apos;&#x2F;&#x3D;', "''''/="],
    ['for any number', '&#8217;&#x1F600', '\u2019\u{1f600}'],
    ['for bare ampersands', 'a?b=1&width=3&copy=2&lt=3&a&filename', 'a?b=1&width=3&copy=2&lt=3&a&filename'],
  ])('%s', (_title, source, expected) => {
    const { text } = unescapeReferences(source, 0, 'attribute', 0x22);
    expect(Buffer.from(text, 'latin1').toString()).toBe(expected);
    for (const each of asked) expect(each).not.toHaveBeenCalled();
  });

  test.each(['&eacute;', '&amp', '&ampx'])('but for all other names it is: %s', (source) => {
    unescapeReferences(source, 0, 'attribute', 0x22);
    expect(asked.some((each) => each.mock.calls.length > 0)).toBe(true);
  });
});

test('the table is what npm run generate -- references writes', () => {
  expect(readFileSync(tableFile, 'utf8')).toBe(writeReferenceTable());
});

test('every name, cut off anywhere, is read in every context as the tables of `entities` read it, whatever follows', () => {
  const { names } = references;
  expect(names.length).toBe(2_231);
  const prefixes = new Set(names.flatMap((name) => Array.from(name, (_, index) => name.slice(0, index + 1))));
  for (const prefix of prefixes)
    for (const after of ['', '=', ';', 'x', '1', ' ', '-', '&', '/', '=1'])
      for (const context of contexts) check(`&${prefix}${after}`, context);
});

test('a number is read as the tables of `entities` read it', () => {
  const edges = [0xd7ff, 0xd800, 0xdfff, 0xe000, 0xffff, 0x10000, 0x10ffff, 0x110000, 2 ** 32, 2 ** 60];
  for (const code of [...Array(0x180).keys(), ...edges]) {
    const hex = code.toString(16);
    for (const spelling of [`&#${code}`, `&#x${hex}`, `&#X${hex.toUpperCase()}`])
      for (const after of ['', ';', '=', 'g', ' '])
        for (const context of contexts) check(spelling + after, context);
  }
});
