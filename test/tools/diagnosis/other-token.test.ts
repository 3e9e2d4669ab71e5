/** `explainUrl` names the token that another version, or another store, has put into a stored URL. */
import { expect, test } from 'vitest';
import { explainUrl } from '../../../src/diagnosis.ts';
import { createSigner } from '../../../src/index.ts';
import * as schemes from '../../../src/schemes.ts';
import { vercelDelegation, vercelUrl } from '../../support/oracles/vercel-blob.ts';
import { instant, key } from '../../support/samples.ts';
import { privateKeyOf } from '../../support/schemes/rsa-keys.ts';

const { bunny, s3 } = schemes;
const shared = { ttl: '1d', now: () => instant } as const;
const bucket = 'https://photos.s3.eu-central-1.amazonaws.com';
const azure = 'https://shopimages.blob.core.windows.net';
const google = 'https://storage.googleapis.com';
const prefixes = 'uploads/';
const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: key };
const inBucket = s3({ url: bucket, region: 'eu-central-1', credentials, prefixes });
const signers = {
  s3: createSigner({ scheme: inBucket, ...shared }),
  bunny: createSigner({ scheme: bunny({ url: bucket, key, prefixes }), ...shared }),
};
const account = { client_email: 'a@b.iam.gserviceaccount.com', private_key: privateKeyOf(1024) };
const delegation = vercelDelegation(instant / 1_000 + 600_000);
const inAzure = { url: azure, account: 'shopimages', container: 'photos', key: btoa(key), prefixes };
const image = `${bucket}/uploads/cat.jpg`;

const saysOf = (name: keyof typeof signers, query: string): string => {
  const { findings } = explainUrl(`${image}?${query}`, { signer: signers[name] });
  return findings.map(({ message }) => message).join();
};

test.each([
  ['AWSAccessKeyId=AKIA&Expires=1&Signature=a%3D', 'AWS signature version 2.'],
  ['v=1&Expires=1&Signature=a&%41WSAccessKeyId=AKIA#f', 'AWS signature version 2.'],
  ['X-Amz-Signature=ab&AWSAccessKeyId=AKIA&Expires=1&Signature=a', 'AWS signature version 2.'],
  ['GoogleAccessId=a%40b.example&Expires=1&Signature=a', 'Google Cloud Storage, signature version 2.'],
  ['X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Signature=ab', 'Google Cloud Storage, signature version 4.'],
  ['Expires=1&Signature=a&Key-Pair-Id=K', 'CloudFront.'],
  ['Policy=a&Signature=a&Key-Pair-Id=K', 'CloudFront.'],
  ['Expires=1&KeyName=k&Signature=a', 'Google Cloud CDN.'],
  ['MD5=a&Expires=1', 'nginx, secure_link.'],
  ['hdnts=exp=1~acl=/*~hmac=a', 'Akamai, EdgeAuth.'],
  ['__cld_token__=exp=1~hmac=a', 'Cloudinary, with an expiry.'],
  ['vercel-blob-delegation=a.b&vercel-blob-signature=c', 'Vercel Blob.'],
  ['w=300&keyid=a&expiry=2025-01-01T00%3A00%3A00Z&signature=b', 'Sanity.'],
  ['tr=w-300&ik-t=1790000000&ik-s=ab', 'ImageKit.'],
  ['policy=a.b.c&token=d.e.f', 'Contentful, an embargoed asset.'],
  ['sv=2024-11-04&se=2025-01-01&sr=b&sp=r&sig=a%3D', 'Azure, a shared access signature.'],
])('%s', (query, wanted) => {
  const kind = 'The scheme does not make this kind of token:';
  expect(saysOf('s3', query)).toBe(`${kind} ${wanted}`);
  const { findings } = explainUrl(`${image}?${query}`, { signer: signers.s3 });
  expect(findings[0]!.fix).toContain('replace that token');
  expect(findings[0]!.message).not.toContain('AKIA');
});

test('one of the scheme itself is told by what is wrong with it', () => {
  const signed = signers.s3.signImage(image);
  expect(explainUrl(signed, { signer: signers.s3 }).ok).toBe(true);
  expect(saysOf('s3', 'X-Amz-Signature=ab')).toBe('Its token is not in the form that the scheme writes.');
  expect(saysOf('bunny', 'X-Amz-Signature=ab')).toContain('token: AWS signature version 4.');
  expect(saysOf('s3', 'Signature=a&v=1')).not.toContain('another kind');
  expect(saysOf('bunny', 'v=1')).toBe('It has no token.');
});

const ofBucket = { url: bucket, key, prefixes };

test.each([
  [schemes.nginxSecureLink(ofBucket), 'secure_link_md5 in nginx.conf'],
  [schemes.edgeAuth({ ...ofBucket, key: '0123abcd' }), '`escapeEarly` with the property'],
  [schemes.azureBlob(inAzure), 'key1 and key2'],
  [schemes.gcs({ url: `${google}/photos`, credentials: account, prefixes }), 'the host, which is signed'],
  [schemes.sanity({ ...ofBucket, keyId: 'pk1', key: 'ab'.repeat(32) }), 'keyid of the URL'],
  [schemes.imageKit(ofBucket), 'the URL-endpoint'],
  [schemes.jwt({ ...ofBucket, claims: ({ path }) => ({ path }) }), 'the names, their order'],
  [schemes.vercelBlob({ url: vercelUrl, delegation, prefixes }), 'the store in the host'],
])('a token that verifies with nothing is compared with what decides it: %#', (scheme, wanted) => {
  const signer = createSigner({ scheme, ...shared });
  const plain = signer.unsignImage(signer.signImage('uploads/cat.jpg'));
  const signed = signer.signImage(plain);
  expect(explainUrl(signed, { signer }).ok).toBe(true);
  const { findings } = explainUrl(signed.replace('cat', 'dog'), { signer });
  expect(findings).toMatchObject([{ code: 'unknown-signature', fix: expect.stringContaining(wanted) }]);
  expect(explainUrl(plain, { signer }).findings).toMatchObject([{ code: 'missing-signature' }]);
});
