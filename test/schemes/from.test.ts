/**
 * The option `from`: a URL under another base counts, in every way, as the one at the same path under the first `url`. Each
 * spelling gets as much there as it gets under `url`, and no more. Longer than most files: each store spells its URLs in
 * its own ways.
 */

import express from 'express';
import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import {
  createSigner,
  type DeliveryImage,
  type ImageSignerEvent,
  imageSigner,
  type Signer,
} from '../../src/index.ts';
import { markdown } from '../../src/markdown.ts';
import { bunny, cloudFront, defineScheme, imgproxy, type S3Options, s3 } from '../../src/schemes.ts';
import { accountHash, id, instant, key } from '../support/samples.ts';
import stored from '../vectors/stored-urls.json' with { type: 'json' };

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: key };
const url = 'https://photos.s3.eu-central-1.amazonaws.com';
const from = [
  'http://minio:9000/photos',
  'https://old.example',
  '/media',
  { base: 'https://abc.supabase.co/storage/v1/object/sign/photos', token: 'token' },
];
const plain: S3Options = { url, region: 'eu-central-1', credentials, prefixes: 'uploads/' };
const times = { ttl: '1h', now: () => instant, report: false } as const;

function signerOf(change: Partial<S3Options> = {}): Signer {
  return createSigner({ scheme: s3({ ...plain, from, ...change }), ...times });
}

const signer = signerOf();
/** It knows `url` alone. */
const other = createSigner({ scheme: s3(plain), ...times });

describe('what a URL becomes', () => {
  const page = (src: string): string => `<img src="${src}"><p style="a:url('${src}')">`;

  test.each(stored.becomes as [string, string][])('%s is the image at %s', (stored, path) => {
    const wanted = other.rewriteHtml(page(url + path));
    expect(signer.rewriteHtml(page(stored))).toBe(wanted);
    expect(signer.rewriteHtml(wanted), 'a second time').toBe(wanted);
    const text = stored.replaceAll('&amp;', '&');
    const signed = other.rewriteHtml(`<img src="${url + path}">`) !== `<img src="${url + path}">`;
    if (signed) expect(signer.signImage(text)).toBe(other.signImage(url + path));
    expect(signer.unsignImage(text)).toBe(url + path);
  });

  test.each(stored.stays as string[])(
    'what is not signed under url stays under from, byte for byte: %s',
    (path) => {
      expect(other.rewriteHtml(page(url + path))).toBe(page(url + path));
      for (const base of ['http://minio:9000/photos', 'https://old.example', '/media'])
        expect(signer.rewriteHtml(page(base + path))).toBe(page(base + path));
    },
  );

  test.each(stored.others as string[])('another spelling of a base is none: %s', (stored) => {
    expect(signer.rewriteHtml(page(stored))).toBe(page(stored));
    expect(signer.unsignImage(stored)).toBe(stored);
    expect(signer.unsignText(`"${stored}"`)).toBe(`"${stored}"`);
  });

  test('it is neither verified nor let through under from', () => {
    const signed = signer.signImage('http://minio:9000/photos/uploads/a.jpg');
    expect(signer.verifyImage(signed).ok).toBe(true);
    for (const base of ['http://minio:9000/photos', 'https://old.example', '/media'])
      expect(signer.verifyImage(signed.replace(url, base))).toEqual({
        ok: false,
        reason: 'not-a-delivery-url',
      });
  });

  test('of nested bases the inner one counts', () => {
    const nested = signerOf({ from: ['https://old.example', 'https://old.example/cdn'] });
    expect(nested.signImage('https://old.example/cdn/uploads/a.jpg')).toBe(
      other.signImage(`${url}/uploads/a.jpg`),
    );
  });

  test('the first url of a list is what it goes out under', () => {
    const list = signerOf({ url: [url, 'https://s3.eu-central-1.amazonaws.com/photos'] });
    expect(list.signImage('/media/uploads/a.jpg')).toBe(other.signImage(`${url}/uploads/a.jpg`));
  });
});

