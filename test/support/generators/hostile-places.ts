/** The places of a page that hold URLs, places that hold other places, and what a site names besides the usual ones. */
import { markdown, type TextReader } from '../../../src/markdown.ts';
import {
  cssBare,
  cssInApostrophes,
  cssInApostrophesBare,
  cssInQuotes,
  inApostrophes,
  inQuotes,
  inQuotesBare,
  inText,
  jsonBare,
  jsonInScript,
  type Layer,
  markdownBare,
  markdownInBrackets,
  percent,
  unquoted,
} from './escape-layers.ts';

/** What a signer of these pages delivers from. */
export const bases: string[] = [
  'https://imagedelivery.net',
  'https://shop.example/cdn-cgi/imagedelivery',
  '/bbbbb',
];

/** Where a site that has moved has stored its images. */
export const storedUnder = {
  host: 'http://imagery.eg:9000/a',
  path: '/gallery',
  withToken: { base: 'https://dairy.eg', token: ['token'] },
} as const;

/** What the site has named, as options of a rewriter. */
export const siteTargets = {
  attributes: {
    'picture-url': 'url',
    'picture-set': 'srcset',
    'picture-css': 'css',
    'picture-data': 'json',
    'picture-page': 'html',
  },
  scripts: { 'text/x-data': 'json', 'text/x-view': 'html' },
  fields: { content: 'html', body: markdown as TextReader, nested: 'json' },
  customProperties: ['--hero'],
} as const;

/** A place: how its page reads around the URL, and the layers from the URL outwards. */
export interface Place {
  readonly layers: readonly Layer[];
  /** Whether the value may be a text: then it stays to the last byte. */
  readonly isText?: boolean;
  readonly before: string;
  readonly after: string;
}

