/**
 * Pages that somebody would write to keep a server busy: each is one construct, as often as the size allows, which some
 * parser has read over and over again. Most end in the middle of what they began. They know nothing of this engine but
 * the word that it looks for, without which it would not look at all. Longer than most files: a construct is a row.
 */
import { accountHash, url } from '../samples.ts';

/** Of so many bytes, and what they are opened and closed with. */
export type HostilePage = (bytes: number) => Buffer;

const mark = 'imagedelivery';

/** The unit over and over: whole ones where the page goes on behind them, and else cut off at the size. */
function filled(unit: string, open = '', close = ''): HostilePage {
  return numbered(() => unit, open, close);
}

/** The same with a number in each unit, so that no two are alike. */
function numbered(unitOf: (index: number) => string, open = '', close = ''): HostilePage {
  return (bytes) => {
    const units: string[] = [];
    for (let index = 0, length = 0; length < bytes; index++) {
      const unit = unitOf(index);
      units.push(unit);
      length += unit.length;
    }
    const filling = units.join('');
    return Buffer.from(open + (close === '' ? filling.slice(0, bytes) : filling) + close, 'latin1');
  };
}

/** A little less, so that a value that fills a page of 64 KiB is not too long to be read. */
function shorter(page: HostilePage): HostilePage {
  return (bytes) => page(Math.floor(bytes * 0.98));
}

/** One page in the `srcdoc` of another, so many deep. */
function nested(inner: HostilePage, depth: number): HostilePage {
  return (bytes) => {
    let page = inner(bytes).toString('latin1');
    for (let level = 0; level < depth; level++) {
      page = `<iframe srcdoc="${page.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"></iframe>`;
    }
    return Buffer.from(page, 'latin1');
  };
}

/** A character reference for each character that it may stand for, none with its semicolon. */
const withoutSemicolons = (text: string): string =>
  text.replace(/[:/. ,](?!\d)/g, (character) => `&#${character.charCodeAt(0)}`);

const markup: Readonly<Record<string, HostilePage>> = {
  '<': filled('<'),
  '< and a letter, with a space': filled('<a '),
  '<!': filled('<!'),
  '<?': filled('<?'),
  'a comment without an end': filled('- -', '<!--'),
  'comments opened in a comment': filled('<!--'),
  'comments that almost end': filled('--!-', '<!--'),
  'comments that end at once': filled('<!-->'),
  'CDATA in HTML': filled('<![CDATA['),
  'CDATA opened in CDATA': filled('<![CDATA[', '<svg>'),
  'CDATA of nothing': filled('<![CDATA[]]>', '<svg>'),
  'CDATA that almost ends': filled(']]', '<svg><![CDATA['),
  'an open quote with tags behind it': filled('<i>', '<img alt="'),
  'tags that open quotes in turn': filled(`<a b='<a b="`),
  'tags that lack a quote, with a mark': filled(`<a b="${mark}>`),
  'slashes in a tag with a mark': filled('/', `<a ${mark}`, '>'),
  'equals signs in a tag': filled('=', `<a ${mark} `, '>'),
  'equals signs and spaces in a tag': filled('= ', `<a ${mark} `, '>'),
  'a space for each of the values': filled(' ', `<img src=${mark} alt= `, '>'),
  'a name without an end': filled('a', '<'),
};

const foreign: Readonly<Record<string, HostilePage>> = {
  svg: filled('<svg>'),
  'svg and foreignObject': filled('<svg><foreignObject>'),
  'svg with end tags that match nothing': filled('</g>', '<svg>'.repeat(256)),
  'foreignObject with end tags that match nothing': filled('</b>', `<svg><desc>${'<i>'.repeat(254)}`),
  'foreignObject with end tags that match everything in turn': filled('<svg><desc><i></desc></svg>'),
  'svg that is broken out of': filled('</p>', '<svg>'.repeat(256)),
  'open elements and end tags around svg': filled('<b><svg></b>'),
  'font with attributes in svg': filled(' a', '<svg><font', '>'),
  'annotation-xml with attributes': filled(' a=b', '<math><annotation-xml', '>'),
  'a style of SVG, split by comments': filled('a<!---->', `<svg><style>${mark}`),
  'a style of SVG, split by CDATA': filled('a<![CDATA[b]]>', `<svg><style>${mark}`),
  'a style of SVG, split within url()': filled(`url(<!-- -->${url()})`, '<svg><style>'),
  'a style of SVG with an open comment': filled('<g/>*', '<svg><style>/*'),
  'styles of SVG': filled('<svg><style>/*</style>'),
};

