/**
 * Two schemes under one base, such as two accounts of Cloudflare, or two folders of a bucket with keys of their own: each
 * image belongs to the first that signs it. So a list does with an image what its scheme does alone, in either order.
 */
import express from 'express';
import { describe, expect, test } from 'vitest';
import { explainUrl } from '../../src/diagnosis.ts';
import { createSigner, imageGuard, type Signer } from '../../src/index.ts';
import { bunny, cloudflareImages, type Scheme, s3 } from '../../src/schemes.ts';
import { accountHash, id, instant, otherAccount, url } from '../support/samples.ts';
import { exchangeLater } from '../support/servers/in-memory.ts';

interface Sharing {
  readonly name: string;
  readonly schemes: readonly [() => Scheme, () => Scheme];
  /** Of the first scheme, and of the second. */
  readonly images: readonly [string, string];
  readonly ids?: readonly [string, string];
  readonly variants?: readonly [string, string];
}

const cloudflare = (account: string, key: string, delivery?: string, names = ['thumb']) =>
  cloudflareImages({
    key,
    variants: Object.fromEntries(names.map((name, i) => [name, { width: 320 * (i + 1) }])),
    accountHash: account,
    ...(delivery !== undefined && { delivery }),
  });
const bucket = 'https://photos.s3.eu-central-1.amazonaws.com';
const folder = (prefixes: string, secret: string) =>
  s3({
    url: bucket,
    region: 'eu-central-1',
    credentials: { accessKeyId: `AKIA${secret}`, secretAccessKey: `a-secret-for-${secret}` },
    prefixes,
  });

const sharings: readonly Sharing[] = [
  {
    name: 'two accounts of Cloudflare',
    schemes: [
      () => cloudflare(accountHash, 'the-key-of-one-account'),
      () => cloudflare(otherAccount, 'the-key-of-another-account'),
    ],
    images: [url('thumb'), url('thumb', id, otherAccount)],
  },
  {
    name: 'two accounts with other variants, at one path of the site',
    schemes: [
      () => cloudflare(accountHash, 'the-key-of-one-account', '/images', ['thumb', 'card']),
      () => cloudflare(otherAccount, 'the-key-of-another-account', '/images', ['small', 'large']),
    ],
    images: [`/images/${accountHash}/${id}/thumb`, `/images/${otherAccount}/${id}/small`],
    ids: [id, id],
    variants: ['card', 'large'],
  },
  {
    name: 'two folders of a bucket',
    schemes: [() => folder('uploads/', 'ONE'), () => folder('avatars/', 'TWO')],
    images: [`${bucket}/uploads/a.jpg`, `${bucket}/avatars/a.jpg`],
    ids: ['uploads/a.jpg', 'avatars/a.jpg'],
  },
  {
    name: 'two folders of a path of the site',
    schemes: [
      () => bunny({ url: '/files', key: 'one-key-of-many-letters', prefixes: 'a/' }),
      () => bunny({ url: '/files', key: 'another-key-of-many-letters', prefixes: 'b/' }),
    ],
    images: ['/files/a/x.jpg', '/files/b/x.jpg'],
    ids: ['a/x.jpg', 'b/x.jpg'],
  },
];

function signerOf(scheme: Scheme | readonly Scheme[]): Signer {
  return createSigner({ scheme, ttl: '1d', now: () => instant, report: false } as never) as Signer;
}

/** What a signer does with an image, in every way that there is. */
async function doingsOf(signer: Signer, { images, ids, variants }: Sharing, which: 0 | 1): Promise<object> {
  const image = images[which];
  const signed = signer.signImage(image);
  const hasVariant = variants !== undefined;
  return {
    signed,
    srcset: hasVariant && signer.signSrcset(image),
    variant: hasVariant && signer.signImage(image, variants[which]),
    byId: ids && signer.signImage(ids[which], variants?.[which]),
    srcsetById: hasVariant && ids && signer.signSrcset(ids[which], { [variants[which]]: '1x' }),
    page: signer.rewriteHtml(`<img src="${image}">`),
    data: signer.signData({ image }),
    verified: signer.verifyImage(signed),
    stale: signer.rewriteHtml(`<img src="${signed.replaceAll('&', '&amp;').replace(/.$/, '0')}">`),
    unsigned: signer.unsignImage(signed),
    text: signer.unsignText(`See ${signed}, please.`),
    explained: explainUrl(signed, { signer }),
    unexplained: explainUrl(image, { signer }),
  };
}

