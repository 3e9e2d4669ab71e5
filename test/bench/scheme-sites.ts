/** One site for each built-in scheme: how it is set up, its URLs, and the digest alone of what it signs. */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createSecretKey,
  createSign,
  generateKeyPairSync,
  sign,
} from 'node:crypto';
import type { Scheme } from '../../src/schemes.ts';
import { schemes } from './built.ts';

export interface SchemeSite {
  readonly name: string;
  readonly digest: string;
  /** Of the digest alone, where there is one. */
  readonly goal?: number;
  /** An RSA signature takes a millisecond: fewer calls a round. */
  readonly calls: number;
  scheme(): Scheme;
  urlOf(id: string): string;
  /** What is signed, about as long as it is. */
  textOf(id: string): string;
  /** The digest of such a text, in the encoding that the URL has. */
  bare(text: string): string;
}

const secret = 'a-signing-key-of-the-usual-length-0123456789';
const keyObject = createSecretKey(secret, 'utf8');
const hmac =
  (digest: string, encoding: 'hex' | 'base64' | 'base64url') =>
  (text: string): string =>
    createHmac(digest, keyObject).update(text).digest(encoding);

const hex = '943b421c9eb07c830af81030552c86009268de4e532ba2ee2eab8247c6da0881';
const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const rsaKey = createPrivateKey(privateKey);

export const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
} as const;
export const region = 'eu-central-1';
export const bucket: string = `https://photos.s3.${region}.amazonaws.com`;
export const distribution = 'https://d111111abcdef8.cloudfront.net';
export const cloudFrontOptions: { url: string; keyId: string; key: string } = {
  url: distribution,
  keyId: 'K2JCJMDEHXQW5F',
  key: privateKey,
};

const blobs = 'https://abcdefgh12345678.private.blob.vercel-storage.com';
const validUntil = 1_790_400_000_000;
const scope = { storeId: 'store_abcdefgh12345678', pathname: '*', operations: ['get'], validUntil };
const delegation = {
  delegationToken: `${Buffer.from(JSON.stringify(scope)).toString('base64url')}.c2lnbmF0dXJl`,
  clientSigningToken: secret,
  validUntil,
};
const dataset = 'https://cdn.sanity.io/images/abc123/production';
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const ed25519Key = ed25519.export({ type: 'pkcs8', format: 'pem' }).toString();

const prefixes = 'uploads/';
const calls = 10_000;
const pathOf = (id: string): string => `/uploads/${id}.jpg`;

