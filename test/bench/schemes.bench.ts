/**
 * What a URL of each scheme costs beside its bare digest, s3 beside aws4fetch, and a page of 60 images. Processor time, so
 * that a busy machine changes it little; nothing is asserted.
 */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createSecretKey,
  createSign,
  generateKeyPairSync,
  randomUUID,
  sign,
} from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import type { Scheme, UrlParts } from '../../src/schemes.ts';
import { createSigner, load } from './built.ts';
import { giveFigure } from './give-figure.ts';
import { type Contender, measure, print, processorTime } from './rounds.ts';

const schemes = await load<typeof import('../../src/schemes.ts')>('schemes');
const secret = 'a-signing-key-of-the-usual-length-0123456789';
const keyObject = createSecretKey(secret, 'utf8');
const hex = '943b421c9eb07c830af81030552c86009268de4e532ba2ee2eab8247c6da0881';
const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(pkcs8).toString();
const rsaKey = createPrivateKey(rsa);
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const region = 'eu-central-1';
const validUntil = 1_790_400_000_000;
const scope = { storeId: 'store_abcdefgh12345678', pathname: '*', operations: ['get'], validUntil };

/** By name, the digest of a text, and how many a round takes: an RSA signature takes a millisecond. */
const digests = {
  'HMAC-SHA256': [10_000, (text: string) => createHmac('sha256', keyObject).update(text).digest('hex')],
  'HMAC-SHA1': [10_000, (text: string) => createHmac('sha1', keyObject).update(text).digest('hex')],
  MD5: [10_000, (text: string) => createHash('md5').update(text).digest('hex')],
  'RSA-SHA1': [50, (text: string) => createSign('sha1').update(text).sign(rsaKey, 'base64')],
  'RSA-SHA256': [50, (text: string) => createSign('sha256').update(text).sign(rsaKey, 'hex')],
  Ed25519: [300, (text: string) => sign(null, Buffer.from(text), ed25519).toString('base64url')],
} as const;

interface Site {
  readonly digest: keyof typeof digests;
  readonly url: string;
  readonly options: object;
  /** What stands between `url` and the name, and what behind it. */
  readonly path?: readonly [before: string, behind: string];
}

/** One for each built-in scheme; its options beside `url` and `prefixes`. */
const sites: Readonly<Partial<Record<keyof typeof schemes, Site>>> = {
  cloudflareImages: {
    digest: 'HMAC-SHA256',
    url: 'https://imagedelivery.net',
    options: { key: secret, variants: ['thumb'], url: undefined, prefixes: undefined },
    path: ['/cheeW4oKsx5ljh8e8BoL2A/', '/thumb'],
  },
  s3: {
    digest: 'HMAC-SHA256',
    url: `https://photos.s3.${region}.amazonaws.com`,
    options: { region, credentials },
  },
  cloudFront: {
    digest: 'RSA-SHA1',
    url: 'https://d111111abcdef8.cloudfront.net',
    options: { keyId: 'K2JCJMDEHXQW5F', key: rsa },
  },
  azureBlob: {
    digest: 'HMAC-SHA256',
    url: 'https://shopimages.blob.core.windows.net',
    options: { account: 'shopimages', container: 'photos', key: Buffer.from(secret).toString('base64') },
    path: ['/photos/uploads/', '.jpg'],
  },
  gcs: {
    digest: 'RSA-SHA256',
    url: 'https://storage.googleapis.com/photos',
    options: { credentials: { client_email: 'images@shop-1234.iam.gserviceaccount.com', private_key: rsa } },
  },
  bunny: { digest: 'HMAC-SHA256', url: 'https://shop.b-cdn.net', options: { key: secret } },
  cloudflareWaf: { digest: 'HMAC-SHA256', url: 'https://photos.example/private', options: { key: secret } },
  googleCdn: {
    digest: 'HMAC-SHA1',
    url: 'https://cdn.example',
    options: { keyId: 'images', key: 'nZtRohdNF9m3cKM24IcK4w==' },
  },
  imgix: { digest: 'MD5', url: 'https://shop.imgix.net', options: { key: secret } },
  nginxSecureLink: { digest: 'MD5', url: 'https://photos.example/private', options: { key: secret } },
  edgeAuth: { digest: 'HMAC-SHA256', url: 'https://photos.example', options: { key: hex } },
  imgproxy: {
    digest: 'HMAC-SHA256',
    url: 'https://imgproxy.example',
    options: { key: hex, salt: hex, prefixes: 'https://photos.example/uploads/' },
    path: ['/insecure/rs:fill:300:200/plain/https://photos.example/uploads/', '.jpg'],
  },
  vercelBlob: {
    digest: 'HMAC-SHA256',
    url: 'https://abcdefgh12345678.private.blob.vercel-storage.com',
    options: {
      delegation: {
        delegationToken: `${Buffer.from(JSON.stringify(scope)).toString('base64url')}.c2lnbmF0dXJl`,
        clientSigningToken: secret,
        validUntil,
      },
    },
  },
  sanity: {
    digest: 'Ed25519',
    url: 'https://cdn.sanity.io/images/abc123/production',
    options: { keyId: 'pk1234567890abcd', key: ed25519.export(pkcs8).toString() },
  },
  imageKit: { digest: 'HMAC-SHA1', url: 'https://ik.imagekit.io/shop', options: { key: secret } },
  jwt: {
    digest: 'HMAC-SHA256',
    url: 'https://images.example',
    options: { key: secret, claims: ({ origin, path }: UrlParts) => ({ sub: origin + path }) },
  },
};
const names = Object.keys(sites) as (keyof typeof sites)[];

