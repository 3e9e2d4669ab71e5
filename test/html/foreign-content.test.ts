/** SVG and MathML, and what ends them: what a browser signs there, this signs, and form values never. */
import { describe, expect, test } from 'vitest';
import { inChunksOf, rewriteInChunks } from '../support/generators/chunks.ts';
import { readPage } from '../support/oracles/browser-reading.ts';
import { countTokens, signerWith, url } from '../support/samples.ts';

const image = `<img src="${url()}">`;
/** An image in a title and in a text area: elements of SVG, and text of HTML. */
const title = `<title>${image}</title>`;
const area = `<textarea>${image}</textarea>`;
const css = `url(${url()})`;
const islands = `<script type="application/ld+json">["${url()}"]</script>`;
const inForeign = (html: string, behind: string): string =>
  `<svg><foreignObject>${html}</foreignObject>${behind}</svg>`;
const inDesc = (html: string, behind: string): string => `<svg><desc>${html}</desc>${behind}</svg>`;
const styled = `<style>a{b:${css}}</style>`;

const pages: readonly (readonly [title: string, page: string, signed: number])[] = [
  ['an svg left open in a label', `<label><svg><path></label>${area}`, 0],
  ['in a span, before JSON', `<span><svg><path></span>${islands}`, 1],
  ['in an element of the site, before a style sheet', `<x-icon><svg><path></x-icon>${styled}`, 1],
  ['in a div, before a title', `<div><svg></div>${title}`, 0],
  ['in a table cell', `<table><tr><td><svg></td></tr></table>${area}`, 0],
  ['an end tag for which nothing is open', `<i><svg></a>${title}</svg>`, 1],
  ['an end tag that looks like svg itself', `<svg></button<select>${title}</svg>`, 1],
  ['an element within a string of a style', `<svg><style>a{b:'<g/>${css}';c:${css}}</style></svg>`, 1],
  ['a comment of CSS whose end is cut in two', `<svg><style>/* *<!---->/ a{b:${css}}</style></svg>`, 1],
  ['a comment of CSS whose start is', `<svg><style>a{b:/<!-- -->* ${css} */}</style></svg>`, 0],
  ['a hash that is', `<svg><style>a{b:#<!---->${css}}</style></svg>`, 0],
  ['a number that is', `<svg><style>a{b:1<!---->${css}}</style></svg>`, 0],
  ['an at-keyword that is', `<svg><style>a{b:@<!---->${css}}</style></svg>`, 0],
  ['a stray end tag within an svg', `<svg></div><title><image href="${url()}"></title></svg>`, 1],
  ['a stray end tag of a void element', `<svg></img>${title}</svg>`, 1],
  ['a stray </title> in math', `<math></title><style>${image}</style></math>`, 1],
  ['</body> does not end it', `<body><svg></body>${title}`, 1],
  ['</p> does, though no p is open', `<svg></p>${area}`, 0],
  ['</br> does as well', `<svg></br>${area}`, 0],
  ['a breakout tag does', `<svg><g><div>${area}</div>`, 0],
  ['font without a colour does not', `<svg><font>${title}</font></svg>`, 1],
  ['font with one does', `<svg><font color=red>${title}</font></svg>`, 0],
  ['foreignObject is HTML again', inForeign(area, styled), 1],
  ['a div left open there keeps it open', inForeign('<div>', area), 0],
  ['a paragraph there ends where a block begins', inForeign('<p>a<div>b</div>', title), 1],
  ['so does one with a span in it', inForeign('<p><span><div></div></span>', area), 1],
  ['but not one around a button', inForeign('<p><button><div></div></button>', area), 0],
  ['an end tag there closes nothing around', `<div>${inForeign('</div>', title)}</div>`, 1],
  ...(['svg desc', 'svg title', 'math mi', 'math mtext', 'math annotation-xml'] as const).map((path) => {
    const [root, name] = path.split(' ');
    const page = `<div><${root}><${name}></div></${name}>${title}</${root}></div>`;
    return [`nor does one in ${name}`, page, 1] as const;
  }),
  ['the end tag of a table does', `<table><tr><td><svg><foreignObject><div></table>${area}`, 0],
  ['and a new cell does', `<table><tr><td><svg><foreignObject><td></foreignObject>${area}`, 0],
  ['but not within the svg itself', `<table><tr><td><svg><td>${title}</svg></table>`, 1],
  ['a table part outside of a table is no element', `<td><svg></td>${title}</svg>`, 1],
  ['the end tag of a form removes nothing but the form', `<form><svg></form>${title}</svg>`, 1],
  ['any heading ends another', `<h1><svg></h2>${area}`, 0],
  ['a template is closed from everywhere', `<template><svg><desc></template>${area}`, 0],
  [
    'a table bounds what an end tag closes',
    inDesc('<div><table><td></div></table>', `${title}</div></desc>${title}`),
    1,
  ],
  ['a formatting element around an open block', inDesc('<b><div></b>', `${area}</div></desc>${title}`), 1],
  ['a form ends around an open block', inDesc('<form><div></form></div>', title), 1],
  ['</p> in an svg closes the paragraph around it', `<svg><desc><p><svg><g></p></desc>${title}</svg>`, 1],
  ['a tag that breaks out is open around the next svg', `<svg><div></svg><svg></div>${area}`, 0],
  ['an end tag closes what is around an svg', `<div><svg></div><svg></div>${title}</svg>`, 1],
  ['annotation-xml', `<math><annotation-xml encoding="text&#47html">${area}</annotation-xml></math>`, 0],
  ['annotation-xml without one', `<math><annotation-xml><svg>${title}</svg></annotation-xml></math>`, 1],
  ['mi is HTML, but for mglyph', `<math><mi>${area}<mglyph><style>${image}</style></mglyph></mi></math>`, 1],
  ['CDATA in svg is text', `<svg><![CDATA[${image}]]>${image}</svg>`, 1],
  ['and ends behind three brackets as well', `<svg><![CDATA[${image}]]]>${image}</svg>`, 1],
  ['in an integration point it is a comment', `<svg><title><![CDATA[x>${image}]]></title></svg>`, 1],
  ['a self-closing element holds nothing', `<svg><title/></svg>${area}<svg><style/></svg>${image}`, 1],
];

