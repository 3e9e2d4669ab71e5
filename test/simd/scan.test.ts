/** What WebAssembly finds is what JavaScript finds, byte for byte. */
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { hashOf } from '../../src/caches/value-cache.ts';
import { readAttributes } from '../../src/html/attribute-reader.ts';
import { OpenTagCounts } from '../../src/html/open-tag-counts.ts';
import { skipPlainSvg } from '../../src/html/plain-content.ts';
import { rawTextElements, skipPlainMarkup } from '../../src/html/skip-plain.ts';
import { endOfPlainTag } from '../../src/html/tag-end.ts';
import { LiteralPrefilter } from '../../src/rewriting/literal-prefilter.ts';
import { releaseScratch, takeScratch } from '../../src/simd/scratch.ts';
import { indexOfByte } from '../../src/text/bytes.ts';
import { endOfCssRun } from '../../src/values/css-scanner.ts';
import { atLength } from '../support/seed.ts';

const nothing = Buffer.alloc(0);
afterEach(releaseScratch);

/** The bytes in the memory of WebAssembly, with others behind them that it must not see. */
function inScratch(bytes: Buffer, behind: Buffer): Buffer {
  takeScratch(bytes, bytes.length, behind);
  releaseScratch();
  const scratch = takeScratch(nothing, 0, bytes);
  if (scratch === undefined) throw new Error('this machine has no WebAssembly SIMD');
  return scratch;
}

const names = [...rawTextElements, 'noscript', 'plaintext', 'svg', 'math'];
const shapes =
  'path g use title symbol circle rect polygon defs line ellipse polyline stop mask text tspan clippath desc'.split(
    ' ',
  );
const near = names.flatMap((name) => [`${name}x`, name.slice(0, -1), `x${name.slice(1)}`, `${name}\0`]);
const others = [
  ...shapes,
  'a',
  'p',
  'h1',
  'img',
  'table',
  'x-card',
  'section',
  'blockquote',
  'custom-element-name',
  'É',
];
const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...others) },
  fc.constantFrom(...names, ...near),
  fc.constantFrom(...names).map((each) => each.toUpperCase()),
);
const textPieces = fc
  .array(fc.constantFrom(' ', '<!--', '-->', '<', '</', '<s', '<S', '<!', 'x'.repeat(13)), { maxLength: 6 })
  .map((pieces) => pieces.join(''));

/** Mostly plain, with now and then a tag that belongs to none, an unusual name, or a comment. */
const svg = fc
  .letrec<{ content: string; element: string }>((tie) => ({
    element: fc
      .tuple(fc.constantFrom(...shapes, 'svg', 'LINE', 'a', 'style', 'paths'), tie('content'), fc.nat(30))
      .map(([each, content, kind]) => {
        if (kind < 5) return `<${each} d="M0 0"/>`;
        return kind === 5 ? `<${each}>${content}` : `<${each}>${content}</${each}${kind === 6 ? '/' : ''}>`;
      }),
    content: fc.oneof(
      { depthSize: 'small' },
      { weight: 6, arbitrary: fc.constant('') },
      {
        weight: 1,
        arbitrary: fc.constantFrom('< ', '<!---->', '<!-- > -->', '<!-->', '<?x>', '</g>', '<![CDATA['),
      },
      { weight: 8, arbitrary: tie('element') },
      { weight: 4, arbitrary: fc.tuple(tie('element'), tie('element')).map((two) => two.join(' ')) },
    ),
  }))
  .content.map((content) => `<svg viewBox="0 0 9 9">${content}</svg>`);

const piece = fc.oneof(
  { weight: 4, arbitrary: name.map((each) => `<${each}>`) },
  { weight: 4, arbitrary: name.map((each) => `</${each}>`) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(...' <>/="\'', '\t', '\n', '\f', '\r', '\v', '\xff', '\0', '<!', '<?', '</'),
  },
  fc
    .tuple(
      name,
      fc.constantFrom(
        ' a=b',
        ' a="b>"',
        " a='>",
        ' a = b',
        ' a=b/',
        ' a=b\xffc',
        ' a=\xff',
        ' a=b\xffc="',
        '/',
        ' /',
        ' a="x"/',
        ' ="',
      ),
    )
    .map(([each, rest]) => `<${each}${rest}>`),
  fc.stringMatching(/^[-!<>sa]{0,9}$/).map((text) => `<!--${text}-->`),
  fc.tuple(name, textPieces).map(([each, text]) => `<${each}>${text}</${each}>`),
  svg,
  fc.stringMatching(/^[ -~\xa0-\xff]{0,40}$/),
  fc.constantFrom('x'.repeat(15), 'y'.repeat(16), 'z'.repeat(33), 'attribute="'),
);
const markup = fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join(''), 'latin1'));

