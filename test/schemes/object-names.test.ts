/** Names of objects against a server that speaks S3, and where only plain names are signed. Longer than most files: a row for each name. */

import { generateKeyPairSync } from 'node:crypto';
import express from 'express';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explainUrl } from '../../src/diagnosis.ts';
import {
  createSigner,
  type ImageSignerEvent,
  imageGuard,
  imageSigner,
  type Signer,
  type SignerOptions,
} from '../../src/index.ts';
import {
  bunny,
  cloudFront,
  cloudflareImages,
  defineScheme,
  imgix,
  type Scheme,
  s3,
} from '../../src/schemes.ts';
import { percentDecode } from '../../src/url/percent-encoding.ts';
import { encodeName, randomName } from '../support/generators/names.ts';
import { randoms } from '../support/generators/random.ts';
import { instant } from '../support/samples.ts';
import { runs } from '../support/seed.ts';
import { frameworks } from '../support/servers/frameworks.ts';
import { exchangeLater } from '../support/servers/in-memory.ts';

const key = 'a-key-that-nobody-else-has/+';

function signerOf(scheme: Scheme | readonly Scheme[], more: Partial<SignerOptions> = {}): Signer {
  const options = { scheme, ttl: '1h', now: () => instant, report: false, authorize: () => true, ...more };
  return createSigner(options as unknown as SignerOptions);
}

/** The names, and those that a handler behind a guard could take for something else. */
const unusual = [
  ...['photo%20%231.jpg', 'what%3F.jpg', '100%2525.jpg', 'a%5Eb.jpg', 'a^b.jpg', 'x/a//b.jpg', '%2541.jpg'],
  ...['%20a.jpg', 'a.jpg%20', 'C:/a.jpg', 'data:,a', 'https:evil/a.jpg'],
];