const rawText: Readonly<Record<string, HostilePage>> = {
  noscript: filled('<noscript>'),
  'noscript with a mark': filled(`<noscript>${mark}</noscript>`),
  'noscript with an open comment': filled(`<noscript><!--${mark}</noscript>`),
  'noscript with an open quote': filled(`<noscript><img src="${mark}</noscript>`),
  'scripts with an escaped script': filled('<script><!--<script'),
  'scripts in an escaped script': filled('<script></script>', '<script><!--'),
  'hyphens in an escaped script': filled('--<', '<script><!--'),
  'end tags that are none, in a script': filled('</scrip', '<script>'),
  'end tags that are none, in a textarea': filled('</textarea', '<textarea>'),
  'end tags of other elements, in a textarea': filled('</title>', '<textarea>'),
  textareas: filled('<textarea></textarea>'),
  plaintext: filled(`<img src="${url()}">`, '<plaintext>'),
};

const attributes: Readonly<Record<string, HostilePage>> = {
  'distinct attributes with a mark in each': numbered((index) => ` a${index}="${mark}"`, '<img', '>'),
  'the same attribute with a mark in each': filled(` src="${mark}"`, '<img', '>'),
  'attributes that hold nothing, and a mark at their end': filled(' a', '<img', ` src="${mark}">`),
  'data attributes with a mark in each': numbered((index) => ` data-${index}=" url(${mark}"`, '<img', '>'),
  'a meta with a content for each mark': filled(` content="${mark}"`, '<meta property="og:image"', '>'),
  'a meta with properties': filled('og ', '<meta property="', `" content="${mark}">`),
  'metas with other attributes': filled(`<meta a b c d e f content="${mark}">`),
  'scripts with attributes': filled(' a', '<script', `>${mark}</script>`),
  'a value of spaces': filled(' ', `<img src="${mark}`, '">'),
  'values beyond ASCII': filled('\xc3\xa9', `<img src="${url()}?`, '">'),
  'values that are not UTF-8': filled('\xe9', `<img src="${url()}?`, '">'),
  'URLs that are not UTF-8': filled(`<img src="${url()}?\xe9">`),
  'candidates that are not UTF-8': filled(`${url()}?\xe9 1x, `, '<img srcset="', '">'),
};

const references: Readonly<Record<string, HostilePage>> = {
  '& in a query': filled('&', `<img src="${url()}?`, '">'),
  '&am in a query': filled('&am', `<img src="${url()}?`, '">'),
  '&amp in a query': filled('&amp', `<img src="${url()}?`, '">'),
  '&amp before a URL': filled('&amp', '<img srcset="', ` 1x, ${url()} 2x">`),
  'the longest name, almost': filled('&CounterClockwiseContourIntegra', `<img src="${mark}`, '">'),
  'the longest name, almost, before a token': filled(
    '&CounterClockwiseContourIntegra',
    `<img src="${url()}?`,
    '">',
  ),
  'a reference of digits': filled('0', `<img src="${mark}&#`, '">'),
  'references that are none': filled('&#', `<img src="${mark}`, '">'),
  'a srcset without semicolons': filled(withoutSemicolons(`${url()} 1x, `), '<img srcset="', '">'),
  'a style without semicolons': filled(withoutSemicolons(`url(${url()}) `), '<a style="', '">'),
  'srcsets without semicolons': filled(`<img srcset="${withoutSemicolons(`${url()} 1x, ${url()}`)}">`),
};