test('the same markup is skipped, and the same tags are counted', () => {
  fc.assert(
    fc.property(markup, markup, fc.nat(), fc.nat(), fc.nat(), (bytes, behind, start, bound, next) => {
      const to = bytes.length - (bound % 4 === 0 ? bound % (bytes.length + 1) : 0);
      const from = start % (to + 1);
      const literal = Math.min(from + (next % (to + 20)), to);
      const [expected, found] = [new OpenTagCounts(), new OpenTagCounts()];
      const at = skipPlainMarkup(Buffer.from(bytes), from, to, literal, expected);
      expect(skipPlainMarkup(inScratch(bytes, behind), from, to, literal, found)).toBe(at);
      releaseScratch();
      expect(found.counts.equals(expected.counts)).toBe(true);
    }),
    { numRuns: atLength(20_000) },
  );
});

const long = 'x'.repeat(70);
const manyGroups = (count: number): string => `<svg>${'<g>'.repeat(count)}${'</g>'.repeat(count)}</svg>`;

/** With how far they are skipped, up to a `|`; all that comes before it is plain. */
test.each([
  ['a comment', `<!-- ${long}> - ->--> |`],
  ['comments that end at once', '<!--><!---><!----><!--a--!>|'],
  ['a comment without an end', '<p>|<!-- > ->'],
  ['a comment with half an end', '|<!---!> --'],
  ['a doctype', '|<!doctype html><p>'],
  ['scripts and styles', `<script>a<b;"</scrip" ${long}</script><STYLE>a>b{}</sTyle ><title><p></title>|`],
  ['a script that may be escaped', '<script><!-- a --></script>|<script><!-- <script></script>'],
  ['text without an end', '<p>|<textarea></textareas></textarea'],
  ['text that `noscript` holds', '|<noscript><p></noscript>'],
  ['an icon', '<svg a="b"><title>x</title><g><path d="M0"/><use></use></g></svg><b></b>|'],
  ['icons in one another', '<svg><symbol><svg/><svg></svg></symbol><!-- <b> --></svg><svg/>|'],
  ['an icon with HTML', '<p>|<svg><g><b></b></g></svg>'],
  ['an icon with HTML in its title', '|<svg><title><g></g></title></svg>'],
  ['an icon with a style', '|<svg><style></style></svg>'],
  ['an icon whose tags cross', '|<svg><g><path></g></path></svg>'],
  ['an icon with CDATA', '|<svg><![CDATA[>]]></svg>'],
  ['an icon without an end', '|<svg><g></g>'],
  ['icons up to a depth', `${manyGroups(31)}|${manyGroups(32)}`],
])('%s', (_title, text) => {
  const bytes = Buffer.from(text.replace('|', ''));
  const counts = new OpenTagCounts();
  for (const each of [bytes, inScratch(bytes, nothing)])
    expect(skipPlainMarkup(each, 0, bytes.length, bytes.length, counts)).toBe(text.indexOf('|'));
});

test.each(['<!-- | --><b>', '<style>|</style><b>', '<title>|</title>', '<svg>|<g></g></svg>'])(
  'what comes behind a literal is not skipped: %s',
  (text) => {
    const bytes = Buffer.from(text);
    const counts = new OpenTagCounts();
    const literal = text.indexOf('|');
    const end = text.startsWith('<!--') ? text.indexOf('<b>') : 0; // a comment holds nothing to read
    for (const each of [bytes, inScratch(bytes, nothing)])
      expect(skipPlainMarkup(each, 0, bytes.length, literal, counts)).toBe(end);
  },
);

