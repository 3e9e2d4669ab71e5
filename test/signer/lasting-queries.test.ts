/**
 * A URL whose query holds no token is the same for every response, so its value is remembered. One that carries a token is
 * looked at each time: the signer may have given it out meanwhile, with a life of its own.
 */
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createSigner, type Signer } from '../../src/index.ts';
import { BoundScheme } from '../../src/schemes/bound.ts';
import { definitionOf } from '../../src/schemes/definition.ts';
import {
  azureBlob,
  bunny,
  cloudFront,
  cloudflareImages,
  cloudflareWaf,
  defineScheme,
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
import { mayHaveParameter } from '../../src/url/token-parameters.ts';
import { vercelDelegation } from '../support/oracles/vercel-blob.ts';
import { randomFrom } from '../support/random.ts';
import { pick } from '../support/random-urls.ts';
import { url as imageUrl, instant, key } from '../support/samples.ts';
import { atLength, seed } from '../support/seed.ts';

const prefixes = 'uploads/';
const base = 'https://cdn.example';
const privateKey = generateKeyPairSync('rsa', { modulusLength: 1024 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const strip = (text: string): string => text.replace(/\/t-\d+\//, '/');
/** Its token stands in the path, and says when it ends. */
const inPath = defineScheme({
  name: 'in-path',
  url: base,
  match: (text) => ({ id: strip(text) }),
  strip,
  sign: (text, { exp }) => text.replace(`${base}/`, `${base}/t-${exp}/`),
  verify(text, now) {
    const exp = Number(/\/t-(\d+)\//.exec(text)?.[1]);
    return now < exp ? { ok: true, expiresAt: exp } : { ok: false, reason: 'expired' };
  },
  fingerprint: 'in-path',
});

interface Case {
  readonly scheme: Scheme;
  readonly url: string;
}

const file = `${base}/uploads/a.jpg`;
const cases: Readonly<Record<string, Case>> = {
  cloudflareImages: {
    scheme: cloudflareImages({ key, variants: { thumb: {}, card: {} } }),
    url: imageUrl(),
  },
  s3: {
    scheme: s3({
      url: base,
      region: 'auto',
      credentials: { accessKeyId: 'a', secretAccessKey: key },
      prefixes,
    }),
    url: file,
  },
  cloudFront: {
    scheme: cloudFront({ url: base, keyId: 'K2JCJMDEHXQW5F', key: privateKey, prefixes }),
    url: file,
  },
  azureBlob: {
    scheme: azureBlob({
      url: 'https://cdn.example',
      account: 'shopimages',
      container: 'photos',
      key: Buffer.from(key).toString('base64'),
      prefixes,
    }),
    url: file.replace('/uploads/', '/photos/uploads/'),
  },
  gcs: {
    scheme: gcs({
      url: base,
      credentials: { client_email: 'images@shop.iam.gserviceaccount.com', private_key: privateKey },
      prefixes,
    }),
    url: file,
  },
  bunny: { scheme: bunny({ url: base, key, prefixes }), url: file },
  cloudflareWaf: { scheme: cloudflareWaf({ url: base, key, prefixes }), url: file },
  googleCdn: {
    scheme: googleCdn({ url: base, key: 'nZtRohdNF9m3cKM24IcK4w==', keyId: 'k', prefixes }),
    url: file,
  },
  imgix: { scheme: imgix({ url: base, key, prefixes }), url: file },
  vercelBlob: {
    scheme: vercelBlob({
      url: base,
      delegation: vercelDelegation(instant / 1000 + 600_000),
      prefixes,
    }),
    url: file,
  },
  sanity: { scheme: sanity({ url: base, keyId: 'k-1', key: 'ab'.repeat(32), prefixes }), url: file },
  // A query that it signs may not end with a digit.
  imageKit: { scheme: imageKit({ url: base, key, prefixes, parameters: 'tr' }), url: file },
  jwt: {
    scheme: jwt({
      url: base,
      key,
      claims: ({ origin, path }) => ({ sub: origin + path }),
      prefixes,
    }),
    url: file,
  },
  imgproxy: {
    scheme: imgproxy({ url: base, key: '61', salt: '62', prefixes: 'https://a.example/' }),
    url: `${base}/insecure/w:1/plain/https://a.example/b.jpg`,
  },
  'a token in the path': { scheme: inPath, url: file },
};
const all = Object.entries(cases);

function signerOf(scheme: Scheme | readonly Scheme[]): Signer {
  return createSigner({ scheme: scheme as Scheme, ttl: '1h', now: () => instant, report: false });
}

function imageOf(url: string): string {
  return `<img src="${url.replaceAll('&', '&amp;')}">`;
}

afterEach(() => vi.restoreAllMocks());

/** How often a scheme is asked for a URL. */
function countCalls(): () => number {
  const spy = vi.spyOn(BoundScheme.prototype, 'resolve');
  return () => spy.mock.calls.length;
}

describe.each(all)('%s', (_name, { scheme, url }) => {
  test.each(['', '?v=3', '?width=200&v=a%20b', '?v=3#exp'])(
    'a URL that ends in "%s" is remembered',
    (end) => {
      const signer = signerOf(scheme);
      const page = imageOf(url + end);
      const first = signer.rewriteHtml(page);
      expect(first).not.toBe(page);
      const count = countCalls();
      expect(signer.rewriteHtml(page)).toBe(first);
      expect(count()).toBe(0);
    },
  );
});

const verifying = all.filter(([name]) => name !== 'cloudflareWaf');

describe.each(verifying)('%s', (_name, { scheme, url }) => {
  test.each(['', '?v=3'])('a token with a life of its own stays after "%s"', (end) => {
    const life = { expiresAt: instant / 1000 + 60 };
    const carrying = signerOf(scheme).signImage(url + end, undefined, life);
    const signer = signerOf(scheme);
    for (let round = 0; round < 3; round++) {
      expect(signer.rewriteHtml(imageOf(carrying))).toBe(imageOf(signer.signImage(url + end)));
    }
    expect(signer.signImage(url + end, undefined, life)).toBe(carrying);
    expect(signer.rewriteHtml(imageOf(carrying))).toBe(imageOf(carrying));
  });
});

test('with several schemes the token of each is looked at', () => {
  const life = { expiresAt: instant / 1000 + 60 };
  const schemes = [cases['cloudflareImages']!, cases['imgix']!];
  for (const list of [schemes, schemes.toReversed()]) {
    const signer = signerOf(list.map(({ scheme }) => scheme));
    for (const { scheme, url } of list) {
      const carrying = signerOf(scheme).signImage(url, undefined, life);
      expect(signer.rewriteHtml(imageOf(carrying))).toBe(imageOf(signer.signImage(url)));
      signer.signImage(url, undefined, life);
      expect(signer.rewriteHtml(imageOf(carrying))).toBe(imageOf(carrying));
    }
  }
});

/** Names of tokens as a server may read them, and others. */
const names = [
  ...['exp', 'sig', 'Expires', 'expires', 's', 'token', 'verify', 'X-Amz-Date', 'x-amz-a', 'Signature'],
  ...['vercel-blob-signature', 'vercel-blob-a', 'keyid', 'expiry', 'signature', 'ik-t', 'ik-s'],
  ...['v', 'w', 'width', 'ex', '', 'p.q', 'fp-x'],
];

test('a URL from which a token would be taken off is never one without', () => {
  const random = randomFrom(seed);
  const bound: readonly (readonly [BoundScheme, string])[] = all.map(([, { scheme, url }]) => {
    return [new BoundScheme(definitionOf(scheme)!, { ttl: 3_600 }), url];
  });
  const counts = { with: 0, without: 0 };
  for (let left = atLength(20_000); left > 0; left--) {
    const [scheme, url] = pick(random, bound);
    const parameters = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
      const name = [...pick(random, names)].map((character) =>
        random() < 0.05 ? `%${character.charCodeAt(0).toString(16)}` : character,
      );
      return `${pick(random, ['', '', '', ' ', '+', '?'])}${name.join('')}${pick(random, ['', '=', '=1', ' ', '=#'])}`;
    });
    const text = `${url}?${parameters.join(pick(random, ['&', '&', '&&', '#', '?']))}`;
    const bare = scheme.unsign(text);
    const mayCarry = scheme.mayCarryToken(text);
    if (bare !== undefined && bare !== text) expect(mayCarry, `${scheme.name} ${text}`).toBe(true);
    counts[mayCarry ? 'with' : 'without']++;
  }
  expect(Math.min(counts.with, counts.without)).toBeGreaterThan(atLength(2_000));
});

test.each([
  ['/a?v=1&width=2', false],
  ['/a?', false],
  ['/a?v=exp&&w', false],
  ['/a', false],
  ['/exp&exp', false],
  ['/a?exp', true],
  ['/a?v&exp=1', true],
  ['/a?v=1&exp#b', true],
  ['/a#?exp', true],
  ['/a?%65xp', true],
  ['/a?exp =1', true],
  ['/a?e+xp', true],
  ['/a?v=1&w[]=2', true],
] as const)('whether %s may have a parameter: %s', (text, may) => {
  expect(mayHaveParameter(text, (name) => name === 'exp')).toBe(may);
});
