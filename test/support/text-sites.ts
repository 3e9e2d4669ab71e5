/** One site for each scheme, and for schemes of an app's own: a URL of an image, and how the scheme signs it. */
import { createHmac } from 'node:crypto';
import { createSigner, type Signer } from '../../src/index.ts';
import {
  azureBlob,
  bunny,
  cloudFront,
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
import { vercelDelegation } from './oracles/vercel-blob.ts';
import { privateKeyOf } from './rsa-keys.ts';
import { accountHash, id, instant, key } from './samples.ts';

export interface TextSite {
  readonly name: string;
  readonly signer: Signer;
  /** Of an image, without a token. */
  readonly url: string;
  readonly signed: string;
  /** With a token that is over. */
  readonly stale: string;
}

const prefixes = 'uploads/';
const path = 'uploads/cat.jpg';

function mac(text: string, encoding: 'hex' | 'base64url'): string {
  return createHmac('sha256', key).update(text).digest(encoding);
}

const own = 'https://own.example/private';

/** An app's scheme in one parameter, as JSON Web Tokens are. @param verifies - whether it has `verify` */
function ownQuery(parameter: string, verifies: boolean): Scheme {
  const pattern = new RegExp(`[?&]${parameter}=[^&]*$`);
  const strip = (url: string): string => url.replace(pattern, '');
  const sign = (url: string, { exp }: { readonly exp: number }): string => {
    const claims = Buffer.from(JSON.stringify({ exp })).toString('base64url');
    return `${url}${url.includes('?') ? '&' : '?'}${parameter}=${claims}.${mac(url + claims, 'base64url')}`;
  };
  return defineScheme({
    name: 'own-query',
    url: own,
    match: (url) => ({ id: strip(url) }),
    strip,
    sign,
    ...(verifies && {
      verify(url: string, now: number) {
        const [claims = ''] =
          pattern
            .exec(url)?.[0]
            .slice(parameter.length + 2)
            .split('.') ?? [];
        const exp = Number(/\d+/.exec(Buffer.from(claims, 'base64url').toString())?.[0]);
        if (url !== sign(strip(url), { exp })) return { ok: false, reason: 'bad-signature' };
        return now < exp ? { ok: true, expiresAt: exp } : { ok: false, reason: 'expired' };
      },
    }),
    fingerprint: `own ${parameter}`,
  });
}

/** An app's scheme in the path, as nginx's `secure_link` in a location is. */
function ownPath(): Scheme {
  const pattern = /\/private\/t-(\d+)-([0-9a-f]{64})\//;
  const strip = (url: string): string => url.replace(pattern, '/private/');
  const sign = (url: string, { exp }: { readonly exp: number }): string =>
    url.replace('/private/', `/private/t-${exp}-${mac(`${url} ${exp}`, 'hex')}/`);
  return defineScheme({
    name: 'own-path',
    url: own,
    match: (url) => ({ id: strip(url) }),
    strip,
    sign,
    verify(url, now) {
      const exp = Number(pattern.exec(url)?.[1]);
      if (Number.isNaN(exp)) return { ok: false, reason: 'missing-signature' };
      if (url !== sign(strip(url), { exp })) return { ok: false, reason: 'bad-signature' };
      return now < exp ? { ok: true, expiresAt: exp } : { ok: false, reason: 'expired' };
    },
    fingerprint: 'own path',
  });
}

function site(name: string, scheme: Scheme | undefined, url: string): TextSite {
  const signerAt = (now: number): Signer => {
    const shared = { ttl: '1h', now: () => now } as const;
    return scheme === undefined
      ? createSigner({ ...shared, key, variants: ['thumb', 'card'], accountHash })
      : createSigner({ ...shared, scheme });
  };
  const signer = signerAt(instant);
  return {
    name,
    signer,
    url,
    signed: signer.signImage(url),
    stale: signerAt(instant - 900_000_000).signImage(url),
  };
}

const distribution = 'https://d111111abcdef8.cloudfront.net';
const cloudFrontOf = (bits: number, policy?: string): Scheme =>
  cloudFront({
    url: distribution,
    keyId: 'K2JCJMDEHXQW5F',
    key: privateKeyOf(bits),
    ...(policy === undefined ? { prefixes } : { policy }),
  });
const credentials = { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', secretAccessKey: key, sessionToken: 'FwoG+/==' };
const bucket = 'https://photos.s3.eu-central-1.amazonaws.com';
const zone = 'https://photos.example/private';
const dataset = 'https://cdn.sanity.io/images/abc123/production';

export const textSites: readonly TextSite[] = [
  site('cloudflareImages', undefined, `https://imagedelivery.net/${accountHash}/${id}/thumb`),
  site('s3', s3({ url: bucket, region: 'eu-central-1', credentials, prefixes }), `${bucket}/${path}`),
  site('cloudFront', cloudFrontOf(1024), `${distribution}/${path}`),
  site('cloudFront with a longer key', cloudFrontOf(3072), `${distribution}/${path}`),
  site(
    'cloudFront with a policy',
    cloudFrontOf(1024, `${distribution}/uploads/*`),
    `${distribution}/${path}`,
  ),
  site('bunny', bunny({ url: 'https://shop.b-cdn.net', key, prefixes }), `https://shop.b-cdn.net/${path}`),
  site('cloudflareWaf', cloudflareWaf({ url: zone, key, prefixes }), `${zone}/${path}`),
  site(
    'cloudflareWaf with its own parameter',
    cloudflareWaf({ url: zone, key, prefixes, token: 'pass', urlSafe: true }),
    `${zone}/${path}?v=3`,
  ),
  site(
    'azureBlob',
    azureBlob({
      url: 'https://azure.example',
      account: 'shopimages',
      container: 'files',
      key: Buffer.from(key).toString('base64'),
      prefixes,
    }),
    `https://azure.example/files/${path}`,
  ),
  site(
    'gcs',
    gcs({
      url: 'https://gcs.example',
      credentials: {
        client_email: 'images@shop-1234.iam.gserviceaccount.com',
        private_key: privateKeyOf(1024),
      },
      prefixes,
    }),
    `https://gcs.example/${path}`,
  ),
  site(
    'googleCdn',
    googleCdn({ url: 'https://cdn.example', keyId: 'images', key: 'nZtRohdNF9m3cKM24IcK4w==', prefixes }),
    `https://cdn.example/${path}`,
  ),
  site(
    'imgix',
    imgix({ url: 'https://shop.imgix.net', key, prefixes }),
    `https://shop.imgix.net/${path}?w=4`,
  ),
  site(
    'vercelBlob',
    vercelBlob({
      url: 'https://blobs.example',
      delegation: vercelDelegation(instant / 1000 + 600_000),
      prefixes,
    }),
    `https://blobs.example/${path}`,
  ),
  site(
    'sanity',
    sanity({ url: dataset, keyId: 'k-1', key: 'ab'.repeat(32), prefixes }),
    `${dataset}/${path}?w=4`,
  ),
  site(
    'imageKit',
    imageKit({ url: 'https://ik.imagekit.io/shop', key, prefixes }),
    `https://ik.imagekit.io/shop/${path}?v=a`,
  ),
  site(
    'jwt',
    jwt({ url: zone, key, claims: ({ origin, path: sub }) => ({ sub: origin + sub }), prefixes }),
    `${zone}/${path}?w=4`,
  ),
  site(
    'imgproxy',
    imgproxy({
      url: 'https://img.example',
      key: '943b421c9eb07c830af81030552c8600',
      salt: '520f986b998545b4785e0defbc4f3c12',
      prefixes: 'https://store.example/',
    }),
    'https://img.example/insecure/rs:fit:300:300/plain/https://store.example/cat.jpg@webp',
  ),
  site('a scheme of one’s own', ownQuery('pass', true), `${own}/cat.jpg`),
  site('a scheme of one’s own that verifies nothing', ownQuery('k', false), `${own}/cat.jpg?w=4`),
  site('a scheme of one’s own in the path', ownPath(), `${own}/cat.jpg`),
];
