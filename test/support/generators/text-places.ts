/** Places in which a URL stands in a text that people write or programs store, and words around it. */

export interface TextPlace {
  readonly name: string;
  /** The text with the URL in it, without the words around. */
  write(url: string): string;
  /** Whether words may stand right behind it, as behind a bare URL. */
  readonly isOpen?: boolean;
}

const html = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
/** As Handlebars and mustache.js escape. */
const wary = (text: string): string =>
  text.replace(/[&"'`=/<>]/g, (character) => `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`);
const slashes = (text: string): string => JSON.stringify(text).replaceAll('/', '\\/');
/** As Ruby, Go and PHP write JSON for scripts. */
const forScripts = (text: string): string =>
  JSON.stringify(text).replace(
    /[<>&'=]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

export const textPlaces: readonly TextPlace[] = [
  { name: 'plain text', write: (url) => url, isOpen: true },
  { name: 'text of HTML', write: html, isOpen: true },
  { name: 'text of HTML that is escaped twice', write: (url) => html(html(url)), isOpen: true },
  { name: 'text that Handlebars has escaped', write: wary, isOpen: true },
  {
    name: 'text of HTML with decimal references',
    write: (url) => url.replaceAll('&', '&#38;'),
    isOpen: true,
  },
  { name: 'text of Markdown with escapes', write: (url) => url.replace(/[_*&=]/g, '\\$&'), isOpen: true },
  { name: 'a URL without a scheme', write: (url) => url.replace(/^https?:/, ''), isOpen: true },
  { name: 'an attribute', write: (url) => `<img src="${html(url)}">` },
  { name: 'an attribute that nobody has escaped', write: (url) => `<img src="${url}">` },
  {
    name: 'an attribute in single quotes',
    write: (url) => `<img src='${html(url).replaceAll("'", '&#39;')}' alt='/x?exp=1&sig=2'>`,
  },
  { name: 'an attribute without quotes', write: (url) => `<img src=${html(url)}>` },
  { name: 'a srcset', write: (url) => `<img srcset="${html(url)} 1x, ${html(url)} 2x">` },
  { name: 'url() of CSS', write: (url) => `<p style="background:url(${html(url)})">` },
  { name: 'a string of CSS', write: (url) => `<p style="background:url(&quot;${html(url)}&quot;)">` },
  { name: 'CSS with a second url()', write: (url) => `a{b:url(${url}),url(/foo?exp=1&sig=2)}` },
  { name: 'an image of Markdown', write: (url) => `![a (b)](${url})` },
  { name: 'a link of Markdown', write: (url) => `[${url.slice(0, 20)}…](<${url}> "title")[b](/x?sig=1&s=2)` },
  { name: 'a definition of Markdown', write: (url) => `\n[a]: ${url}\n` },
  { name: 'an autolink', write: (url) => `<${url}>` },
  { name: 'code of Markdown', write: (url) => `\`${url}\`` },
  { name: 'JSON', write: (url) => `{"url":${JSON.stringify(url)}}` },
  { name: 'JSON with \\/', write: (url) => `[${slashes(url)},${slashes(url)}]` },
  { name: 'JSON for scripts', write: (url) => `[${forScripts(url)}]` },
  { name: 'JSON in JSON', write: (url) => JSON.stringify({ body: `{"url":${slashes(url)}}` }) },
  { name: 'HTML in JSON', write: (url) => JSON.stringify({ body: `<img src="${html(url)}">` }) },
  { name: 'HTML in JSON for scripts', write: (url) => forScripts(`<img src="${html(url)}">`) },
  { name: 'JSON in an attribute', write: (url) => `<p data-x="${html(JSON.stringify({ url }))}">` },
  { name: 'an image optimizer', write: (url) => `/_next/image?url=${encodeURIComponent(url)}&w=640&q=75` },
  {
    name: 'an image optimizer in HTML',
    write: (url) => `<img src="/_next/image?url=${encodeURIComponent(url)}&amp;w=640">`,
  },
  {
    name: 'a link to a link',
    write: (url) =>
      `https://social.example/?u=${encodeURIComponent(`/share?u=${encodeURIComponent(url)}&v=1`)}`,
  },
  { name: 'a list', write: (url) => `1,${url},${url},"a, b"\n` },
  {
    name: 'a parameter that nobody has encoded',
    write: (url) => `https://social.example/share?to=me&u=${url}`,
  },
];

export const wordsBefore: readonly string[] = [
  ...'写真は a“ 🎉 ß _ ~~ <!--'.split(' '),
  '',
  ' ',
  'Look: ',
  '> ',
  '- ',
  '\n\n',
  '(see ',
];

/** What no token holds, and no URL goes on with. */
export const wordsBehind: readonly string[] = [
  ...[
    ...') <br> </a> ** ” …'.split(' '),
    '',
    ' ',
    '\n',
    '. More words',
    ', and more',
    '! ',
    '" she said',
    "' x",
  ],
  ...[
    '写真です',
    '。写真',
    '🎉🎉',
    '\u200b',
    '\u3000a',
    '|',
    '(x)',
    ', https://foreign.example/a?exp=1&sig=2',
    '` b',
  ],
];

/** Texts in which no token stands, though some look like it. */
export const plainTexts: readonly string[] = [
  'I <3 "Mimi" & her kittens: 100% of them – a\\b, c_d, ~~e~~. ',
  'https://foreign.example/photo/thumb?exp=1790000000&sig=0123456789 ',
  '<a href="/login?exp=1&amp;sig=2&amp;s=3&amp;token=4&amp;Signature=5&amp;X-Amz-Signature=6">sign in</a> ',
  '{"exp":1790000000,"sig":"0123","s":"a","token":"b"} ',
  '?exp=1&sig=2 #?exp=1&sig=2 ',
  'ftp://imagedelivery.net/a/b/thumb?exp=1&sig=2 ',
  'https://imagedelivery.net.foreign.example/a/b/thumb?exp=1&sig=2 ',
  'https://user@imagedelivery.net/a/b/thumb?exp=1&sig=2 ',
  '&amp;&lt;&#x26;&bogus; %20%3F%ZZ \\u0026\\/\\n ',
];