/** In one piece, and the same in single bytes. */
function rewrite(page: string): string {
  const bytes = Buffer.from(page);
  const out = rewriteInChunks(signerWith().htmlRewriter(), [bytes]);
  expect(rewriteInChunks(signerWith().htmlRewriter(), inChunksOf(1, bytes)).equals(out)).toBe(true);
  return out.toString();
}

test.each(pages)('%s', (_title, page, signed) => {
  const out = rewrite(page);
  expect(countTokens(out)).toBe(signed);
  expect(readPage(page).filter((value) => value === url())).toHaveLength(signed);
  expect(readPage(out).filter((value) => 'expiresAt' in signerWith().verifyImage(value))).toHaveLength(
    signed,
  );
});

describe('a style sheet of SVG', () => {
  const rule = `b{background:${css}}`;

  test.each<[title: string, sheet: string, signed: number]>([
    ['in one run', rule, 1],
    ['with references', rule.replaceAll('/', '&#47;'), 1],
    ['with quotes that are references', `b{background:url(&quot;${url()}&quot;)}`, 1],
    ['with a < in a string', `a{content:"<"}${rule}`, 1],
    ['with a comment of HTML in a string', `a{content:'<!-- -->'}${rule}`, 1],
    ['in a CDATA section, where references are none', `<![CDATA[${rule} a{content:"&quot;"} ${rule}]]>`, 2],
    ['that goes on from a section', `image-set(<![CDATA["${url()}" 1x]]>) ${rule}`, 2],
    ['in a string that began before the <', `a{content:"<:${css}"}`, 0],
    ['in a comment of CSS that began before a section', `/* <![CDATA[${rule}]]> */ ${rule}`, 1],
  ])('%s', (_title, sheet, signed) => {
    expect(countTokens(rewrite(`<svg><style>${sheet}</style></svg>`))).toBe(signed);
  });

  test.each([65_533, 65_534, 65_535, 65_536, 65_537])(
    'a section of %d bytes is the same, however it is cut',
    (length) => {
      const section = `<![CDATA[${rule}${' '.repeat(length - rule.length)}]]>`;
      const page = `<svg><style>${section}${rule}</style></svg>${image}`;
      const out = rewrite(page);
      expect(countTokens(out)).toBe(length <= 65_534 ? 3 : 2);
      for (const size of [16_384, length]) {
        const chunks = inChunksOf(size, Buffer.from(page));
        expect(rewriteInChunks(signerWith().htmlRewriter(), chunks).toString()).toBe(out);
      }
    },
  );
});
