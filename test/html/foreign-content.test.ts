/** SVG and MathML, and what ends them: what a browser signs there, this signs, and form values never. */
import { describe, expect, test } from 'vitest';
import { readPage } from '../support/browser-reading.ts';
import { inChunksOf, rewriteInChunks } from '../support/chunks.ts';
import { countTokens, signerWith, url } from '../support/samples.ts';

const image = `<img src="${url()}">`;
const islands = `<script type="application/ld+json">["${url()}"]</script>`;
const styled = `<style>a{b:url(${url()})}</style>`;

const pages: readonly (readonly [title: string, page: string, signed: number])[] = [
  [
    'an svg left open in a label, before a form value',
    `<label><svg><path></label><textarea>${image}</textarea>`,
    0,
  ],
  ['in a span, before JSON', `<span><svg><path></span>${islands}`, 1],
  ['in an element of the site, before a style sheet', `<x-icon><svg><path></x-icon>${styled}`, 1],
  ['in a div, before a title', `<div><svg></div><title>${image}</title>`, 0],
  ['in a table cell', `<table><tr><td><svg></td></tr></table><textarea>${image}</textarea>`, 0],
  [
    'an end tag for which nothing is open, beside a name of one letter',
    `<i><svg></a><title>${image}</title></svg>`,
    1,
  ],
  [
    'an end tag of a name that looks like svg itself',
    `<svg></button<select><title>${image}</title></svg>`,
    1,
  ],
  [
    'an element within a style of svg, in the middle of a string',
    `<svg><style>a{b:'<g/>url(${url()})';c:url(${url()})}</style></svg>`,
    1,
  ],
  [
    'a comment of CSS whose end is cut in two',
    `<svg><style>/* *<!---->/ a{b:url(${url()})}</style></svg>`,
    1,
  ],
  ['a comment of CSS whose start is', `<svg><style>a{b:/<!-- -->* url(${url()}) */}</style></svg>`, 0],
  ['a hash that is', `<svg><style>a{b:#<!---->url(${url()})}</style></svg>`, 0],
  ['a number that is', `<svg><style>a{b:1<!---->url(${url()})}</style></svg>`, 0],
  ['an at-keyword that is', `<svg><style>a{b:@<!---->url(${url()})}</style></svg>`, 0],
  ['a stray end tag within an svg', `<svg></div><title><image href="${url()}"></title></svg>`, 1],
  ['a stray end tag of a void element', `<svg></img><title>${image}</title></svg>`, 1],
  ['a stray </title> in math', `<math></title><style>${image}</style></math>`, 1],
  ['</body> does not end it', `<body><svg></body><title>${image}</title>`, 1],
  ['</p> does, though no p is open', `<svg></p><textarea>${image}</textarea>`, 0],
  ['</br> does as well', `<svg></br><textarea>${image}</textarea>`, 0],
  ['a breakout tag does', `<svg><g><div><textarea>${image}</textarea></div>`, 0],
  ['font without a colour does not', `<svg><font><title>${image}</title></font></svg>`, 1],
  ['font with one does', `<svg><font color=red><title>${image}</title></font></svg>`, 0],
  [
    'foreignObject is HTML again',
    `<svg><foreignObject><textarea>${image}</textarea></foreignObject><style>a{b:url(${url()})}</style></svg>`,
    1,
  ],
  [
    'a div left open there keeps it open',
    `<svg><foreignObject><div></foreignObject><textarea>${image}</textarea></svg>`,
    0,
  ],
  [
    'a paragraph left open there ends where a block begins',
    `<svg><foreignObject><p>a<div>b</div></foreignObject><title>${image}</title></svg>`,
    1,
  ],
  [
    'so does one with a span in it',
    `<svg><foreignObject><p><span><div></div></span></foreignObject><textarea>${image}</textarea></svg>`,
    1,
  ],
  [
    'but not one around a button',
    `<svg><foreignObject><p><button><div></div></button></foreignObject><textarea>${image}</textarea></svg>`,
    0,
  ],
  [
    'an end tag in foreignObject closes nothing around the svg',
    `<div><svg><foreignObject></div></foreignObject><title>${image}</title></svg></div>`,
    1,
  ],
  ...(['svg desc', 'svg title', 'math mi', 'math mtext', 'math annotation-xml'] as const).map((path) => {
    const [root, name] = path.split(' ');
    const page = `<div><${root}><${name}></div></${name}><title>${image}</title></${root}></div>`;
    return [`nor does one in ${name}`, page, 1] as const;
  }),
  [
    'the end tag of a table does, from everywhere',
    `<table><tr><td><svg><foreignObject><div></table><textarea>${image}</textarea>`,
    0,
  ],
  [
    'and a new cell does',
    `<table><tr><td><svg><foreignObject><td></foreignObject><textarea>${image}</textarea>`,
    0,
  ],
  ['but not within the svg itself', `<table><tr><td><svg><td><title>${image}</title></svg></table>`, 1],
  ['a table part outside of a table is no element', `<td><svg></td><title>${image}</title></svg>`, 1],
  [
    'the end tag of a form removes nothing but the form',
    `<form><svg></form><title>${image}</title></svg>`,
    1,
  ],
  ['any heading ends another', `<h1><svg></h2><textarea>${image}</textarea>`, 0],
  [
    'a template is closed from everywhere',
    `<template><svg><desc></template><textarea>${image}</textarea>`,
    0,
  ],
  [
    'a table bounds what an end tag closes',
    `<svg><desc><div><table><td></div></table></desc><title>${image}</title></div></desc><title>${image}</title></svg>`,
    1,
  ],
  [
    'a formatting element ends around a block that stays open',
    `<svg><desc><b><div></b></desc><textarea>${image}</textarea></div></desc><title>${image}</title></svg>`,
    1,
  ],
  [
    'a form ends around a block that stays open',
    `<svg><desc><form><div></form></div></desc><title>${image}</title></svg>`,
    1,
  ],
  [
    '</p> in an svg closes the paragraph around it',
    `<svg><desc><p><svg><g></p></desc><title>${image}</title></svg>`,
    1,
  ],
  [
    'a tag that breaks out is open around the next svg',
    `<svg><div></svg><svg></div><textarea>${image}</textarea>`,
    0,
  ],
  [
    'an end tag that closes an svg has closed what was around it',
    `<div><svg></div><svg></div><title>${image}</title></svg>`,
    1,
  ],
  [
    'annotation-xml by its encoding, references and all',
    `<math><annotation-xml encoding="text&#47html"><textarea>${image}</textarea></annotation-xml></math>`,
    0,
  ],
  [
    'annotation-xml without one',
    `<math><annotation-xml><svg><title>${image}</title></svg></annotation-xml></math>`,
    1,
  ],
  [
    'mi is HTML, but for mglyph',
    `<math><mi><textarea>${image}</textarea><mglyph><style>${image}</style></mglyph></mi></math>`,
    1,
  ],
  ['CDATA in svg is text', `<svg><![CDATA[${image}]]>${image}</svg>`, 1],
  ['and ends behind three brackets as well', `<svg><![CDATA[${image}]]]>${image}</svg>`, 1],
  ['in an integration point it is a comment', `<svg><title><![CDATA[x>${image}]]></title></svg>`, 1],
  [
    'a self-closing element holds nothing',
    `<svg><title/></svg><textarea>${image}</textarea><svg><style/></svg>${image}`,
    1,
  ],
];

