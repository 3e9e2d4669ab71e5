/** Documents of what browsers find hard, with delivery URLs in every place that counts, and that does not. */

import { id, otherAccount, otherId, url as urlOfSamples } from '../samples.ts';
import { pickFrom, randomFrom } from './random.ts';

type Pick = <Item>(items: readonly Item[]) => Item;

function urlsBy(url: typeof urlOfSamples): readonly string[] {
  return [
    url('thumb'),
    url('card', otherId),
    `${url('thumb')}?a=1`,
    `${url('card')}#top`,
    url('thumb').replace('https:', ''),
    url('thumb').replace('https:', 'http:'),
    url('thumb').replace('imagedelivery.net', 'ImageDelivery.net'),
    url('preview'),
    url('original'),
    url('thumb', id, otherAccount),
    url('card', 'a/b/w=320,h=240'),
    'https://example.com/imagedelivery.png',
    `${url('thumb')}/`,
    url('thumb', `${id}//x`),
  ];
}

/** Ways to write the same URL, and some that make another one of it. */
const spellings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text,
  (text) => text,
  (text) => text.replaceAll('/', '&#47;'),
  (text) => text.replaceAll('/', '&#x2F;'),
  (text) => text.replaceAll('/', '&sol;'),
  (text) => text.replaceAll(':', '&colon;'),
  (text) => text.replaceAll('.', '&#46'),
  (text) => text.replaceAll('/', '\\/'),
  (text) => text.replaceAll('/', '\\2f '),
  (text) => text.replaceAll('/', '\\u002F'),
  (text) => `${text}?a=1&amp;b=2`,
  (text) => `${text}?a=1&copy=2&lt`,
  (text) => ` ${text}\n`,
  (text) => `\n\t${text}`,
  (text) => `${text}\u0000`,
  (text) => `/_next/image?url=${encodeURIComponent(text)}`,
  (text) => `/a/_next/image?w=1&amp;url=${encodeURIComponent(text)}&amp;q=75`,
  (text) => `/_next/image?url=${text}`,
];

const names =
  'img IMG a div p b i span meta link svg math title desc foreignObject style script textarea template noscript table tr td ' +
  'select option iframe xmp image mi mtext annotation-xml path g use font object video source picture ul li h1 body head html ' +
  'button form input br hr x-card sl-avatar set animate frameset noembed noframes plaintext';
const tagNames: readonly string[] = names.split(' ');
/** What would end the document for all that follows comes seldom. */
const rareNames: ReadonlySet<string> = new Set(['plaintext', 'frameset']);
const endNames: readonly string[] = (
  'svg math p div b a span style script textarea noscript title foreignObject desc template table td select iframe xmp ' +
  'mi annotation-xml br font body html h1 li form button ul g object scriptx styl noframes'
).split(' ');
const attributeNames: readonly string[] = (
  'src SRC src href xlink:href poster data background srcset imagesrcset data-x data-srcset data-bg data-bgset style mask fill values to from attributeName lazy-src image value alt content ' +
  'property name itemprop srcdoc type encoding color class id = a"b'
).split(' ');
const types: readonly string[] = [
  ...`application/json text/javascript module og:image twitter:image image logo vk:image screenshot
    text/html text/x-mustache image/x+json`.split(/\s+/),
  'application/ld+json; charset=utf-8',
];
const oddities: readonly string[] = [
  ...`<!-- --> --!> <!--> <!---> <![CDATA[ ]]> <!x> <?x> </> </3> <!--<script> < << & &amp é " ' > =`.split(
    ' ',
  ),
  '<!-- - -- -->',
  '<!doctype html>',
  '</ ',
  '<!--<script ',
  '< ',
  '\u0000',
  '\n',
  'text ',
];
const embracing: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `"${text}"`,
  (text) => `{"a":"${text}","b":["${text}"],"${text}":1}`,
  (text) => `["\\"${text}","${text}"]`,
  (text) => `/* ${text} */ a{b:url(${text})}`,
  (text) => `a{b:URL( "${text}" );c:url('${text}')}`,
  (text) => `image-set("${text}" 1x, url(${text}) 2x) "${text}"`,
  (text) => `-webkit-image-set('${text}' 1x)`,
  (text) => `a{--hero: "${text}"; b: "${text}"}`,
  (text) => `@import "${text}"; #url(${text}) 1url(${text}) \\75rl(${text})`,
];

function attributeValue(pick: Pick, name: string, text: string): string {
  switch (name.toLowerCase()) {
    case 'srcset':
    case 'imagesrcset':
    case 'data-srcset':
      return pick([`${text} 1x, ${text} 2x`, `${text}`, `, ${text} 320w,${text}`, `${text}, (${text}) 1x`]);
    case 'data-bgset':
      return pick([
        `${text} [a] | ${text}`,
        `${text} 1x, ${text} 2x [b] |${text}`,
        `${text}| ${text}`,
        `${text}|${text}`,
      ]);
    case 'values':
      return pick([`${text};${text}`, ` ${text} ; ;${text};`, text]);
    case 'attributename':
      return pick(['href', 'xlink:href', 'href', 'Href', 'x']);
    case 'mask':
    case 'fill':
    case 'style':
    case 'data-bg':
      return pick([
        `url(${text})`,
        `a:url( '${text}' )`,
        `b:image-set("${text}" 1x)`,
        `c:url(&quot;${text}&quot;)`,
        `--hero: '${text}'`,
      ]);
    case 'srcdoc':
      return pick([`<img src='${text}'>`, `&lt;img src=${text}&gt;`, `<p>${text}`]);
    case 'type':
    case 'property':
    case 'name':
    case 'itemprop':
    case 'encoding':
      return pick(types);
    default:
      return pick([text, text, text, `x ${text}`, `url(${text})`, '>', '<img', '']);
  }
}

/** @param url - the URL of an image: that of Cloudflare Images by default */
export function nastyDocument(seed: number, url: typeof urlOfSamples = urlOfSamples): Buffer {
  const urls = urlsBy(url);
  const random = randomFrom(seed);
  const pick = pickFrom(random);
  const chance = (of: number): boolean => random() < of;
  const text = (): string => pick(spellings)(pick(urls));

  function attribute(): string {
    const name = pick(attributeNames);
    const value = attributeValue(pick, name, text());
    const quote = pick(['"', '"', "'", '']);
    return `${pick([' ', ' ', '\n', '/', ''])}${name}${pick(['=', '=', '=', ' = ', ''])}${quote}${value}${quote}`;
  }

  function tag(): string {
    const name = pick(tagNames);
    if (rareNames.has(name) && chance(0.9)) return text();
    const attributes = Array.from({ length: Math.floor(random() * 4) }, attribute).join('');
    const end = pick(['>', '>', '>', '/>', ' >', '', '">']);
    return `<${name} ${attributes}${end}`;
  }

  function piece(): string {
    const which = random();
    if (which < 0.45) return tag();
    if (which < 0.65) return `</${pick(endNames)}${pick(['>', '>', ' >', '/>', ' a=">">', ''])}`;
    if (which < 0.82) return pick(oddities);
    return pick(embracing)(text());
  }

  const count = 1 + Math.floor(random() * 14);
  return Buffer.from(Array.from({ length: count }, piece).join(''));
}