describe('every place', () => {
  const image = `${url}/uploads/a.jpg`;
  test.each([
    (src: string) => `<img srcset="${src} 1x, ${src}?v=2 2x">`,
    (src: string) => `<img src="/_next/image?url=${encodeURIComponent(src)}&amp;w=640&amp;q=75">`,
    (src: string) => `<style>a{background:image-set("${src}" 1x)}</style>`,
    (src: string) => `<script type="application/json">{"a":"${src.replaceAll('/', '\\/')}"}</script>`,
    (src: string) => `<p data-x="${src}"><meta property="og:image" content="${src}">`,
    (src: string) => `<iframe srcdoc="&lt;img src='${src}'>"></iframe>`,
    (src: string) => `<a href="${src}">a</a>`,
  ])('of a page: %s', (write) => {
    // In JSON the author's slashes stay where the URL does.
    const unescaped = (page: string): string => page.replaceAll('\\/', '/');
    const out = signer.rewriteHtml(write('/media/uploads/a.jpg'));
    expect(unescaped(out)).toBe(unescaped(other.rewriteHtml(write(image))));
  });

  test('Markdown in a field, and a text after a token stays', () => {
    const write = (src: string): string =>
      `<script type="application/json">{"body":"![a](${src}) and <${src}>"}</script>`;
    const fields = { body: markdown } as const;
    const out = signer.rewriteHtml(write('https://old.example/uploads/a.jpg'), { fields });
    expect(out).toBe(other.rewriteHtml(write(image), { fields }));
  });

  test('an autolink of Markdown does not become a tag where url is a path', () => {
    const local = createSigner({
      scheme: bunny({ url: '/images', key, prefixes: 'uploads/', from: 'https://old.example' }),
      ...times,
    });
    const page =
      '<script type="application/json">{"body":"<https://old.example/uploads/a.jpg> https://old.example/uploads/a.jpg"}</script>';
    expect(local.rewriteHtml(page, { fields: { body: markdown } })).toBe(page);
  });
});

describe('a path of the site', () => {
  const pages =
    '<a href="/media/a.html">a</a><iframe src="/media/b"></iframe><script src="/media/c.js"></script>';

  test('what is not under prefixes stays, and is not reported', () => {
    const events: ImageSignerEvent[] = [];
    const listening = createSigner({
      scheme: s3({ ...plain, from }),
      ...times,
      report: (event) => events.push(event),
    });
    const page = `${pages}<img src="/media/logo.svg">`;
    expect(listening.rewriteHtml(page)).toBe(page);
    expect(events).toEqual([]);
  });

  test('without prefixes only places of images count, and authorize is asked for these alone', () => {
    const asked: string[] = [];
    const { prefixes: _, ...open } = plain;
    const unlimited = createSigner({
      scheme: s3({ ...open, from }),
      ...times,
      authorize(image) {
        asked.push(image.id);
        return true;
      },
    });
    const links = `${pages}<area href="/media/d"><link rel=stylesheet href="/media/e.css"><base href="/media/">`;
    const images =
      '<img src="/media/1.jpg"><link rel="apple-touch-icon" href="/media/2.jpg"><link rel=preload as=image href="/media/3.jpg"><svg><image href="/media/4.jpg"></image></svg>';
    const island = (text: string): string => `<script type="application/json">{"body":"${text}"}</script>`;
    const fields = { body: markdown } as const;
    const out = unlimited.rewriteHtml(links + images + island('[a](/media/f) ![b](/media/5.jpg)'), {
      fields,
    });
    expect(out.startsWith(links)).toBe(true);
    expect(out).toContain('[a](/media/f) ![b](https://photos.');
    expect(asked.sort()).toEqual(['1.jpg', '2.jpg', '3.jpg', '4.jpg', '5.jpg']);
    // In JSON nothing tells an image and a page apart: what is refused stays.
    const data = island('').replace('"body":""', '"a":"/media/1.jpg","b":"/media/about"');
    const limited = createSigner({
      scheme: s3({ ...open, from }),
      ...times,
      authorize: (image) => image.id.endsWith('.jpg'),
    });
    expect(limited.rewriteHtml(data)).toMatch(
      /"a":"https:\/\/photos\.[^"]*Signature=[^"]*","b":"\/media\/about"/,
    );
    // A host is nobody else's: there links count as well.
    expect(unlimited.rewriteHtml('<a href="https://old.example/g">a</a>')).toContain(`${url}/g?X-Amz`);
  });
});