test('the same elements are skipped in an icon that has not arrived as a whole', () => {
  const within = fc.array(fc.oneof(svg, piece), { maxLength: 12 });
  fc.assert(
    fc.property(within, markup, fc.nat(), fc.nat(), (pieces, behind, start, next) => {
      const bytes = Buffer.from(pieces.join(''), 'latin1');
      const from = start % (bytes.length + 1);
      const literal = Math.min(from + (next % (bytes.length + 20)), bytes.length);
      const at = skipPlainSvg(Buffer.from(bytes), from, bytes.length, literal);
      expect(skipPlainSvg(inScratch(bytes, behind), from, bytes.length, literal)).toBe(at);
      releaseScratch();
    }),
    { numRuns: atLength(10_000) },
  );
});

test.each([
  [
    'shapes, symbols and comments',
    '<g><path/></g> <!-- > --><symbol><title>x</title></symbol><path d="<"></path> |',
  ],
  ['the end tag of what is around', '<g></g>|</symbol><g></g>'],
  ['what has not arrived', '<g></g>|<g><path>'],
  ['HTML', '<g></g>|<p></p><g></g>'],
  ['a comment without an end', '|<!-- -> <g></g>'],
])('within an icon: %s', (_title, text) => {
  const bytes = Buffer.from(text.replace('|', ''));
  for (const each of [bytes, inScratch(bytes, nothing)])
    expect(skipPlainSvg(each, 0, bytes.length, bytes.length)).toBe(text.indexOf('|'));
});

test('the same end of a tag is found', () => {
  fc.assert(
    fc.property(markup, markup, fc.nat(), (bytes, behind, start) => {
      const from = start % (bytes.length + 1);
      const expected = endOfPlainTag(Buffer.from(bytes), from, bytes.length);
      expect(endOfPlainTag(inScratch(bytes, behind), from, bytes.length)).toBe(expected);
      releaseScratch();
    }),
    { numRuns: atLength(10_000) },
  );
});

test('tags are counted up to a limit, and never below zero', () => {
  const bytes = Buffer.from('</b>'.repeat(9) + '<p>'.repeat(300) + '</p>'.repeat(100));
  const [expected, found] = [new OpenTagCounts(), new OpenTagCounts()];
  skipPlainMarkup(Buffer.from(bytes), 0, bytes.length, bytes.length, expected);
  expect(skipPlainMarkup(inScratch(bytes, nothing), 0, bytes.length, bytes.length, found)).toBe(bytes.length);
  expect(found.counts.equals(expected.counts)).toBe(true);
  expect(Math.max(...found.counts)).toBe(27);
  expect(found.mayBeOpen('b')).toBe(false);
});

const kinds = [0, 1, 2] as const;

test.each(kinds)('a run of a style sheet ends at the same of all bytes, of kind %i', (kind) => {
  for (let byte = 0; byte < 256; byte++) {
    for (const place of [12, 27, 28, 43, 60]) {
      const bytes = Buffer.alloc(64, 'a');
      bytes[place] = byte;
      const expected = endOfCssRun(Buffer.from(bytes), 0, 62, kind);
      expect(endOfCssRun(inScratch(bytes, Buffer.alloc(20, '(')), 0, 62, kind)).toBe(expected);
      releaseScratch();
    }
  }
});

const sheet = fc
  .array(fc.oneof(fc.stringMatching(/^[ -~]{0,3}$/), fc.stringMatching(/^[a-z0-9:;,. ]{0,60}$/)), {
    maxLength: 9,
  })
  .map((parts) => Buffer.from(parts.join('')));

test('the same end of a run of a style sheet is found', () => {
  fc.assert(
    fc.property(
      sheet,
      sheet,
      fc.nat(),
      fc.nat(),
      fc.constantFrom(...kinds),
      (bytes, behind, start, bound, kind) => {
        const to = bytes.length - (bound % 3 === 0 ? bound % (bytes.length + 1) : 0);
        const from = start % (to + 1);
        const expected = endOfCssRun(Buffer.from(bytes), from, to, kind);
        expect(endOfCssRun(inScratch(bytes, behind), from, to, kind)).toBe(expected);
        releaseScratch();
      },
    ),
    { numRuns: atLength(20_000) },
  );
});

test('the same byte is found first, and none beyond the bound', () => {
  const few = fc.stringMatching(/^[ab]{0,90}c?[ab]{0,90}[\xff]?$/).map((each) => Buffer.from(each, 'latin1'));
  fc.assert(
    fc.property(few, few, fc.nat(), fc.nat(), (bytes, behind, start, bound) => {
      const to = bytes.length - (bound % 3 === 0 ? bound % (bytes.length + 1) : 0);
      const from = start % (to + 1);
      for (const byte of [0x63, 0xff, 0x64]) {
        const expected = indexOfByte(Buffer.from(bytes), byte, from, to);
        expect(indexOfByte(inScratch(bytes, behind), byte, from, to)).toBe(expected);
        releaseScratch();
      }
    }),
    { numRuns: atLength(10_000) },
  );
});

