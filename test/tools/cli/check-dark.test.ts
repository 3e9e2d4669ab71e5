/** `image-signer check` on pages of real servers: one for each way in which an image is broken. */
import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { rightUrl } from '../../support/generators/signing-mistakes.ts';
import { accountHash, id, key, otherAccount, otherId, signerWith, url } from '../../support/samples.ts';
import { app, escaped, html, img, typed } from '../../support/servers/checked-apps.ts';
import { checkFlags, checkOnce, presentSigner } from '../../support/servers/checked-page.ts';

const signed = presentSigner.signImage(url());
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
const sample = {
  key,
  olderKey: 'x',
  account: accountHash,
  id,
  variant: 'thumb',
  otherVariant: 'card',
  parameters: [],
};
const shortLived = (seconds: number): string =>
  presentSigner.signImage(url(), undefined, { expiresAt: inSeconds(seconds) });

type DarkPage = readonly [title: string, listener: RequestListener, fix: RegExp];

const plain = img(url());
const card = url('card');
const inStyles = (style: string, policy: string): RequestListener =>
  app(`${plain}${style}`, { headers: { 'Content-Security-Policy': policy } });
const dateIn = (seconds: number): string => new Date(Date.now() + seconds * 1000).toUTCString();
const keptTooLong: Readonly<Record<string, Record<string, string>>> = {
  'max-age': { 'Cache-Control': 'max-age=7200' },
  's-maxage': { 'Cache-Control': 'public, max-age=60, s-maxage=7200' },
  'max-age and stale-while-revalidate': { 'Cache-Control': 'max-age=10, stale-while-revalidate=7200' },
  Expires: { Expires: dateIn(7_200) },
  'Expires, of which an Age takes nothing': { Expires: dateIn(5_400), Age: '3000' },
  'CDN-Cache-Control, whatever Cache-Control says': {
    'Cache-Control': 'no-store',
    'CDN-Cache-Control': 'max-age=7200',
  },
  'max-age with an Age that is not enough': { 'Cache-Control': 'max-age=7200', Age: '1800' },
};