test('a redirect to what was stored leads to the image under url, and one to a page of the site stays', async () => {
  const locationFrom = async (options: object, location: string): Promise<string | undefined> => {
    const app = express();
    app.use(imageSigner({ ...times, ...options } as never));
    app.get('/', (_req, res) => res.redirect(location));
    return (await supertest(app).get('/').expect(302)).headers['location'];
  };
  const limited = { scheme: s3({ ...plain, from }), rewrite: { location: true } };
  const signed = other.signImage(`${url}/uploads/a.jpg`);
  expect(await locationFrom(limited, '/media/uploads/a.jpg')).toBe(signed);
  expect(await locationFrom(limited, 'http://minio:9000/photos/uploads/a.jpg')).toBe(signed);
  expect(await locationFrom(limited, '/media/about')).toBe('/media/about');
  const { prefixes: _, ...open } = plain;
  const unlimited = { scheme: s3({ ...open, from }), authorize: () => true };
  expect(await locationFrom(unlimited, '/media/uploads/a.jpg')).toBe('/media/uploads/a.jpg');
  expect(await locationFrom(unlimited, 'http://minio:9000/photos/uploads/a.jpg')).toBe(signed);
});

test('data is signed and unsigned as pages are', () => {
  const data = {
    cover: '/media/uploads/a.jpg',
    body: 'see http://minio:9000/photos/uploads/a.jpg?X-Amz-Date=1',
    n: 1,
  };
  expect(signer.signData(data)).toEqual({ ...data, cover: other.signImage(`${url}/uploads/a.jpg`) });
  expect(signer.unsignData(data)).toEqual({
    cover: `${url}/uploads/a.jpg`,
    body: `see ${url}/uploads/a.jpg`,
    n: 1,
  });
});

describe('viewers and events', () => {
  const account = { key, ttl: '1h', variants: { thumb: {}, preview: { alwaysPublic: true } } } as const;
  const stored = `https://old.example/${accountHash}/${id}`;
  const delivered = `https://imagedelivery.net/${accountHash}/${id}`;
  const cloudflare = {
    ...account,
    now: () => instant,
    report: false,
    from: ['https://old.example', '/pics'],
  } as const;

  test('authorize sees the image under url, and a refused one leaves under url without its token', () => {
    const seen: DeliveryImage[] = [];
    const events: ImageSignerEvent[] = [];
    const refusing = createSigner({
      ...cloudflare,
      authorize(image) {
        seen.push(image);
        return false;
      },
      report: (event) => events.push(event),
    });
    const out = refusing.rewriteHtml(
      `<img src="${stored}/thumb?exp=1&amp;sig=2"><img src="${delivered}/thumb">`,
    );
    expect(out).toBe(`<img src="${delivered}/thumb"><img src="${delivered}/thumb">`);
    expect(seen).toEqual([
      {
        url: `${delivered}/thumb`,
        base: 'https://imagedelivery.net',
        scheme: 'cloudflare-images',
        accountHash,
        id,
        variant: 'thumb',
      },
    ]);
    expect(events).toEqual([{ type: 'skipped', url: `${delivered}/thumb`, reason: 'not-authorized' }]);
  });

  test('deniedVariant takes its place', () => {
    const refusing = createSigner({
      ...cloudflare,
      authorize: () => false,
      deniedVariant: 'preview' as const,
    });
    expect(refusing.rewriteHtml(`<img src="${stored}/thumb">`)).toBe(`<img src="${delivered}/preview">`);
  });

  test('an always public variant leaves under url', () => {
    const images = createSigner(cloudflare);
    const page = `<img src="${stored}/preview"><img src="/pics/${accountHash}/${id}/preview">`;
    const wanted = `<img src="${delivered}/preview">`.repeat(2);
    expect(images.rewriteHtml(page)).toBe(wanted);
    expect(images.rewriteHtml(page), 'from the caches').toBe(wanted);
  });

  test('a good token that it carries is kept, under url', () => {
    const images = createSigner(cloudflare);
    const longer = images.signImage(`${delivered}/thumb`, undefined, { ttl: '5d' });
    const moved = longer.replace('https://imagedelivery.net', 'https://old.example').replace('&', '&amp;');
    expect(images.rewriteHtml(`<img src="${moved}">`)).toBe(`<img src="${longer.replace('&', '&amp;')}">`);
  });

  test('what a helper has signed in the response stays so, also where the page has it under from', async () => {
    const app = express();
    app.use(imageSigner({ ...cloudflare, authorize: () => false }));
    app.get('/', (req, res) => {
      const signed = req.signImage(`${delivered}/thumb`, undefined, { authorize: false });
      res.send(`<img src="${signed.replace('https://imagedelivery.net', 'https://old.example')}">`);
    });
    const { text } = await supertest(app).get('/').expect(200);
    expect(text).toMatch(/^<img src="https:\/\/imagedelivery\.net\/[^"]*&amp;sig=[0-9a-f]{64}">$/);
  });

  test('a helper takes it, and puts another variant in', () => {
    const images = createSigner(cloudflare);
    expect(images.signImage(`/pics/${accountHash}/${id}/preview`, 'thumb')).toBe(
      images.signImage(`${delivered}/thumb`),
    );
  });

  test('events name the image under url', () => {
    const events: ImageSignerEvent[] = [];
    const images = createSigner({ ...cloudflare, report: (event) => events.push(event) });
    images.rewriteHtml(`<img src="${stored}/other">`);
    expect(events).toEqual([{ type: 'skipped', url: `${delivered}/other`, reason: 'variant-not-allowed' }]);
  });

  test('where a response has no more signatures, it leaves under url, and is signed by the next one', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const slow = createSigner({
      scheme: cloudFront({
        url: 'https://front.example',
        from: '/media',
        keyId: 'K2JCJMDEHXQW5F',
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        prefixes: 'uploads/',
        maxSignatures: 1,
      }),
      ...times,
    });
    const page = '<img src="/media/uploads/a.jpg"><img src="/media/uploads/b.jpg">';
    const first = slow.rewriteHtml(page);
    expect(first).toMatch(/a\.jpg\?Expires=[^"]*"><img src="https:\/\/front\.example\/uploads\/b\.jpg">$/);
    expect(slow.rewriteHtml(page)).toMatch(/b\.jpg\?Expires=/);
  });

  test('where a scheme of the app fails, it leaves under url', () => {
    const failing = createSigner({
      scheme: defineScheme({
        name: 'failing',
        url: 'https://cdn.example',
        from: 'https://old.example',
        match: () => ({ id: 'a' }),
        strip: (text) => text,
        sign() {
          throw new Error('no');
        },
        fingerprint: 'failing',
      }),
      ...times,
    });
    expect(failing.rewriteHtml('<img src="https://old.example/a.jpg">')).toBe(
      '<img src="https://cdn.example/a.jpg">',
    );
  });
});

