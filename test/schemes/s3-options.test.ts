/** Wrong options of `s3`: each message says what was expected, and shows no secret. */
import { expect, test } from 'vitest';
import type { ImageSignerError } from '../../src/errors.ts';
import { type S3Options, s3 } from '../../src/schemes.ts';

const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: secret };
const url = 'https://photos.s3.eu-central-1.amazonaws.com';
const account = '0123456789abcdef0123456789abcdef';
const r2 = `https://${account}.r2.cloudflarestorage.com`;

function errorOf(options: object): ImageSignerError | undefined {
  try {
    s3({ url, region: 'eu-central-1', credentials, ...options } as S3Options);
    return undefined;
  } catch (error) {
    return error as ImageSignerError;
  }
}

test.each<[string, object, string, string]>([
  [
    'a region of another endpoint',
    { region: 'us-east-1' },
    'region',
    "expected 'eu-central-1', as in the url, got 'us-east-1'",
  ],
  [
    'a region of an older endpoint',
    { url: 'https://photos.s3-us-west-2.amazonaws.com' },
    'region',
    "expected 'us-west-2'",
  ],
  [
    'a region of a path-style endpoint',
    { url: 'https://s3.us-west-2.amazonaws.com/photos' },
    'region',
    "expected 'us-west-2'",
  ],
  [
    'a region of China',
    { url: 'https://photos.s3.cn-north-1.amazonaws.com.cn' },
    'region',
    "expected 'cn-north-1'",
  ],
  [
    'a region of GovCloud',
    { url: 'https://photos.s3-fips.dualstack.us-gov-west-1.amazonaws.com' },
    'region',
    "expected 'us-gov-west-1'",
  ],
  ['a region of R2', { url: `${r2}/photos` }, 'region', "expected 'auto'"],
  ['a region in capitals', { region: 'EU-Central-1' }, 'region', 'small letters'],
  ['a region that is a secret', { region: secret }, 'region', 'got text of 40 characters'],
  ['no region', { region: undefined }, 'region', "expected the bucket's region, got undefined"],
  [
    'all buckets of S3',
    { url: 'https://s3.eu-central-1.amazonaws.com' },
    'url',
    'expected the URL of a bucket',
  ],
  [
    'all buckets of an older endpoint',
    { url: 'https://s3-eu-central-1.amazonaws.com' },
    'url',
    'expected the URL of a bucket',
  ],
  ['all buckets of R2', { url: r2, region: 'auto' }, 'url', 'expected the URL of a bucket'],
  [
    'all buckets of R2 in the EU',
    { url: r2.replace('.r2', '.eu.r2'), region: 'auto' },
    'url',
    'expected the URL of a bucket',
  ],
  [
    'all buckets of Google',
    { url: 'https://storage.googleapis.com', region: 'auto' },
    'url',
    'expected the URL of a bucket',
  ],
  ['a website endpoint', { url: 'http://photos.s3-website-eu-west-1.amazonaws.com' }, 'url', 'REST endpoint'],
  [
    'a newer website endpoint',
    { url: 'http://photos.s3-website.eu-central-1.amazonaws.com' },
    'url',
    'REST endpoint',
  ],
  ['a public URL of R2', { url: 'https://pub-0.r2.dev', region: 'auto' }, 'url', 'takes no signature'],
  ['the second url', { url: [url, `${r2}/photos`] }, 'region', "expected 'auto'"],
  ['a path', { url: '/photos' }, 'url', 'got a path'],
  ['a query', { url: `${url}?versionId=1` }, 'url', 'without query'],
  ['a path in another spelling', { url: `${url}/a(1)` }, 'url', 'as AWS spells it'],
  ['no url', { url: undefined }, 'url', 'got undefined'],
  ['prefixes without a slash', { prefixes: 'uploads' }, 'prefixes', 'ends with a slash'],
  ['a wildcard for prefixes', { prefixes: '*' }, 'prefixes', "got '*'. Such as ['uploads/']"],
  [
    'a host without its scheme',
    { url: 'photos.s3.eu-central-1.amazonaws.com' },
    'url',
    'Write https:// in front',
  ],
  ['one with a folder', { url: 'localhost:9000/photos' }, 'url', 'Write https:// in front'],
  ['a URL that begins with the host', { url: '//photos.s3.amazonaws.com' }, 'url', 'Write https:// in front'],
  ['another name', { bucket: 'photos' }, 'bucket', 'is not an option of s3'],
  [
    'no credentials',
    { credentials: undefined },
    'credentials',
    'or a function that gives them, got undefined',
  ],
  ['credentials as text', { credentials: secret }, 'credentials', 'got text of 40 characters'],
  ['no id', { credentials: { secretAccessKey: secret } }, 'credentials.accessKeyId', 'is the variable set?'],
  ['no secret', { credentials: { accessKeyId: 'a' } }, 'credentials.secretAccessKey', 'is the variable set?'],
  [
    'a secret with a line end',
    { credentials: { ...credentials, secretAccessKey: `${secret}\n` } },
    'credentials.secretAccessKey',
    'trim it',
  ],
  [
    'an id for the secret',
    { credentials: { accessKeyId: secret, secretAccessKey: 'AKIAIOSFODNN7EXAMPLE' } },
    'credentials.secretAccessKey',
    'exchanged',
  ],
  [
    'a session without its token',
    { credentials: { ...credentials, accessKeyId: 'ASIAIOSFODNN7EXAMPLE' } },
    'credentials',
    'expected a sessionToken',
  ],
  [
    'an empty token',
    { credentials: { ...credentials, sessionToken: '' } },
    'credentials.sessionToken',
    'session token',
  ],
  [
    'an expiration as text',
    { credentials: { ...credentials, expiration: '2026-01-01' } },
    'credentials.expiration',
    'new Date(text)',
  ],
  [
    'an invalid Date',
    { credentials: { ...credentials, expiration: new Date('never') } },
    'credentials.expiration',
    'valid Date',
  ],
  [
    'the answer of STS',
    { credentials: { AccessKeyId: 'a', SecretAccessKey: secret } },
    'credentials',
    'Rename its fields',
  ],
])('%s is told', (_name, options, option, message) => {
  const error = errorOf(options);
  expect(error).toMatchObject({ code: 'INVALID_OPTION', option });
  expect(error!.message).toContain(message);
  expect(error!.message).not.toContain(secret);
  expect(error!.message).not.toContain(account);
});

