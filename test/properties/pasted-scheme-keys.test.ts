/**
 * Law: wherever a key is pasted by mistake into the options of a scheme, no eight characters of it show in a message, or
 * in what a log makes of the scheme and of a signer with it. A host, a base and a name are what messages are for.
 */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { createSigner, ImageSignerError } from '../../src/index.ts';
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
  type Scheme,
  s3,
  sanity,
} from '../../src/schemes.ts';
import { partThatShows, thrownBy, waysToPaste } from '../support/pasted-keys.ts';
import { randomFrom } from '../support/random.ts';
import { randomKey, shapes } from '../support/random-keys.ts';
import { shareOf } from '../support/run-length.ts';
import { seed } from '../support/seed.ts';

const random = randomFrom(seed);
const keys = shareOf(Object.keys(shapes), 8, seed).map((shape) => randomKey(random, shape));
const url = 'https://cdn.example/private';
const prefixes = 'uploads/';
const privateKey = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
});
const hex = '943b421c9eb07c830af81030552c86009268de4e532ba2ee2eab8247c6da0881';
const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};

type Options = Readonly<Record<string, unknown>>;

/** What each of them takes, the secrets first. */
const complete: readonly (readonly [name: string, factory: (options: never) => unknown, options: Options])[] =
  [
    ['bunny', bunny, { key: 'a-bunny-key-for-tests', url, prefixes }],
    ['imgix', imgix, { key: 'abcdefgh12345678', url, prefixes }],
    ['imageKit', imageKit, { key: 'private_abcdefgh12345678', url, prefixes }],
    ['sanity', sanity, { key: '9f86d081884c7d65'.repeat(4), url, keyId: 'pk1234567890abcd', prefixes }],
    ['imgproxy', imgproxy, { key: hex, salt: hex, url, prefixes: 'https://a.example/uploads/' }],
    [
      'cloudflareWaf',
      cloudflareWaf,
      { key: 'a-waf-key-for-tests-long', url, token: 'verify', urlSafe: true, prefixes },
    ],
    ['googleCdn', googleCdn, { key: 'nZtRohdNF9m3cKM24IcK4w==', url, keyId: 'images-2026', prefixes }],
    [
      'azureBlob',
      azureBlob,
      {
        key: Buffer.alloc(64, 7).toString('base64'),
        url: 'https://shopimages.blob.core.windows.net',
        account: 'shopimages',
        container: 'photos',
        prefixes,
      },
    ],
    [
      'gcs',
      gcs,
      {
        url,
        credentials: { client_email: 'images@shop-1234.iam.gserviceaccount.com', private_key: privateKey },
        prefixes,
      },
    ],
    ['cloudFront', cloudFront, { key: privateKey, url, keyId: 'K2JCJMDEHXQW5F', prefixes }],
    ['cloudFront', cloudFront, { key: privateKey, url, keyId: 'K2JCJMDEHXQW5F', policy: `${url}/photos/*` }],
    [
      's3',
      s3,
      { credentials, url: 'https://b.s3.eu-central-1.amazonaws.com', region: 'eu-central-1', prefixes },
    ],
    [
      'cloudflareImages',
      cloudflareImages,
      { key: 'a-key-for-tests-that-nobody', variants: { thumb: {} }, delivery: 'https://imagedelivery.net' },
    ],
  ];
const ways: typeof waysToPaste = [
  ...waysToPaste,
  [' as a folder', (text) => `${url}/${text}/`],
  [' as a folder of a policy', (text) => `${url}/${text}/*`],
];
let mistakes = 0;
afterAll(() => console.log(`${mistakes} options refused`));

function expectHidden(text: string, value: unknown, where: string): void {
  const fault = partThatShows(text, value);
  if (fault !== undefined) expect.fail(`${where}: ${fault}`);
}

describe.each(complete)('%s', (_name, factory, options) => {
  const withKey = (text: string): Options =>
    'credentials' in options
      ? { ...options, credentials: { accessKeyId: text, secretAccessKey: text } }
      : { ...options, [Object.keys(options)[0]!]: text };

  function expectNothingShows(text: string, given: Options, where: string): void {
    let scheme: Scheme | undefined;
    const error = thrownBy(() => {
      scheme = factory(given as never) as Scheme;
    });
    if (error !== undefined) {
      mistakes++;
      expect(error, where).toBeInstanceOf(ImageSignerError);
      return expectHidden(text, error, where);
    }
    expectHidden(text, scheme, `${where}: the scheme`);
    let signer: unknown;
    const refusal = thrownBy(() => {
      signer = createSigner({ scheme, ttl: '1h', authorize: () => true, report: false } as never);
    });
    expectHidden(text, refusal ?? signer, `${where}: the signer`);
  }

  test.each([...Object.keys(options), 'an unknown option'])('a key in %s shows nowhere', (option) => {
    for (const text of keys) {
      for (const base of [options, withKey(text)]) {
        if (!(option in options)) {
          expectNothingShows(text, { ...base, [text]: 1 }, option);
          continue;
        }
        for (const [how, value] of ways)
          expectNothingShows(text, { ...base, [option]: value(text, option) }, `${option}${how}`);
      }
    }
  });
});
