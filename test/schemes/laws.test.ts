/** Every built-in scheme keeps the laws that `checkScheme` holds schemes of users to, in each way that it can be set up. */
import { describe, expect, test } from 'vitest';
import { definitionOf } from '../../src/schemes/definition.ts';
import {
  azureBlob,
  bunny,
  cloudFront,
  cloudflareImages,
  cloudflareWaf,
  edgeAuth,
  gcs,
  googleCdn,
  imageKit,
  imgix,
  imgproxy,
  jwt,
  nginxSecureLink,
  type Scheme,
  s3,
  sanity,
  vercelBlob,
} from '../../src/schemes.ts';
import { checkScheme, type SchemeExamples } from '../../src/testing.ts';
import { azuriteDelegation } from '../support/azurite.ts';
import { sanityKey, sanityKeyId, sanityUrl } from '../support/oracles/sanity.ts';
import { vercelDelegation, vercelUrl } from '../support/oracles/vercel-blob.ts';
import { privateKeyOf } from '../support/rsa-keys.ts';
import { shareOf } from '../support/run-length.ts';
import { seed } from '../support/seed.ts';

type Case = readonly [title: string, scheme: () => Scheme | Promise<Scheme>, examples: SchemeExamples];

const key = 'a-key-that-nobody-else-has/+';
const prefixes = ['uploads/', 'public/'];

/** Images of a store that has them under `prefixes`, and what stands beside them. */
function under(base: string, secrets: readonly string[] = [key]): SchemeExamples {
  const outside = base.startsWith('/') ? `${base}x` : base.replace('://', '://other.');
  return {
    urls: [
      `${base}/uploads/2026/photo-one.jpg`,
      `${base}/uploads/a.jpg?v=2`,
      `${base}/public/caf%C3%A9%20(1)/d.jpg?size=large&v=2&v=1`,
      `${base}/uploads/e.mp4?name=x%20y%2Bz+w&empty=&m=~`,
    ],
    foreign: [
      `${base}/private/a.jpg`,
      `${base}/uploads-of-others/a.jpg`,
      `${base}/Uploads/a.jpg`,
      `${base}/a.jpg`,
      `${base}/`,
      `${base}?uploads/a.jpg`,
      `${outside}/uploads/a.jpg`,
      `${base}.evil.example/uploads/a.jpg`,
    ],
    secrets,
    seed,
  };
}

const awsKeys = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const session = {
  ...awsKeys,
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  sessionToken: `${'FQoGZX/+'.repeat(40)}==`,
};
const aws = (host: string, region: string, path = ''): SchemeExamples['urls'][number] =>
  `https://${host}.${region}.amazonaws.com${path}`;
const s3Secrets = [awsKeys.secretAccessKey];
const r2 = `https://${'0a1b'.repeat(8)}.r2.cloudflarestorage.com/photos`;

/** Credentials of a function that has answered. */
async function answered(scheme: Scheme): Promise<Scheme> {
  await definitionOf(scheme)!.secrets!.lifetime!.refresh(1);
  return scheme;
}

const s3Cases: readonly Case[] = [
  [
    's3, the bucket as host',
    () =>
      s3({ url: aws('photos.s3', 'eu-central-1'), region: 'eu-central-1', credentials: awsKeys, prefixes }),
    under(aws('photos.s3', 'eu-central-1'), s3Secrets),
  ],
  [
    's3, the bucket in the path',
    () => s3({ url: aws('s3', 'us-west-2', '/photos'), region: 'us-west-2', credentials: awsKeys, prefixes }),
    under(aws('s3', 'us-west-2', '/photos'), s3Secrets),
  ],
  ['s3, R2', () => s3({ url: r2, region: 'auto', credentials: awsKeys, prefixes }), under(r2, s3Secrets)],
  [
    's3, MinIO on a port',
    () => s3({ url: 'http://minio.example:9000/b', region: 'us-east-1', credentials: awsKeys, prefixes }),
    under('http://minio.example:9000/b', s3Secrets),
  ],
  [
    's3, with a session',
    () => s3({ url: r2, region: 'auto', credentials: session, prefixes }),
    under(r2, s3Secrets),
  ],
  [
    's3, with a function that gives credentials',
    () => answered(s3({ url: r2, region: 'auto', credentials: async () => session, prefixes })),
    under(r2, s3Secrets),
  ],
];

