/**
 * Pages in which a stranger has chosen the URLs, and the site has escaped them correctly: whatever could end the place
 * that a URL stands in, spelled in every way that the place allows, in places within places. Each URL comes with what it
 * has to be afterwards where a token is only taken off: the author's own spelling without the parameters that go.
 * The same seed gives the same pages.
 */
import { randomFrom } from './random.ts';
import { accountHash, id, otherId, signerWith } from './samples.ts';

/**
 * Which characters are escaped besides those that have to be: a few, and of the bases no letters, since what spells those
 * in another way may go unseen; or all.
 */
type Zeal = 'few' | 'few-in-base' | 'all';

/** One character -> how it is written, given what follows it. */
type Speller = (character: string, next: string, zeal: Zeal) => string;

/** What would end a place, or begin another one, if it stood there bare. */
const payloads: readonly string[] = [
  '</script><img src=x onerror=alert(1)>',
  '</style><img src=x onerror=alert(1)>',
  '</noscript><img src=x onerror=alert(1)>',
  '</textarea></title><img src=x>',
  ']]><img src=x onerror=alert(1)>',
  '</template></svg><script>alert(1)</script>',
  '"><script>alert(1)</script>',
  "'><script>alert(1)</script>",
  '" onerror=alert(1) "',
  ' onerror=alert(1) ',
  '--><img src=x>',
  '<!--<script>',
  '<![CDATA[',
  '</',
  '/',
  'a/',
  '<',
  '>',
  ']]>',
  ']',
  '"',
  "'",
  '`',
  '&lt;img>',
  '&quot;',
  '&',
  'amp;lt;',
  '#60;',
  'lt',
  'copy',
  ')}*{x:url(y)',
  ') (',
  '*/',
  ';',
  ',',
  '|',
  ' | ',
  ' [',
  '{"a":"b"}',
  '[1]',
  '\u2028',
  '\u2029',
  '\u00e9',
  '\u8868',
  '%22%3E%3C',
  '%',
  '%e9',
  '%C3%A9',
  '+',
  '3c',
  'a',
  '=',
];

const tokens: readonly string[] = [
  'exp',
  'sig',
  'exp=1',
  'exp=1790000000',
  'sig=',
  `sig=${'0'.repeat(64)}`,
  '%65xp=1',
  'exp=<',
  'sig="',
  "exp='>",
];

/** What a signer of these pages delivers from. */
export const bases: string[] = [
  'https://imagedelivery.net',
  'https://shop.example/cdn-cgi/imagedelivery',
  '/bbbbb',
];

/** Attributes that the site has named. */
export const attributes = { 'picture-url': 'url', 'picture-set': 'srcset', 'picture-css': 'css' } as const;

/** Custom properties of CSS that the site has named. */
export const customProperties: readonly string[] = ['--hero'];

const heads: readonly string[] = [
  `https://imagedelivery.net/${accountHash}/${id}`,
  `https://imagedelivery.net/${accountHash}/${otherId}`,
  `//imagedelivery.net/${accountHash}/${id}`,
  `https://shop.example/cdn-cgi/imagedelivery/${accountHash}/${id}`,
  `/bbbbb/${accountHash}/${id}`,
  `https://imagedelivery.net/${accountHash}/a'b(c)[d]`,
  `https://imagedelivery.net/${accountHash}/\u00e9 "<>\`{}/\u8868`,
];

const variantNames: readonly string[] = ['preview', 'preview', 'preview', 'thumb', 'thumb', 'card', 'other'];

/** One kind of escapes, around a URL or around a place that holds one. */
type Layer = (random: () => number) => Speller;

/** A piece of a page: what is around URLs, or a part of one, which stays or goes if the token is taken off. */
export interface Part {
  readonly text: string;
  readonly role: 'around' | 'stays' | 'goes';
  /** Holds the base of a URL. */
  readonly isBase?: boolean;
}

function codeOf(character: string): number {
  return character.codePointAt(0)!;
}

function mayEscape(character: string, zeal: Zeal, random: () => number): boolean {
  if (zeal === 'all') return true;
  return random() < 0.08 && !(zeal === 'few-in-base' && /[imagedelvryb]/.test(character));
}