test.each(pages)('%s', (_title, page, signed) => {
  const bytes = Buffer.from(page);
  const out = rewriteInChunks(signerWith().htmlRewriter(), [bytes]);
  expect(countTokens(out.toString())).toBe(signed);
  expect(readPage(page).filter((value) => value === url())).toHaveLength(signed);
  const signer = signerWith();
  expect(readPage(out.toString()).filter((value) => 'expiresAt' in signer.verifyImage(value))).toHaveLength(
    signed,
  );
  expect(rewriteInChunks(signerWith().htmlRewriter(), inChunksOf(1, bytes)).equals(out)).toBe(true);
});

describe('a style sheet of SVG', () => {
  const rule = `b{background:url(${url()})}`;

  test.each<[title: string, sheet: string, signed: number]>([
    ['in one run', rule, 1],
    ['with references', rule.replaceAll('/', '&#47;'), 1],
    ['with quotes that are references', `b{background:url(&quot;${url()}&quot;)}`, 1],
    ['with a < in a string', `a{content:"<"}${rule}`, 1],
    ['with a comment of HTML in a string', `a{content:'<!-- -->'}${rule}`, 1],
    ['in a CDATA section, where references are none', `<![CDATA[${rule} a{content:"&quot;"} ${rule}]]>`, 2],
    ['that goes on from a section', `image-set(<![CDATA["${url()}" 1x]]>) ${rule}`, 2],
    ['in a string that began before the <', `a{content:"<:url(${url()})"}`, 0],
    ['in a comment of CSS that began before a section', `/* <![CDATA[${rule}]]> */ ${rule}`, 1],
  ])('%s', (_title, sheet, signed) => {
    const page = Buffer.from(`<svg><style>${sheet}</style></svg>`);
    const out = rewriteInChunks(signerWith().htmlRewriter(), [page]);
    expect(countTokens(out.toString())).toBe(signed);
    expect(rewriteInChunks(signerWith().htmlRewriter(), inChunksOf(1, page)).equals(out)).toBe(true);
  });

  test.each([65_533, 65_534, 65_535, 65_536, 65_537])(
    'a section of %d bytes is the same, however it is cut',
    (length) => {
      const section = `<![CDATA[${rule}${' '.repeat(length - rule.length)}]]>`;
      const page = Buffer.from(`<svg><style>${section}${rule}</style></svg>${image}`);
      const out = rewriteInChunks(signerWith().htmlRewriter(), [page]);
      expect(countTokens(out.toString())).toBe(length <= 65_534 ? 3 : 2);
      for (const size of [1, 16_384, length]) {
        expect(rewriteInChunks(signerWith().htmlRewriter(), inChunksOf(size, page)).equals(out)).toBe(true);
      }
    },
  );
});