const srcsets: Readonly<Record<string, HostilePage>> = {
  'commas in a srcset': filled(',', `<img srcset="${mark} 1x`, '">'),
  'URLs of a comma': filled('a,,, ', `<img srcset="${mark} `, '">'),
  'brackets in a srcset': filled('(', `<img srcset="${mark} `, '">'),
  'brackets and commas in a srcset': filled('a (,),', `<img srcset="${mark} 1x,`, '">'),
  'candidates of a letter': filled('a 1x,', `<img srcset="${mark} 1x,`, '">'),
  'separators in a data-bgset': filled('| ', `<p data-bgset="${mark} `, '">'),
  'brackets in a data-bgset': filled(' [', `<p data-bgset="${mark} `, ']">'),
  'sets in a data-bgset': filled(`${url()} [a] | `, '<p data-bgset="', '">'),
  'semicolons in a list': filled(';', `<set attributeName=href values="${mark}`, '">'),
  'a list of an animation': filled(`${url()};`, '<set attributeName=href values="', '">'),
  'animations with attributes': filled('<set to=a from=b values=c>', `${mark}`),
  'candidates that are signed': filled(`${url()} 1x, `, '<img srcset="', '">'),
  'candidates that are signed, and have queries': numbered(
    (index) => `${url()}?${index}&am 1x, `,
    '<img srcset="',
    '">',
  ),
};

/** What a style sheet is full of. */
const sheets: Readonly<Record<string, string>> = {
  'backslashes in': '\\',
  'escapes in': '\\61 ',
  'escapes cut short in': '\\61',
  'url( in': 'url(',
  'url() that is bad in': 'url(a b ',
  'url(), escaped, in': '\\75 rl(',
  'image-set( in': 'image-set(',
  'image-set( with strings in': "image-set('a' ",
  'brackets in': '(',
  'brackets of all kinds in an image-set in': 'image-set({[(',
  'asterisks in a comment in': '/***',
  'a long name in': 'image-set-',
  'a long number in': '1',
  'names with prefixes in': '#url(@url(1url(',
  '<!- in': '<!-',
  'quotes in': "'",
  '@ in': '@',
  '@import in': '@import ',
  '@import with comments in': '@import/**/',
  '@import of strings in': "@import '';",
  'hyphens in': '-',
  'custom properties in': '--hero:',
  'quotes and line ends in': "'\n",
  'delivery URLs in': `url(${url()}) `,
  'escaped delivery URLs in': `url(${[...url()].map((each) => `\\${each.charCodeAt(0).toString(16)} `).join('')}) `,
};

const css: Readonly<Record<string, HostilePage>> = {
  ...Object.fromEntries(
    Object.entries(sheets).map(([name, unit]) => [`${name} a style`, filled(unit, `<style>${mark} `)]),
  ),
  'image-set( in a style attribute': filled('image-set(', `<a style="${mark} `, '">'),
  'backslashes in a style attribute': filled('\\', `<a style="${mark} `, '">'),
  'delivery URLs in a style attribute': filled(`url(${url()}) `, '<a style="', '">'),
  'a URL of escapes in a style': filled('\\61 ', `<style>a{b:url(${url()}?`, ')}</style>'),
  'a URL of backslashes in a style': filled('\\\\', `<style>a{b:url("${url()}?`, '")}</style>'),
  'spaces in url(': filled(' ', `<style>url(${url()}`, ')</style>'),
  'styles with an open comment': filled(`<style>/*${mark}</style>`),
  'styles with an open url(': filled(`<style>url(${mark}</style>`),
  'styles with an open string': filled(`<style>"${mark}</style>`),
};

const island = '<script type="application/json">';

const json: Readonly<Record<string, HostilePage>> = {
  'backslashes in JSON': filled('\\', `${island}["${mark}`, '"]</script>'),
  'escapes in JSON': filled('\\u0061', `${island}["${url()}?`, '"]</script>'),
  'surrogates in JSON': filled('\\ud800', `${island}["${url()}?`, '"]</script>'),
  'escapes that are cut short in JSON': filled('\\u00', `${island}["${mark}`, '"]</script>'),
  'keys in JSON': filled(`"${mark}":1,`, `${island}{`),
  'values in JSON': filled(`"a":"${mark}",`, `${island}{`),
  'strings behind strings in JSON': filled(`"${mark}"`, `${island}1,`),
  'quotes in JSON': filled('"', `${island}${mark}`),
  'spaces behind a string in JSON': filled(' ', `${island}1,"${mark}"`),
  'islands of an open string': filled(`${island}["${mark}</script>`),
  'URLs in JSON that are not UTF-8': filled(`"${url()}?\xe9",`, `${island}[`),
};

