/** URLs inside texts inside texts: JSON in attributes, HTML, Markdown and JSON in strings of JSON, templates in scripts. */

import { fromMarkdown } from 'mdast-util-from-markdown';
import { describe, expect, test } from 'vitest';
import type { ImageSignerEvent } from '../../src/index.ts';
import { reader } from '../../src/markdown/rewriter.ts';
import { markdown } from '../../src/markdown.ts';
import { editNestedText } from '../../src/rewriting/nesting.ts';
import { applyEdits } from '../../src/text/edit.ts';
import { marking } from '../support/data-rewriter.ts';
import { cutAt, rewriteInChunks, splitEverywhere } from '../support/generators/chunks.ts';
import { countTokens, signerWith, url, withoutTokens } from '../support/samples.ts';

const U = url();
const html = `<p>text</p><img src="${U}" alt="a">`;
const fields = { content: 'html', body: markdown, nested: 'json' } as const;
const events: ImageSignerEvent[] = [];
const signer = signerWith({ report: (event) => void events.push(event) });

/** In one piece; the same comes out however the page is cut. */
function rewrite(page: string, options: Parameters<typeof signer.htmlRewriter>[0] = { fields }): string {
  const bytes = Buffer.from(page);
  const out = rewriteInChunks(signer.htmlRewriter(options), [bytes]);
  for (const chunks of splitEverywhere(bytes))
    expect(rewriteInChunks(signer.htmlRewriter(options), chunks)).toEqual(out);
  expect(withoutTokens(out.toString())).toBe(page);
  return out.toString();
}

const attribute = (value: unknown): string =>
  JSON.stringify(value).replaceAll('&', '&amp;').replaceAll('"', '&quot;');
const island = (value: unknown): string =>
  `<script type="application/json">${JSON.stringify(value)}</script>`;

describe('JSON in attributes', () => {
  test.each([
    ['of an object', `<div data-page="${attribute({ props: { image: U, deep: [U] } })}"></div>`, 2],
    ['of an array', `<div data-images='["${U}", "${U}"]'></div>`, 2],
    ['behind white space', `<div data-x=' \n{"a": "${U}"}'></div>`, 1],
    ['with escaped slashes', `<div data-x='{"a": "${U.replaceAll('/', '\\/')}"}'></div>`, 1],
    ['that is no JSON', `<div data-x='{"a": "${U}"'></div>`, 0],
    ['with text around the URL', `<div data-x='{"a": "see ${U}"}'></div>`, 0],
    ['as a member name', `<div data-x='{"${U}": 1}'></div>`, 0],
    ['of an attribute of another name', `<div props='{"a": "${U}"}'></div>`, 0],
    ['with a checksum', `<div wire:snapshot='{"a": "${U}"}'></div>`, 0],
  ])('%s', (_, page, tokens) => {
    expect(countTokens(rewrite(page))).toBe(tokens);
  });

  test('of an attribute that the site names', () => {
    const page = `<astro-island props="${attribute({ src: [0, U] })}"></astro-island>`;
    expect(countTokens(rewrite(page, { attributes: { props: 'json' } }))).toBe(1);
    const markup = `<x-y markup="${html.replaceAll('"', '&quot;')}">`;
    expect(countTokens(rewrite(markup, { attributes: { markup: 'html' } }))).toBe(1);
  });

  test('both layers of escapes are kept', () => {
    const out = rewrite(`<div data-x="{&quot;a&quot;:&quot;${U.replaceAll('/', '\\/')}&quot;}"></div>`);
    expect(out).toMatch(/\\\/thumb\?exp=\d+&amp;sig=[0-9a-f]{64}&quot;}"/);
  });
});

describe('scripts', () => {
  test.each([
    ...['text/x-magento-init', 'qwik/json', 'fastboot/shoebox', 'importmap', 'speculationrules'],
    ...['Application/JSON; charset=utf-8'],
  ])('of type %s hold JSON', (type) => {
    expect(countTokens(rewrite(`<script type="${type}">{"a":"${U}"}</script>`))).toBe(1);
  });

  test.each(['text/html', 'text/x-template', 'text/x-handlebars-template'])(
    'of type %s hold markup',
    (type) => {
      const page = `<script type="${type}"><!-- ${html} -->${html}<p title="${U}">${U}</p></script>${html}`;
      expect(countTokens(rewrite(page))).toBe(2);
    },
  );

  test('of a type of the site’s own hold what it says', () => {
    const scripts = { 'text/x-data': 'json', 'text/x-view': 'html' } as const;
    const page = `<script type="text/x-data">{"a":"${U}"}</script><script type="TEXT/X-VIEW">${html}</script>`;
    expect(countTokens(rewrite(page, { scripts }))).toBe(2);
    expect(countTokens(rewrite(page))).toBe(0);
  });

  test('that run stay as they are', () => {
    const page = `<script>x = "${U}"</script><script type="module">y = '${html}'</script>`;
    expect(countTokens(rewrite(page))).toBe(0);
  });
});