test('the same attributes are read, however many', () => {
  const attribute = fc.tuple(
    fc.constantFrom(' ', '', '/', '\n', ' / ', '\f'),
    fc.constantFrom('a', 'data-x', '=', '=b', 'a"', '\xff', '\v', 'x'.repeat(40)),
    fc.constantFrom('', '', '=', ' = ', '="x"', "='", '="\t\r>"', '=x/y', `="${'y'.repeat(40)}"`, '\r=\n\v'),
  );
  const tag = fc.array(
    attribute.map((parts) => parts.join('')),
    { maxLength: 120 },
  );
  fc.assert(
    fc.property(tag, markup, fc.nat(), (attributes, behind, start) => {
      const bytes = Buffer.from(attributes.join(''), 'latin1');
      const from = start % (bytes.length + 1);
      const expected = readAttributes(Buffer.from(bytes), from, bytes.length);
      expect(readAttributes(inScratch(bytes, behind), from, bytes.length)).toEqual(expected);
      releaseScratch();
    }),
    { numRuns: atLength(5_000) },
  );
});

test('the same bytes have the same hash', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), markup, fc.nat(), (array, behind, start) => {
      const bytes = Buffer.from(array);
      const from = start % (bytes.length + 1);
      const expected = hashOf(Buffer.from(bytes), from, bytes.length);
      expect(hashOf(inScratch(bytes, behind), from, bytes.length)).toBe(expected);
      releaseScratch();
    }),
    { numRuns: atLength(5_000) },
  );
});

const literals = fc.uniqueArray(fc.stringMatching(/^[a-c0-2]{1,12}$/), { minLength: 1, maxLength: 8 });
const text = fc.stringMatching(/^[A-Ca-c0-2\x10-\x12]{0,200}$/);

test('the same literal is found first, whole and in either case', () => {
  fc.assert(
    fc.property(literals, text, text, fc.nat(), (texts, around, behind, start) => {
      const bytes = Buffer.from(around + ' '.repeat(70) + texts[start % texts.length] + around, 'latin1');
      const from = start % (bytes.length + 1);
      const prefilter = new LiteralPrefilter(texts);
      const expected = prefilter.next(Buffer.from(bytes), from, bytes.length);
      expect(prefilter.next(inScratch(bytes, Buffer.from(behind)), from, bytes.length)).toBe(expected);
      releaseScratch();
    }),
    { numRuns: atLength(10_000) },
  );
});

test('a literal that begins in one stretch and ends in the next is found, and so is the first of two', () => {
  for (const texts of [
    ['imagedelivery'],
    ['imagedelivery', 'pictures'],
    ['pictures', 'imagedelivery', 'x1'],
  ]) {
    const prefilter = new LiteralPrefilter(texts);
    for (let at = 1_000; at < 1_040; at++) {
      const bytes = Buffer.alloc(4_096, ' ');
      bytes.write('ImageDelivery', at);
      bytes.write('PICTURES', at + 20);
      const scratch = inScratch(bytes, nothing);
      expect(prefilter.next(scratch, 0, bytes.length)).toBe(at);
      expect(prefilter.next(scratch, 0, at + 12)).toBe(at + 12);
      expect(prefilter.next(scratch, at + 1, bytes.length)).toBe(texts.length > 1 ? at + 20 : bytes.length);
      releaseScratch();
    }
  }
});

test('one who has the memory keeps it', () => {
  const first = takeScratch(nothing, 0, Buffer.from('first'))!;
  expect(takeScratch(nothing, 0, Buffer.from('second'))).toBeUndefined();
  expect(first.toString()).toBe('first');
});

test('what is larger than the memory is not copied to it', () => {
  expect(takeScratch(nothing, 0, Buffer.alloc(1024 * 1024 + 1))).toBeUndefined();
  expect(takeScratch(Buffer.alloc(1), 1, Buffer.alloc(1024 * 1024 - 1))).toHaveLength(1024 * 1024);
});
