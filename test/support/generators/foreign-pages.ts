/**
 * Documents of SVG and MathML in HTML, with errors in their tags: elements that stay open, end tags for elements further
 * out, tags that break out. Probes show whether a browser reads their content as markup or as text. The same seed gives
 * the same document. None is in quirks mode, and none has a `select`, which the oracle reads as an ordinary element.
 */

import { url } from '../samples.ts';
import { pickFrom, randomFrom } from './random.ts';

const namesIn = (text: string): readonly string[] => text.split(' ');

const around = namesIn(
  'div div span p b a i ul li table table tr td th tbody caption template option button h1 x-card form object dl dd ' +
    'nobr marquee label section ruby rt',
);
const foreign = namesIn('svg svg svg math math g path font style title a desc foreignObject x-card mglyph p');
const integrationPoints = namesIn(
  'foreignObject foreignObject desc title mi mo mtext annotation-xml annotation-xml',
);
const breakouts = namesIn('b br code div em h1 img li p span table ul font center body head');
const attributes: readonly string[] = [
  '',
  '',
  '',
  ' color=red',
  ' encoding=text/html',
  ' encoding="application/xhtml+xml"',
];

const image = `<img src=${url()}>`;
const rule = `a{b:url(${url()})}`;
const probes: readonly string[] = [
  image,
  `<textarea>${image}</textarea>`,
  `<title>${image}</title>`,
  `<style>${rule}</style>`,
  `<script type=application/json>["${url()}"]</script>`,
  `<image href=${url()} />`,
  `<![CDATA[${image}]]>`,
  `<xmp>${image}</xmp>`,
];

export function foreignDocument(seed: number): Buffer {
  const random = randomFrom(seed);
  const pick = pickFrom(random);
  /** The names of tags that the document has not closed, as its author would see it. */
  const open: string[] = [];
  let text = '<!doctype html>';

  function startTag(name: string): void {
    const isSelfClosing = random() < 0.06;
    text += `<${name}${pick(attributes)}${isSelfClosing ? '/' : ''}>`;
    if (!isSelfClosing) open.push(name);
  }

  function endTag(): void {
    const fromInside = Math.floor(random() * random() * open.length);
    const index = open.length - 1 - fromInside;
    const name = random() < 0.1 ? pick([...around, ...breakouts, ...foreign]) : open[index];
    if (name === undefined) return;
    if (name === open[index]) open.splice(index, random() < 0.5 ? 1 : open.length);
    text += `</${name}>`;
  }

  for (let count = Math.floor(random() * 4); count > 0; count--) startTag(pick(around));
  startTag(pick(['svg', 'math']));
  for (let count = 1 + Math.floor(random() * 10); count > 0; count--) {
    const which = random();
    if (which < 0.12) startTag(pick(around));
    else if (which < 0.26) startTag(pick(foreign));
    else if (which < 0.4) startTag(pick(integrationPoints));
    else if (which < 0.46) startTag(pick(breakouts));
    else if (which < 0.85) endTag();
    else text += pick(probes);
  }
  for (let count = 1 + Math.floor(random() * 2); count > 0; count--) text += pick(probes);
  return Buffer.from(text);
}