export const places: readonly Place[] = [
  { layers: [inQuotes], before: '<img alt=x src="', after: '" title=y>' },
  { layers: [inQuotesBare], before: '<img alt=x src="', after: '" title=y>' },
  { layers: [inQuotesBare], before: '<a href="', after: '">a</a>' },
  { layers: [inQuotesBare], before: '<video poster="', after: '"></video>' },
  { layers: [inQuotesBare], before: '<p picture-url="', after: '">a</p>' },
  { layers: [inQuotesBare], isText: true, before: '<p data-x="', after: '">a</p>' },
  { layers: [cssInApostrophesBare, inQuotesBare], before: '<p style="a:url(\'', after: '\')">a</p>' },
  { layers: [inApostrophes], before: "<a href='", after: "'>a</a>" },
  { layers: [unquoted], before: '<img src=', after: ' alt=x>' },
  { layers: [unquoted], before: '<a href=', after: '>b</a>' },
  { layers: [unquoted], before: '<svg><a><image href=', after: '></image></a></svg>' },
  { layers: [inQuotes], isText: true, before: '<p data-x="', after: '">b</p>' },
  { layers: [inQuotes], before: '<p picture-url="', after: '">b</p>' },
  { layers: [inQuotes], before: '<meta property=og:image content="', after: '">' },
  { layers: [cssInQuotes, inApostrophes], before: '<p style=\'a:url("', after: '")\'>c</p>' },
  { layers: [cssBare, inQuotes], before: '<p style="a:url(', after: ');b:c">c</p>' },
  { layers: [cssBare, unquoted], before: '<p style=a:url(', after: ') alt=x>c</p>' },
  { layers: [cssInApostrophes, inQuotes], before: '<p picture-css="a:url(\'', after: '\')">c</p>' },
  { layers: [cssInQuotes], before: '<style>a{b:url("', after: '")}</style>' },
  { layers: [cssInApostrophes], before: "<style>a{b:image-set('", after: "' 1x)}</style>" },
  { layers: [cssBare], before: '<style>a{b:url( ', after: ' )}</style>' },
  {
    layers: [jsonInScript],
    isText: true,
    before: '<script type="application/json">{"a":"',
    after: '","b":[1]}</script>',
  },
  {
    layers: [jsonInScript],
    isText: true,
    before: '<script type="application/ld+json">["',
    after: '"]</script>',
  },
  {
    layers: [jsonInScript],
    isText: true,
    before: '<script type="text/x-data">{"content":"',
    after: '"}</script>',
  },
  { layers: [jsonBare, inQuotes], isText: true, before: '<p data-x="[&quot;', after: '&quot;]">b</p>' },
  { layers: [jsonBare, inApostrophes], isText: true, before: '<p data-x=\' {"note":"', after: '"}\'>b</p>' },
  {
    layers: [jsonBare, inQuotes],
    isText: true,
    before: '<p picture-data="{&#34;a&#34;:&#34;',
    after: '&#34;}">b</p>',
  },
  { layers: [cssInQuotes, inText], before: '<svg><style>a{b:url("', after: '")}</style></svg>' },
  { layers: [cssBare, inText], before: '<svg><style>a{b:url(', after: ')}</style><g></g></svg>' },
  { layers: [cssBare], before: '<svg><style><![CDATA[a{b:url(', after: ')}]]></style></svg>' },
  { layers: [cssInQuotes], before: '<svg><style><![CDATA[a{b:url("', after: '")}]]></style></svg>' },
  { layers: [inQuotes], before: '<svg><image xlink:href="', after: '"/></svg>' },
  { layers: [inQuotes], before: '<svg><set attributeName="href" to="', after: '"/></svg>' },
  { layers: [inQuotes], before: '<p lazy-src="', after: '">d</p>' },
  { layers: [inQuotes], before: '<meta itemprop=logo content="', after: '">' },
  { layers: [inQuotes], before: '<meta itemprop="a screenshot" content="', after: '">' },
  { layers: [inQuotes], before: '<meta name=msapplication-square70x70logo content="', after: '">' },
  { layers: [inApostrophes], before: "<meta content='", after: "' property='vk:image'>" },
  { layers: [unquoted], before: '<meta name=parsely-image-url content=', after: '>' },
  { layers: [unquoted], before: '<wa-avatar image=', after: ' label=x></wa-avatar>' },
  { layers: [inQuotesBare], before: '<sl-avatar label=x image="', after: '"></sl-avatar>' },
  { layers: [cssInQuotes, inApostrophes], before: '<svg><g mask=\'url("', after: '") luminance\'/></svg>' },
  { layers: [cssBare, inQuotes], before: '<svg><path fill="url(', after: ') red"/></svg>' },
  { layers: [cssBare, unquoted], before: '<svg><path cursor=url(', after: '),auto /></svg>' },
  { layers: [cssInQuotes], before: '<style>@import "', after: '" screen;</style>' },
  { layers: [cssInApostrophes], before: "<style>a{--hero : '", after: "' 1x}</style>" },
  { layers: [cssInQuotes, inApostrophes], before: '<p style=\'--hero:"', after: '";a:b\'>e</p>' },
  { layers: [cssBare, inQuotes], before: '<p data-x=" url(', after: ')">e</p>' },
  { layers: [cssInQuotes, inApostrophes], before: '<p data-x=\'URL("', after: '"),url(y)\'>e</p>' },
  { layers: [cssBare, unquoted], before: '<p data-x=url(', after: ')>e</p>' },
  {
    layers: [jsonInScript],
    isText: true,
    before: '<script type=speculationrules>{"prefetch":[{"urls":["',
    after: '"]}]}</script>',
  },
  {
    layers: [jsonInScript],
    isText: true,
    before: '<script type="importmap">{"imports":{"a":"',
    after: '"}}</script>',
  },
  {
    layers: [jsonInScript],
    isText: true,
    before: '<script type="application/geo+json">["',
    after: '"]</script>',
  },
  {
    layers: [jsonInScript],
    isText: true,
    before: '<script type=" Qwik/JSON ; a=b">{"a":"',
    after: '"}</script>',
  },
  { layers: [percent, inQuotes], before: '<img src="/_next/image?url=', after: '&amp;w=640&amp;q=75">' },
  { layers: [percent, unquoted], before: '<img src=/a/_next/image?w=1&url=', after: '&q=75>' },
  { layers: [percent, cssBare], before: '<style>a{b:url(/_next/image?url=', after: '&w=1)}</style>' },
  {
    layers: [percent, jsonInScript],
    before: '<script type="application/json">["/_next/image?url=',
    after: '#a"]</script>',
  },
];

