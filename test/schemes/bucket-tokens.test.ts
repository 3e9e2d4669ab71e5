/** Which parameters of an object's URL are a token, and which are not, at stores that read presigned URLs of buckets. */
import { expect, test } from 'vitest';
import { createSigner } from '../../src/index.ts';
import { googleCdn, type Scheme, s3 } from '../../src/schemes.ts';
import { errorOf } from '../support/scheme-calls.ts';

const base = 'https://photos.s3.eu-central-1.amazonaws.com';
const url = `${base}/uploads/a.jpg`;
const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'a-secret-of-nobody' };
const prefixes = 'uploads/';
const bucket = (parameters?: string): Scheme =>
  s3({ url: base, region: 'eu-central-1', credentials, prefixes, parameters });
const key = Buffer.from('sixteen letters.').toString('base64url');

test.each([
  ['s3', bucket()],
  ['googleCdn', googleCdn({ url: base, keyId: 'k', key, prefixes })],
])('%s', (_name, scheme) => {
  const { unsignImage, unsignText } = createSigner({ scheme, ttl: '1h', report: false });
  for (const token of [
    'Expires=1',
    'Signature=a',
    'AWSAccessKeyId',
    'GoogleAccessId=a@b.iam.gserviceaccount.com',
    'x-amz-security-token=a',
    'X-Amz-Anything=',
    'X-GOOG-SIGNATURE=ab',
    'x-id=GetObject',
    'E%78pires=1&%53ignature=b',
  ]) {
    expect(unsignImage(`${url}?${token}`), token).toBe(url);
    expect(unsignImage(`${url}?v=2&${token}&w=3#top`), token).toBe(`${url}?v=2&w=3#top`);
    expect(unsignText(`see ${url}?${token} there`), token).toBe(`see ${url} there`);
  }
  for (const other of [
    'versionId=1',
    'response-content-disposition=attachment',
    'expires=1',
    'signature=a',
    'awsaccesskeyid=1',
    'X-Amzn-Trace-Id=1',
    'Signatures=1',
    'id=GetObject',
    '__proto__=1&constructor=2',
  ])
    expect(unsignImage(`${url}?${other}`), other).toBe(`${url}?${other}`);
});

test('a name that belongs to a token is none that the option `parameters` takes', () => {
  for (const name of ['Expires', 'AWSAccessKeyId', 'X-Goog-Date', 'x-id'])
    expect(errorOf(() => bucket(name)).message).toContain(`got '${name}'`);
});