test('unsignText writes the base of url in every spelling, and changes nothing else', () => {
  const text = [
    'See http://minio:9000/photos/uploads/a.jpg?X-Amz-Date=1&v=1, she said: minio:9000/photos/uploads/a.jpg',
    '{"a":"http:\\/\\/minio:9000\\/photos\\/uploads\\/a.jpg?v=1\\u0026X-Amz-Signature=0a"}',
    '/_next/image?url=http%3A%2F%2Fminio%3A9000%2Fphotos%2Fuploads%2Fa.jpg&w=1',
    '<img src="/media/uploads/a.jpg"><a href="/media/about">https://site.example/media/uploads/a.jpg</a>',
    'https://abc.supabase.co/storage/v1/object/sign/photos/uploads/a.jpg?token=eyJ.e30.x.',
    'http://minio:9000/photos/../uploads/a.jpg http://minio:9000/photosx/uploads/a.jpg',
  ].join('\n');
  const host = 'photos.s3.eu-central-1.amazonaws.com';
  const wanted = [
    `See ${url}/uploads/a.jpg?v=1, she said: ${host}/uploads/a.jpg`,
    `{"a":"${url}\\/uploads\\/a.jpg?v=1"}`,
    `/_next/image?url=https%3A%2F%2F${host}%2Fuploads%2Fa.jpg&w=1`,
    `<img src="${url}/uploads/a.jpg"><a href="/media/about">https://site.example/media/uploads/a.jpg</a>`,
    `${url}/uploads/a.jpg.`,
    'http://minio:9000/photos/../uploads/a.jpg http://minio:9000/photosx/uploads/a.jpg',
  ].join('\n');
  expect(signer.unsignText(text)).toBe(wanted);
  expect(signer.unsignText(wanted)).toBe(wanted);
});

test.each([
  'https://site.example/folder_(new)/media/uploads/a.jpg',
  'https://пример.рф/media/uploads/a.jpg?v=1',
  '<a href="//例え.テスト/media/uploads/a.jpg">',
])('unsignText leaves the path of another URL alone: %s', (text) => {
  expect(signer.unsignText(text)).toBe(text);
});