/** By the code of the first image that is broken, with what its fix has to name. */
const darkPages: Readonly<Record<string, readonly DarkPage[]>> = {
  'page-not-rewritten': [
    ['no middleware at all', html(plain), /^Install .* before the routes.*`authorize`.*--header/],
    [
      'the middleware behind the route',
      app(plain, { install: (server, signer, page) => void server.get('/', page).use(signer) }),
      /before the routes/,
    ],
    ['`skip` leaves the page alone', app(plain, { options: { skip: () => true } }), /`skip`/],
    [
      '`authorize` refuses all',
      app(plain, { options: { authorize: () => false } }),
      /^Does `authorize` refuse every image.* --header 'Cookie: …'/,
    ],
    [
      'a private page that nothing has signed',
      html(plain, { 'Cache-Control': 'private, max-age=0' }),
      /^Does `authorize` .*before the routes/,
    ],
  ],
  'not-authorized': [
    [
      '`authorize` refuses one of several',
      app(img(url('thumb', otherId)) + plain, {
        options: { authorize: (image: { readonly id: string }) => image.id !== id },
      }),
      /`authorize`/,
    ],
    ['one candidate of several', html(`<img srcset="${escaped(signed)} 1x, ${card} 2x">`), /`authorize`/],
  ],
  'response-left-alone': [
    [
      'no-transform',
      app(plain, { headers: { 'Cache-Control': 'max-age=60, no-transform' } }),
      /no-transform/,
    ],
    ['XHTML', typed('application/xhtml+xml', plain), /text\/html/],
    ['UTF-16 by its type', typed('text/html; charset=utf-16le', utf16(plain)), /UTF-8/],
    ['UTF-16 by its byte order mark', typed('text/html', utf16(plain)), /UTF-8/],
    ['ISO-2022-JP', typed('text/html; charset="iso-2022-jp"', plain), /UTF-8/],
    ['a part of a page', typed('text/html', plain, 206), /200/],
    ['Content-Range', html(plain, { 'Content-Range': 'bytes 0-9/10' }), /200/],
  ],
  'style-hash': [
    [
      'a style sheet under a policy that allows styles by hash',
      inStyles(
        `<style>p { background: url(${card}) }</style>`,
        "default-src 'self'; style-src 'sha256-abc='",
      ),
      /nonce/,
    ],
    [
      'a style attribute under such a policy',
      inStyles(`<p style="background: url(${card})">`, "style-src 'sha256-abc='"),
      /nonce/,
    ],
  ],
  'script-not-rewritten': [
    ['a plain script', app(`<script>const hero = "${url()}";</script>`), /application\/json/],
    [
      'a plain script with escaped slashes',
      app(`<script>push({"hero":"${url().replaceAll('/', '\\/')}"})</script>`),
      /application\/json/,
    ],
  ],
  'json-not-rewritten': [
    [
      'HTML in a string of a JSON script',
      app(`<script type="application/json">{"content":"<img src='${url()}'>"}</script>`),
      /`fields`/,
    ],
    [
      'JSON without rewrite.json',
      typed('application/json', JSON.stringify({ list: [{ image: url() }] })),
      /json: true/,
    ],
  ],
  'attribute-not-rewritten': [
    [
      'an attribute that is not known',
      app(`${plain}<x-hero picture="${card}">`),
      /attributes: \{ 'picture': 'url' \}/,
    ],
  ],
  'feed-not-rewritten': [
    [
      'a feed',
      typed('application/rss+xml', `<rss><item><enclosure url="${url()}"/></item></rss>`),
      /signImage/,
    ],
  ],
  'variant-not-allowed': [['a variant that is not in the list', app(img(url('hero'))), /`variants`/]],
  'not-under-delivery': [
    [
      'a base that `delivery` lacks',
      html(img(`https://cdn.shop.example/cdn-cgi/imagedelivery/${accountHash}/${id}/thumb`)),
      /cdn\.shop\.example/,
    ],
  ],
  'encoded-path': [['an id as encodeURIComponent writes it', app(img(url('thumb', 'a%2Cb'))), /plain id/]],
  'trailing-slash': [['a slash at the end', app(img(`${url()}/`)), /slash/]],
  'variant-missing': [['no variant', app(img(`https://imagedelivery.net/${accountHash}/${id}`)), /variant/]],
  expired: [['a token that has expired', html(img(shortLived(-60))), /ttl/]],
  'unknown-signature': [
    [
      'a token by another key',
      html(img(signerWith({ now: Date.now, key: 'the-key-of-somebody-else' }).signImage(url()))),
      /key/,
    ],
  ],
  'expiry-in-milliseconds': [
    ['a token in milliseconds', html(img(rightUrl({ ...sample, expiry: inSeconds(3600) * 1000 }))), /1000/],
  ],
  'html-escaped': [['a URL that is escaped twice', html(img(escaped(signed))), /Decode/]],
  outlived: Object.entries(keptTooLong).map(([title, headers]) => [
    `a page that a cache keeps longer than its token: ${title}`,
    html(img(shortLived(3600)), headers),
    /Cache-Control/,
  ]),
};
const all = Object.entries(darkPages).flatMap(([code, pages]) =>
  pages.map((page) => [code, ...page] as const),
);

test.each(all)('%s: %s', async (code, _title, listener, fix) => {
  const { images, dead, code: exit } = await checkOnce(listener);
  const dark = images.filter(({ outcome }) => outcome === 'dead');
  expect(dark.map((each) => each.code)).toEqual([code]);
  expect(dark[0]!.fix).toMatch(fix);
  expect({ dead, exit }).toEqual({ dead: 1, exit: 1 });
});

test('an image of another account is broken', async () => {
  const args = [...checkFlags, '--account-hash', accountHash];
  const { images } = await checkOnce(html(img(url('thumb', id, otherAccount))), args);
  expect(images).toMatchObject([{ outcome: 'dead', code: 'account-not-allowed' }]);
});