const front = 'https://d111111abcdef8.cloudfront.net';
const [short, long] = [privateKeyOf(1024), privateKeyOf(3072)];
const keyPairId = 'K2JCJMDEHXQW5F';
const bodyOf = (text: string): string => text.split('\n')[3]!;

const cloudFrontCases: readonly Case[] = [
  [
    'cloudFront, a canned policy',
    () => cloudFront({ url: front, keyId: keyPairId, key: short, prefixes }),
    under(front, [bodyOf(short)]),
  ],
  [
    'cloudFront, a policy for a folder',
    () => cloudFront({ url: front, keyId: keyPairId, key: short, policy: `${front}/uploads/*` }),
    {
      ...under(front, [bodyOf(short)]),
      urls: under(front).urls.filter((url) => url.includes('/uploads/')),
    },
  ],
  [
    'cloudFront, a policy for a base that is a path, by a long key',
    () => cloudFront({ url: '/img', keyId: keyPairId, key: long, policy: `${front}/img/*`, prefixes }),
    under('/img', [bodyOf(long)]),
  ],
];

const azureKey = Buffer.from('An account key of Azure, which has sixty-four bytes').toString('base64');
const azure = { account: 'shopimages', container: 'photos', key: azureKey, prefixes };
const azurite = 'http://127.0.0.1:10000/shopimages';
const delegation = azuriteDelegation(1, 5_000_000_000);
/** Azure reads no parameter of theirs. */
const azureCases: readonly Case[] = [
  [
    'azureBlob, an account key',
    () => azureBlob({ ...azure, url: ['https://shopimages.blob.core.windows.net', azurite] }),
    under('https://shopimages.blob.core.windows.net/photos', [azureKey]),
  ],
  [
    'azureBlob, under a path',
    () => azureBlob({ ...azure, url: '/media' }),
    under('/media/photos', [azureKey]),
  ],
  [
    'azureBlob, a user delegation key of a function',
    () => answered(azureBlob({ ...azure, url: azurite, key: undefined, delegation: async () => delegation })),
    under(`${azurite}/photos`, [delegation.value]),
  ],
];

const serviceAccount = { client_email: 'images@shop-1234.iam.gserviceaccount.com', private_key: short };
const gcsCases: readonly Case[] = [
  'https://storage.googleapis.com/photos',
  'https://photos.storage.googleapis.com',
].map((url) => [
  `gcs, ${url}`,
  () => gcs({ url, credentials: serviceAccount, prefixes }),
  under(url, [bodyOf(short)]),
]);

const [hexKey, hexSalt] = ['736563726574207365637265742073656372', '68656c6c6f2068656c6c6f2068656c6c6f20'];
const processor = 'https://imgproxy.example/img';
const source = 'https://photos.example/uploads';
const base64 = (text: string): string => Buffer.from(text).toString('base64url');

const imgproxyForeign = [
  `${processor}/insecure/rs:fill:300:400/plain/https://other.example/uploads/a.jpg`,
  `${processor}/insecure/rs:fill:300:400/${base64('https://photos.example/private/a.jpg')}.jpg`,
  `${processor}/insecure/rs:fill:300:400/plain/${source}/../private/a.jpg`,
  `${processor}/insecure/wmu:${base64(`${source}/b.jpg`)}/plain/${source}/a.jpg`,
  `${processor}/other/rs:fill:300:400/plain/${source}/a.jpg`,
  `${processor}/insecure/rs:fill:300:400/enc/${base64('sixteen bytes of text')}`,
  `https://imgproxy.example/insecure/plain/${source}/a.jpg`,
];
const imgproxyCases: readonly Case[] = (
  [
    [
      'plain',
      [
        `${processor}/insecure/rs:fill:300:400/g:sm/plain/${source}/a.jpg@webp`,
        `${processor}/insecure/plain/${source}/caf%C3%A9.jpg`,
        `${processor}/insecure/w:10/plain/${source}/b.jpg?v=2&v=1`,
      ],
    ],
    [
      'base64',
      [
        `${processor}/insecure/rs:fill:300:400/g:sm/${base64(`${source}/a.jpg`)}.webp`,
        `${processor}/insecure/w:10/${base64(`${source}/a.jpg`).replace(/.{16}/g, '$&/')}`,
        `${processor}/insecure/${base64(`${source}/b.jpg`)}?v=2&v=1`,
      ],
    ],
  ] as const
).map(([title, urls]) => [
  `imgproxy, ${title}`,
  () => imgproxy({ url: processor, key: hexKey, salt: hexSalt, prefixes: `${source}/` }),
  {
    urls,
    foreign: imgproxyForeign,
    secrets: [hexKey, hexSalt, ...[hexKey, hexSalt].map((hex) => Buffer.from(hex, 'hex').toString())],
    seed,
  },
]);