/** Members that are read as `fields` say, if the signer has those. */
const field = (name: string): string => `${island}{"${name}":"`;

/** Each in a text that is short enough to be read. */
const markdown: Readonly<Record<string, HostilePage>> = Object.fromEntries(
  (
    [
      ['closing brackets', ']'],
      ['opening brackets', '['],
      ['labels in brackets', '[a]'],
      ['references and their definitions', '[a]: b\\n\\n[a] '],
      ['links', '![a](b)'],
      ['quotes in quotes', '> '],
      ['lists in lists', '- '],
      ['lists', '- a\\n'],
      ['blank lines in lists', '- - - a\\n\\n'],
      ['tables', 'a|b\\n-|-\\n|a|\\n'],
      ['footnotes', '[^a]: b\\n'],
      ['comments without an end', '<!-- '],
      ['sections without an end', '<![CDATA['],
      ['tags without an end', "<a b='"],
      ['attributes without an end', '<a b '],
      ['blocks of HTML', '<div>\\n\\n'],
      ['parentheses in links that nothing closes', `[](${'('.repeat(5)}`],
      ['parentheses in links, deeper than allowed', `[](${'('.repeat(40)}`],
      ['spaces in a tag', ' ', '<a'],
      ['attributes of a tag', ' b', 'a <a'],
      ['brackets behind bare URLs', `${url()}](`],
      ['bare URLs', 'http://a.b '],
      ['references at the end of bare URLs', '&a;', 'http://a.b/'],
      ['punctuation at the end of bare URLs', '!', 'http://a.b/'],
      ['domains of bare URLs', 'www.'],
      ['domains of bare URLs, which may begin anywhere', '_www.'],
      ['bare URLs with an underscore in their host', 'http://a_b/'],
      ['bare URLs of which a bracket is open', 'www.a_b/('],
      ['spaces in what is nearly a row of delimiters', ' ', 'a\\n--'],
      ['headings', '# a\\n'],
      ['thematic breaks', '* * a\\n'],
      ['stars', '* '],
      ['fences', '```\\n'],
      ['tabs', '\\t'],
    ] as const
  ).map(([title, unit, before = '']) => [
    `${title} in Markdown`,
    shorter(filled(unit, `${field('body')}${mark} ${before}`, '"}</script>')),
  ]),
);

