/** What is too long, what is deep, what fails: the page goes on. Longer than most files: a test for each bound. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { ImageSignerEvent } from '../../src/index.ts';
import { ByteRewriter } from '../../src/rewriting/byte-rewriter.ts';
import { LiteralPrefilter, literalOf } from '../../src/rewriting/literal-prefilter.ts';
import type { Edit } from '../../src/text/edit.ts';
import {
  cutAt,
  inBytesAround,
  inChunksOf,
  rewriteInChunks,
  splitEverywhere,
} from '../support/generators/chunks.ts';
import { countTokens, signerWith, url, withoutTokens } from '../support/samples.ts';

const image = `<img src="${url()}">`;

const filled = (open: string, filling: string, close: string, length: number): string =>
  open + filling.repeat(length - open.length - close.length) + close;

/** A token of a length, and how many of its URLs are signed if it is short. */
const tokens: readonly [title: string, of: (length: number) => string, tokensWhenShort: number][] = [
  ['a tag', (length) => filled(`<img src="${url()}" alt="`, 'a', '">', length), 1],
  ['a tag with markup in it', (length) => filled(`<img src="${url()}" alt="><img>`, '>', '">', length), 1],
  ['a tag with a long name', (length) => filled('<', 'a', ` src="${url()}">`, length), 1],
  ['a comment, which holds nothing back', (length) => filled('<!--', '-', '-->', length), 0],
];

/** What comes out of a page that comes in one piece, and what is reported. */
function rewrite(page: Uint8Array): { out: Buffer; reasons: unknown[] } {
  const reasons: unknown[] = [];
  const report = (event: ImageSignerEvent): void => void reasons.push('reason' in event && event.reason);
  return { out: rewriteInChunks(signerWith({ report }).htmlRewriter(), [page]), reasons };
}

/** The same wherever it is cut. */
function expectAlike(whole: Buffer, ...ways: readonly Iterable<Uint8Array>[]): void {
  for (const chunks of ways)
    expect(rewriteInChunks(signerWith().htmlRewriter(), chunks).equals(whole)).toBe(true);
}

describe.each(tokens)('%s', (_title, of, tokensWhenShort) => {
  test.each([65_535, 65_536, 65_537, 200_000])('of %d bytes', (length) => {
    const token = of(length);
    expect(token.length).toBe(length);
    const page = Buffer.from(`<p>${token}${image}<!-- ${image} -->${image}`);
    const { out, reasons } = rewrite(page);
    const isShort = length <= 65_536 || tokensWhenShort === 0;
    expect(countTokens(out.toString())).toBe(2 + (isShort ? tokensWhenShort : 0));
    expect(withoutTokens(out.toString())).toBe(page.toString());
    expect(reasons).toEqual(isShort ? [] : ['too-long']);
    expectAlike(
      out,
      inBytesAround([0, 65_536, length], page),
      inChunksOf(16_384, page),
      cutAt([length + 2, length + 3, length + 4], page),
    );
  });
});

test('a script, a style or an svg whose tag is too long is still one', () => {
  const long = 'a'.repeat(70_000);
  for (const [open, close] of [
    [`<script type="application/json" x="${long}">{"a":"${url()}`, '"}</script>'],
    [`<textarea x="${long}"><img src="${url()}">`, '</textarea>'],
    [`<svg x="${long}"><![CDATA[<img src="${url()}">`, ']]></svg>'],
    [`<noscript x="${long}"><!-- <img src="${url()}">`, '</noscript>'],
  ] as const) {
    const page = Buffer.from(`${open}${close}${image}`);
    const { out } = rewrite(page);
    expect(countTokens(out.toString())).toBe(1);
    expectAlike(out, inChunksOf(1_000, page));
  }
});

test('templates within templates are read eight deep, however many there are', () => {
  const open = `<script type="text/template">${image}`;
  const page = Buffer.from(open.repeat(3_000));
  const { out, reasons } = rewrite(page);
  expect(countTokens(out.toString())).toBe(8);
  expect(withoutTokens(out.toString())).toBe(page.toString());
  expect(reasons).toEqual(['too-long']);
  expectAlike(out, inChunksOf(1_000, page));
});

test('documents within documents are read eight deep', () => {
  let page = image;
  for (let depth = 1; depth <= 10; depth++) {
    page = `<iframe srcdoc="${page.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"></iframe>`;
    expect(countTokens(signerWith().rewriteHtml(page).replaceAll('amp;', ''))).toBe(depth <= 8 ? 1 : 0);
  }
});