const both = [0, 1] as const;

describe.each(sharings)('$name', (sharing) => {
  test.each([
    ['in order', [0, 1]],
    ['the other way round', [1, 0]],
  ] as const)('%s: each image is that of its own scheme', async (_, [first, second]) => {
    const list = signerOf([sharing.schemes[first](), sharing.schemes[second]()]);
    for (const which of both) {
      const alone = signerOf(sharing.schemes[which]());
      expect(await doingsOf(list, sharing, which)).toEqual(await doingsOf(alone, sharing, which));
    }
  });

  test('an image that none of them signs stays as it is', () => {
    const list = signerOf(sharing.schemes.map((create) => create()));
    const neither = sharing.images[0].replace(/\/(?:uploads|a(?=\/)|thumb)(?=\/|$)/, '/nobodys');
    expect(list.rewriteHtml(`<img src="${neither}">`)).toBe(`<img src="${neither}">`);
    expect(list.verifyImage(neither)).toEqual(signerOf(sharing.schemes[0]()).verifyImage(neither));
    expect(list.unsignImage(`${neither}?w=1`)).toBe(`${neither}?w=1`);
  });
});

describe.each(sharings.filter(({ images }) => images[0].startsWith('/')))('the guard: $name', (sharing) => {
  test('lets through what either has signed, each for its own images alone', async () => {
    const list = signerOf(sharing.schemes.map((create) => create()));
    const [path = ''] = /^\/\w+/.exec(sharing.images[0]) ?? [];
    const site = express().use(
      path,
      imageGuard({ signer: list }),
      (_request, response) => void response.end(),
    );
    for (const which of both) {
      const own = signerOf(sharing.schemes[which]()).signImage(sharing.images[which]);
      const others = own.replace(sharing.images[which], sharing.images[which === 0 ? 1 : 0]);
      expect((await exchangeLater(site, own)).status).toBe(200);
      expect((await exchangeLater(site, others)).status).toBe(403);
    }
  });
});

test('the guard lets through what verifyImage does, and nothing that the other scheme would', async () => {
  const account = (key: string, hash: string | undefined, preview: object) =>
    cloudflareImages({
      key,
      ...(hash !== undefined && { accountHash: hash }),
      delivery: '/images',
      variants: { thumb: {}, preview },
    });
  const any = () => account('the-key-of-one-account', undefined, {});
  const other = () => account('the-key-of-another-account', otherAccount, { alwaysPublic: true });
  const list = signerOf([any(), other()]);
  const site = express().use(
    '/images',
    imageGuard({ signer: list }),
    (_request, response) => void response.end(),
  );
  const [thumb, preview] = ['thumb', 'preview'].map((name) => `/images/${otherAccount}/${id}/${name}`);
  for (const target of [preview!, signerOf(other()).signImage(thumb!), list.signImage(thumb!)])
    expect([target, (await exchangeLater(site, target)).status]).toEqual([
      target,
      list.verifyImage(target).ok ? 200 : 403,
    ]);
});

test('a variant that the account of an image lacks is named, and not its account', () => {
  const list = signerOf([
    cloudflare(accountHash, 'the-key-of-one-account', undefined, ['card']),
    cloudflare(otherAccount, 'the-key-of-another-account'),
  ]);
  const wrong = url('card', id, otherAccount);
  expect(list.verifyImage(wrong)).toEqual({ ok: false, reason: 'variant-not-allowed' });
  expect(() => list.signImage(wrong)).toThrow("got 'card'");
});

test('a URL under `from` has the token that its direct URL has, whatever was signed before', () => {
  const cdn = 'https://photos.b-cdn.net';
  const schemes = () => [
    bunny({ url: cdn, key: 'the-key-of-the-public-folder', prefixes: 'public/' }),
    bunny({ url: cdn, key: 'the-key-of-the-rest', from: '/media', prefixes: ['public/', 'rest/'] }),
  ];
  for (const path of ['/public/a.jpg', '/rest/a.jpg']) {
    const [direct, stored] = [`${cdn}${path}`, `/media${path}`];
    const expected = signerOf(schemes()).signImage(direct);
    for (const order of [[direct, stored], [stored, direct], [stored]]) {
      const signer = signerOf(schemes());
      for (let visit = 0; visit < 2; visit++)
        expect(signer.signData(order)).toEqual(order.map(() => expected));
    }
  }
});
