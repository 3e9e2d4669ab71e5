/** A value that may be a text goes out as it came, where `properties/texts/texts.test.ts` does not write it; a URL is signed. */
import { describe, expect, test } from 'vitest';
import { createSigner, type ImageSignerEvent } from '../../src/index.ts';
import { warningOf } from '../../src/options/warnings.ts';
import { defineScheme } from '../../src/schemes.ts';
import { textSchemes } from '../support/generators/text-schemes.ts';

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

const islandOf = (value: unknown): string =>
  `<script type="application/json">${JSON.stringify(value)}</script>`;

test.each<[about: string, text: string]>([
  ['a srcset that signSrcset gave', signer.signSrcset('1')],
  ['a path with white space', `https://imagedelivery.net/${accountHash}/my cat/thumb?v=3`],
  // Behind `&` and `#` a URL goes on: with another parameter, or with its fragment.
  ...Array.from({ length: 0x7f - 0x20 }, (_, code) => String.fromCharCode(0x20 + code))
    .filter((mark) => !'&#'.includes(mark))
    .flatMap((mark) => [`${signed}${mark} my photo`, `${cut}${mark}${mark} my photo`])
    .map((text) => [text.slice(-12), text] as [string, string]),
])('a text stays: %s', (_about, text) => {
  expect(signer.rewriteHtml(islandOf({ text }))).toBe(islandOf({ text }));
});

test.each<[about: string, text: string]>([
  ['a URL', plain],
  ['a long parameter', `${plain}?title=a-harbour-at-dawn_and_(boats),_'96`],
  ['a token that is over', cut],
  ['a query in Japanese', `${plain}?alt=写真`],
  ['a URL with a fragment behind its token', `${cut}#写真`],
  ['a path in Japanese', `https://imagedelivery.net/${accountHash}/猫/thumb?v=3`],
  ['a fragment behind a query', `${plain}?v=3#(a)`],
])('%s is signed', (_about, url) => {
  const [, text] = /"text":"(.*)"/.exec(signer.rewriteHtml(islandOf({ text: url })))!;
  expect(signer.verifyImage(text!)).toMatchObject({ ok: true });
});

describe('image candidates', () => {
  const set = `${plain}?v=1 320w, https://imagedelivery.net/${accountHash}/1/card?v=1 640w`;
  const half = `${plain}, https://imagedelivery.net/${accountHash}/1/card 2x`;
  const countTokens = (text: string): number => text.match(/sig=[0-9a-f]{64}/g)?.length ?? 0;

  test.each([
    ['a member named srcset', islandOf({ srcset: set }), 2],
    ['a member in any case', islandOf({ heroSrcSet: set }), 2],
    ['a name with escapes', islandOf({ srcset: set }).replace('srcset', 'srcs\\u0065\\u0054'), 2],
    ['a first candidate without a descriptor', islandOf({ srcset: half }), 2],
    ['one URL', islandOf({ srcset: plain }), 1],
    ['JSON in an attribute', `<p data-a='{"srcset":"${set}"}'>`, 2],
    ['an attribute', `<p data-Lazy-SrcSet="${set}">`, 2],
    ['a member of another name', islandOf({ srcsets: set }), 0],
    ['two URLs in a member', islandOf({ srcset: `${plain}, ${plain}` }), 0],
    ['words behind a candidate', islandOf({ srcset: `${plain} 2x wide` }), 0],
    ['words between', `<p data-srcset="${plain} and 2x, ${plain} 3x">`, 0],
    ['a quotation', islandOf({ srcset: `${plain}" 2x, ${plain} 3x` }), 0],
    ['HTML in an attribute', `<p data-srcset="${plain}?x=<a title='#<img src=x>'>hi</a> 2x">`, 0],
  ])('%s', (_about, page, tokens) => {
    const out = signer.rewriteHtml(page);
    expect(countTokens(out)).toBe(tokens);
    if (tokens === 0) expect(out).toBe(page);
  });

  test('a set with a comma at the end of a URL keeps its candidates', () => {
    const page = islandOf({ srcset: `${plain}?a=1,&exp=1 1x, ${plain} 2x` });
    const { srcset } = JSON.parse(signer.rewriteHtml(page).replace(/<[^>]*>/g, ''));
    expect(
      srcset.split(/ \dx(?:, )?/).map((url: string) => url === '' || signer.verifyImage(url).ok),
    ).toEqual([true, true, true]);
  });
});

test('fields are read before anybody asks for one URL', () => {
  const html = `${plain}<img src="${plain}">`;
  const page = islandOf({ body: html });
  const out = signer.rewriteHtml(page, { fields: { body: 'html' } });
  const { body } = JSON.parse(out.replace(/^<[^>]*>|<\/script>$/g, ''));
  expect(body).toBe(`${plain}<img src="${signed.replace('&', '&amp;')}">`);
});

/** What comes of a page, and what is reported of it. */
function heard(page: string): { readonly out: string; readonly events: readonly ImageSignerEvent[] } {
  const events: ImageSignerEvent[] = [];
  const report = (event: ImageSignerEvent): void => void events.push(event);
  const told = createSigner({ key: 'a key', ttl: '1h', variants: ['thumb'], accountHash, report });
  return { out: told.rewriteHtml(page, { fields: { body: 'html' } }), events };
}

describe('a URL with white space in its path', () => {
  const spaced = `https://imagedelivery.net/${accountHash}/my cat/thumb`;
  test.each([
    ['in JSON', islandOf([spaced])],
    ['in a data attribute', `<p data-a=" ${spaced} ">`],
  ])('is told %s', (_place, page) => {
    const event = { type: 'skipped', reason: 'white-space-in-url', url: expect.any(String) };
    expect(heard(page)).toEqual({ out: page, events: [event] });
  });

  test.each([
    ['words behind a variant', `<p data-a="${plain} is my cat">`],
    ['white space in a query', `<p data-a="${plain}?a=b c">`],
    ['a quotation', `<p data-a='${spaced}"'>`],
  ])('is not told for %s', (_about, page) => {
    expect(heard(page)).toEqual({ out: page, events: [] });
  });
});

describe('a bare < or > in a script', () => {
  const open = '<!--<script>';
  const view = (inside: string): string => `<script type="text/html">${inside}[]</script>`;

  test.each([
    ['in a template', view(`<img src="${plain}?a=${open}">`)],
    ['in a style of a template', view(`<p style="a:url('${plain}?a=${open}')">`)],
    ['in HTML of a field', islandOf({ body: `<img src='${plain}?a=${open}'>`, a: ['[]'] })],
    ['in a token', view(`<img src="${plain}?exp=${open}&a=1">`)],
    ['behind a URL without quotes', view(`<img src=${plain}?a=-->`)],
    ['in a document', `<iframe srcdoc="${view(`<img src='${plain}?a=${open}'>`).replaceAll('"', '')}">`],
  ])('%s leaves that URL alone, and no other', (_place, page) => {
    const given = page.replace('[]', page.includes('"[]"') ? plain : `<img src='${plain}'>`);
    const { out, events } = heard(given);
    expect(out.replace(/\?exp=\d+&(?:amp;)*sig=[0-9a-f]{64}/, '')).toBe(given);
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
