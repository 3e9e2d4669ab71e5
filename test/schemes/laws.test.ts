/** Every built-in scheme keeps the laws that `checkScheme` holds schemes of users to, in each way that it can be set up. */
import { expect, test } from 'vitest';
import { definitionOf } from '../../src/schemes/definition.ts';
import { checkScheme, type SchemeExamples } from '../../src/testing.ts';
import { makeScheme, type Options, type SchemeName, tables } from '../support/schemes/table.ts';
import { seed, shareOf } from '../support/seed.ts';
import keys from '../vectors/keys.json' with { type: 'json' };

const prefixes = ['uploads/', 'public/'];
/** The secrets of most tables, as far as they would show. */
const key = 'a-key-that-nobody-else-has/+';

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

type Case = readonly [
  title: string,
  scheme: SchemeName,
  change: Options,
  base: string,
  secrets?: readonly string[],
  examples?: (base: string, secrets?: readonly string[]) => SchemeExamples,
];

const rows: Case[] = [];
const add = (...row: Case): void => void rows.push(row);

const session = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: key,
  sessionToken: `${'FQoGZX/+'.repeat(40)}==`,
};
const credentials = { ...session, accessKeyId: 'AKIAIOSFODNN7EXAMPLE', sessionToken: undefined };
const aws = 'https://photos.s3.eu-central-1.amazonaws.com';
const r2 = `https://${'0a1b'.repeat(8)}.r2.cloudflarestorage.com/photos`;
add('the bucket as host', 's3', { credentials }, aws);
const west = 'https://s3.us-west-2.amazonaws.com/photos';
add('the bucket in the path', 's3', { credentials, url: west, region: 'us-west-2' }, west);
add('R2', 's3', { credentials, url: r2, region: 'auto' }, r2);
const minio = 'http://minio.example:9000/b';
add('MinIO on a port', 's3', { credentials, url: minio, region: 'us-east-1' }, minio);
add('with a session', 's3', { credentials: session, url: r2, region: 'auto' }, r2);
add('with a function', 's3', { credentials: async () => session, url: r2, region: 'auto' }, r2);

const [front, bodyOf] = ['https://d111111abcdef8.cloudfront.net', (text: string) => text.split('\n')[3]!];
const [short, long] = [[bodyOf(keys.rsa1024)], [bodyOf(keys.rsa3072)]];
add('a canned policy', 'cloudFront', {}, front, short);
add(
  'a policy for a folder',
  'cloudFront',
  { policy: `${front}/uploads/*`, prefixes: undefined },
  front,
  short,
  (base) => ({
    ...under(base, short),
    urls: under(base).urls.filter((url) => url.includes('/uploads/')),
  }),
);
const path = { url: '/img', key: '@rsa3072', policy: `${front}/img/*` };
add('a policy for a base that is a path, by a long key', 'cloudFront', path, '/img', long);

const azureKey = [String(tables.find(({ scheme }) => scheme === 'azureBlob')!.options['key'])];
const azure = 'https://shopimages.blob.core.windows.net';
const azurite = 'http://127.0.0.1:10000/shopimages';
add('an account key', 'azureBlob', { url: [azure, azurite] }, `${azure}/photos`, azureKey);
add('under a path', 'azureBlob', { url: '/media' }, '/media/photos', azureKey);
const delegation = { $gives: { $azure: [1, 5_000_000_000] } };
add(
  'a user delegation key of a function',
  'azureBlob',
  { url: azurite, key: null, delegation },
  `${azurite}/photos`,
  [],
);
for (const url of ['https://storage.googleapis.com/photos', 'https://photos.storage.googleapis.com'])
  add(url, 'gcs', { url }, url, short);

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
add('at its host', 'bunny', { key }, 'https://shop.b-cdn.net', [key], bunnyUnder);
add('under a path', 'bunny', { key, url: '/cdn' }, '/cdn', [key], bunnyUnder);

const photos = 'https://photos.example/private';
for (const urlSafe of [false, true])
  add(`urlSafe ${urlSafe}`, 'cloudflareWaf', { url: [photos, '/private'], key, urlSafe }, photos);
add(
  'a parameter of its own, under a path',
  'cloudflareWaf',
  { url: '/private', key, token: 'pass' },
  '/private',
);
const cdnKey = Buffer.from('sixteen letters.').toString('base64url');
add('with a key', 'googleCdn', { url: photos, key: cdnKey }, photos, [cdnKey, 'sixteen letters.']);
add('as by default', 'nginxSecureLink', { url: [photos, '/private'], key }, photos);
const expression = { expression: '$uri $secure_link_expires$key', token: ['st', 'e'] };
add(
  'an expression of its own, under a path',
  'nginxSecureLink',
  { url: '/private', key, ...expression },
  '/private',
);

const edgeKey = Buffer.from('sixteen letters.').toString('hex');
const edge = { url: 'https://photos.example', key: edgeKey, token: undefined, salt: undefined };
const edgeSecrets = [edgeKey, 'sixteen letters.', 'a-salt-of-nobody'];
for (const change of [
  {},
  { escapeEarly: true, salt: 'a-salt-of-nobody' },
  { kind: 'acl', token: 'hdnts' },
  { preset: 'cloudinary' },
  { preset: 'cloudinary', kind: 'acl' },
  { preset: 'uploadcare' },
])
  add(JSON.stringify(change), 'edgeAuth', { ...edge, ...change }, 'https://photos.example', edgeSecrets);