test('one response holds at most 16 KiB of state beside what it holds back', () => {
  Buffer.poolSize = 64 * 1024; // as it is from version 24 on: a small piece of a block keeps all of it alive
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const part = `<div><p>text <b>x</b></p>${image}<img src="/imagedelivery/1.png"><svg><g><path></g></svg></div>\n`;
  const page = Buffer.from(`${part.repeat(60)}<noscript><svg><style><img alt="held back`);
  const signer = signerWith();
  const count = 250;
  const inUse = (): number => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const open = (): unknown => {
    const rewriter = signer.htmlRewriter();
    for (const chunk of inChunksOf(4_096, page)) rewriter.write(chunk);
    return rewriter;
  };
  Array.from({ length: 100 }, open); // what V8 makes of the code is no state of a response
  // V8 keeps things of its own meanwhile, now and then: the least of four is what the responses take.
  const measured = Array.from({ length: 4 }, () => {
    const before = inUse();
    const responses = Array.from({ length: count }, open);
    return (inUse() - before) / responses.length;
  });
  expect(Math.min(...measured)).toBeLessThan(16 * 1024);
});

test.each([
  ...[`<svg>${'</g>'.repeat(5_000)}`, '<noscript>'.repeat(5_000), '<template>'.repeat(5_000)],
  ...['<b><svg>'.repeat(5_000), '<svg><g>'.repeat(128)],
])('nesting without an end is read through: %#', (open) => {
  const page = Buffer.from(`${open}${image}`);
  const { out, reasons } = rewrite(page);
  expect(withoutTokens(out.toString())).toBe(page.toString());
  expect(countTokens(out.toString())).toBe(1);
  expect(reasons).toEqual([]);
});

test.each([
  ...['<svg><g><foreignObject>'.repeat(86), '<svg><g>'.repeat(129), '<math><mi>'.repeat(5_000)],
  '<svg>'.repeat(5_000),
])('where SVG or MathML nests deeper than 256 elements, the rest could be text, and stays: %#', (open) => {
  // A browser is two elements deeper, since it ignores these end tags.
  const page = Buffer.from(`${image}${open}</x></x><textarea>${image}</textarea>${image}`);
  const { out, reasons } = rewrite(page);
  expect(out.toString()).toBe(page.toString().replace(url(), /src="([^"]*)"/.exec(out.toString())![1]!));
  expect(countTokens(out.toString())).toBe(1);
  expect(reasons).toEqual(['too-long']);
  expectAlike(out, inChunksOf(1_000, page));
});

test.each([{}, { ttl: '1h' }] as const)('a URL that a token would make too long stays: %j', (options) => {
  const events: ImageSignerEvent[] = [];
  const signer = signerWith({ report: (event) => events.push(event) });
  const long = `<img src="${url('thumb', 'b'.repeat(16_384 - url('thumb', '').length - 10))}">`;
  const out = signer.rewriteHtml(long + image, options);
  expect([out.startsWith(long), countTokens(out), events]).toEqual([true, 1, []]);
});

test.each([
  ['64 parameters', '&'.repeat(63), 1],
  ['65 parameters', '&'.repeat(64), 0],
  ['a query of 2 KiB', 'a'.repeat(2_048), 1],
  ['a query of a character more', 'a'.repeat(2_049), 0],
])('of a query as much is signed as an image has use for: %s', (_title, query, signed) => {
  const events: ImageSignerEvent[] = [];
  const signer = signerWith({ report: (event) => events.push(event) });
  const out = signer.rewriteHtml(`<img src="${url()}?${query}">${image}`);
  expect(countTokens(out)).toBe(signed + 1);
  expect(events).toEqual(
    signed === 1 ? [] : [{ type: 'skipped', url: expect.any(String), reason: 'too-many-parameters' }],
  );
});

test('an ampersand far before the token is not reached back to: what was written stays, and time stays linear', () => {
  const long = `<img src="${url()}?a=1&${'b'.repeat(2_000)}">`;
  const out = signerWith().rewriteHtml(long);
  expect(out.startsWith(long.slice(0, -2))).toBe(true);
  expect(countTokens(out)).toBe(1);
});

const spelled = (text: string): string =>
  text.replace(/[:/. ,()](?!\d)/g, (character) => `&#${character.charCodeAt(0)}`);
const digits = ['thumb', 'card'].map(
  (name) => `${spelled(`https://imagedelivery.net/a/b/${name}`)}&#32&#49x`,
);

