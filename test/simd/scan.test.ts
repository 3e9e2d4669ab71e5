/** What WebAssembly finds is what JavaScript finds, byte for byte. */
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { OpenTagCounts } from '../../src/html/foreign-content.ts';
import { type ContentScanner, HtmlScanner } from '../../src/html/scanner.ts';
import { rawTextElements } from '../../src/html/text-end.ts';
import { LiteralPrefilter } from '../../src/rewriting/literal-prefilter.ts';
import { releaseScratch, takeScratch } from '../../src/simd/scratch.ts';
import { runs } from '../support/seed.ts';

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
  'path g use title symbol circle rect polygon defs line ellipse polyline stop mask text tspan clippath desc linearGradient radialGradient lineargr vineargradient lineargradienx'.split(
    ' ',
  );
const near = names.flatMap((name) => [`${name}x`, name.slice(0, -1), `x${name.slice(1)}`, `${name}\0`]);
const others = [
  ...[...shapes, 'a', 'p', 'h1', 'img', 'table', 'x-card', 'section', 'blockquote'],
  ...['custom-element-name', 'É'],
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
        ...[' a=b', ' a="b>"', " a='>", ' a = b', ' a=b/', ' a=b\xffc', ' a=\xff', ' a=b\xffc="'],
        ...['/', ' /', ' a="x"/', ' ="'],
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

/** What a scanner finds in a page of two chunks: all that its sink hears, and what it holds back in between. */
function eventsOf(bytes: Buffer, prefilter: LiteralPrefilter, cut: number): string[] {
  const events: string[] = [];
  const tell = (...event: unknown[]): void => void events.push(event.join(' '));
  const content = (kind: string, at: number): ContentScanner => ({
    scan() {},
    end: (_bytes, to) => tell(kind, at, to),
    abandon: () => tell(kind, at),
    rebase() {},
    heldFrom: Number.POSITIVE_INFINITY,
  });
  const scanner = new HtmlScanner({
    prefilter,
    startTag: (_bytes, nameStart, nameEnd, { length }) => tell('tag', nameStart, nameEnd, length),
    styleScanner: (at) => content('style', at),
    scriptScanner: (_bytes, _attributes, at) => content('script', at),
    startSvgStyle: () => tell('style of SVG'),
    svgStyleText: (_bytes, start, end, isCdata) => tell(start, end, isCdata),
    tooLong: () => tell('too long'),
  });
  if (cut > 0) scanner.scan(bytes, cut);
  tell('held from', scanner.heldFrom);
  scanner.end(bytes, bytes.length);
  return events;
}

/** Whether such a style is HTML's or SVG's depends on which elements are open around it. */
const probe = name.map((each) => `<svg></${each}><style>zq</style><i zq>`);

test('property: what WebAssembly skips is what the scanner would read in vain, and it counts the same tags', () => {
  const prefilter = new LiteralPrefilter(['zq']);
  const page = fc
    .tuple(markup, probe, markup, probe, markup)
    .map((parts) => Buffer.from(parts.map((each) => each.toString('latin1')).join(''), 'latin1'));
  fc.assert(
    fc.property(page, markup, fc.nat(), (bytes, behind, cut) => {
      const to = cut % (bytes.length + 1);
      const expected = eventsOf(Buffer.from(bytes), prefilter, to);
      expect(eventsOf(inScratch(bytes, behind), prefilter, to)).toEqual(expected);
      releaseScratch();
    }),
    { numRuns: runs(20) },
  );
});

const long = 'x'.repeat(70);
const manyGroups = (count: number): string => `<svg>${'<g>'.repeat(count)}${'</g>'.repeat(count)}</svg>`;

/** With how far they are skipped, up to a `|`; all that comes before it is plain. */
test.each([
  ['a comment', `<!-- ${long}> - ->--> |`],
  ['comments that end at once', '<!--><!---><!----><!--a--!>|'],
  ['a comment without an end', '<p>|<!-- > ->'],
  ['a doctype', '|<!doctype html><p>'],
  ['scripts and styles', `<script>a<b;"</scrip" ${long}</script><STYLE>a>b{}</sTyle ><title><p></title>|`],
  ['a script that may be escaped', '<script><!-- a --></script>|<script><!-- <script></script>'],
  ['text that `noscript` holds', '|<noscript><p></noscript>'],
  ['an icon', '<svg a="b"><title>x</title><g><path d="M0"/><use></use></g></svg><b></b>|'],
  ['icons in one another', '<svg><symbol><svg/><svg></svg></symbol><!-- <b> --></svg><svg/>|'],
  ['an icon with gradients', '<svg><linearGradient><stop/></linearGradient><RADIALGRADIENT/></svg>|'],
  ['an icon with what is nearly a gradient', '|<svg><linearGradient></lineargr></linearGradient></svg>'],
  ['an icon with HTML', '<p>|<svg><g><b></b></g></svg>'],
  ['an icon with a style', '|<svg><style></style></svg>'],
  ['an icon without an end', '|<svg><g></g>'],
  ['icons up to a depth', `${manyGroups(31)}|${manyGroups(32)}`],
])('%s', (_title, text) => {
  const bytes = inScratch(Buffer.from(text.replace('|', '')), nothing);
  const { counts } = new OpenTagCounts();
  const { length } = bytes;
  expect(new LiteralPrefilter(['zq']).skip(bytes, 0, length, length, counts)).toBe(text.indexOf('|'));
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
    { numRuns: runs(10) },
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