add('at its host', 'imgix', { key }, 'https://shop.imgix.net');

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

add(
  'with transformations',
  'imageKit',
  { key, parameters: [...examined, 'tr'] },
  'https://ik.imagekit.io/shop',
  [key],
  imageKitUnder,
);
const assets = 'https://cdn.sanity.io/images/abc123/production';
add('by PEM', 'sanity', { parameters: examined }, assets, [keys.ed25519.split('\n')[1]!]);
const gateway = 'https://images.example/private';
add('of the whole URL', 'jwt', { key, claims: { $claims: 'whole' } }, gateway);
const added = { value: key, added: { policy: 'a.b+c' } };
add(
  'of the path, by a secret with parameters',
  'jwt',
  { key: added, token: 'pass', claims: { $claims: 'path' } },
  gateway,
);
/** The laws sign for times up to the year 2101. */
const lasting = { delegation: { $vercel: 9_000_000_000 } };
const blobs = 'https://abcdefgh12345678.private.blob.vercel-storage.com';
add('by a delegation', 'vercelBlob', lasting, blobs, ['a-client-signing-token-that-the-store-has-given']);

const source = 'https://photos.example/uploads';
const base64 = (text: string): string => Buffer.from(text).toString('base64url');
const processor = 'https://imgproxy.example/img';

const imgproxyForeign = [
  `${processor}/insecure/rs:fill:300:400/plain/https://other.example/uploads/a.jpg`,
  `${processor}/insecure/rs:fill:300:400/${base64('https://photos.example/private/a.jpg')}.jpg`,
  `${processor}/insecure/rs:fill:300:400/plain/${source}/../private/a.jpg`,
  `${processor}/insecure/wmu:${base64(`${source}/b.jpg`)}/plain/${source}/a.jpg`,
  `${processor}/other/rs:fill:300:400/plain/${source}/a.jpg`,
  `${processor}/insecure/rs:fill:300:400/enc/${base64('sixteen bytes of text')}`,
  `https://imgproxy.example/insecure/plain/${source}/a.jpg`,
];
const [hexKey, hexSalt] = ['736563726574207365637265742073656372', '68656c6c6f2068656c6c6f2068656c6c6f20'];
const hex = { url: processor, key: hexKey, salt: hexSalt, prefixes: `${source}/` };
const hexSecrets = [hexKey, hexSalt, ...[hexKey, hexSalt].map((text) => Buffer.from(text, 'hex').toString())];
for (const urls of [
  [
    `${processor}/insecure/rs:fill:300:400/g:sm/plain/${source}/a.jpg@webp`,
    `${processor}/insecure/plain/${source}/caf%C3%A9.jpg`,
    `${processor}/insecure/w:10/plain/${source}/b.jpg?v=2&v=1`,
  ],
  [
    `${processor}/insecure/rs:fill:300:400/g:sm/${base64(`${source}/a.jpg`)}.webp`,
    `${processor}/insecure/w:10/${base64(`${source}/a.jpg`).replace(/.{16}/g, '$&/')}`,
    `${processor}/insecure/${base64(`${source}/b.jpg`)}?v=2&v=1`,
  ],
])
  add(urls[0]!, 'imgproxy', hex, processor, hexSecrets, () => ({
    urls,
    foreign: imgproxyForeign,
    secrets: hexSecrets,
    seed,
  }));

const account = 'cheeW4oKsx5ljh8e8BoL2A';
const delivery = 'https://imagedelivery.net';
const twoKeys = [key, 'an-older-key-of-ours'];
const open = { key: twoKeys, variants: ['thumb', 'big one'] };
add('any account', 'cloudflareImages', open, delivery, twoKeys, (base, secrets) => ({
  urls: [
    `${base}/${account}/photo-1/thumb`,
    `${base}/${account}/2026/caf%C3%A9/big%20one?v=2&v=1`,
    `${base}/other/photo-1/thumb?dl=a%20b`,
  ],
  foreign: [
    `${base}/${account}/photo-1/other`,
    `${base}/${account}/thumb`,
    `${base}/photo-1/`,
    `${base}.evil.example/${account}/photo-1/thumb`,
  ],
  secrets,
  seed,
}));
const inBase = {
  key,
  variants: { thumb: {}, preview: { alwaysPublic: true } },
  accountHash: account,
  delivery: [{ base: '/images', accountHash: account }, delivery],
};
add('the account in the base', 'cloudflareImages', inBase, '/images', [key], (base, secrets) => ({
  urls: [`${base}/photo-1/thumb`, `${base}/2026/b/thumb?v=2&v=1`, `${delivery}/${account}/photo-1/thumb`],
  foreign: [
    `${base}/photo-1/preview`,
    `${base}/photo-1/other`,
    `${base}photo-1/thumb`,
    `${delivery}/other/photo-1/thumb`,
  ],
  secrets,
  seed,
}));

test.each(shareOf(rows, 8).map((row) => [row[1], row[0], row] as const))(
  '%s keeps the laws: %s',
  { timeout: 60_000 },
  async (name, _title, [, , change, base, secrets = [key], examples = under]) => {
    const table = tables.find(({ scheme, title }) => scheme === name && title === undefined);
    const scheme = makeScheme(name, { ...table?.options, ...(table && { prefixes }), ...change });
    // Credentials of a function that has answered.
    await definitionOf(scheme)!.secrets?.lifetime?.refresh(1);
    expect(() => checkScheme(scheme, examples(base, secrets))).not.toThrow();
  },
);