function ownScheme(url: string | readonly string[], plainNames?: boolean): Scheme {
  const strip = (url: string): string => url.replace(/\?until=.*$/, '');
  const sign = (url: string, { exp }: { readonly exp: number }): string => `${url}?until=${exp}`;
  return defineScheme({
    name: 'own',
    url,
    match: (url) => ({
      id: decodeURIComponent(strip(url).replace(/^(?:https:\/\/files\.example)?\/files\//, '')),
    }),
    strip,
    sign,
    verify: (url, now) => {
      const expiresAt = Number(url.split('?until=')[1] ?? Number.NaN);
      if (Number.isNaN(expiresAt)) return { ok: false, reason: 'missing-signature' };
      return now < expiresAt ? { ok: true, expiresAt } : { ok: false, reason: 'expired' };
    },
    ...(plainNames !== undefined && { plainNames }),
    fingerprint: 'own',
  });
}

function isSigned(signer: Signer, url: string): boolean {
  return signer.rewriteHtml(`<img src="${url}">`) !== `<img src="${url}">`;
}

describe('where the site itself has the path', () => {
  const schemes: readonly (readonly [string, Scheme])[] = [
    ['bunny', bunny({ url: '/files', key })],
    ['imgix', imgix({ url: '/files', key })],
    ['a scheme of an app', ownScheme('/files')],
    ['a scheme that also has the host', ownScheme(['https://files.example/files', '/files'])],
    ['a scheme with the host of all paths', ownScheme(['https://files.example', '/files'])],
  ];

  test.each(schemes)('%s signs no name that a handler could take for another', (_name, scheme) => {
    const signer = signerOf(scheme);
    for (const base of ['/files/', 'https://files.example/files/'].slice(0, scheme.name === 'own' ? 2 : 1)) {
      for (const path of unusual) expect(isSigned(signer, base + path), base + path).toBe(false);
    }
    expect(isSigned(signer, '/files/a%20b/%C3%A9.jpg')).toBe(true);
  });

  test.each(schemes)('%s: what it gives out, the guard lets through', async (_name, scheme) => {
    const signer = signerOf(scheme);
    const { build } = frameworks.find(({ isExpress }) => isExpress)!;
    const listener = build([['/files', imageGuard({ signer })]], (request, response) => {
      const { image } = (request as unknown as { signedImage: { image: { id: string } } }).signedImage;
      // A handler as it should not be: the name of the object has to come out nevertheless.
      const { protocol, pathname } = new URL(image.id, 'http://store.example/');
      // No handler has a way to `photo:/a.jpg`.
      response.end(protocol === 'http:' ? percentDecode(pathname) : `/${image.id}`);
    });
    const bases = scheme.name === 'own' ? ['/files/', 'https://files.example/files/'] : ['/files/'];
    let passed = 0;
    await fc.assert(
      fc.asyncProperty(randoms, async (random) => {
        const name =
          random() < 0.5
            ? randomName(random)
            : randomName(random)
                .replace(/[#?^%]/g, '')
                .replace(/\/{2,}/g, '/');
        for (const base of bases) {
          let signed: string;
          try {
            signed = signer.signImage(base + encodeName(name));
          } catch {
            continue;
          }
          passed++;
          const target = signed.replace(/^https:\/\/[^/]+/, '');
          expect((await exchangeLater(listener, target, {}, 'GET')).text, signed).toBe(`/${name}`);
        }
      }),
      { numRuns: runs(0.4) },
    );
    expect(passed).toBeGreaterThan(runs(0.04));
  });

  test('a base of another host, or of another path there, is none of the site', () => {
    for (const bases of ['https://files.example/files', ['https://files.example/files', '/other', '/file']]) {
      const signer = signerOf(ownScheme(bases));
      for (const path of unusual)
        expect(isSigned(signer, `https://files.example/files/${path}`), path).toBe(true);
    }
  });
});

test('a scheme of an app can say that only plain names are signed', () => {
  const [all, plain] = [false, true].map((plainNames) =>
    signerOf(ownScheme('https://files.example/files', plainNames)),
  );
  for (const path of unusual) {
    expect(isSigned(all!, `https://files.example/files/${path}`), path).toBe(true);
    expect(isSigned(plain!, `https://files.example/files/${path}`), path).toBe(false);
  }
  expect(isSigned(plain!, 'https://files.example/files/a%20b.jpg')).toBe(true);
  expect(() => ownScheme('/files', 'yes' as unknown as boolean)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', option: 'plainNames' }),
  );
});

test('Cloudflare Images signs the names that it has signed', () => {
  const signer = signerOf(cloudflareImages({ key, variants: ['thumb'], accountHash: 'account' }));
  for (const path of ['photo%20%231.jpg', 'what%3F.jpg', '100%2525.jpg', 'a%5Eb.jpg', 'a//b.jpg'])
    expect(isSigned(signer, `https://imagedelivery.net/account/${path}/thumb`), path).toBe(false);
  for (const id of ['photo #1', 'a^b', 'a//b', 'data:,a', 'C:/a'])
    expect(() => signer.signImage(id, 'thumb'), id).toThrow('expected a delivery URL or an image id');
});

describe('prefixes', () => {
  const url = 'https://photos.s3.eu-central-1.amazonaws.com';
  const signer = signerOf(
    s3({
      url,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'A', secretAccessKey: key },
      prefixes: ['a #1/', '100%/'],
    }),
  );

  test('are compared with the name, whatever is in it', () => {
    for (const path of ['a%20%231/b.jpg', '%61%20%231//b.jpg', '100%25/b.jpg', '100%/b.jpg'])
      expect(isSigned(signer, `${url}/${path}`), path).toBe(true);
    for (const path of [
      'a%20%25231/b.jpg',
      'a%20#1/b.jpg',
      '/a%20%231/b.jpg',
      '100%2525/b.jpg',
      '100%25%2Fb.jpg',
    ])
      expect(isSigned(signer, `${url}/${path}`), path).toBe(false);
  });

  test('no name that is signed leaves the folder, merged, decoded twice and resolved', () => {
    const pieces = [
      '..',
      '.',
      '/',
      '//',
      '%2e',
      '%252e',
      '%2f',
      '%252f',
      '%5c',
      '%255C',
      ';',
      '%3b',
      '%253B',
      '%3F',
      '%23',
    ];
    const ends = [
      '%253f',
      '%25',
      '%',
      '25',
      '2e',
      '2f',
      'a',
      'b.jpg',
      '%u002e',
      '%25u002e',
      '\\',
      '%00',
      '+',
      '%2B',
      '|',
      '^',
    ];
    let count = 0;
    const tails = fc.array(fc.constantFrom(...pieces, ...ends), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(tails, (tail) => {
        let signed: string;
        try {
          signed = signer.signImage(`${url}/100%25/${tail.join('')}`);
        } catch {
          return;
        }
        count++;
        let path = new URL(signed).pathname;
        for (let round = 0; round < 3; round++) {
          const merged = path
            .replaceAll('\\', '/')
            .replace(/\/{2,}/g, '/')
            .split(/[?#]/, 1)[0]!;
          const segments = merged.split('/').map((segment) => segment.split(';', 1)[0]!);
          const isInside = /^\/100(?:%25|%)?\//.test(merged);
          if (!isInside || segments.includes('..') || segments.includes('.'))
            expect.fail(`${signed}, round ${round}`);
          path = path.replaceAll(/%(?:u00)?([\da-f]{2})/gi, (_, digits: string) =>
            String.fromCharCode(Number.parseInt(digits, 16)),
          );
        }
      }),
      { numRuns: runs(20) },
    );
    expect(count).toBeGreaterThan(runs(1));
  });
});

describe('a URL that is not signed for the name of its object is told', () => {
  const url = 'https://photos.s3.eu-central-1.amazonaws.com';
  const store = s3({ url, region: 'eu-central-1', credentials: { accessKeyId: 'A', secretAccessKey: key } });
  const images = cloudflareImages({ key, variants: ['thumb'] });
  const site = imgix({ url: '/files', key });

  test.each([
    ['a/../b.jpg', 'dot-segment'],
    ['a/%252e%252e/b.jpg', 'dot-segment'],
    ['uploads%2Fa.jpg', 'encoded-slash'],
    ['a%252fb.jpg', 'encoded-slash'],
    ['a%5Cb.jpg', 'backslash'],
    ['a%0Ab.jpg', 'control-character'],
    ['caf%E9.jpg', 'not-utf-8'],
    ['uploads/', 'trailing-slash'],
    ['a+b.jpg', 'bare-plus'],
  ])('%s: %s', (path, problem) => {
    for (const scheme of [store, [store, images], [images, store]]) {
      const events: ImageSignerEvent[] = [];
      const signer = signerOf(scheme, { report: (event: ImageSignerEvent) => events.push(event) });
      signer.rewriteHtml(`<img src="${url}/${path}">`);
      expect(events).toEqual([{ type: 'skipped', url: `${url}/${path}`, reason: 'object-name', problem }]);
      expect(explainUrl(`${url}/${path}`, { signer }).findings.map(({ code }) => code)).toEqual([
        'object-name',
      ]);
      expect(() => signer.signImage(`${url}/${path}`)).toThrow('which is not signed: ');
    }
  });

  test('below a path of the site', () => {
    const events: ImageSignerEvent[] = [];
    const signer = signerOf(site, { report: (event: ImageSignerEvent) => events.push(event) });
    for (const path of unusual) signer.rewriteHtml(`<img src="/files/${path}">`);
    expect(events.map((event) => 'problem' in event && event.problem)).toEqual(
      unusual.map(() => 'plain-names-only'),
    );
  });

  test('for CloudFront a name with a *, which is signed if it is written %2A', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const base = 'https://d111111abcdef8.cloudfront.net';
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const events: ImageSignerEvent[] = [];
    const signer = signerOf(cloudFront({ url: base, keyId: 'K2JCJMDEHXQW5F', key: pem }), {
      report: (event: ImageSignerEvent) => events.push(event),
    });
    signer.rewriteHtml(`<img src="${base}/a*.jpg">`);
    expect(events).toMatchObject([{ reason: 'object-name', problem: 'wildcard' }]);
    expect(signer.signImage('a*.jpg')).toContain(`${base}/a%2A.jpg?`);
    expect(isSigned(signer, `${base}/a%2A.jpg`)).toBe(true);
  });

  test('for Bunny what it could read in more ways, under the `prefixes` alone', () => {
    const base = 'https://shop.b-cdn.net';
    const events: ImageSignerEvent[] = [];
    const signer = signerOf(bunny({ url: base, key, prefixes: 'photos/' }), {
      report: (event: ImageSignerEvent) => events.push(event),
    });
    for (const [path, problem] of [
      ['photos/1234', 'trailing-digit'],
      ['photos/clip.mp4', 'trailing-digit'],
      ['photos/1799999999999.jpg?width=300', 'more-readings'],
      ['photos/a.jpg?blur=20&width=300', 'more-readings'],
    ] as const) {
      events.length = 0;
      signer.rewriteHtml(`<img src="${base}/${path.replace('&', '&amp;')}">`);
      expect(events).toMatchObject([{ reason: 'object-name', problem }]);
      expect(() => signer.signImage(`${base}/${path}`)).toThrow('which is not signed: ');
      expect(explainUrl(`${base}/${path}`, { signer }).findings).toMatchObject([{ code: 'object-name' }]);
    }
    expect(() => signer.signImage('photos/1234')).toThrow('ends with a digit');
    expect(() => signer.signImage(`${base}/others/1234`)).toThrow('which no scheme signs');
  });

  test('in a view, which gets it back as it is; an id as well', async () => {
    const events: ImageSignerEvent[] = [];
    const signer = signerOf(store, { report: (event: ImageSignerEvent) => events.push(event) });
    const app = express();
    app.use(imageSigner({ signer, rewrite: false }));
    app.get('/', (_req, res) => {
      const { signImage } = res.locals as { signImage(image: string): string };
      res.json(
        ['a/../b.jpg', 'a\\b.jpg', `${url}/a+b.jpg`, 'data:,a', 'a+b.jpg'].map((image) => signImage(image)),
      );
    });
    const { text } = await exchangeLater(app, '/');
    const [dots, backslash, plus, data, id] = JSON.parse(text) as string[];
    expect([dots, backslash, plus, data]).toEqual(['a/../b.jpg', 'a\\b.jpg', `${url}/a+b.jpg`, 'data:,a']);
    expect(id).toContain(`${url}/a%2Bb.jpg?X-Amz-`);
    expect(
      events.map((event) => ('problem' in event ? event.problem : event.type === 'skipped' && event.reason)),
    ).toEqual(['dot-segment', 'backslash', 'bare-plus', 'not-a-delivery-url']);
  });
});