const account = 'cheeW4oKsx5ljh8e8BoL2A';
const delivery = 'https://imagedelivery.net';
const cloudflareCases: readonly Case[] = [
  [
    'cloudflareImages, any account',
    () => cloudflareImages({ key: [key, 'an-older-key-of-ours'], variants: ['thumb', 'big one'] }),
    {
      urls: [
        `${delivery}/${account}/photo-1/thumb`,
        `${delivery}/${account}/2026/caf%C3%A9/big%20one?v=2&v=1`,
        `${delivery}/other/photo-1/thumb?dl=a%20b`,
      ],
      foreign: [
        `${delivery}/${account}/photo-1/other`,
        `${delivery}/${account}/thumb`,
        `${delivery}/photo-1/`,
        `https://imagedelivery.net.evil.example/${account}/photo-1/thumb`,
      ],
      secrets: [key, 'an-older-key-of-ours'],
      seed,
    },
  ],
  [
    'cloudflareImages, the account in the base',
    () =>
      cloudflareImages({
        key,
        variants: { thumb: {}, preview: { alwaysPublic: true } },
        accountHash: account,
        delivery: [{ base: '/images', accountHash: account }, delivery],
      }),
    {
      urls: ['/images/photo-1/thumb', '/images/2026/b/thumb?v=2&v=1', `${delivery}/${account}/photo-1/thumb`],
      foreign: [
        '/images/photo-1/preview',
        '/images/photo-1/other',
        '/imagesphoto-1/thumb',
        `${delivery}/other/photo-1/thumb`,
      ],
      secrets: [key],
      seed,
    },
  ],
];

const waf = (urlSafe: boolean): Case => [
  `cloudflareWaf, urlSafe ${urlSafe}`,
  () => cloudflareWaf({ url: ['https://photos.example/private', '/private'], key, urlSafe, prefixes }),
  under('https://photos.example/private'),
];
/** A repeated name is not signed, and no path that ends with a digit. */
const bunnyUnder = (base: string): SchemeExamples => {
  const { urls, foreign, ...rest } = under(base);
  const isAmbiguous = (each: string): boolean => each.includes('v=2&v=1') || each.includes('.mp4');
  return {
    ...rest,
    urls: [...urls.filter((each) => !isAmbiguous(each)), `${base}/uploads/e.m4v?name=x%20y%2Bz&empty=&m=~`],
    foreign: [
      ...foreign,
      ...urls.filter(isAmbiguous),
      ...['1', 'a.jpg?1=2', '1790000000000.jpg?v=2'].map((each) => `${base}/uploads/${each}`),
    ],
  };
};
const edgeKey = Buffer.from('sixteen letters.').toString('hex');
const cdnKey = Buffer.from('sixteen letters.').toString('base64url');

const [endpoint, gateway] = ['https://ik.imagekit.io/shop', 'https://images.example/private'];
/** What the laws put into a query; a scheme with an allowlist would be given none of it. */
const examined = ['v', 'size', 'name', 'empty', 'm', 'dl', 'a', 'b', 'c', 'u', '__proto__', 'constructor'];
const imageKitUnder = (base: string): SchemeExamples => {
  const { urls, foreign, ...rest } = under(base);
  const tr = (steps: string): readonly string[] => [
    `${base}/tr:${steps}/uploads/a.jpg`,
    `${base}/uploads/tr:${steps}/a.jpg`,
    `${base}/uploads/a.jpg?tr=${steps}`,
    `${base}/uploads/a.jpg?v=a&%74r=w-10%3A${encodeURIComponent(steps)}`,
  ];
  return {
    ...rest,
    urls: [
      ...urls.filter((each) => !/\d$/.test(each)), // it could be read as one of the expiry
      `${base}/tr:w-300,h-200:rt-90/uploads/b.jpg`,
      `${base}/uploads/b.jpg?tr=w-300,h-200:f-webp`,
    ],
    foreign: [
      ...foreign,
      `${base}/tr:w-300/private/a.jpg`,
      ...['l-image,i-private@@a.png,l-end', 'di-private@@a.png', 'oi-b.png,w-x', 'e-bgremove'].flatMap(tr),
    ],
  };
};