const now = 1_790_000_000_000;
type AnySigner = ReturnType<typeof createSigner>;

function signerOf(name: keyof typeof sites, more: object = {}): AnySigner {
  const { url, options } = sites[name]!;
  const make = schemes[name] as unknown as (options: object) => Scheme;
  const all = Object.entries({ url, prefixes: 'uploads/', ...options, ...more });
  const scheme = make(Object.fromEntries(all.filter(([, value]) => value !== undefined)));
  return createSigner({ scheme, ttl: '1h', now: () => now }) as unknown as AnySigner;
}

/** Each a string of its own, and not one that the engine still has to join. */
function flat(texts: readonly string[]): readonly string[] {
  return JSON.parse(JSON.stringify(texts)) as string[];
}

const ids = flat(Array.from({ length: 10_000 }, () => randomUUID().replace(/\d$/, 'f')));
const urlsOf = (name: keyof typeof sites, count: number): readonly string[] => {
  const { url, path: [before, behind] = ['/uploads/', '.jpg'] } = sites[name]!;
  return flat(ids.slice(0, count).map((id) => url + before + id + behind));
};
/** So many images for each signer, whose cache is empty: a full one would be another thing to measure. */
const perSigner = 1_000;

const contenders: Contender[] = names.flatMap((name) => {
  const [units, digest] = digests[sites[name]!.digest];
  const urls = urlsOf(name, units);
  let signers: AnySigner[] = [];
  return [
    // Of the URL, which is about as long as what is signed.
    { name: `${name}: digest`, units, run: () => urls.reduce((sum, url) => sum + digest(url).length, 0) },
    {
      name,
      units,
      prepare() {
        signers = Array.from({ length: Math.ceil(units / perSigner) }, () => signerOf(name));
      },
      run: () =>
        urls.reduce((sum, url, i) => sum + signers[Math.floor(i / perSigner)]!.signImage(url).length, 0),
    },
  ];
});

const presigned = urlsOf('s3', 200);
const anchor: Contender = {
  name: 'aws4fetch',
  units: presigned.length,
  async run() {
    let length = 0;
    for (const each of presigned) {
      const url = `${each}?X-Amz-Expires=4500`;
      const signer = new AwsV4Signer({ url, service: 's3', region, ...credentials, signQuery: true });
      length += (await signer.sign()).url.href.length;
    }
    return length;
  },
};

function pageBy(name: keyof typeof sites, isWarm: boolean, title: string, more: object = {}): Contender {
  const images = urlsOf(name, 60).map(
    (url) => `<p><img src="${url}" width="640" height="480" alt="Photo"></p>`,
  );
  const html = `<!doctype html><title>60 images</title>${images.join('\n')}`;
  let signer = signerOf(name, more);
  return {
    name: `page by ${name}, ${title}`,
    units: 1,
    prepare() {
      if (!isWarm) signer = signerOf(name, more);
    },
    run: () => signer.rewriteHtml(html).length,
  };
}

const policy = { policy: `${sites.cloudFront!.url}/uploads/*`, prefixes: undefined };
const pages: Readonly<Record<string, readonly [Contender, digits: number]>> = {
  'page by cloudFront.cold': [pageBy('cloudFront', false, 'a canned policy each, cold'), 0],
  'page by cloudFront.warm': [pageBy('cloudFront', true, 'warm'), 2],
  'page by cloudFront.one policy': [
    pageBy('cloudFront', false, 'one policy for the folder, cold', policy),
    1,
  ],
  'page by gcs.cold': [pageBy('gcs', false, 'cold'), 0],
  'page by gcs.warm': [pageBy('gcs', true, 'warm'), 2],
};

const all = [...contenders, anchor, ...Object.values(pages).map(([page]) => page)];
const of = await measure(all, processorTime);
const micro = (name: string): string => (of(name) / 1_000).toFixed(2);

print('processor time of a URL, cache empty', [
  ['', 'µs', 'digest alone, µs', 'ratio', 'digest'],
  ...names.map((name) => {
    const ratio = of(name) / of(`${name}: digest`);
    giveFigure(['schemes', name], ratio, 1, 'times');
    giveFigure(['schemes', name, 'url'], of(name) / 1_000, 1, 'µs');
    giveFigure(['schemes', name, 'digest'], of(`${name}: digest`) / 1_000, 1, 'µs');
    return [name, micro(name), micro(`${name}: digest`), ratio.toFixed(2), sites[name]!.digest];
  }),
]);
const ofS3 = of(anchor.name) / of('s3');
giveFigure(['schemes', anchor.name, 'of s3'], ofS3, 0, 'times');
print('another presigner', [
  ['', 'µs', 'of s3'],
  [anchor.name, micro(anchor.name), ofS3.toFixed(0)],
]);
print('a page of 60 images', [
  ['', 'ms'],
  ...Object.entries(pages).map(([id, [{ name }, digits]]) => {
    giveFigure(['schemes', ...id.split('.')], of(name) / 1e6, digits, 'ms');
    return [name, (of(name) / 1e6).toFixed(3)];
  }),
]);