test.each<[string, object]>([
  ['the global endpoint', { url: 'https://photos.s3.amazonaws.com' }],
  ['a bucket with a region in its name', { url: 'https://photos-eu-west-1.s3.amazonaws.com' }],
  ['a bucket with dots', { url: 'https://a.s3-website-b.s3.eu-central-1.amazonaws.com' }],
  ['dual stack', { url: 'https://photos.s3.dualstack.eu-central-1.amazonaws.com' }],
  ['acceleration', { url: 'https://photos.s3-accelerate.amazonaws.com' }],
  ['a bucket in the path', { url: 'https://s3.eu-central-1.amazonaws.com/photos' }],
  ['R2', { url: `${r2}/photos`, region: 'auto' }],
  ['R2 under an alias of its region', { url: `${r2}/photos`, region: 'us-east-1' }],
  ['R2 by host', { url: `https://photos.${account}.r2.cloudflarestorage.com`, region: 'auto' }],
  ['MinIO', { url: 'http://localhost:9000/photos', region: 'us-east-1' }],
  ['Google', { url: 'https://storage.googleapis.com/photos', region: 'auto' }],
  ['two buckets', { url: [url, 'https://thumbs.s3.eu-central-1.amazonaws.com'] }],
  ['what a provider gives besides', { credentials: { ...credentials, accountId: '1', $source: {} } }],
  ['a function', { credentials: async () => credentials }],
])('%s is taken', (_name, options) => {
  expect(errorOf(options)).toBeUndefined();
});
