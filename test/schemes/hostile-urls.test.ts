/**
 * URLs that a stranger writes into a page, to have something signed that the scheme is not to sign: outside of its
 * folders, on another host, or by a parameter that shows something else.
 */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createSigner, type Signer, type SignerOptions } from '../../src/index.ts';
import {
  azureBlob,
  bunny,
  cloudFront,
  cloudflareWaf,
  gcs,
  googleCdn,
  imageKit,
  imgix,
  imgproxy,
  jwt,
  type Scheme,
  s3,
  sanity,
  vercelBlob,
} from '../../src/schemes.ts';
import { vercelDelegation } from '../support/oracles/vercel-blob.ts';
import { randomFrom } from '../support/random.ts';
import { pick } from '../support/random-urls.ts';
import { instant } from '../support/samples.ts';
import { atLength, seed } from '../support/seed.ts';

const url = 'https://photos.example/store';
const key = 'a-key-that-nobody-else-has/+';
const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: key };
const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const privateKey = rsa.export({ type: 'pkcs8', format: 'pem' }).toString();
const prefixes = 'uploads/';
const hex = Buffer.from(key).toString('hex');
const azureKey = Buffer.from(key).toString('base64');

function signerOf(scheme: Scheme, more: Partial<SignerOptions> = {}): Signer {
  return createSigner({ scheme, ttl: '1h', now: () => instant, report: false, ...more } as SignerOptions);
}

const schemes: readonly (readonly [name: string, signer: Signer])[] = [
  s3({ url, region: 'auto', credentials, prefixes }),
  cloudFront({ url, keyId: 'K2JCJMDEHXQW5F', key: privateKey, prefixes }),
  bunny({ url, key, prefixes }),
  cloudflareWaf({ url, key, prefixes }),
  googleCdn({ url, keyId: 'k-1', key: Buffer.from(key.slice(0, 16)).toString('base64url'), prefixes }),
  azureBlob({
    url: url.replace('/store', ''),
    account: 'shopimages',
    container: 'store',
    key: azureKey,
    prefixes,
  }),
  gcs({
    url,
    credentials: { client_email: 'images@shop.iam.gserviceaccount.com', private_key: privateKey },
    prefixes,
  }),
  imgix({ url, key, prefixes }),
  imageKit({ url, key, prefixes }),
  jwt({ url, key, claims: ({ origin, path }) => ({ sub: origin + path }), prefixes }),
  sanity({ url, keyId: 'k-1', key: 'ab'.repeat(32), prefixes }),
  vercelBlob({ url, delegation: vercelDelegation(instant / 1_000 + 600_000), prefixes }),
].map((scheme) => [scheme.name, signerOf(scheme)]);

/** Whether a page with the URL gets a token. */
function isSigned(signer: Signer, image: string): boolean {
  const page = `<img src="${image.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}">`;
  return signer.rewriteHtml(page) !== page;
}

const outside: readonly string[] = [
  ...['/uploads/../private/a.jpg', '/uploads/%2e%2e/private/a.jpg', '/uploads/.%2E/private/a.jpg'],
  ...['/uploads/%252e%252e/private/a.jpg', '/uploads/..%2fprivate/a.jpg', '/uploads%2f..%2fprivate/a.jpg'],
  ...['/uploads/..;/private/a.jpg', '/uploads/..;a=b/private/a.jpg', '/uploads/..%3b/private/a.jpg'],
  ...['/uploads/%u002e%u002e/private/a.jpg', '/uploads/%c0%ae%c0%ae/private/a.jpg', '/uploads/./a.jpg'],
  ...['//uploads/a.jpg', '/uploads/a.jpg/', '/uploads/', '/uploads//', '/uploads', '/uploads?/a.jpg'],
  ...['/uploads//../private/a.jpg', '/uploads//%2e%2e//private/a.jpg', '//', '/', '/%2Fuploads/a.jpg'],
  ...['/uploads/%252e./private/a.jpg', '/uploads/.%252e/private/a.jpg', '/uploads/%2e%252e/private/a.jpg'],
  ...[
    '/uploads/..%3F/a.jpg',
    '/uploads/..%23/../a.jpg',
    '/uploads/..%253F',
    '/uploads/..%253b/private/a.jpg',
  ],
  ...['/uploads/%255c..%255cprivate/a.jpg', '/uploads/..%252fprivate/a.jpg', '/uploads/%%32%66private/a.jpg'],
  ...['/uploads/%25u002e%25u002e/private/a.jpg', '/uploads/%2%65%2%65/private/a.jpg'],
  ...['/uploads/..%u002fprivate/a.jpg', '/uploads/..%25u005Cprivate/a.jpg', '/uploads/..%u005cprivate/a.jpg'],
  ...['/uploads\\..\\private\\a.jpg', '/uploads/%5c..%5cprivate/a.jpg', '/uploads/..%5cprivate/a.jpg'],
  ...['/uploads/a%00.jpg', '/uploads/a%0a.jpg', '/uploads/a%7f.jpg', '/uploads/a\u0001.jpg'],
  ...['/UPLOADS/a.jpg', '/uploads%3f/a.jpg', '/private/a.jpg?uploads/', '/private/a.jpg#/uploads/a.jpg'],
  ...['/../store/uploads/a.jpg', '/uploads/%252fprivate/a.jpg', '/uploads-of-others/a.jpg'],
];

