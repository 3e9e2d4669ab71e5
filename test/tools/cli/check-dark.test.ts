/** `image-signer check` on pages of real servers: one for each way in which an image is broken. */
import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { app, escaped, html, img, typed } from '../../support/checked-apps.ts';
import { checkFlags, checkOnce, presentSigner } from '../../support/checked-page.ts';
import { accountHash, id, key, otherAccount, otherId, signerWith, url } from '../../support/samples.ts';
import { rightUrl } from '../../support/signing-mistakes.ts';

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

/** The code of the first image that is broken, and what its fix has to name. */
const darkPages: readonly (readonly [title: string, listener: RequestListener, code: string, fix: RegExp])[] =
  [
    [
      'no middleware at all',
      html(img(url())),
      'page-not-rewritten',
      /^Install .* before the routes.*`authorize`.*--header/,
    ],
    [
      'the middleware behind the route',
      app(img(url()), { install: (server, signer, page) => void server.get('/', page).use(signer) }),
      'page-not-rewritten',
      /before the routes/,
    ],
    [
      '`skip` leaves the page alone',
      app(img(url()), { options: { skip: () => true } }),
      'page-not-rewritten',
      /`skip`/,
    ],
    [
      '`authorize` refuses all',
      app(img(url()), { options: { authorize: () => false } }),
      'page-not-rewritten',
      /^Does `authorize` refuse every image.* --header 'Cookie: …'/,
    ],
    [
      'a private page that nothing has signed',
      html(img(url()), { 'Cache-Control': 'private, max-age=0' }),
      'page-not-rewritten',
      /^Does `authorize` .*before the routes/,
    ],
    [
      '`authorize` refuses one of several',
      app(img(url('thumb', otherId)) + img(url()), {
        options: { authorize: (image: { readonly id: string }) => image.id !== id },
      }),
      'not-authorized',
      /`authorize`/,
    ],
    [
      'Cache-Control: no-transform',
      app(img(url()), { headers: { 'Cache-Control': 'max-age=60, no-transform' } }),
      'response-left-alone',
      /no-transform/,
    ],
    ['XHTML', typed('application/xhtml+xml', img(url())), 'response-left-alone', /text\/html/],
    [
      'UTF-16 by its type',
      typed('text/html; charset=utf-16le', utf16(img(url()))),
      'response-left-alone',
      /UTF-8/,
    ],
    ['UTF-16 by its byte order mark', typed('text/html', utf16(img(url()))), 'response-left-alone', /UTF-8/],
    ['ISO-2022-JP', typed('text/html; charset="iso-2022-jp"', img(url())), 'response-left-alone', /UTF-8/],
    ['a part of a page', typed('text/html', img(url()), 206), 'response-left-alone', /200/],
    ['Content-Range', html(img(url()), { 'Content-Range': 'bytes 0-9/10' }), 'response-left-alone', /200/],
    [
      'a style sheet under a policy that allows styles by hash',
      app(`${img(url())}<style>p { background: url(${url('card')}) }</style>`, {
        headers: {
          'Content-Security-Policy': "default-src 'self'; style-src 'sha256-abc='",
        },
      }),
      'style-hash',
      /nonce/,
    ],
    [
      'a style attribute under such a policy',
      app(`${img(url())}<p style="background: url(${url('card')})">`, {
        headers: {
          'Content-Security-Policy': "style-src 'sha256-abc='",
        },
      }),
      'style-hash',
      /nonce/,
    ],
    [
      'a plain script',
      app(`<script>const hero = "${url()}";</script>`),
      'script-not-rewritten',
      /application\/json/,
    ],
    [
      'a plain script with escaped slashes',
      app(`<script>push({"hero":"${url().replaceAll('/', '\\/')}"})</script>`),
      'script-not-rewritten',
      /application\/json/,
    ],
    [
      'HTML in a string of a JSON script',
      app(`<script type="application/json">{"content":"<img src='${url()}'>"}</script>`),
      'json-not-rewritten',
      /`fields`/,
    ],
    [
      'an attribute that is not known',
      app(`${img(url())}<x-hero picture="${url('card')}">`),
      'attribute-not-rewritten',
      /attributes: \{ 'picture': 'url' \}/,
    ],
    [
      'JSON without rewrite.json',
      typed('application/json', JSON.stringify({ list: [{ image: url() }] })),
      'json-not-rewritten',
      /json: true/,
    ],
    [
      'a feed',
      typed('application/rss+xml', `<rss><item><enclosure url="${url()}"/></item></rss>`),
      'feed-not-rewritten',
      /signImage/,
    ],
    ['a variant that is not in the list', app(img(url('hero'))), 'variant-not-allowed', /`variants`/],
    [
      'a base that `delivery` lacks',
      html(img(`https://cdn.shop.example/cdn-cgi/imagedelivery/${accountHash}/${id}/thumb`)),
      'not-under-delivery',
      /cdn\.shop\.example/,
    ],
    [
      'an id as encodeURIComponent writes it',
      app(img(`https://imagedelivery.net/${accountHash}/a%2Cb/thumb`)),
      'encoded-path',
      /plain id/,
    ],
    ['a slash at the end', app(img(`${url()}/`)), 'trailing-slash', /slash/],
    ['no variant', app(img(`https://imagedelivery.net/${accountHash}/${id}`)), 'variant-missing', /variant/],
    ['a token that has expired', html(img(shortLived(-60))), 'expired', /ttl/],
    [
      'a token by another key',
      html(img(signerWith({ now: Date.now, key: 'the-key-of-somebody-else' }).signImage(url()))),
      'unknown-signature',
      /key/,
    ],
    [
      'a token in milliseconds',
      html(img(rightUrl({ ...sample, expiry: inSeconds(3600) * 1000 }))),
      'expiry-in-milliseconds',
      /1000/,
    ],
    ['a URL that is escaped twice', html(img(escaped(signed))), 'html-escaped', /Decode/],
    [
      'one candidate of several in a srcset',
      html(`<img srcset="${escaped(signed)} 1x, ${url('card')} 2x">`),
      'not-authorized',
      /`authorize`/,
    ],
    ...(
      [
        ['max-age', { 'Cache-Control': 'max-age=7200' }],
        ['s-maxage', { 'Cache-Control': 'public, max-age=60, s-maxage=7200' }],
        [
          'max-age and stale-while-revalidate',
          { 'Cache-Control': 'max-age=10, stale-while-revalidate=7200' },
        ],
        ['Expires', { Expires: new Date(Date.now() + 7_200_000).toUTCString() }],
        [
          'Expires, of which an Age takes nothing',
          { Expires: new Date(Date.now() + 5_400_000).toUTCString(), Age: '3000' },
        ],
        [
          'CDN-Cache-Control, whatever Cache-Control says',
          { 'Cache-Control': 'no-store', 'CDN-Cache-Control': 'max-age=7200' },
        ],
        ['max-age with an Age that is not enough', { 'Cache-Control': 'max-age=7200', Age: '1800' }],
      ] as const
    ).map(
      ([field, headers]) =>
        [
          `a page that a cache keeps longer than its token: ${field}`,
          html(img(shortLived(3600)), headers),
          'outlived',
          /Cache-Control/,
        ] as const,
    ),
  ];

test.each(darkPages)('an image is broken: %s', async (_title, listener, code, fix) => {
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