test.each<[title: string, page: string, signed: number]>([
  ['in a srcset', `<img srcset="${spelled(`${url()} 1x, ${url('card')} 2x`)}">THE REST`, 2],
  ['in CSS', `<a style=a:${spelled(`url(${url()}) url(${url('card')})`)}>THE REST`, 2],
  ['thirty times', `<img srcset="${spelled(Array(30).fill(`${url()} 1x`).join(', '))}">THE REST`, 30],
  ['for digits and spaces as well', `<img srcset=${digits.join('&#44&#32')}>THE REST`, 2],
])('references without semicolons, right up to the next URL, %s: all are signed', (_title, page, signed) => {
  const { out, reasons } = rewrite(Buffer.from(page));
  expect(out.toString().endsWith('>THE REST')).toBe(true);
  expect(countTokens(out.toString().replaceAll('amp;', ''))).toBe(signed);
  expect(reasons).toEqual([]);
  expectAlike(out, inChunksOf(1, Buffer.from(page)));
});

test('edits that reach into each other lose no byte: the second one is left out, and it is heard of', () => {
  const edits: Edit[] = [];
  const faults: unknown[] = [];
  const scan = (): void =>
    void edits.push(
      { start: 1, end: 4, text: 'X' },
      { start: 3, end: 5, text: 'Y' },
      { start: 6, end: 7, text: 'Z' },
    );
  const stream = new ByteRewriter({ scan, end: () => {}, heldFrom: 8, rebase: () => {} }, edits, (error) =>
    faults.push(error),
  );
  expect(stream.write(Buffer.from('abcdefgh')).toString()).toBe('aXefZh');
  expect(faults).toHaveLength(1);
});

test.each([0, 1, 2])('a scanner that fails after %d chunks is heard of, and the rest passes', (good) => {
  const edits: Edit[] = [];
  const faults: unknown[] = [];
  let scans = 0;
  const fail = (): never => {
    throw new Error('bug');
  };
  const scanner = {
    heldFrom: 0,
    scan(_bytes: Buffer, to: number) {
      if (scans++ === good) fail();
      edits.push({ start: to - 3, end: to - 2, text: 'X' });
      scanner.heldFrom = to - 1;
    },
    end: fail,
    rebase(by: number) {
      scanner.heldFrom -= by;
    },
  };
  const stream = new ByteRewriter(scanner, edits, (error) => faults.push(error));
  const out = [stream.write(Buffer.from('abcd')), stream.write(Buffer.from('efgh')), stream.end()];
  expect(out.map(String).join('')).toBe(['abcdefgh', 'aXcdefgh', 'aXcdeXgh'][good]);
  expect(faults).toHaveLength(1);
});

test.each([1, 2, 3])('a base without letters or digits is found in chunks of %d bytes', (size) => {
  const signer = signerWith({ delivery: ['/-'] });
  const page = Buffer.from('<!doctype html><p>text<img src="/-/a/b/thumb"><a href=/-/a/b/card>');
  const out = rewriteInChunks(signer.htmlRewriter(), inChunksOf(size, page));
  expect(countTokens(out.toString())).toBe(2);
  expect(out.equals(signer.rewriteHtml(page))).toBe(true);
});

const hidden = `<svg><style>a{b:url(${url().replace('delivery', '&#100;elivery')})}</style></svg>`;

test.each([hidden, `<noscript>${hidden}</noscript>${image}`])(
  'a base whose landmark is written with references in a style of svg is never seen, however it is cut: %#',
  (html) => {
    const { out } = rewrite(Buffer.from(html));
    expect(countTokens(out.toString())).toBe(html.endsWith(image) ? 1 : 0);
    expectAlike(out, ...splitEverywhere(Buffer.from(html)));
  },
);

describe('landmarks', () => {
  test.each([
    ['imagedelivery.net', '', 'imagedelivery'],
    ['shop.example', '/cdn-cgi/imagedelivery', 'imagedelivery'],
    ['img.shop.example', '', 'example'],
    [undefined, '/images', 'images'],
    [undefined, '/i/k-9', 'i'],
    ['Localhost:8787', '', 'localhost'],
    [undefined, '', ''],
    [undefined, '/_/-', ''],
  ])('of %s%s is %j', (authority, path, expected) => {
    expect(literalOf(authority, path)).toBe(expected);
  });

  test('are found without regard to case, the nearest first, wholly within bounds', () => {
    const landmarks = new LiteralPrefilter(['imagedelivery', 'images', 'aab']);
    const text = 'x imagedeliver IMAGES aaab ImageDelivery';
    const bytes = Buffer.from(text);
    const next = (from: number, to = bytes.length): number => landmarks.next(bytes, from, to);
    expect(next(0)).toBe(text.indexOf('IMAGES'));
    expect(next(text.indexOf('IMAGES') + 1)).toBe(text.indexOf('aab'));
    expect(next(text.indexOf('aab') + 1)).toBe(text.indexOf('ImageDelivery'));
    expect(next(0, text.indexOf('IMAGES') + 5)).toBe(text.indexOf('IMAGES') + 5);
    expect(new LiteralPrefilter(['']).next(bytes, 3, 9)).toBe(3);
  });
});
