/** Refused images, drawn: what anybody writes into a URL stays text, and there is room for the words in every place. */
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  cutInTheMiddle,
  placeholderPicture,
  type RefusalKind,
  type RefusalWords,
  refusalPicture,
} from '../../../src/delivery/drawings.ts';
import { launchChromium } from '../../support/browsers/chromium.ts';
import { runs } from '../../support/seed.ts';
import { type DrawnPlace, measureDrawing } from './drawn-place.ts';

const kinds: readonly RefusalKind[] = ['expired', 'key', 'unsigned', 'forbidden', 'missing'];
const refusal: RefusalWords = {
  kind: 'key',
  title: 'Wrong key',
  sentence: 'It was signed.',
  image: 'photo-1 · hero',
};

/** What has broken out of a page somewhere. */
const hostile: readonly string[] = [
  '</p></main></foreignObject><script>alert(1)</script>',
  '"><script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>',
  "' onload='alert(1)",
  '&#60;script&#62;&lt;b&gt;&amp;',
  ']]><![CDATA[<b/>',
  '<!-- --><?xml-stylesheet href="//a"?><!DOCTYPE a [<!ENTITY b "c">]>&b;',
  '</style><style>*{background:url(//a)}',
  '\u0000\u0001\u0008\u000b\u001f\u007f\u0085\ufffe\uffff\ud800',
  '\u202egnp.exe\u2066\u200f\u061c',
  `${'z\u0300\u0301\u0302'.repeat(40)}`,
  'x'.repeat(5_000),
  '写真'.repeat(900),
  'صورة '.repeat(30),
  '😀'.repeat(300),
  '$1$&$`',
  '',
];

const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...hostile),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({
    unit: fc.constantFrom('<', '>', '&', '"', "'", ';', '#', 'x', '/', ']', '!', '-', '\u202e', '\n'),
  }),
);

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await launchChromium();
  page = await browser.newPage();
});
afterAll(() => browser?.close());

/** Of each SVG, as the browser's XML parser reads it. */
const readTrees = `(svgs) => svgs.map((svg) => {
  const { documentElement: root } = new DOMParser().parseFromString(svg, 'image/svg+xml');
  const treeOf = (element) => [
    element.namespaceURI,
    element.localName,
    Array.from(element.attributes, ({ name }) => name),
    // Other kinds of nodes by their number: no comment, CDATA section or instruction is ever made.
    Array.from(element.childNodes, (node) => (node instanceof Element ? treeOf(node) : node.nodeType)),
  ];
  return { tree: JSON.stringify(treeOf(root)), text: root.textContent };
})`;

function readAll(svgs: readonly string[]): Promise<{ tree: string; text: string }[]> {
  return page.evaluate(`(${readTrees})(${JSON.stringify(svgs)})`);
}

/** Contrast ratios of the lines with the ground and its stripes (WCAG 2.2, "contrast ratio"). */
const contrastsOfLines = `(() => {
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map((each) => {
      const value = Number(each) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const styleOf = (selector) => getComputedStyle(document.querySelector(selector));
  const grounds = [styleOf('.ground').fill, styleOf('.stripe').fill].map(luminance);
  return ['.title', '.sentence'].flatMap((selector) => {
    const ink = luminance(styleOf(selector).color);
    return grounds.map((ground) => (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05));
  });
})()`;

test('whatever stands in a URL, the picture has the same elements and attributes', async () => {
  const texts = fc
    .sample(fc.tuple(anyText, anyText, anyText), runs(1))
    .concat(hostile.map((text) => [text, text, text]));
  // An empty text makes no node.
  const some = texts.map((three) => three.map((text) => text || 'a') as [string, string, string]);
  const [usual] = await readAll([refusalPicture(refusal)]);
  const pictures = await readAll(
    some.map(([title, sentence, image]) => refusalPicture({ kind: 'key', title, sentence, image })),
  );
  expect(usual!.tree).toContain('foreignObject');
  for (const [index, { tree }] of pictures.entries())
    expect(tree, JSON.stringify(some[index])).toBe(usual!.tree);
  const [landscape] = await readAll([placeholderPicture({ id: 'a', variant: 'b' })]);
  const landscapes = await readAll(
    some.map(([id, variant]) => placeholderPicture({ id, variant, width: 320 })),
  );
  for (const [index, { tree }] of landscapes.entries())
    expect(tree, JSON.stringify(some[index])).toBe(landscape!.tree);
});