export const sites: readonly SchemeSite[] = [
  {
    name: 'cloudflareImages',
    digest: 'HMAC-SHA256',
    calls,
    scheme: () => schemes.cloudflareImages({ key: secret, variants: ['thumb'] }),
    urlOf: (id) => `https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/${id}/thumb`,
    textOf: (id) => `/cheeW4oKsx5ljh8e8BoL2A/${id}/thumb?exp=1790100000`,
    bare: hmac('sha256', 'hex'),
  },
  {
    name: 's3',
    digest: 'HMAC-SHA256',
    goal: 4,
    calls,
    scheme: () => schemes.s3({ url: bucket, region, credentials, prefixes }),
    urlOf: (id) => bucket + pathOf(id),
    textOf: (id) =>
      `AWS4-HMAC-SHA256\n20260921T130000Z\n20260921/${region}/s3/aws4_request\n${createHash('sha256').update(id).digest('hex')}`,
    bare: hmac('sha256', 'hex'),
  },
  {
    name: 'cloudFront',
    digest: 'RSA-SHA1',
    calls: 50,
    scheme: () => schemes.cloudFront({ ...cloudFrontOptions, prefixes }),
    urlOf: (id) => distribution + pathOf(id),
    textOf: (id) =>
      `{"Statement":[{"Resource":"${distribution}${pathOf(id)}","Condition":{"DateLessThan":{"AWS:EpochTime":1790100000}}}]}`,
    bare: (text) => createSign('sha1').update(text).sign(rsaKey, 'base64'),
  },
  {
    name: 'azureBlob',
    digest: 'HMAC-SHA256',
    goal: 2.5,
    calls,
    scheme: () =>
      schemes.azureBlob({
        url: 'https://shopimages.blob.core.windows.net',
        account: 'shopimages',
        container: 'photos',
        key: Buffer.from(secret).toString('base64'),
        prefixes,
      }),
    urlOf: (id) => `https://shopimages.blob.core.windows.net/photos${pathOf(id)}`,
    textOf: (id) =>
      `r\n\n2026-09-21T13:00:00Z\n/blob/shopimages/photos${pathOf(id)}\n\n\nhttps\n2020-12-06\nb\n\n\n\n\n\n\n`,
    bare: hmac('sha256', 'base64'),
  },
  {
    name: 'gcs',
    digest: 'RSA-SHA256',
    goal: 1.05,
    calls: 50,
    scheme: () =>
      schemes.gcs({
        url: 'https://storage.googleapis.com/photos',
        credentials: { client_email: 'images@shop-1234.iam.gserviceaccount.com', private_key: privateKey },
        prefixes,
      }),
    urlOf: (id) => `https://storage.googleapis.com/photos${pathOf(id)}`,
    textOf: (id) =>
      `GOOG4-RSA-SHA256\n20260921T130000Z\n20260921/auto/storage/goog4_request\n${createHash('sha256').update(id).digest('hex')}`,
    bare: (text) => createSign('sha256').update(text).sign(rsaKey, 'hex'),
  },
  {
    name: 'bunny',
    digest: 'HMAC-SHA256',
    goal: 2.5,
    calls,
    scheme: () => schemes.bunny({ url: 'https://shop.b-cdn.net', key: secret, prefixes }),
    urlOf: (id) => `https://shop.b-cdn.net${pathOf(id)}`,
    textOf: (id) => `${pathOf(id)}1790100000`,
    bare: hmac('sha256', 'base64url'),
  },
  {
    name: 'cloudflareWaf',
    digest: 'HMAC-SHA256',
    goal: 2.5,
    calls,
    scheme: () => schemes.cloudflareWaf({ url: 'https://photos.example/private', key: secret, prefixes }),
    urlOf: (id) => `https://photos.example/private${pathOf(id)}`,
    textOf: (id) => `/private${pathOf(id)}1790000000`,
    bare: hmac('sha256', 'base64'),
  },
  {
    name: 'googleCdn',
    digest: 'HMAC-SHA1',
    calls,
    scheme: () =>
      schemes.googleCdn({
        url: 'https://cdn.example',
        keyId: 'images',
        key: 'nZtRohdNF9m3cKM24IcK4w==',
        prefixes,
      }),
    urlOf: (id) => `https://cdn.example${pathOf(id)}`,
    textOf: (id) => `https://cdn.example${pathOf(id)}?Expires=1790100000&KeyName=images`,
    bare: hmac('sha1', 'base64url'),
  },
  {
    name: 'imgix',
    digest: 'MD5',
    goal: 2.5,
    calls,
    scheme: () => schemes.imgix({ url: 'https://shop.imgix.net', key: secret, prefixes }),
    urlOf: (id) => `https://shop.imgix.net${pathOf(id)}?w=300`,
    textOf: (id) => `${secret}${pathOf(id)}?w=300&expires=1790100000`,
    bare: (text) => createHash('md5').update(text).digest('hex'),
  },
  {
    name: 'nginxSecureLink',
    digest: 'MD5',
    goal: 2.5,
    calls,
    scheme: () => schemes.nginxSecureLink({ url: 'https://photos.example/private', key: secret, prefixes }),
    urlOf: (id) => `https://photos.example/private${pathOf(id)}`,
    textOf: (id) => `1790100000/private${pathOf(id)} ${secret}`,
    bare: (text) => createHash('md5').update(text).digest('base64url'),
  },
  {
    name: 'edgeAuth',
    digest: 'HMAC-SHA256',
    goal: 2.5,
    calls,
    scheme: () => schemes.edgeAuth({ url: 'https://photos.example', key: hex, prefixes }),
    urlOf: (id) => `https://photos.example${pathOf(id)}`,
    textOf: (id) => `exp=1790100000~url=${pathOf(id)}`,
    bare: hmac('sha256', 'hex'),
  },
  {
    name: 'imgproxy',
    digest: 'HMAC-SHA256',
    goal: 2.5,
    calls,
    scheme: () =>
      schemes.imgproxy({
        url: 'https://imgproxy.example',
        key: hex,
        salt: hex,
        prefixes: 'https://photos.example/uploads/',
      }),
    urlOf: (id) =>
      `https://imgproxy.example/insecure/rs:fill:300:200/plain/https://photos.example${pathOf(id)}`,
    textOf: (id) =>
      `${hex.slice(32)}/exp:1790100000/rs:fill:300:200/plain/https://photos.example${pathOf(id)}`,
    bare: hmac('sha256', 'base64url'),
  },
  {
    name: 'vercelBlob',
    digest: 'HMAC-SHA256',
    goal: 2.5,
    calls,
    scheme: () => schemes.vercelBlob({ url: blobs, delegation, prefixes }),
    urlOf: (id) => blobs + pathOf(id),
    textOf: (id) => `operation=get\npathname=${pathOf(id).slice(1)}\nvercel-blob-valid-until=1790100000000`,
    bare: hmac('sha256', 'base64url'),
  },
  {
    name: 'sanity',
    digest: 'Ed25519',
    goal: 1.05,
    calls: 300,
    scheme: () => schemes.sanity({ url: dataset, keyId: 'pk1234567890abcd', key: ed25519Key, prefixes }),
    urlOf: (id) => `${dataset}${pathOf(id)}?w=300`,
    textOf: (id) => `${dataset}${pathOf(id)}?w=300&keyid=pk1234567890abcd&expiry=2026-09-22T16%3A40%3A00Z`,
    bare: (text) => sign(null, Buffer.from(text), ed25519).toString('base64url'),
  },
  {
    name: 'imageKit',
    digest: 'HMAC-SHA1',
    goal: 2.5,
    calls,
    scheme: () => schemes.imageKit({ url: 'https://ik.imagekit.io/shop', key: secret, prefixes }),
    urlOf: (id) => `https://ik.imagekit.io/shop/tr:w-300${pathOf(id)}`,
    textOf: (id) => `tr:w-300${pathOf(id)}1790100000`,
    bare: hmac('sha1', 'hex'),
  },
  {
    name: 'jwt',
    digest: 'HMAC-SHA256',
    goal: 2.5,
    calls,
    scheme: () =>
      schemes.jwt({
        url: 'https://images.example',
        key: secret,
        claims: ({ origin, path }) => ({ sub: origin + path }),
        prefixes,
      }),
    urlOf: (id) => `https://images.example${pathOf(id)}`,
    textOf: (id) =>
      `eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.${Buffer.from(`{"sub":"https://images.example${pathOf(id)}","exp":1790100000}`).toString('base64url')}`,
    bare: hmac('sha256', 'base64url'),
  },
];