const fields: Readonly<Record<string, HostilePage>> = {
  'backslashes in a field': filled('\\\\', `${field('content')}${mark}`, '"}</script>'),
  'escaped quotes in a field': filled('<p class=\\"a\\">', `${field('content')}${mark}`, '"}</script>'),
  'escapes in a field': filled('\\u003c', `${field('content')}${mark}`, '"}</script>'),
  'a field that is cut short in an escape': filled('<p>', `${field('content')}${mark}`, '\\u00"}</script>'),
  'HTML without an end in a field': filled('<i>', `${field('content')}<img alt='${mark}`, '"}</script>'),
  'images in a field': filled(`<img src=${url()}>`, field('content'), '"}</script>'),
  'fields with images': filled(`"content":"<img src=${url()}>",`, `${island}{`),
  'fields in fields': filled('{\\"nested\\":', `${field('nested')}${mark}`, '"}</script>'),
  'JSON that is none in a field': filled('[', `${field('nested')}${mark}`, '"}</script>'),
  'brackets in a Markdown field': filled('[', `${field('body')}${mark}`, '"}</script>'),
  'images opened in a Markdown field': filled(`![](${mark} `, field('body'), '"}</script>'),
  'quotes and lists in a Markdown field': filled('> - ', `${field('body')}${mark}`, '"}</script>'),
  'links opened in links in a Markdown field': shorter(
    filled('[](', `${field('body')}${mark}`, '"}</script>'),
  ),
  'titles without an end in a Markdown field': shorter(
    filled('[](a (', `${field('body')}${mark}`, '"}</script>'),
  ),
  'titles that share an end in a Markdown field': shorter(
    filled(`${'[](a ('.repeat(100)})${' '.repeat(500)}b `, `${field('body')}${mark}`, '"}</script>'),
  ),
  'definitions with titles without an end in a Markdown field': shorter(
    filled('[a]:b (\\n\\n', `${field('body')}${mark}`, '"}</script>'),
  ),
  'backticks in a Markdown field, in runs that nothing closes': shorter(
    numbered((index) => `${'`'.repeat(index + 1)} `, `${field('body')}${mark}`, '"}</script>'),
  ),
  ...markdown,
  'code in a Markdown field': shorter(filled('`a` ', `${field('body')}${mark}`, '"}</script>')),
  'JSON in attributes': filled(`<i data-a='["${mark}"]'>`),
  'JSON that is none in attributes': filled(`<i data-a='["${mark}'>`),
  'open brackets in attributes without names': filled(`<i data-=[${mark}>`),
  'fields of JSON that is none': filled(`"nested":"[${mark}",`, `${island}{`),
  'brackets in an attribute': filled('[', `<i data-a='["${mark}",`, "'>"),
};

const documents: Readonly<Record<string, HostilePage>> = {
  'a document with images': nested(filled(`<img src=${url()}>`), 1),
  'documents in documents, eight deep': nested(filled(`<img src=${url()}>`), 8),
  'documents in documents, three deep, with quotes': nested(filled(`<p title="${mark}">`), 3),
  'documents with a mark': filled(`<iframe srcdoc="<p>${mark}">`),
  'documents opened in a document': filled(`<iframe srcdoc='${mark}<iframe srcdoc="`),
};

const marks: Readonly<Record<string, HostilePage>> = {
  'the mark in text': filled(mark),
  'the mark between tags': filled(`<i>${mark}</i>`),
  'the mark in tags': filled(`<i ${mark}>`),
  'the mark in comments': filled(`<!--${mark}-->`),
  'the mark in a comment': filled(mark, '<!--'),
  'the mark in a script': filled(`${mark}<`, '<script>'),
  'the beginning of the mark': filled('imagediv'),
  'the end of the mark': filled('magedelivery'),
  'the end of the mark in tags': filled('<i xmagedelivery>'),
};

/** Tokens of a length just above what is held back; in a shorter page one that is as long as the page. */
function tooLong(tokenOf: (filling: number) => string, open = ''): HostilePage {
  return (bytes) => {
    const filling = Math.min(bytes, 65_540);
    return Buffer.from(open + tokenOf(filling).repeat(Math.round(bytes / filling)), 'latin1');
  };
}

const urls: Readonly<Record<string, HostilePage>> = {
  'the same image': filled(`<img src="${url()}">`),
  'other images': numbered((index) => `<img src=${url('thumb', `image-${index}`)}>`),
  'other images with queries': numbered((index) => `<img src=${url()}?a=${index}>`),
  'images of an optimizer': numbered(
    (index) => `<img src=/_next/image?url=${encodeURIComponent(url('thumb', `image-${index}`))}&w=1>`,
  ),
  'the parameters of an optimizer': filled('&a=b', `<img src="/_next/image?url=${url()}`, '">'),
  'the path of an optimizer': filled('/a', `<img src="`, `/_next/image?url=${url()}">`),
  'a path that ends almost like that of an optimizer': filled(
    '/_next/image',
    `<img src="`,
    `x?url=${url()}">`,
  ),
  'escapes in the URL of an optimizer': filled('%61', `<img src="/_next/image?url=${mark}`, '">'),
  'optimizers of optimizers': filled('/_next/image?url=', '<img src="', `${mark}">`),
  'images under no base': numbered((index) => `<img src=https://imagedelivery.example/${index}>`),
  'a long query': filled('a=b&', `<img src="${url()}?`, '">'),
  'a query of names to decode': filled('%61&', `<img src="${url()}?`, '">'),
  'a query of expiries': filled('exp=1&', `<img src="${url()}?`, '">'),
  'long queries': filled(`<img src="${url()}?${'a=b&'.repeat(100)}">`),
  'a path of segments': filled('a/', `<img src="https://imagedelivery.net/${accountHash}/`, 'thumb">'),
  'a path of segments to decode': filled(
    '%C3%A9/',
    `<img src="https://imagedelivery.net/${accountHash}/`,
    'thumb">',
  ),
  'queries of parameters that hurt to decode': filled(`<img src="${url()}?${'\xc3\xa9%&amp;'.repeat(63)}">`),
  'queries of ampersands': filled(`<img src="${url()}?${'&'.repeat(500)}">`),
  'queries of short names without semicolons': filled(`<img src="${url()}?${'&a'.repeat(250)}">`),
  'paths of ampersands': filled(`<img src="${url()}${'&'.repeat(500)}">`),
  'paths of ampersands in data attributes': filled(`<p data-a="${url()}${'&'.repeat(500)}">`),
  'paths of percent signs': filled(`<img src="${url()}${'%'.repeat(500)}">`),
  'paths of segments of a percent sign': filled(`<a style="a:url(${url()}${'/%'.repeat(250)}/thumb)">`),
  'paths of percent signs and letters': filled(`<a style="a:url(${url()}${'%\xc3\xa9'.repeat(250)}/thumb)">`),
  'paths beyond ASCII': filled(`<a style="a:url(${url()}${'\xc3\xa9'.repeat(250)}/thumb)">`),
  'paths of bytes that are no UTF-8': filled(`<a style="a:url(${url()}${'%C3'.repeat(166)}/thumb)">`),
  'sets of ampersands': filled(`<p data-bgset="${url()} ${'&'.repeat(500)}">`),
  'ampersands in a style of SVG': filled('&', `<svg><style>${mark}`),
  'queries of tokens': filled(`<img src="${url('preview')}?${'exp&amp;a&amp;'.repeat(31)}">`),
  'queries of encoded tokens': filled(`<img src="${url('preview')}?${'%65xp&amp;a&amp;'.repeat(31)}">`),
  'queries with one parameter too many': filled(`<img src="${url()}?${'&amp;'.repeat(64)}">`),
  'queries of tokens in a style, each escaped': filled(
    `url(${url('preview')}?${'\\65 xp\\26 \\61 \\26 '.repeat(31)}) `,
    `<style>${mark} `,
  ),
  'queries of tokens in JSON, each escaped': filled(
    `"${url('preview')}?${'\\u0065xp\\u0026a\\u0026'.repeat(31)}",`,
    `${island}[`,
  ),
  'paths that URL has to write': filled(`<img src="${url('thumb', '\xc3\xa9&quot;a'.repeat(64))}">`),
  'paths that are not canonical at their end': filled(`<img src="${url('%', 'a/'.repeat(200))}">`),
  'paths of segments that are no UTF-8': filled(`<img src="${url('thumb', '%ff/'.repeat(200))}">`),
  'tags that are too long': tooLong((filling) => `<img src="${url()}" alt="${'a'.repeat(filling)}">`),
  'values that are too long': tooLong((filling) => `<img src="${url()}?${'&'.repeat(filling)}">`),
  'URLs in a style that are too long': tooLong(
    (filling) => `url(${url()}?${'a'.repeat(filling)}) `,
    '<style>',
  ),
  'strings in JSON that are too long': tooLong(
    (filling) => `"${url()}?${'a'.repeat(filling)}",`,
    `${island}[`,
  ),
  'runs in a style of SVG that are too long': tooLong(
    (filling) => `${'a'.repeat(filling)}<g/>`,
    '<svg><style>',
  ),
};

export const hostilePages: Readonly<Record<string, HostilePage>> = {
  ...markup,
  ...foreign,
  ...rawText,
  ...attributes,
  ...references,
  ...srcsets,
  ...css,
  ...json,
  ...fields,
  ...documents,
  ...marks,
  ...urls,
};

/** Of a few units, each nearly as long as a URL may be: too few for pages whose sizes are compared. */
export const hostileLongUrls: Readonly<Record<string, HostilePage>> = {
  'long paths beyond ASCII': filled(`<img src="${url()}${'\xc3\xa9'.repeat(5_000)}/thumb">`),
  'URLs that are too long once they are signed': filled(`<img src="${url('thumb', 'a'.repeat(16_300))}">`),
  'long paths of percent signs': filled(`<p data-a="${url()}${'%'.repeat(15_000)}/thumb">`),
  'long queries of ampersands': filled(`<p data-a="${url()}?${'&'.repeat(15_000)}">`),
  'long queries of ampersands in styles': filled(`<a style="a:url(${url()}?${'&&a'.repeat(5_000)})">`),
};
