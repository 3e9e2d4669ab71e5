/**
 * URLs that a stranger writes into a page, to have something signed that the scheme is not to sign: outside of its
 * folders, on another host, or by a parameter that shows something else.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSigner, type Signer, type SignerOptions } from '../../src/index.ts';
import type { Scheme } from '../../src/schemes.ts';
import { pick, randoms } from '../support/generators/random.ts';
import { instant } from '../support/samples.ts';
import { schemeAt, storeNames, tableScheme } from '../support/schemes/table.ts';
import { runs } from '../support/seed.ts';
import hostile from '../vectors/hostile-urls.json' with { type: 'json' };

const url = 'https://photos.example/store';
const prefixes = 'uploads/';

function signerOf(scheme: Scheme): Signer {
  return createSigner({ scheme, ttl: '1h', now: () => instant, report: false } as unknown as SignerOptions);
}

const schemes = storeNames.map((name) => [name, signerOf(schemeAt(name, url, { prefixes }))] as const);

/** Whether a page with the URL gets a token. */
function isSigned(signer: Signer, image: string): boolean {
  const page = `<img src="${image.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}">`;
  return signer.rewriteHtml(page) !== page;
}

describe.each(schemes)('%s', (_name, signer) => {
  test('signs what is in its folder', () => {
    for (const image of [`${url}/uploads/a.jpg`, 'https://PHOTOS.example/store/uploads/a.jpg'])
      expect(isSigned(signer, image), image).toBe(true);
  });

  test.each(hostile.outside)('does not sign %j', (path) => {
    expect(isSigned(signer, url + path)).toBe(false);
    expect(() => signer.signImage(url + path)).toThrow(
      expect.objectContaining({ code: 'NOT_A_DELIVERY_URL' }),
    );
  });

  test.each(hostile.elsewhere)('does not sign what is under %j', (base) => {
    expect(isSigned(signer, `${base}/uploads/a.jpg`)).toBe(false);
  });

  test('what it signs is in its folder, however often a server decodes the path', () => {
    const pieces = [
      ...'uploads private a.jpg a .. . / / / ; \\ ? # & = % : %2e %2E %2f %5c %3b %3f %23 %00 %09 %25 %u002e'.split(
        ' ',
      ),
      ...'%c0%ae %ff %20 + @ | ~ * \u00e9 \uff0e \u2024 __proto__ https://'.split(' '),
      ' ',
    ];
    let count = 0;
    fc.assert(
      fc.property(randoms, (random) => {
        const tail = Array.from({ length: 1 + Math.floor(random() * 6) }, () => pick(random, pieces)).join(
          '',
        );
        const image = `${url}/${random() < 0.8 ? 'uploads/' : ''}${tail}`;
        let signed: string;
        try {
          signed = signer.signImage(image);
        } catch {
          return;
        }
        count++;
        if (!staysInFolder(signed)) expect.fail(`${image} was signed: ${signed}`);
      }),
      { numRuns: runs(3) },
    );
    expect(count).toBeGreaterThan(runs(0.3));
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

describe('s3: what a URL asks for beside the image', () => {
  const parameters = [
    ...['response-content-type', 'Response-Content-Type', 'response-content-encoding', 'uploadID', 'ACL'],
    ...['response-content-disposition', 'response-cache-control', 'versionId', 'v'],
  ];
  const [store, willing] = [undefined, parameters].map((names) =>
    signerOf(schemeAt('s3', url, { prefixes, parameters: names })),
  ) as [Signer, Signer];

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
  ])('?%s is never signed: an upload that is a page as well would run on the host of the store', (query) => {
    const image = `${url}/uploads/a.jpg?${query}`;
    const bare = query.startsWith('v=1') ? `${url}/uploads/a.jpg?v=1` : `${url}/uploads/a.jpg`;
    expect(store.signImage(image)).toBe(store.signImage(bare));
    expect(isSigned(willing, image)).toBe(false);
  });

  test.each([
    'response-content-disposition=attachment%3B+filename%3Da.jpg',
    'response-content-disposition=attachment',
    'response-cache-control=max-age%3D60',
    'versionId=1',
  ])('?%s is signed if its name is listed', (query) => {
    expect(willing.signImage(`${url}/uploads/a.jpg?${query}`)).toContain(`?${query.split('=', 1)[0]}=`);
    expect(store.signImage(`${url}/uploads/a.jpg?${query}`)).toBe(store.signImage(`${url}/uploads/a.jpg`));
  });
});

describe('imgproxy', () => {
  const signer = signerOf(tableScheme('imgproxy', { url, prefixes: 'https://photos.example/uploads/' }));
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
