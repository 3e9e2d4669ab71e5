/** A value that may be a text, and only begins with a URL, goes out to the last byte as it came. */
import express from 'express';
import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import { createSigner, imageSigner } from '../../src/index.ts';

const accountHash = 'cheeW4oKsx5ljh8e8BoL2A';
const signer = createSigner({
  key: 'a key',
  ttl: '1h',
  variants: { thumb: { width: 320 }, card: { width: 640 } },
  accountHash,
});
const plain = `https://imagedelivery.net/${accountHash}/1/thumb`;
const signed = signer.signImage(plain);
const cut = `${plain}?exp=1&sig=${'0'.repeat(64)}`;

const texts: readonly (readonly [about: string, text: string])[] = [
  ['a srcset that signSrcset gave', signer.signSrcset('1')],
  ['words behind a good token', `${signed} is my photo`],
  ['words behind a token that is over', `${cut} is my photo`],
  ['words with an ampersand behind a good token', `${signed} is R&B`],
  ['words without white space behind a good token', `${signed}。これは私の写真です`],
  ['two signed URLs with a comma', `${signed},${signed}`],
  ['a full stop behind a good token', `${signed}.`],
  ['a full stop and words behind a good token', `${signed}. It is my photo`],
  ['a full stop in Japanese text', `${signed}.これは`],
  ['dots and words behind a token that is over', `${cut}... and more`],
  ['a colon and words behind a token that is over', `${cut}: my photo`],
  ['two signed URLs with a semicolon', `${signed};${signed}`],
  ['two URLs with a semicolon and white space, whose tokens are over', `${cut}; ${cut}`],
  ['HTML behind a token that is over', `${cut}<br>my-photo`],
];
const urls: readonly (readonly [about: string, text: string])[] = [
  ['a URL', plain],
  ['a URL with a query', `${plain}?v=3`],
  ['a long parameter with white space', `${plain}?title=a-harbour-at-dawn and (boats)`],
  ['a token that is over', cut],
  ['a URL with a token that is over', cut],
  ['a query in Japanese', `${plain}?alt=写真`],
  ['a URL with a fragment behind its token', `${cut}#写真`],
  ['a path with white space', `https://imagedelivery.net/${accountHash}/my cat/thumb?v=3`],
];

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}

/** A value in a page that the function makes of it, as the page goes out. */
const pages: Readonly<Record<string, (text: string) => string>> = {
  'a script of JSON': (text) => `<script type="application/json">${JSON.stringify({ text })}</script>`,
  'a data attribute': (text) => `<p data-text="${escaped(text)}">`,
  'JSON in a data attribute': (text) => `<p data-text="${escaped(JSON.stringify([text]))}">`,
};

async function throughExpress(text: string): Promise<{ readonly json: string; readonly view: string }> {
  const app = express();
  app.set('views', import.meta.dirname);
  app.use(imageSigner({ signer, rewrite: { json: true, locals: true } }));
  app.get('/json', (_req, res) => res.json({ text }));
  app.get('/view', (_req, res) => res.type('text').render('text-values.test.ts', { text }));
  app.engine('ts', (_path, options, done) => done(null, (options as { text?: string }).text));
  const json = (await supertest(app).get('/json')).body.text;
  return { json, view: (await supertest(app).get('/view')).text };
}

describe.each(texts)('%s', (_about, text) => {
  test.each(Object.entries(pages))('stays in %s', (_place, page) => {
    expect(signer.rewriteHtml(page(text))).toBe(page(text));
  });

  test('stays in JSON and in the data of a view', async () => {
    expect(await throughExpress(text)).toEqual({ json: text, view: text });
  });
});

test('words behind a token stay, whatever mark is before them', () => {
  const marks = Array.from({ length: 0x7f - 0x20 }, (_, code) => String.fromCharCode(0x20 + code));
  // Behind these a URL goes on: with another parameter, or with its fragment.
  for (const mark of marks.filter((each) => !'&#'.includes(each))) {
    for (const text of [`${signed}${mark} my photo`, `${cut}${mark}${mark} my photo`]) {
      const page = pages['a script of JSON']!(text);
      expect(signer.rewriteHtml(page)).toBe(page);
    }
  }
});

describe.each(urls)('%s', (_about, url) => {
  test.each(Object.entries(pages))('is signed in %s', (_place, page) => {
    expect(signer.rewriteHtml(page(url))).toMatch(/exp=\d+(?:&amp;|&)sig=[0-9a-f]{64}/);
  });

  test('is signed in JSON and in the data of a view', async () => {
    const { json, view } = await throughExpress(url);
    expect(signer.verifyImage(json)).toMatchObject({ ok: true });
    expect(view).toBe(json);
  });
});