/** Character references: with and without semicolons, by name, by number. */
function references(always: RegExp): Layer {
  return (random) => (character, next, zeal) => {
    const needs = always.test(character);
    if (!needs && !mayEscape(character, zeal, random)) return character;
    const code = codeOf(character);
    // What follows is a reference as well: none of them needs its semicolon, and all of them stand open.
    if (zeal === 'all' && next !== '') return `&#${code}`;
    const names: Readonly<Record<string, string>> = {
      '&': '&amp;',
      '<': '&lt;',
      '>': '&gt;',
      '"': '&quot;',
      '/': '&sol;',
      ':': '&colon;',
    };
    const which = random();
    const named = names[character];
    if (named !== undefined && which < 0.5) return named;
    // Without its semicolon a number ends at what is no digit of it.
    if (which < 0.6 && !/^[0-9a-f;]/i.test(next) && next !== '') return `&#${code}`;
    return which < 0.8 ? `&#${code};` : `&#x${code.toString(16)};`;
  };
}

const inQuotes = references(/[&"<>]/);
const inApostrophes = references(/[&'<>]/);
const inQuotesBare = references(/[&"]/);
const unquoted = references(/[&"'<>=`\s]/);
const inText = references(/[&<>]/);

function css(always: RegExp): Layer {
  return (random) => (character, next, zeal) => {
    if (!always.test(character) && !mayEscape(character, zeal, random)) return character;
    const hex = codeOf(character).toString(16);
    const which = random();
    if (which < 0.3 && !/[0-9a-f\n\r\f<>\]]/i.test(character)) return `\\${character}`;
    if (which < 0.5) return `\\${hex.padStart(6, '0')}${/[\s]/.test(next) ? ' ' : ''}`;
    return /[0-9a-f\s]/i.test(next) || next === '' || which < 0.8 ? `\\${hex} ` : `\\${hex}`;
  };
}

const cssInQuotes = css(/["\\<>\]\n]/);
const cssInApostrophes = css(/['\\<>\]\n]/);
const cssBare = css(/["'()\\<>\]\s]/);

/** As `encodeURIComponent` writes a URL, and in other ways that mean the same. */
const percent: Layer = (random) => (character, _next, zeal) => {
  const needs = !/[\w.!~*'()/:?,;@$=-]/.test(character);
  if (!needs && !(/\W/.test(character) && random() < 0.7) && !mayEscape(character, zeal, random))
    return character;
  const escaped = [...Buffer.from(character)]
    .map((byte) => `%${byte.toString(16).padStart(2, '0')}`)
    .join('');
  return random() < 0.5 ? escaped : escaped.toUpperCase();
};

const json: Layer = (random) => (character, _next, zeal) => {
  const needs = /["\\<>\u2028\u2029]/.test(character);
  if (!needs && !mayEscape(character, zeal, random)) return character;
  if (random() < 0.4 && /["/]/.test(character)) return `\\${character}`;
  return [...character.split('')]
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
};

/** As an editor has saved it a while ago, with a token that is still good. */
function storedUrl(head: string, variant: string): string {
  return storing.signImage(`${head}/${variant}`, undefined, { expiresAt: 2_000_000_000 });
}

const storing = signerWith({ delivery: bases });

function isToken(parameter: string): boolean {
  const name = parameter.split('=', 1)[0]!;
  return name === 'exp' || name === 'sig' || name === '%65xp';
}

/** @param isClosed - what stays ends in a letter, so that no escape stands open before what goes */
function randomUrl(
  pick: <Item>(items: readonly Item[]) => Item,
  random: () => number,
  isClosed: boolean,
): Part[] {
  const payload = (): string => pick(payloads) + (random() < 0.5 ? pick(payloads) : '');
  const plain = (text: string): string => text.replaceAll(/[#&]/g, '') + (isClosed ? 'z' : '');
  const parameters = Array.from({ length: Math.floor(random() * 5) }, () => {
    if (random() < 0.5) return pick(tokens);
    return random() < 0.5 ? plain(payload()) : `${plain(pick(payloads))}=${plain(payload())}`;
  });
  const head = pick(heads);
  const variant = pick(variantNames);
  if (variant !== 'other' && random() < 0.2) {
    const [, stored = ''] = storedUrl(head, variant).split('?');
    parameters.push(...stored.split('&'));
  }
  const isOurs = variant !== 'other';
  const parts: Part[] = [{ text: `${head}/${variant}`, role: 'stays', isBase: true }];
  const part = (text: string, stays: boolean): Part => ({ text, role: stays || !isOurs ? 'stays' : 'goes' });
  const stay = parameters.filter((each) => !isToken(each)).length;
  let kept = 0;
  for (const [index, parameter] of parameters.entries()) {
    const stays = !isToken(parameter);
    // The `?` stays if a parameter does. Behind the first that stays each takes the separator before it along.
    if (index === 0) parts.push(part('?', stay > 0));
    else parts.push(part('&', stays && kept > 0));
    parts.push(part(parameter, stays));
    if (stays) kept++;
  }
  if (random() < 0.3) parts.push(part(`#${payload()}`, true));
  return parts;
}

/** A place: how its page reads around the URL, and the layers from the URL outwards. */
interface Place {
  readonly layers: readonly Layer[];
  readonly before: string;
  readonly after: string;
}

const places: readonly Place[] = [
  { layers: [inQuotes], before: '<img alt=x src="', after: '" title=y>' },
  { layers: [inQuotesBare], before: '<img alt=x src="', after: '" title=y>' },
  { layers: [inApostrophes], before: "<a href='", after: "'>a</a>" },
  { layers: [unquoted], before: '<img src=', after: ' alt=x>' },
  { layers: [unquoted], before: '<a href=', after: '>b</a>' },
  { layers: [unquoted], before: '<svg><a><image href=', after: '></image></a></svg>' },
  { layers: [inQuotes], before: '<p data-x="', after: '">b</p>' },
  { layers: [inQuotes], before: '<p picture-url="', after: '">b</p>' },
  { layers: [inQuotes], before: '<meta property=og:image content="', after: '">' },
  { layers: [cssInQuotes, inApostrophes], before: '<p style=\'a:url("', after: '")\'>c</p>' },
  { layers: [cssBare, inQuotes], before: '<p style="a:url(', after: ');b:c">c</p>' },
  { layers: [cssBare, unquoted], before: '<p style=a:url(', after: ') alt=x>c</p>' },
  { layers: [cssInApostrophes, inQuotes], before: '<p picture-css="a:url(\'', after: '\')">c</p>' },
  { layers: [cssInQuotes], before: '<style>a{b:url("', after: '")}</style>' },
  { layers: [cssInApostrophes], before: "<style>a{b:image-set('", after: "' 1x)}</style>" },
  { layers: [cssBare], before: '<style>a{b:url( ', after: ' )}</style>' },
  { layers: [json], before: '<script type="application/json">{"a":"', after: '","b":[1]}</script>' },
  { layers: [json], before: '<script type="application/ld+json">["', after: '"]</script>' },
  { layers: [cssInQuotes, inText], before: '<svg><style>a{b:url("', after: '")}</style></svg>' },
  { layers: [cssBare, inText], before: '<svg><style>a{b:url(', after: ')}</style><g></g></svg>' },
  { layers: [cssBare], before: '<svg><style><![CDATA[a{b:url(', after: ')}]]></style></svg>' },
  { layers: [cssInQuotes], before: '<svg><style><![CDATA[a{b:url("', after: '")}]]></style></svg>' },
  { layers: [inQuotes], before: '<svg><image xlink:href="', after: '"/></svg>' },
  { layers: [inQuotes], before: '<svg><set attributeName="href" to="', after: '"/></svg>' },
  { layers: [inQuotes], before: '<p lazy-src="', after: '">d</p>' },
  { layers: [inQuotes], before: '<meta itemprop=logo content="', after: '">' },
  { layers: [cssInQuotes, inApostrophes], before: '<svg><g mask=\'url("', after: '") luminance\'/></svg>' },
  { layers: [cssBare, inQuotes], before: '<svg><path fill="url(', after: ') red"/></svg>' },
  { layers: [cssBare, unquoted], before: '<svg><path cursor=url(', after: '),auto /></svg>' },
  { layers: [cssInQuotes], before: '<style>@import "', after: '" screen;</style>' },
  { layers: [cssInApostrophes], before: "<style>a{--hero : '", after: "' 1x}</style>" },
  { layers: [cssInQuotes, inApostrophes], before: '<p style=\'--hero:"', after: '";a:b\'>e</p>' },
  { layers: [percent, inQuotes], before: '<img src="/_next/image?url=', after: '&amp;w=640&amp;q=75">' },
  { layers: [percent, unquoted], before: '<img src=/a/_next/image?w=1&url=', after: '&q=75>' },
  { layers: [percent, cssBare], before: '<style>a{b:url(/_next/image?url=', after: '&w=1)}</style>' },
  {
    layers: [percent, json],
    before: '<script type="application/json">["/_next/image?url=',
    after: '#a"]</script>',
  },
];

/** A place for several URLs, in which some characters separate them. */
interface ListPlace {
  readonly before: string;
  readonly between: string;
  readonly after: string;
  readonly taken: RegExp;
}

const lists: readonly ListPlace[] = [
  ...['srcset', 'imagesrcset', 'data-srcset'].map((name) => ({
    before: `<img ${name}="`,
    between: ' 1x, ',
    after: ' 2x">',
    taken: /\s/g,
  })),
  { before: '<p data-bgset="', between: ' [(min-width: 1px)] | ', after: ' 320w [a]">', taken: /\s/g },
  { before: '<p data-bgset="', between: ' | ', after: '">', taken: /\s/g },
  {
    before: '<svg><animate attributeName="href" values="',
    between: ' ; ',
    after: ' ;"/></svg>',
    taken: /;/g,
  },
];

/** What a piece of a page may stand in. */
const wrappers: readonly (readonly [before: string, after: string])[] = [
  ['<div>', '</div>'],
  ['<noscript>', '</noscript>'],
  ['<template>', '</template>'],
  ['<table><tr><td>', '</td></tr></table>'],
  ['<svg><foreignObject>', '</foreignObject></svg>'],
  ['<!-- a --><p>', '</p>'],
  ['<textarea>"\'</textarea><p>', '</p>'],
];

export interface HostilePage {
  readonly parts: readonly Part[];
  /** Nothing stands open where a token is taken off: what is left has to be the author's to the letter. */
  readonly isClosed: boolean;
}

export function hostilePage(seed: number): HostilePage {
  const random = randomFrom(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const isClosed = random() < 0.5;

  function placed(isInNoscript: boolean): Part[] {
    const { layers, before, after } = pick(places);
    if (isInNoscript && layers.at(-1) === inQuotesBare) return placed(true);
    let url = randomUrl(pick, random, isClosed);
    for (const layer of layers) url = written(url, layer, random, isClosed, after[0]);
    return [around(before), ...url, around(after)];
  }

  function list(): Part[] {
    const { before, between, after, taken } = pick(lists);
    const one = (): Part[] => {
      const url = randomUrl(pick, random, isClosed).map(({ text, ...rest }) => ({
        ...rest,
        text: text.replaceAll(taken, '_'),
      }));
      // Neither the last character of an item nor what is left of it separates it from the next.
      return written(
        [...url.slice(0, -1), { ...url.at(-1)!, text: url.at(-1)!.text.replace(/[,|]+$/, '') }],
        inQuotes,
        random,
        isClosed,
      );
    };
    return [around(before), ...one(), around(between), ...one(), around(after)];
  }

  function piece(depth: number, isInNoscript: boolean): Part[] {
    const which = random();
    if (depth > 0 && which < 0.3) {
      const [before, after] = pick(wrappers);
      return [around(before), ...piece(depth - 1, isInNoscript || before === '<noscript>'), around(after)];
    }
    if (depth > 0 && which < 0.45) {
      const layer = isInNoscript ? inQuotes : pick([inQuotes, inQuotesBare]);
      const inner = written(piece(depth - 1, false), layer, random, isClosed);
      return [around('<iframe srcdoc="'), ...inner, around('"></iframe>')];
    }
    return which < 0.55 ? list() : placed(isInNoscript);
  }

  const parts = piece(2, false);
  return { isClosed, parts: random() < 0.5 ? parts : [...parts, around('<b>text</b>'), ...piece(2, false)] };
}

export function textOf(parts: readonly Part[]): string {
  return parts.map(({ text }) => text).join('');
}

function around(text: string): Part {
  return { text, role: 'around' };
}

/** One layer of escapes over all parts; each is spelled with what follows it in sight. */
function written(
  parts: readonly Part[],
  layer: Layer,
  random: () => number,
  isClosed: boolean,
  behind: string = '"',
): Part[] {
  let isLast = false;
  const spell = layer(() => (isClosed && isLast ? 1 : random()));
  const zealForMost: Zeal = !isClosed && random() < 0.2 ? 'all' : 'few';
  const characters = parts.map(({ text }) => [...text]);
  return parts.map((part, index) => {
    const own = characters[index]!;
    const following = characters.slice(index + 1).find((each) => each.length > 0)?.[0] ?? behind;
    const zeal = part.isBase ? 'few-in-base' : zealForMost;
    let text = '';
    for (const [at, character] of own.entries()) {
      isLast = at === own.length - 1;
      text += spell(character, own[at + 1] ?? following, zeal);
    }
    return { ...part, text };
  });
}