const elsewhere: readonly string[] = [
  ...['https://photos.example@evil.example/store', 'https://user@photos.example/store'],
  ...['https://user:word@photos.example/store', 'https://photos.example:8443/store'],
  ...[
    'https://photos.example.evil.example/store',
    'https://photos.example./store',
    'https:photos.example/store',
  ],
  ...['https://evil.example/https://photos.example/store', 'https:\\\\photos.example\\store'],
  ...[
    'https://photos.example\\@evil.example/store',
    'https:/photos.example/store',
    'ftp://photos.example/store',
  ],
  ...[
    'https://photos\uff0eexample/store',
    'https://ph\u03bftos.example/store',
    'https://photos%2eexample/store',
  ],
  ...['https://photos.example/Store', 'https://photos.example/store%2f', 'https://photos.example/x/../store'],
  ...['/store', 'store'],
];

describe.each(schemes)('%s', (_name, signer) => {
  test('signs what is in its folder', () => {
    for (const image of [`${url}/uploads/a.jpg`, 'https://PHOTOS.example/store/uploads/a.jpg'])
      expect(isSigned(signer, image), image).toBe(true);
  });

  test.each(outside)('does not sign %j', (path) => {
    expect(isSigned(signer, url + path)).toBe(false);
    expect(() => signer.signImage(url + path)).toThrow(
      expect.objectContaining({ code: 'NOT_A_DELIVERY_URL' }),
    );
  });

  test.each(elsewhere)('does not sign what is under %j', (base) => {
    expect(isSigned(signer, `${base}/uploads/a.jpg`)).toBe(false);
  });

  test('what it signs is in its folder, however often a server decodes the path', () => {
    const random = randomFrom(seed);
    const pieces = [
      ...[
        'uploads',
        'private',
        'a.jpg',
        'a',
        '..',
        '.',
        '/',
        '/',
        '/',
        ';',
        '\\',
        '?',
        '#',
        '&',
        '=',
        '%',
        ':',
      ],
      ...['%2e', '%2E', '%2f', '%5c', '%3b', '%3f', '%23', '%00', '%09', '%25', '%u002e', '%c0%ae', '%ff'],
      ...['%20', ' ', '+', '@', '|', '~', '*', '\u00e9', '\uff0e', '\u2024', '__proto__', 'https://'],
    ];
    let count = 0;
    for (let left = atLength(3_000); left > 0; left--) {
      const tail = Array.from({ length: 1 + Math.floor(random() * 6) }, () => pick(random, pieces)).join('');
      const image = `${url}/${random() < 0.8 ? 'uploads/' : ''}${tail}`;
      let signed: string;
      try {
        signed = signer.signImage(image);
      } catch {
        continue;
      }
      count++;
      if (!staysInFolder(signed)) expect.fail(`${image} was signed: ${signed}`);
    }
    expect(count).toBeGreaterThan(atLength(300));
  });
});