/** The laws sign for times up to the year 2101. */
const lastingDelegation = vercelDelegation(9_000_000_000);

const cases: readonly Case[] = [
  ...s3Cases,
  ...azureCases,
  ...gcsCases,
  ...cloudFrontCases,
  [
    'bunny',
    () => bunny({ url: 'https://shop.b-cdn.net', key, prefixes }),
    bunnyUnder('https://shop.b-cdn.net'),
  ],
  ['bunny, under a path', () => bunny({ url: '/cdn', key, prefixes }), bunnyUnder('/cdn')],
  waf(false),
  waf(true),
  [
    'cloudflareWaf, a parameter of its own, under a path',
    () => cloudflareWaf({ url: '/private', key, token: 'pass', prefixes }),
    under('/private'),
  ],
  [
    'googleCdn',
    () => googleCdn({ url: 'https://cdn.example/private', keyId: 'images-2026', key: cdnKey, prefixes }),
    under('https://cdn.example/private', [cdnKey, 'sixteen letters.']),
  ],
  [
    'nginxSecureLink',
    () => nginxSecureLink({ url: ['https://photos.example/private', '/private'], key, prefixes }),
    under('https://photos.example/private'),
  ],
  [
    'nginxSecureLink, an expression and arguments of its own, under a path',
    () =>
      nginxSecureLink({
        url: '/private',
        key,
        expression: '$uri $secure_link_expires$key',
        token: ['st', 'e'],
        prefixes,
      }),
    under('/private'),
  ],
  ...(
    [
      ['akamai', {}],
      ['akamai, escaped', { escapeEarly: true, salt: 'a-salt-of-nobody' }],
      ['akamai, an acl', { kind: 'acl', token: 'hdnts' }],
      ['cloudinary', { preset: 'cloudinary' }],
      ['cloudinary, an acl', { preset: 'cloudinary', kind: 'acl' }],
      ['uploadcare', { preset: 'uploadcare' }],
    ] as const
  ).map(
    ([title, options]): Case => [
      `edgeAuth, ${title}`,
      () => edgeAuth({ url: 'https://photos.example', key: edgeKey, ...options, prefixes }),
      under('https://photos.example', [edgeKey, 'sixteen letters.', 'a-salt-of-nobody']),
    ],
  ),
  ['imgix', () => imgix({ url: 'https://shop.imgix.net', key, prefixes }), under('https://shop.imgix.net')],
  ...imgproxyCases,
  ...cloudflareCases,
  [
    'imageKit',
    () => imageKit({ url: endpoint, key, prefixes, parameters: [...examined, 'tr'] }),
    imageKitUnder(endpoint),
  ],
  [
    'sanity',
    () => sanity({ url: sanityUrl, keyId: sanityKeyId, key: sanityKey, prefixes, parameters: examined }),
    under(sanityUrl, [sanityKey.split('\n')[1]!]),
  ],
  [
    'jwt, of the whole URL',
    () =>
      jwt({
        url: gateway,
        key,
        claims: ({ origin, path, query }) => ({ sub: `${origin}${path}?${query}` }),
        prefixes,
      }),
    under(gateway),
  ],
  [
    'jwt, of the path, by a secret with parameters',
    () =>
      jwt({
        url: gateway,
        key: { value: key, added: { policy: 'a.b+c' } },
        token: 'pass',
        claims: ({ path }) => ({ path, version: 1 }),
        prefixes,
      }),
    under(gateway),
  ],
  [
    'vercelBlob',
    () => vercelBlob({ url: vercelUrl, delegation: lastingDelegation, prefixes }),
    under(vercelUrl, [lastingDelegation.clientSigningToken]),
  ],
];

describe('every built-in scheme keeps the laws', () => {
  test.each(shareOf(cases, 8, seed))('%s', { timeout: 60_000 }, async (_title, make, examples) => {
    const scheme = await make();
    expect(() => checkScheme(scheme, examples)).not.toThrow();
  });
});