/** A place for several URLs, in which some characters separate them. */
export interface ListPlace {
  readonly before: string;
  readonly between: string;
  readonly after: string;
  readonly taken: RegExp;
}

export const lists: readonly ListPlace[] = [
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

/** Where a page holds JSON, with the layers of escapes around that. */
export const dataPlaces: readonly Place[] = [
  { layers: [], before: '<script type="application/json">', after: '</script>' },
  { layers: [], before: '<script type="text/x-data">', after: '</script>' },
  { layers: [inQuotes], before: '<p data-page="', after: '">f</p>' },
  { layers: [inApostrophes], before: "<p data-page=' ", after: "'>f</p>" },
  { layers: [unquoted], before: '<p data-page=', after: ' alt=x>f</p>' },
  { layers: [inQuotes], before: '<x-island picture-data="', after: '"></x-island>' },
];

/** What is around a member of JSON. */
export const dataShells: readonly (readonly [before: string, after: string])[] = [
  ['{', '}'],
  ['[1,"a",{', '}]'],
  ['{"n":{"x":[null,-1.5e3,"\\u0041"]},', ' , "z" : "" }'],
];

/** How the names of `fields` may be written. */
export const fieldNames: Readonly<Record<keyof typeof siteTargets.fields, readonly string[]>> = {
  content: ['"content":', '"content" : ', '"c\\u006fntent":'],
  body: ['"body":', '"body" : ', '"bod\\u0079":'],
  nested: ['"nested":', '"nested" : ', '"\\u006eested":'],
};

/** A place in Markdown, and what would begin code or a link there, where it has no escape. */
export interface MarkdownPlace extends Place {
  readonly taken?: RegExp;
}

export const markdownPlaces: readonly MarkdownPlace[] = [
  { layers: [markdownBare], before: 'text ![a](', after: ')' },
  { layers: [markdownBare], before: '# [a](', after: ' "t")' },
  { layers: [markdownBare], before: '[![a](', after: ')](/b)' },
  { layers: [markdownInBrackets], before: '- ![a](<', after: '>)' },
  { layers: [markdownInBrackets], before: '> [a]( <', after: "> 't' ) text" },
  { layers: [markdownBare], before: '[a]: ', after: ' "t"\n\n[a]' },
  { layers: [markdownInBrackets], before: '[b]: <', after: '>\n\n![b]' },
  { layers: [inQuotes], before: '<p><img alt=x src="', after: '"></p>', taken: /[`[\]\\]/g },
];

/** Attributes that hold a page. */
export const pagePlaces: readonly Place[] = [
  { layers: [inQuotes], before: '<iframe srcdoc="', after: '"></iframe>' },
  { layers: [inQuotesBare], before: '<iframe srcdoc="', after: '"></iframe>' },
  { layers: [inApostrophes], before: "<iframe srcdoc='", after: "'></iframe>" },
  { layers: [unquoted], before: '<iframe srcdoc=', after: ' title=x></iframe>' },
  { layers: [inQuotes], before: '<p picture-page="', after: '">g</p>' },
];

/** Types of script that hold a page. */
export const viewTypes: readonly string[] =
  `text/x-view text/html Text/X-Template;a=b text/template text/ng-template text/x-magento-template
    text/mustache text/x-mustache text/x-jquery-tmpl`.split(/\s+/);

/** What a piece of a page may stand in. */
export const wrappers: readonly (readonly [before: string, after: string])[] = [
  ['<div>', '</div>'],
  ['<button>', '</button>'],
  ['<template shadowrootmode=open>', '</template>'],
  ['<svg><title>', '</title></svg>'],
  ['<svg><desc><p>', '</p></desc></svg>'],
  ['<math><mtext>', '</mtext></math>'],
  ['<math><annotation-xml encoding="text/html">', '</annotation-xml></math>'],
  ['<table>', '</table>'],
  ['<p>', '</div>'],
  ['<b><p>', '</b></p>'],
  ['<noscript>', '</noscript>'],
  ['<template>', '</template>'],
  ['<table><tr><td>', '</td></tr></table>'],
  ['<svg><foreignObject>', '</foreignObject></svg>'],
  ['<!-- a --><p>', '</p>'],
  ['<textarea>"\'</textarea><p>', '</p>'],
];