test('a token in the path goes with its base', () => {
  const proxy = createSigner({
    scheme: imgproxy({
      url: 'https://imgproxy.example/a',
      from: 'http://old:8080/b',
      key: 'abcd',
      salt: 'abcd',
      prefixes: 'https://photos.example/',
    }),
    ...times,
  });
  const signed = proxy.signImage('http://old:8080/b/insecure/w:10/plain/https://photos.example/a.jpg');
  const stored = signed.replace('https://imgproxy.example/a', 'http://old:8080/b');
  const bare = 'https://imgproxy.example/a/insecure/w:10/plain/https://photos.example/a.jpg';
  expect(proxy.unsignImage(stored)).toBe(bare);
  expect(proxy.unsignText(`see ${stored}, she said`)).toBe(`see ${bare}, she said`);
});

describe('mistakes', () => {
  const rejected = (option: unknown): string => {
    try {
      signerOf({ from: option as never });
    } catch (error) {
      const { code, option: name, message } = error as { code: string; option: string; message: string };
      return `${code} ${name.split('.')[0]}: ${message}`;
    }
    return '';
  };

  test.each<[unknown, RegExp]>([
    ['media', /expected a URL with http/],
    ['https://old.example?x', /without query, fragment or backslash/],
    ['https://user@old.example', /a host as a URL spells it/],
    ['https://old.example:443', /a host as a URL spells it/],
    ['/a/../b', /without empty or dot segments/],
    ['/', /expected the folder of the images, got '\/'\. '\/' is the whole site/],
    [{ base: '/', token: ['token'] }, /expected the folder of the images/],
    [[], /at least one base/],
    [7, /expected a URL with http/],
    [{ base: '/media' }, /base and token, got only one of them/],
    [{ base: '/media', token: [] }, /at least one name/],
    [{ base: '/media', token: 'a=b' }, /the name of a parameter/],
    [{ base: '/media', token: 'token', other: 1 }, /is not part of an entry/],
    [url, /does not overlap/],
    ['http://photos.s3.eu-central-1.amazonaws.com', /does not overlap/],
    [`${url}/old`, /does not overlap/],
    [['/media', '/media/'], /each base once/],
  ])('%j', (option, message) => {
    expect(rejected(option)).toMatch(/^INVALID_OPTION from: /);
    expect(rejected(option)).toMatch(message);
  });

  test('a base around url would name two images', () => {
    expect(() =>
      createSigner({
        scheme: bunny({ url: 'https://a.example/b', key, prefixes: 'x/', from: 'https://a.example' }),
        ...times,
      }),
    ).toThrow(/does not overlap 'https:\/\/a\.example\/b'/);
  });

  test('a base of another scheme, or of its from, is a mistake as well', () => {
    const images = s3({ ...plain, from: ['/media', 'https://old.example/a'] });
    for (const [base, stored] of [
      ['https://old.example', undefined],
      ['https://b.example', '/media/videos'],
      ['https://b.example', 'https://old.example'],
    ] as const) {
      const files = bunny({ url: base, key, prefixes: 'x/', from: stored });
      expect(() => createSigner({ scheme: [images, files], ...times }), `${base} ${stored}`).toThrow(
        /`from`/,
      );
      expect(() => createSigner({ scheme: [files, images], ...times }), `${base} ${stored}`).toThrow(
        /`from`/,
      );
    }
  });

  test('a host that begins alike is another', () => {
    expect(
      rejected(['https://photos.s3.eu-central-1.amazonaws.com.evil.example', '/mediathek', '/media']),
    ).toBe('');
  });

  test('beside scheme it is an option of the scheme', () => {
    expect(() => createSigner({ scheme: s3(plain), ...times, from: '/media' } as never)).toThrow(
      /`from`: expected not to be set beside `scheme`/,
    );
  });

  test('two signers with other bases in from are told apart', async () => {
    const { coreOf } = await import('../../src/signer/core.ts');
    const of = (each: Signer): string => coreOf(each)!.configuration.fingerprint;
    expect(of(signerOf())).toBe(of(signerOf()));
    expect(of(signerOf())).not.toBe(of(other));
    expect(of(signerOf({ from: '/media' }))).not.toBe(of(signerOf({ from: '/medien' })));
  });
});