/** By the URL standard, and by servers that decode once or twice, and drop what follows a `;`. */
function staysInFolder(signed: string): boolean {
  let path = new URL(signed).pathname;
  for (let round = 0; round < 3; round++) {
    const segments = path.split(/[/\\]/).map((segment) => segment.split(/[;?#]/, 1)[0]!);
    if (!path.startsWith('/store/uploads/') || segments.includes('..') || segments.includes('.'))
      return false;
    path = path.replaceAll(/%([\da-f]{2})/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
  }
  return true;
}

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  '%s is an id like any other',
  (name) => {
    for (const [scheme, signer] of schemes) {
      expect(signer.signImage(`uploads/${name}`), scheme).toContain(`${url}/uploads/${name}?`);
      expect(() => signer.signImage(name), scheme).toThrow('expected a delivery URL');
    }
  },
);

describe('what a URL asks for beside the image', () => {
  const parameters = [
    ...['response-content-type', 'Response-Content-Type', 'response-content-encoding', 'uploadID', 'ACL'],
    ...['response-content-disposition', 'response-cache-control', 'versionId', 'v'],
  ];
  const [store, willing, processor] = [
    signerOf(s3({ url, region: 'auto', credentials, prefixes })),
    signerOf(s3({ url, region: 'auto', credentials, prefixes, parameters })),
    signerOf(imgix({ url, key, prefixes })),
  ];

  test.each([
    'response-content-type=text/html',
    'Response-Content-Type=text/html',
    'v=1&response%2Dcontent-type=image/svg%2Bxml',
    'response-content-encoding=gzip',
    'response-content-disposition=inline',
    'response-content-disposition',
    'response-content-disposition=attachments',
    'ACL',
    'uploadID=1',
  ])('s3 never signs ?%s: an upload that is a page as well would run on the host of the store', (query) => {
    const image = `${url}/uploads/a.jpg?${query}`;
    expect(store.signImage(image)).toBe(
      store.signImage(image.replace(/\?(v=1)?.*/, (_, v) => (v ? `?${v}` : ''))),
    );
    expect(isSigned(willing, image)).toBe(false);
  });

  test.each([
    'response-content-disposition=attachment%3B+filename%3Da.jpg',
    'response-content-disposition=attachment',
    'response-cache-control=max-age%3D60',
    'versionId=1',
  ])('s3 signs ?%s if its name is listed', (query) => {
    expect(willing.signImage(`${url}/uploads/a.jpg?${query}`)).toContain(`?${query.split('=', 1)[0]}=`);
    expect(store.signImage(`${url}/uploads/a.jpg?${query}`)).toBe(store.signImage(`${url}/uploads/a.jpg`));
  });

  test.each([
    'mark=/private/a.jpg',
    'w=1&blend=%2Fprivate%2Fa.jpg',
    'mask=/private/a.png',
    'mask=private',
    'mask=abc',
    'blend=private',
    'blend=abcde',
    'mark64=L3ByaXZhdGUvYS5qcGc',
    'blend64=L3ByaXZhdGUvYS5qcGc',
    'mask64=L3ByaXZhdGUvYS5qcGc',
    '%6dark=/private/a.jpg',
    'MARK=a',
    'blend=https://photos.example/a.jpg',
    'mark',
  ])('imgix does not sign ?%s: any image of the source would show in it', (query) => {
    expect(isSigned(processor, `${url}/uploads/a.jpg?${query}`)).toBe(false);
  });

  test.each([
    'blend=ff0000',
    'blend=80FF0000',
    'blend=red',
    'mask=ellipse',
    'mask=corners',
    'w=100&marker=/a',
    'txt=mark',
  ])('imgix signs ?%s', (query) => {
    expect(isSigned(processor, `${url}/uploads/a.jpg?${query}`)).toBe(true);
  });

  test.each(['Token_Path=/', 'TOKEN=1', 'token_Ignore_params=a'])('bunny does not sign ?%s', (query) => {
    expect(isSigned(signerOf(bunny({ url, key, prefixes })), `${url}/uploads/a.jpg?${query}`)).toBe(false);
  });
});

describe('imgproxy', () => {
  const signer = signerOf(
    imgproxy({ url, key: hex, salt: hex, prefixes: 'https://photos.example/uploads/' }),
  );
  const base64 = (text: string): string => Buffer.from(text).toString('base64url');
  const sources = [
    ...['../private/a.jpg', '..;/private/a.jpg', '%2e%2e/private/a.jpg', '..%3b/a.jpg', './a.jpg'],
    ...['\\..\\private', '%5c..%5cprivate', '%252e%252e/a.jpg'],
  ].map((path) => `https://photos.example/uploads/${path}`);

  test.each([
    ...sources,
    'https://photos.example@evil.example/uploads/a.jpg',
    'https://evil.example/uploads/',
  ])('does not sign the source %s', (source) => {
    for (const path of [`plain/${source}`, `plain/${encodeURIComponent(source)}`, base64(source)])
      expect(isSigned(signer, `${url}/insecure/w:10/${path}`), path).toBe(false);
  });

  test('signs a source in its folder', () => {
    expect(isSigned(signer, `${url}/insecure/w:10/plain/https://photos.example/uploads/a.jpg`)).toBe(true);
  });
});
