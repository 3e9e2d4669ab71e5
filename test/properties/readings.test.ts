/**
 * Law: a signature of a built-in scheme can be read in one way. Hostile URLs are signed, and each is attacked: boundaries
 * moved, escapes decoded, digits read as an expiry. `test/schemes/bunny.test.ts` attacks Bunny by a model of its server.
 */
import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { definitionOf } from '../../src/schemes/definition.ts';
import {
  azureBlob,
  bunny,
  cloudFront,
  cloudflareImages,
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
import { checkOneReading } from '../../src/tools/testing/reading-law.ts';
import { Subject } from '../../src/tools/testing/subject.ts';
import { vercelDelegation } from '../support/oracles/vercel-blob.ts';
import { randomFrom } from '../support/random.ts';
import { pick } from '../support/random-urls.ts';
import { atLength, seed } from '../support/seed.ts';

const key = 'a-key-that-nobody-else-has/+';
const hex = Buffer.from(key).toString('hex');
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const prefixes = 'uploads/';
const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: key };
const [cdn, bucket] = ['https://cdn.example/private', 'https://photos.s3.eu-central-1.amazonaws.com'];

/** How many URLs are made, and what stands before and behind the hostile part of each. */
const cases: readonly (readonly [count: number, scheme: Scheme, before: string, after: string])[] = [
  [150, s3({ url: bucket, region: 'eu-central-1', credentials, prefixes }), `${bucket}/uploads/`, ''],
  [15, cloudFront({ url: cdn, keyId: 'K2JCJMDEHXQW5F', key: pem, prefixes }), `${cdn}/uploads/`, ''],
  [
    150,
    azureBlob({
      url: 'https://cdn.example',
      account: 'shopimages',
      container: 'private',
      key: Buffer.from(key).toString('base64'),
      prefixes,
    }),
    `${cdn}/uploads/`,
    '',
  ],
  [
    15,
    gcs({
      url: cdn,
      credentials: { client_email: 'images@shop.iam.gserviceaccount.com', private_key: pem },
      prefixes,
    }),
    `${cdn}/uploads/`,
    '',
  ],
  [300, bunny({ url: cdn, key, prefixes }), `${cdn}/uploads/`, ''],
  [150, cloudflareWaf({ url: cdn, key, prefixes }), `${cdn}/uploads/`, ''],
  [
    150,
    googleCdn({ url: cdn, keyId: 'k', key: Buffer.from(key.slice(0, 16)).toString('base64url'), prefixes }),
    `${cdn}/uploads/`,
    '',
  ],
  [150, imgix({ url: cdn, key, prefixes }), `${cdn}/uploads/`, ''],
  [300, imageKit({ url: cdn, key, prefixes }), `${cdn}/uploads/`, ''],
  [
    150,
    jwt({ url: cdn, key, claims: ({ path, query }) => ({ sub: `${path}?${query}` }), prefixes }),
    `${cdn}/uploads/`,
    '',
  ],
  [15, sanity({ url: cdn, keyId: 'k-1', key: 'ab'.repeat(32), prefixes }), `${cdn}/uploads/`, ''],
  [
    150,
    vercelBlob({ url: cdn, delegation: vercelDelegation(9_000_000_000), prefixes }),
    `${cdn}/uploads/`,
    '',
  ],
  [
    150,
    imgproxy({ url: cdn, key: hex, salt: hex, prefixes: 'https://photos.example/' }),
    `${cdn}/insecure/w:9999999999/plain/https://photos.example/`,
    '',
  ],
  [
    150,
    cloudflareImages({ key, variants: ['thumb'] }),
    'https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/',
    '/thumb',
  ],
];

const pieces = [
  ...[
    '9999999999',
    '1900000000',
    '17',
    '4',
    '0',
    '1700000000000',
    '/',
    '//',
    'a',
    'cat.jpg',
    '.mp4',
    '-',
    '.',
  ],
  ...'%26 %3D %23 %3F %2525 %2526 %5E %20 %7C %C3%A9 + = & ; : ~'.split(' '),
  ...'expires= Expires= exp= exp: token= s= verify= X-Amz-Date= KeyName= width= v='.split(' '),
];

test.each(cases)('%i URLs of a scheme', { timeout: 120_000 }, (count, scheme, before, after) => {
  const random = randomFrom(seed);
  const some = (most: number): string =>
    Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(random, pieces)).join('');
  const subject = new Subject(definitionOf(scheme)!, { seed });
  const sum = { urls: 0, signed: 0, others: 0 };
  for (let left = atLength(count); left > 0; left--) {
    const query = Array.from({ length: Math.floor(random() * 4) }, () => some(2)).join('&');
    const given = `${before}${some(4)}${after}${query && `?${query}`}`;
    sum.urls++;
    const url = subject.find(given) === undefined ? given : subject.strip(given);
    const tried = checkOneReading(subject, url);
    if (tried > 0) sum.signed++;
    sum.others += tried;
  }
  console.log(`${scheme.name}: ${JSON.stringify(sum)}`);
  // Else the law would hold of nothing.
  expect(sum.signed).toBeGreaterThanOrEqual(Math.floor(sum.urls / 10));
});
