/** A value that may be a text, and only begins with a URL, goes out to the last byte as it came. */
import express from 'express';
import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import { createSigner, type ImageSignerEvent, imageSigner } from '../../src/index.ts';
import { warningOf } from '../../src/options/warnings.ts';
import { defineScheme } from '../../src/schemes.ts';
import { textSchemes } from '../support/text-schemes.ts';

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
  ['words behind a URL', `${plain} – look, "Mimi" & I <3 her!`],
  ['words behind a query', `${plain}?v=1, and more`],
  ['HTML that a sanitizer has left', `${plain}?x=<a title="#<img src=x onerror=alert(1)>">hi</a>`],
  ['HTML in a fragment', `${plain}#<b>x</b>`],
  ['a quotation', `${plain}"`],
  ['a backtick', `${plain}\``],
  ['a control character', `${plain}?a=\u0085`],
  ['a space of another width', `${plain}?a=\u3000b`],
  ['a path with white space', `https://imagedelivery.net/${accountHash}/my cat/thumb?v=3`],
];
const urls: readonly (readonly [about: string, text: string])[] = [
  ['a URL', plain],
  ['a URL with a query', `${plain}?v=3`],
  ['a long parameter', `${plain}?title=a-harbour-at-dawn_and_(boats),_'96`],
  ['a token that is over', cut],
  ['a URL with a token that is over', cut],
  ['a query in Japanese', `${plain}?alt=写真`],
  ['a URL with a fragment behind its token', `${cut}#写真`],
  ['a path in Japanese', `https://imagedelivery.net/${accountHash}/猫/thumb?v=3`],
  ['a fragment behind a query', `${plain}?v=3#(a)`],
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

describe('image candidates', () => {
  const set = `${plain}?v=1 320w, https://imagedelivery.net/${accountHash}/1/card?v=1 640w`;
  const half = `${plain}, https://imagedelivery.net/${accountHash}/1/card 2x`;
  const countTokens = (text: string): number => text.match(/sig=[0-9a-f]{64}/g)?.length ?? 0;

  test.each([
    [
      'a member named srcset',
      `<script type="application/json">${JSON.stringify({ srcset: set })}</script>`,
      2,
    ],
    [
      'a member in any case',
      `<script type="application/json">${JSON.stringify({ heroSrcSet: set })}</script>`,
      2,
    ],
    ['a name with escapes', `<script type="application/json">{"srcs\\u0065\\u0054":"${set}"}</script>`, 2],
    [
      'a first candidate without a descriptor',
      `<script type="application/json">{"srcset":"${half}"}</script>`,
      2,
    ],
    ['one URL', `<script type="application/json">{"srcset":"${plain}"}</script>`, 1],
    ['JSON in an attribute', `<p data-a='{"srcset":"${set}"}'>`, 2],
    ['an attribute', `<p data-Lazy-SrcSet="${set}">`, 2],
    ['a member of another name', `<script type="application/json">{"srcsets":"${set}"}</script>`, 0],
    ['two URLs in a member', `<script type="application/json">{"srcset":"${plain}, ${plain}"}</script>`, 0],
    ['words behind a candidate', `<script type="application/json">{"srcset":"${plain} 2x wide"}</script>`, 0],
    ['words between', `<p data-srcset="${plain} and 2x, ${plain} 3x">`, 0],
    ['a quotation', `<script type="application/json">{"srcset":"${plain}\\" 2x, ${plain} 3x"}</script>`, 0],
    ['HTML in an attribute', `<p data-srcset="${plain}?x=<a title='#<img src=x>'>hi</a> 2x">`, 0],
  ])('%s', (_about, page, tokens) => {
    const out = signer.rewriteHtml(page);
    expect(countTokens(out)).toBe(tokens);
    if (tokens === 0) expect(out).toBe(page);
  });

  test('a set with a comma at the end of a URL keeps its candidates', () => {
    const page = `<script type="application/json">{"srcset":"${plain}?a=1,&exp=1 1x, ${plain} 2x"}</script>`;
    const { srcset } = JSON.parse(signer.rewriteHtml(page).replace(/<[^>]*>/g, ''));
    expect(
      srcset.split(/ \dx(?:, )?/).map((url: string) => url === '' || signer.verifyImage(url).ok),
    ).toEqual([true, true, true]);
  });

  test('are signed in a view and in a body of JSON, in chunks as well', async () => {
    const app = express();
    app.set('views', import.meta.dirname);
    app.use(imageSigner({ signer, rewrite: { json: true, locals: true } }));
    app.get('/view', (_req, res) => res.type('text').render('text-values.test.ts', { heroSrcset: set }));
    app.engine('ts', (_path, options, done) => done(null, (options as { heroSrcset?: string }).heroSrcset));
    app.get('/json', (_req, res) => {
      res.type('json');
      for (const character of JSON.stringify([{ SRCSET: set }])) res.write(character);
      res.end();
    });
    expect(countTokens((await supertest(app).get('/view')).text)).toBe(2);
    expect(countTokens((await supertest(app).get('/json')).text)).toBe(2);
  });
});

test('fields are read before anybody asks for one URL', () => {
  const html = `${plain}<img src="${plain}">`;
  const page = `<script type="application/json">${JSON.stringify({ body: html })}</script>`;
  const out = signer.rewriteHtml(page, { fields: { body: 'html' } });
  const { body } = JSON.parse(out.replace(/^<[^>]*>|<\/script>$/g, ''));
  expect(body).toBe(`${plain}<img src="${signed.replace('&', '&amp;')}">`);
});

describe('a URL with white space in its path', () => {
  const spaced = `https://imagedelivery.net/${accountHash}/my cat/thumb`;
  const eventsOf = (page: string): ImageSignerEvent[] => {
    const events: ImageSignerEvent[] = [];
    const told = createSigner({
      key: 'a key',
      ttl: '1h',
      variants: ['thumb'],
      accountHash,
      report: (event) => void events.push(event),
    });
    expect(told.rewriteHtml(page)).toBe(page);
    return events;
  };

  test.each([
    ['in JSON', `<script type="application/json">["${spaced}"]</script>`],
    ['in a data attribute', `<p data-a=" ${spaced} ">`],
  ])('is told %s', (_place, page) => {
    expect(eventsOf(page)).toEqual([
      { type: 'skipped', reason: 'white-space-in-url', url: expect.any(String) },
    ]);
  });

  test.each([
    ['words behind a variant', `<p data-a="${plain} is my cat">`],
    ['white space in a query', `<p data-a="${plain}?a=b c">`],
    ['a quotation', `<p data-a='${spaced}"'>`],
  ])('is not told for %s', (_about, page) => {
    expect(eventsOf(page)).toEqual([]);
  });
});

describe('a bare < or > in a script', () => {
  const [open] = ['<!--<script>'];
  const pages: readonly (readonly [string, string])[] = [
    ['in a template', `<script type="text/html"><img src="${plain}?a=${open}">[]</script>`],
    [
      'in a style of a template',
      `<script type="text/html"><p style="a:url('${plain}?a=${open}')">[]</script>`,
    ],
    [
      'in HTML of a field',
      `<script type="application/json">{"body":"<img src='${plain}?a=${open}'>","a":["[]"]}</script>`,
    ],
    ['in a token', `<script type="text/html"><img src="${plain}?exp=${open}&a=1">[]</script>`],
    ['behind a URL without quotes', `<script type="text/html"><img src=${plain}?a=-->[]</script>`],
    [
      'in a script of a document',
      `<iframe srcdoc="<script type=text/html><img src='${plain}?a=${open}'>[]</script>">`,
    ],
  ];

  test.each(pages)('%s leaves that URL alone, and no other', (_place, page) => {
    const events: ImageSignerEvent[] = [];
    const told = createSigner({
      key: 'a key',
      ttl: '1h',
      variants: ['thumb'],
      accountHash,
      report: (event) => void events.push(event),
    });
    const image = page.includes('"[]"') ? plain : `<img src='${plain}'>`;
    const out = told.rewriteHtml(page.replace('[]', image), { fields: { body: 'html' } });
    expect(out.replace(/\?exp=\d+&(?:amp;)*sig=[0-9a-f]{64}/, '')).toBe(page.replace('[]', image));
    expect(out.match(/sig=[0-9a-f]{64}/g)).toHaveLength(1);
    expect(events).toEqual([{ type: 'skipped', reason: 'markup-in-script', url: expect.any(String) }]);
  });

  test('the warning says what to do in JSON and in a template, also where that computes the URL', () => {
    const { message } = warningOf(
      { type: 'skipped', reason: 'markup-in-script', url: plain },
      { hasCloudflareImages: true, hasOthers: false },
    )!;
    for (const advice of ['\\u003c', '&lt;', '%3C', '<%= id %>', 'signData()'])
      expect(message).toContain(advice);
  });

  test('an escaped one changes nothing', () => {
    const page = `<script type="text/html"><img src="${plain}?a=&lt;b"></script>`;
    expect(signer.rewriteHtml(page)).toContain('&amp;sig=');
  });
});

test('where no token can be verified, one that stands before a query is replaced', () => {
  const { signer } = textSchemes.find(({ name }) => name === 'a scheme of an app, in the path')!;
  const plain = 'https://path.example/cdn/photos/a.jpg?v=1';
  const old = plain.replace('/cdn/', '/cdn/s--1-old--/');
  expect(signer.signData([old])).toEqual([signer.signImage(plain)]);
});

test('a URL with an old token that its scheme fails to sign stays, and that is reported', () => {
  const events: ImageSignerEvent[] = [];
  const failing = defineScheme({
    name: 'failing',
    url: ['https://own.example'],
    match: (url) => ({ id: url }),
    strip: (url) => url.replace(/\?t=.*/, ''),
    sign() {
      throw new Error('no key');
    },
    fingerprint: 'failing',
  });
  const told = createSigner({ scheme: failing, ttl: '1h', report: (event) => void events.push(event) });
  const data = ['https://own.example/a.jpg?t=1'];
  expect(told.signData(data)).toBe(data);
  expect(events).toMatchObject([{ type: 'skipped', reason: 'scheme-failed' }]);
});