describe('fields', () => {
  test.each([
    ['HTML in a string', island({ content: html }), 1],
    ['at any depth', island({ a: [{ b: { content: html } }] }), 1],
    ['a URL alone', island({ content: U }), 1],
    ['another member', island({ other: html }), 0],
    ['an item of a list', island({ content: [html] }), 0],
    ['a name written with escapes', island({ content: html }).replace('"content"', '"c\\u006fntent"'), 1],
    [
      'a style and a srcset',
      island({ content: `<p style="a:url(${U})"><img srcset="${U} 1x, ${U} 2x">` }),
      3,
    ],
    ['JSON in a string', island({ nested: JSON.stringify({ a: U, content: html }) }), 2],
    ['Markdown in a string', island({ body: `# ![a](${U}) [b]\n\n${html}\n\n[b]: <${U}>` }), 3],
    ['HTML that never ends', island({ content: `<img src="${U}"><img src="${U}` }), 1],
    ['in a data attribute', `<div data-page="${attribute({ content: html })}"></div>`, 1],
    ['in an attribute in a string', island({ content: `<p data-x="${attribute({ content: html })}">` }), 1],
  ])('%s', (_, page, tokens) => {
    expect(countTokens(rewrite(page))).toBe(tokens);
  });

  test('what comes out is the JSON that a browser has without them, with the HTML signed', () => {
    const value = { content: `<p>“quoted” & 'more' <img src='${U}?a=1&amp;c=2'> \u2028 </p>`, n: 1 };
    const page = island(value).replaceAll(/<(?!script|\/script)/g, '\\u003c');
    const out = rewrite(page);
    expect(out.match(/</g)).toHaveLength(2);
    const parsed = JSON.parse(out.replace(/<[^>]*>/g, '')) as typeof value;
    expect(countTokens(parsed.content)).toBe(1);
    expect({ ...parsed, content: withoutTokens(parsed.content) }).toEqual(value);
  });

  test('of strings that are long, where the body is there as a whole, up to 1 MiB', () => {
    for (const [length, whole, streamed] of [
      [100_000, 1, 0],
      [1_100_000, 0, 0],
      [60_000, 1, 1],
    ] as const) {
      events.length = 0;
      const page = Buffer.from(island({ content: `${'x'.repeat(length)}${html}` }));
      const once = signer.rewriteHtml(page, { fields }).toString();
      const cut = rewriteInChunks(signer.htmlRewriter({ fields }), cutAt([500], page));
      expect(countTokens(once)).toBe(whole);
      expect(countTokens(cut.toString())).toBe(streamed);
      const left = 2 - whole - streamed;
      expect(events).toEqual(Array.from({ length: left }, () => ({ type: 'passed', reason: 'too-long' })));
    }
  });

  test('nested deeper than eight texts pass as they came, and are reported', () => {
    const nest = (depth: number): string =>
      depth === 0 ? html : JSON.stringify(depth === 1 ? { content: html } : { nested: nest(depth - 1) });
    events.length = 0;
    expect(countTokens(signer.rewriteHtml(island({ nested: nest(4) }), { fields }))).toBe(1);
    expect(events).toEqual([]);
    const deep = island({ nested: nest(9) });
    expect(signer.rewriteHtml(deep, { fields })).toBe(deep);
    expect(events).toEqual([{ type: 'passed', reason: 'too-long' }]);
  });
});

describe('Markdown', () => {
  // Which destinations there are, `properties/markdown/reader.test.ts` asks micromark.
  test.each([
    [`[![a](${U})](${U} "title")`, 2],
    [`- item\n\n  ![a](${U})`, 1],
    [`\`![a](${U})\` \`<img src="${U}">\``, 0],
    [`text ${U}.`, 1],
    [`<!-- a -->\n[a]: ${U}\n\n[a]`, 1],
    [`<pre>\n![a](${U})\n\n![a](${U})\n</pre>`, 0],
    [`[É ß]: ${U}\n\n[é\nẞ]`, 1],
    [`[^é]: +\t>\n        ![a](${U})[^é]`, 1],
    [`a\r\n\r\n    ![a](${U})\r\n\r\n![a](${U})`, 1],
    [`\ufeff    ![a](${U})`, 0],
    [`![a](${U.replaceAll('/', '&#47;')})`, 1],
  ])('%j', (text, tokens) => {
    expect(countTokens(rewrite(island({ body: text })))).toBe(tokens);
  });

  test.each([
    ['ends no destination', '?exp=(1#)<img/src=x/onerror=alert(1)>', '#)<img/src=x/onerror=alert(1)>'],
    ['keeps no destination open', '?a=(&exp=)1#[x](y)', '?a=(#[x](y)'],
    ['makes no character reference', '?a=1&&exp=2#60;img', '?a=1&#60;img'],
  ])('taking off a token %s', (_, before, after) => {
    const denying = signerWith({ authorize: () => false });
    const { body } = denying.signData({ body: `![a](${U}${before})` }, { fields });
    expect(fromMarkdown(body)).toMatchObject({
      children: [{ children: [{ type: 'image', url: U + after }] }],
    });
  });

  test('a tag without quotes stays a tag, in which Markdown allows no equals sign', () => {
    const { body } = signer.signData({ body: `text <img src=${U}> text` }, { fields });
    expect(body).toMatch(/^text <img src=[^\s"'=<>`]+\?exp&#61;\d+&amp;sig&#61;[0-9a-f]{64}> text$/);
  });

  test.each(['<?>', '<![CDATA[>'])('behind %s HTML begins, whose sheets have no references', (opening) => {
    const text = `x ${opening}<style>a[b=c]{background:url(${U})}</style>?>]]>`;
    const out = signer.signData({ body: text }, { fields }).body;
    expect(out.match(/\?exp=\d+&sig=[0-9a-f]{64}\)/g)).toHaveLength(1);
  });

  test('a bare URL that would end elsewhere with its token stays as it is', () => {
    const mapped = `${U}?token=a_`;
    const edit = (text: string): string => {
      const map = (found: string): string | undefined => (found === U ? mapped : undefined);
      return applyEdits(text, editNestedText(text, reader, 0, { ...marking(), map }));
    };
    for (const text of [`see ${U} there`, `(${U})`, `\\${U}`]) expect(edit(text)).toBe(text);
  });
});
