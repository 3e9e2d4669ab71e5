/**
 * Text that a stranger typed, correctly escaped by the site, stays text when a token is taken off or a variant is put in
 * the place of another: bytes that stay keep the author's spelling, and what is written ends no place that it stands in.
 */
import express from 'express';
import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import { imageSigner } from '../../src/index.ts';
import { applyEdits } from '../../src/text/edit.ts';
import { urlEdits } from '../../src/url/edits.ts';
import { pageTree } from '../support/oracles/page-tree.ts';
import { base, signerWith, url } from '../support/samples.ts';

const preview = url('preview');
const fields = { content: 'html' } as const;
const attack = '<img src=x onerror=alert(1)>';

const inScript = (html: string): string => html.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e');
/** HTML in JSON that holds the attack, and the same in an attribute. */
const json = `{"content":"${inScript(`<img src='${preview}?exp&</script>${attack}&sig'>`)}"}`;
const inAttribute = json.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
const sheet = `a{b:url("${preview}?exp&\\3c /style>\\3c img src=x onerror=alert(1)>&sig")}`;
const hidden = '&amp;&lt;/noscript&gt;&lt;img src=x onerror=alert(1)&gt;&amp;sig';
const inNoscript = `url('${preview}?exp&amp;\\3c/noscript>\\3cimg src=x onerror=alert(1)>&amp;sig')`;

/** Each page, and what it is once the token is off: the rest to the letter. */
const pages: readonly (readonly [place: string, page: string])[] = [
  ['a JSON island', `<script type="application/json">${json}</script>`],
  ['a style sheet', `<style>${sheet}</style>`],
  ['an attribute within noscript', `<noscript><img src="${preview}?exp${hidden}"></noscript>`],
  ['CDATA of SVG', `<svg><style><![CDATA[${sheet.replace('\\3c /style>', '\\5d\\5d\\3e')}]]></style></svg>`],
  ['a document', `<iframe srcdoc="<script type='application/json'>${inAttribute}</script>"></iframe>`],
  ['a style in it', `<iframe srcdoc="<noscript><style>a{b:${inNoscript}}</style></noscript>"></iframe>`],
];

function expectSameTree(out: string, page: string): void {
  for (const scripting of [true, false]) expect(pageTree(out, scripting)).toEqual(pageTree(page, scripting));
}

describe.each(pages)('%s', (_place, page) => {
  const stripped = page.replace(/exp&(?:amp;)?/, '').replace(/&(?:amp;)?sig/, '');
  const refused = page.replaceAll('/preview?', '/card?');
  const authorize = (): boolean => false;

  test.each([
    ['an always public variant', page, signerWith(), stripped],
    ['a refusal', refused, signerWith({ authorize }), stripped.replaceAll('/preview?', '/card?')],
    ['a denied variant', refused, signerWith({ authorize, deniedVariant: 'preview' }), stripped],
  ])('keeps all but the token by %s', (_why, given, signer, expected) => {
    const out = signer.rewriteHtml(given, { fields });
    expect(out).toBe(expected);
    expectSameTree(out, given);
  });

  test('is signed without a new tree', () => {
    const out = signerWith().rewriteHtml(refused, { fields });
    expect(out).toContain('sig=');
    expectSameTree(out, refused);
  });
});

test('a visitor gets no script by way of the pages that are remembered', async () => {
  const app = express();
  const page = pages[0]![1];
  app.use(imageSigner(base));
  app.get('/', (_request, response) => void response.send(page));
  for (let visit = 0; visit < 4; visit++) {
    const { text } = await supertest(app).get('/');
    expect(text).not.toContain(attack);
    expect(pageTree(text, true)).toEqual(pageTree(page, true));
  }
});

describe('what has to be written anew is written so that it ends nothing', () => {
  test.each<[what: string, page: string, written: string]>([
    ['a reference that stands open', `<noscript><a href="${preview}?a=&lt&exp=1">`, `?a=&lt;">`],
    ['an escape of CSS before a token', `<style>a{b:url(${preview}?a=\\3c&exp=1)}</style>`, '?a=\\3c )}'],
    ['a bracket of CDATA', `<svg><style><![CDATA[a{b:url(${preview}?a=\\5d&exp=1)}]]>`, '?a=\\5d )}'],
    ['a sign in front of a number', `<style>a{b:url("${preview}?a=\\3e&exp=1")}</style>`, '?a=\\3e ")}'],
    ['a space at the end of a URL', `<a href="${preview}?a= &amp;exp=1">`, '?a=%20">'],
    ['a comma at the end of a candidate', `<img srcset="${preview}?a=1,&amp;exp=1 1x">`, '?a=1%2C 1x">'],
  ])('%s', (_what, page, written) => {
    const out = signerWith().rewriteHtml(page);
    expect(out).toContain(preview + written);
    expectSameTree(out, page);
  });
});

type Written = readonly [start: number, end: number, text: string];

test.each<[from: string, to: string, ...edits: Written[]]>([
  ['/a/b/c', '/a/b/c?exp=1', [6, 6, '?exp=1']],
  ['/a?exp=1', '/a', [2, 8, '']],
  ['/a?exp=1#b', '/a#b', [2, 8, '']],
  ['/a?exp=1&v=1&sig=2', '/a?v=1', [3, 9, ''], [12, 18, '']],
  ['/a?v=1&exp=1&sig=2&w', '/a?v=1&w', [6, 18, '']],
  ['/a?exp=1&sig=2', '/a?exp=3&sig=4', [3, 14, 'exp=3&sig=4']],
  ['/a?v=a b&exp=1', '/a?v=a+b&exp=3', [6, 7, '+'], [8, 14, '&exp=3']],
  ['/a&b/c?', '/a&b/c?exp=3', [7, 7, 'exp=3']],
  ['/a?&&v', '/a?v=&exp=3', [3, 5, ''], [6, 6, '=&exp=3']],
  ['/a/x"y"/card?exp=1', '/a/x"y"/preview', [8, 18, 'preview']],
  ['/a/x"y/c', '/a/x%22y/c', [4, 5, '%22']],
  ['/a/\xc3\xa9/c', '/a/%C3%A9/c', [3, 5, '%C3%A9']],
])('from %j to %j by as few edits as it takes', (from, to, ...edits) => {
  expect(applyEdits(from, urlEdits(from, to))).toBe(to);
  expect(urlEdits(from, to).map(({ start, end, text }) => [start, end, text])).toEqual(edits);
});
