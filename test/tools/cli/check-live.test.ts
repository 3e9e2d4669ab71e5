/** `image-signer check` on pages of real servers that are as they should be: nothing is called broken there. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { app, escaped, html, img, typed } from '../../support/checked-apps.ts';
import { answering, checkFlags, checkOnce, presentSigner } from '../../support/checked-page.ts';
import { accountHash, key, signerWith, url } from '../../support/samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'image-signer-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

const signed = presentSigner.signImage(url());
const signedCard = presentSigner.signImage(url('card'));
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
const shortLived = (seconds: number): string =>
  presentSigner.signImage(url(), undefined, { expiresAt: inSeconds(seconds) });

/** With the outcome and the code of each image, in their order. */
const livePages: readonly (readonly [title: string, listener: RequestListener, ...outcomes: string[]])[] = [
  ['a page that the middleware has signed', app(img(url()) + img(url('card'))), 'ok signed', 'ok signed'],
  ['a lazy attribute', app(`<img data-src="${url()}">`), 'ok signed'],
  [
    'a srcset of signed candidates',
    app(`<img srcset="${url()} 1x, ${url('card')} 2x">`),
    'ok signed',
    'ok signed',
  ],
  ['a style sheet', app(`<style>p { background: url("${url()}") }</style>`), 'ok signed'],
  ['an svg style', app(`<svg><style>p { background: url("${url()}") }</style></svg>`), 'ok signed'],
  ['a document in srcdoc', app(`<iframe srcdoc="&lt;img src='${url()}'>">`), 'ok signed'],
  ['a JSON script', app(`<script type="application/json">{"a":["${url()}"]}</script>`), 'ok signed'],
  [
    'a template in a script',
    app(`<script type="text/x-template"><img src="${url()}"></script>`),
    'ok signed',
  ],
  ['JSON in an attribute', app(`<p data-page='{"a":"${url()}"}'>`), 'ok signed'],
  [
    'a plain script that the app has signed',
    html(`<script>const hero = ${JSON.stringify(signed)}</script>`),
    'ok signed',
  ],
  [
    'JSON with HTML that `fields` has signed',
    typed('application/json', JSON.stringify({ content: `<img src="${escaped(signed)}">`, image: signed })),
    'ok signed',
  ],
  [
    'a feed with a signed URL',
    typed('application/rss+xml', `<rss><enclosure url="${escaped(signed)}"/></rss>`),
    'ok signed',
  ],
  [
    'a feed with escaped HTML',
    typed('application/atom+xml', `<content>&lt;img src="${escaped(escaped(signed))}"&gt;</content>`),
    'ok signed',
  ],
  [
    'a feed with HTML in a CDATA section',
    typed('text/xml', `<rss><description><![CDATA[<img src="${escaped(signed)}">]]></description></rss>`),
    'ok signed',
  ],
  [
    'text, a comment and a title',
    html(`<title>${url()}</title><!-- ${url()} --><p>${url()}</p>`),
    'note text',
  ],
  [
    'the value of a form',
    html(`<input value="${url()}"><textarea>${url('card')}</textarea>`),
    'note text',
    'note text',
  ],
  [
    'the beginning of a URL that a script completes',
    html(`<script>const base = "https://imagedelivery.net/${accountHash}/"</script>`),
    'note variant-missing',
  ],
  [
    'a hint to connect to the delivery',
    html(
      '<link rel="preconnect" href="https://imagedelivery.net/"><link rel="dns-prefetch" href="//imagedelivery.net">',
    ),
  ],
  ['plain text', typed('text/plain', url()), 'note text'],
  [
    'a page that is kept for a little less than its token',
    html(img(shortLived(3600)), { 'Cache-Control': 'max-age=5400', Age: '1860' }),
    'ok signed',
  ],
  [
    'an old page of which nothing is left',
    html(img(shortLived(3600)), { 'Cache-Control': 'max-age=7200', Age: '9000' }),
    'ok signed',
  ],
  [
    'a page that may not be stored',
    html(img(shortLived(300)), { 'Cache-Control': 'no-store, max-age=7200' }),
    'ok signed',
  ],
  [
    'Expires beside a max-age, which wins',
    html(img(shortLived(3600)), {
      'Cache-Control': 'max-age=60',
      Expires: new Date(Date.now() + 7_200_000).toUTCString(),
    }),
    'ok signed',
  ],
  [
    'a policy that allows styles by nonce',
    app(`<p style="background: url(${url()})">`, {
      headers: {
        'Content-Security-Policy': "style-src 'nonce-abc'",
      },
    }),
    'ok signed',
  ],
  [
    'a page in gzip',
    answering({ body: gzipSync(img(signed)), headers: { 'Content-Encoding': 'gzip' } }),
    'ok signed',
  ],
  [
    'a page in brotli',
    answering({ body: brotliCompressSync(img(signed)), headers: { 'Content-Encoding': 'br' } }),
    'ok signed',
  ],
  ['an empty page', html('')],
  ['a picture', typed('image/png', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'))],
  ['bytes of no encoding', html(`\u0000${String.fromCharCode(0xd800)}<img src=`)],
];

test.each(livePages.map(([title, listener, ...outcomes]) => ({ title, listener, outcomes })))(
  'no image is broken: $title',
  async ({ listener, outcomes }) => {
    const { images, code } = await checkOnce(listener);
    expect(images.map((each) => `${each.outcome} ${each.code}`)).toEqual(outcomes);
    expect(code).toBe(0);
  },
);

test('an image that an older key has signed is fine, with a hint', async () => {
  const older = signerWith({ now: Date.now, key: 'the-key-of-last-year' }).signImage(url());
  const site = html(img(older));
  const config = { IMAGES_KEY: key };
  writeFileSync(`${folder}/keys`, `${key}\nthe-key-of-last-year\n`);
  const { images, code } = await checkOnce(site, [...checkFlags, '--key-file', `${folder}/keys`], {
    env: config,
  });
  expect(images).toMatchObject([
    { outcome: 'ok', code: 'older-key', fix: expect.stringContaining('Sign it again') },
  ]);
  expect(code).toBe(0);
});

test('each place of an image is listed with its name', async () => {
  const page = `<img src="${url()}"><a href="${url('card')}">a</a><style>a{background:url(${url()})}</style><script>"${url()}"</script>`;
  const { images } = await checkOnce(html(page));
  expect(images.map(({ place }) => place).sort()).toEqual(['<a href>', '<img src>', '<script>', '<style>']);
});

test('an image of an always public variant needs no token', async () => {
  writeFileSync(`${folder}/config.json`, JSON.stringify({ variants: { preview: { alwaysPublic: true } } }));
  const { images } = await checkOnce(html(img(url('preview'))), [
    '--allow-private',
    '--config',
    `${folder}/config.json`,
  ]);
  expect(images).toMatchObject([{ outcome: 'ok', code: 'always-public' }]);
});

test('the token of a signed image is known by its expiry, and is not shown', async () => {
  const { stdout, images } = await checkOnce(html(img(signed) + img(signedCard)));
  expect(images[0]!.expiresAt).toBe(Number(/exp=(\d+)/.exec(signed)![1]));
  expect(stdout).not.toMatch(/[0-9a-f]{64}/);
});
