/** The reader of Markdown as apps use it: imported, named in `fields`, and known by its name. */
import { describe, expect, test } from 'vitest';
import { imageSigner } from '../../src/fetch.ts';
import { createSigner } from '../../src/index.ts';
import { markdown, type TextReader } from '../../src/markdown.ts';
import { base, countTokens, signerWith, url } from '../support/samples.ts';

const signer = createSigner(base);
const body = `![a](${url()})`;
const page = `<script type="application/json">${JSON.stringify({ body })}</script>`;

test.each<[string, (fields: never) => unknown]>([
  ['the middleware', (fields) => imageSigner({ ...base, fields } as never)],
  ['signData', (fields) => signer.signData({ body }, { fields })],
  ['rewriteHtml', (fields) => signer.rewriteHtml(page, { fields })],
  ['htmlRewriter', (fields) => signer.htmlRewriter({ fields })],
])("%s takes markdown, and for the text 'markdown' says what to import", (_, give) => {
  expect(() => give({ body: markdown } as never)).not.toThrow();
  expect(() => give({ body: 'markdown' } as never)).toThrow(
    "`fields`: expected one of 'html', 'json', markdown for 'body', got 'markdown'. For Markdown, import { markdown } from 'image-signer/markdown'.",
  );
});

test.each([
  ['nothing', undefined],
  ['a function', () => []],
  ['an object without a name', { read: () => [] }],
  ['an object that reads nothing', { name: 'Markdown' }],
])('%s is no reader', (_, reader) => {
  expect(() => signer.signData({ body }, { fields: { body: reader as never } })).toThrow(
    /^`fields`: expected one of 'html', 'json', markdown for 'body', got /,
  );
});

/** As the other module system has it: another object, with functions of its own. */
const copy: TextReader = { name: markdown.name, read: (text, context) => markdown.read(text, context) };

describe('by name', () => {
  const tagOf = async (fields: Record<string, 'html' | TextReader>): Promise<string | null> => {
    const sign = imageSigner({ ...base, rewrite: { json: true }, fields } as never);
    const headers = { 'content-type': 'application/json', etag: '"1"' };
    const response = await sign(
      new Request('https://shop.example/'),
      () => new Response(JSON.stringify({ body }), { headers }),
    );
    expect(countTokens(await response.text())).toBe('body' in fields && fields['body'] !== 'html' ? 1 : 0);
    return response.headers.get('etag');
  };

  test('copies of the reader give one entity tag, and another kind of text another', async () => {
    const tag = await tagOf({ body: markdown });
    expect(tag).toMatch(/^W?\/?"1/);
    expect(await tagOf({ body: copy })).toBe(tag);
    expect(await tagOf({ body: 'html' })).not.toBe(tag);
    expect(await tagOf({ body: { ...copy, name: 'mine' } })).not.toBe(tag);
    expect(await tagOf({ body: { ...copy, name: 'html' } })).not.toBe(await tagOf({ body: 'html' }));
  });
});

test.each<[string, TextReader['read']]>([
  [
    'throws',
    () => {
      throw new Error('mine');
    },
  ],
  ['gives edits beyond the text', () => [{ start: 5, end: 10_000, text: '' }]],
  ['gives edits before the text', () => [{ start: -9, end: 2, text: '' }]],
  ['gives edits that end before they start', () => [{ start: 9, end: 2, text: '' }]],
])('a reader that %s changes nothing of the page', (_, read) => {
  const quiet = signerWith({ report: false });
  expect(quiet.rewriteHtml(page, { fields: { body: { name: 'mine', read } } })).toBe(page);
});

test('of edits that overlap the first one counts', () => {
  const read = (): readonly unknown[] => [
    { start: 0, end: 1, text: '?' },
    { start: 0, end: 2, text: '' },
  ];
  expect(signer.signData({ body }, { fields: { body: { name: 'mine', read } } })).toEqual({
    body: `?${body.slice(1)}`,
  });
});