test('a text that is short shows as it is, markup included, and what is invisible as an escape', async () => {
  const shown = ['a<b>&"\'</b>', 'photo 1.jpg', '写真', 'a]]>b'];
  const pictures = await readAll(shown.map((image) => refusalPicture({ ...refusal, image })));
  for (const [index, { text }] of pictures.entries()) expect(text).toContain(shown[index]);
  const [turned] = await readAll([refusalPicture({ ...refusal, image: 'a\u202eb\u0000c' })]);
  expect(turned!.text).toContain('a\\u{202e}b\\u{0}c');
});

test('nothing in it loads or runs', () => {
  for (const kind of kinds) {
    const svg = refusalPicture({ ...refusal, kind });
    expect(svg).not.toMatch(/<script|\son\w+=|href=|@import|url\((?!#stripes)|<image|<use/i);
  }
});

describe('in the place of an image, all that shows fits', () => {
  const places = [
    [80, 80, ['title']],
    [80, 50, ['title']],
    [90, 160, ['title', 'sentence']],
    [160, 100, ['title', 'sentence']],
    [320, 200, ['title', 'sentence', 'image']],
    [400, 80, ['title', 'sentence']],
    [800, 500, ['title', 'sentence', 'image']],
    [800, 320, ['title', 'sentence', 'image']],
    [600, 240, ['title', 'sentence', 'image']],
    [800, 120, ['title', 'sentence']],
    [24, 24, []],
  ] as const;
  const longest: RefusalWords = {
    kind: 'forbidden',
    title: 'Unknown variant',
    sentence: 'It was signed with another key, or changed after it was signed.',
    image: '7c1f2a9e-5b0d-4c6e-9a41-2f8d3e6b7a01 · card',
  };

  test.each(places)('%i by %i', async (width, height, visible) => {
    const own = await browser.newPage({ viewport: { width, height } });
    await own.route('**/*', (route) =>
      route.fulfill({ contentType: 'image/svg+xml', body: refusalPicture(longest) }),
    );
    await own.goto('http://delivery.invalid/a.svg');
    const seen: DrawnPlace = await measureDrawing(own);
    await own.close();
    expect(seen).toEqual({ shown: visible, sizes: seen.sizes, isInside: true, place: [width, height] });
    for (const size of seen.sizes) expect(size).toBeGreaterThanOrEqual(10);
  });
});

test.each(['light', 'dark'] as const)('its words stand out from the ground, by %s', async (colorScheme) => {
  const own = await browser.newPage({ viewport: { width: 800, height: 500 }, colorScheme });
  let kind: RefusalKind = 'expired';
  await own.route('**/*', (route) =>
    route.fulfill({ contentType: 'image/svg+xml', body: refusalPicture({ ...refusal, kind }) }),
  );
  for (kind of kinds) {
    await own.goto(`http://delivery.invalid/${kind}.svg`);
    const contrasts: number[] = await own.evaluate(contrastsOfLines);
    // WCAG 2.2, 1.4.3: text of any size.
    for (const contrast of contrasts) expect(contrast, kind).toBeGreaterThan(4.5);
  }
  await own.close();
});

test('a placeholder has the size of its variant, and the colour of its id', () => {
  const card = placeholderPicture({ id: 'photo-1', variant: 'card', width: 640 });
  expect(card).toContain('width="640" height="427" viewBox="0 0 640 427"');
  expect(card).toContain('card · 640 × 427');
  expect(placeholderPicture({ id: 'photo-1', width: 640 })).not.toContain('card');
  expect(placeholderPicture({ id: 'photo-1', height: 200 })).toContain('width="300" height="200"');
  const ground = (id: string): string | undefined =>
    /fill="(hsl[^"]+)"/.exec(placeholderPicture({ id }))?.[1];
  expect(ground('photo-1')).toBe(ground('photo-1'));
  expect(new Set(Array.from({ length: 100 }, (_, n) => ground(`photo-${n}`))).size).toBeGreaterThan(50);
});

test('a long text keeps its beginning and its end', () => {
  expect(cutInTheMiddle('abcdefghij', 10)).toBe('abcdefghij');
  expect(cutInTheMiddle('abcdefghijk', 10)).toBe('abcd…ghijk');
  expect(cutInTheMiddle('😀'.repeat(10), 10)).toBe('😀'.repeat(10));
  expect(cutInTheMiddle('😀'.repeat(11), 10)).toBe(`${'😀'.repeat(4)}…${'😀'.repeat(5)}`);
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.integer({ min: 3, max: 30 }),
      (text, max) => {
        expect(Array.from(cutInTheMiddle(text, max)).length).toBeLessThanOrEqual(max);
      },
    ),
  );
});
