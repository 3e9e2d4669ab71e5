/** `image-signer check` on pages of real servers that are as they should be: nothing is called broken there. */
import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { temporaryFiles } from '../../support/package/temporary-files.ts';
import { accountHash, key, signerWith, url } from '../../support/samples.ts';
import { app, escaped, html, img, typed } from '../../support/servers/checked-apps.ts';
import { checkFlags, checkOnce, presentSigner } from '../../support/servers/checked-page.ts';

const { file } = temporaryFiles();
const signed = presentSigner.signImage(url());
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
const shortLived = (seconds: number): string =>
  presentSigner.signImage(url(), undefined, { expiresAt: inSeconds(seconds) });

/** A page of one signed image that a cache may keep. */
const kept = (seconds: number, headers: Record<string, string>): RequestListener =>
  html(img(shortLived(seconds)), headers);
const inRss = (text: string): string => `<rss>${text}</rss>`;
const json = JSON.stringify({ content: `<img src="${escaped(signed)}">`, image: signed });

/** By their title; the codes of their images are those of signed ones, one unless said. */
const live: Readonly<Record<string, RequestListener>> = {
  'a lazy attribute': app(`<img data-src="${url()}">`),
  'a style sheet': app(`<style>p { background: url("${url()}") }</style>`),
  'an svg style': app(`<svg><style>p { background: url("${url()}") }</style></svg>`),
  'a document in srcdoc': app(`<iframe srcdoc="&lt;img src='${url()}'>">`),
  'a JSON script': app(`<script type="application/json">{"a":["${url()}"]}</script>`),
  'a template in a script': app(`<script type="text/x-template"><img src="${url()}"></script>`),
  'JSON in an attribute': app(`<p data-page='{"a":"${url()}"}'>`),
  'a plain script that the app has signed': html(`<script>const a = ${JSON.stringify(signed)}</script>`),
  'JSON with HTML that `fields` has signed': typed('application/json', json),
  'a feed with a signed URL': typed('application/rss+xml', inRss(`<enclosure url="${escaped(signed)}"/>`)),
  'a feed with escaped HTML': typed(
    'application/atom+xml',
    `<a>&lt;img src="${escaped(escaped(signed))}"&gt;`,
  ),
  'a feed with a CDATA section': typed('text/xml', inRss(`<![CDATA[<img src="${escaped(signed)}">]]>`)),
  'a page that is kept for a little less than its token': kept(3600, {
    'Cache-Control': 'max-age=5400',
    Age: '1860',
  }),
  'an old page of which nothing is left': kept(3600, { 'Cache-Control': 'max-age=7200', Age: '9000' }),
  'a page that may not be stored': kept(300, { 'Cache-Control': 'no-store, max-age=7200' }),
  'Expires beside a max-age, which wins': kept(3600, {
    'Cache-Control': 'max-age=60',
    Expires: new Date(Date.now() + 7_200_000).toUTCString(),
  }),
  'a policy that allows styles by nonce': app(`<p style="background: url(${url()})">`, {
    headers: { 'Content-Security-Policy': "style-src 'nonce-abc'" },
  }),
};

/** With the outcome and the code of each image, in their order. */
const livePages: readonly (readonly [title: string, listener: RequestListener, ...outcomes: string[]])[] = [
  ...Object.entries(live).map(([title, listener]) => [title, listener, 'ok signed'] as const),
  ['a page of the middleware', app(img(url()) + img(url('card'))), 'ok signed', 'ok signed'],
  ['a srcset', app(`<img srcset="${url()} 1x, ${url('card')} 2x">`), 'ok signed', 'ok signed'],
  ['text', html(`<title>${url()}</title><!-- ${url()} --><p>${url()}</p>`), 'note text'],
  ['form values', html(`<input value="${url()}"><textarea>${url('card')}`), 'note text', 'note text'],
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
  const keys = file('keys', `${key}\nthe-key-of-last-year\n`);
  const { images, code } = await checkOnce(html(img(older)), [...checkFlags, '--key-file', keys]);
  const fix = expect.stringContaining('Sign it again');
  expect(images).toMatchObject([{ outcome: 'ok', code: 'older-key', fix }]);
  expect(code).toBe(0);
});

test('each place of an image is listed with its name', async () => {
  const page = `<img src="${url()}"><a href="${url('card')}">a</a><style>a{background:url(${url()})}</style><script>"${url()}"</script>`;
  const { images } = await checkOnce(html(page));
  expect(images.map(({ place }) => place).sort()).toEqual(['<a href>', '<img src>', '<script>', '<style>']);
});

test('an image of an always public variant needs no token', async () => {
  const config = file('config.json', JSON.stringify({ variants: { preview: { alwaysPublic: true } } }));
  const { images } = await checkOnce(html(img(url('preview'))), ['--allow-private', '--config', config]);
  expect(images).toMatchObject([{ outcome: 'ok', code: 'always-public' }]);
});

test('the token of a signed image is known by its expiry, and is not shown', async () => {
  const { stdout, images } = await checkOnce(html(img(signed)));
  expect(images[0]!.expiresAt).toBe(Number(/exp=(\d+)/.exec(signed)![1]));
  expect(stdout).not.toMatch(/[0-9a-f]{64}/);
});
