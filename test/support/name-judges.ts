/** For each store, what the vendor's own code makes of a name: it judges what this package signs. */
import { createHmac, generateKeyPairSync } from 'node:crypto';
import {
  GetObjectCommand,
  S3Client,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from '@aws-sdk/client-s3';
import { getSignedUrl as signCloudFront } from '@aws-sdk/cloudfront-signer';
import { getSignedUrl as presign } from '@aws-sdk/s3-request-presigner';
import ImgixClient from '@imgix/js-core';
import type { BuildMiddleware } from '@smithy/types';
import { createSigner, type Signer, type SignerOptions } from '../../src/index.ts';
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
  jwt,
  type Scheme,
  s3,
  sanity,
  vercelBlob,
} from '../../src/schemes.ts';
import { azureSite, signAzureBlob } from './oracles/azure-blob.ts';
import { gcsSite, gcsUrlOf, signGcs } from './oracles/gcs.ts';
import { imageKitKey, imageKitUrl, signImageKit } from './oracles/image-kit.ts';
import { jwtSecret, signJwt } from './oracles/jwt.ts';
import { sanityKey, sanityKeyId, sanityUrl, signSanity } from './oracles/sanity.ts';
import { signVercelBlob, vercelDelegation, vercelUrl } from './oracles/vercel-blob.ts';
import { privateKeyOf } from './rsa-keys.ts';
import { instant } from './samples.ts';

export interface Judge {
  readonly name: string;
  readonly signer: Signer;
  /** Where the names stand: the URL before them, with a slash at its end. */
  readonly base: string;
  /** What signs as the vendor does. An S3 presigner is slow, and so is RSA. */
  readonly isSlow: boolean;
  /**
   * Whether the scheme does not sign a URL for its name, which is a good one elsewhere. Its page says so.
   * @param path - as it would be sent
   */
  refuses(path: string): boolean;
  /** Whether other rules of the scheme decide about the path, which have tests of their own. */
  isUndecided?(path: string): boolean;
  /** The URL for a name as the vendor's code has it; undefined if that takes URLs alone. */
  ofName(name: string): string | undefined | Promise<string>;
  /** The URL for a URL that is percent-encoded already. */
  ofUrl(url: string, name: string): string | Promise<string>;
}

const key = 'a-key-that-nobody-else-has/+';
const ttl = 3_600;
const issuedAt = instant / 1000;
const exp = issuedAt + ttl;

function signerOf(scheme: Scheme): Signer {
  return createSigner({
    scheme,
    ttl,
    stableFor: 0,
    now: () => instant,
    report: false,
    authorize: () => true,
  } as unknown as SignerOptions);
}

const never = (): boolean => false;

/** All characters but the unreserved ones of RFC 3986, `!`, `'`, `(`, `)` and `*`. */
export function encodeName(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}

/** As browsers send what `URL` has written: Chromium encodes `^` and `|` in every edition. */
export function asBrowsersSend(name: string): string {
  const encoded = name.replaceAll('%', '%25').replaceAll('?', '%3F').replaceAll('#', '%23');
  return new URL(`http://host/${encoded}?`).pathname.slice(1).replaceAll('^', '%5E').replaceAll('|', '%7C');
}

/** The SDK names its operation in a parameter, `x-id`, which no store reads. */
const withoutOperation: BuildMiddleware<ServiceInputTypes, ServiceOutputTypes> = (next) => (args) => {
  const { query } = args.request as { query: Record<string, unknown> };
  delete query['x-id'];
  return next(args);
};

function s3Judge(title: string, url: string, region: string, forcePathStyle: boolean): Judge {
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: key };
  const client = new S3Client({
    region,
    credentials,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    endpoint: forcePathStyle ? new URL(url).origin : url.replace('photos.', ''),
    forcePathStyle,
  });
  client.middlewareStack.add(withoutOperation, { step: 'build', priority: 'high' });
  const ofName = (name: string): Promise<string> =>
    presign(client, new GetObjectCommand({ Bucket: 'photos', Key: name }), {
      expiresIn: ttl,
      signingDate: new Date(instant),
      // It would sign this header, too, which no browser sends.
      unhoistableHeaders: new Set(['x-amz-content-sha256']),
      unsignableHeaders: new Set(['x-amz-content-sha256']),
    });
  return {
    name: title,
    signer: signerOf(s3({ url, region, credentials })),
    base: `${url}/`,
    isSlow: true,
    refuses: never,
    ofName,
    ofUrl: (_url, name) => ofName(name),
  };
}

function azureJudge(): Judge {
  const ofName = (name: string): string => signAzureBlob({ name, exp, issuedAt });
  return {
    name: 'azureBlob',
    signer: signerOf(azureBlob(azureSite)),
    base: `${azureSite.url}/${azureSite.container}/`,
    isSlow: false,
    refuses: never,
    ofName,
    ofUrl: (_url, name) => ofName(name),
  };
}

function gcsJudge(): Judge {
  const credentials = { ...gcsSite.credentials, private_key: privateKeyOf(1024) };
  const site = { ...gcsSite, credentials };
  const url = gcsUrlOf(site);
  const ofName = (name: string): Promise<string> => signGcs({ name, exp, issuedAt }, site);
  return {
    name: 'gcs',
    signer: signerOf(gcs({ url, credentials })),
    base: `${url}/`,
    isSlow: true,
    refuses: never,
    ofName,
    ofUrl: (_url, name) => ofName(name),
  };
}

/** Its library escapes no `#`, `?` and `%` of a name: the path is by RFC 3986 here, and the parameters are the library's. */
function vercelJudge(): Judge {
  const delegation = vercelDelegation(exp + 600_000);
  const ofName = async (name: string): Promise<string> => {
    const { searchParams } = new URL(await signVercelBlob({ name, exp, issuedAt }, delegation));
    const token = [...searchParams].filter(([parameter]) => parameter.startsWith('vercel-blob-'));
    const path = encodeName(name).replace(/[!'()*]/g, (character) => `%${hexOf(character)}`);
    return `${vercelUrl}/${path}?${token.map((pair) => pair.join('=')).join('&')}`;
  };
  return {
    name: 'vercelBlob',
    signer: signerOf(vercelBlob({ url: vercelUrl, delegation })),
    base: `${vercelUrl}/`,
    isSlow: true,
    refuses: never,
    ofName,
    ofUrl: (_url, name) => ofName(name),
  };
}

function hexOf(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase();
}

function sanityJudge(): Judge {
  return {
    name: 'sanity',
    signer: signerOf(sanity({ url: sanityUrl, keyId: sanityKeyId, key: sanityKey })),
    base: `${sanityUrl}/`,
    isSlow: true,
    refuses: never,
    ofName: () => undefined,
    ofUrl: (text) => signSanity(text, { exp, issuedAt }),
  };
}

function imageKitJudge(): Judge {
  return {
    name: 'imageKit',
    signer: signerOf(imageKit({ url: imageKitUrl, key: imageKitKey })),
    base: `${imageKitUrl}/`,
    isSlow: false,
    refuses: never,
    // The expiry is signed right behind the path; and a folder may be a transformation.
    isUndecided: (path) => /\d$|(?:^|\/)tr(?::|%3a)/i.test(path),
    ofName: () => undefined,
    ofUrl: (text) => signImageKit(text, { exp, issuedAt }),
  };
}

function jwtJudge(): Judge {
  const url = 'https://images.example/private';
  const claims = ({ origin, path }: { origin: string; path: string }): { sub: string } => ({
    sub: origin + path,
  });
  return {
    name: 'jwt',
    signer: signerOf(jwt({ url, key: jwtSecret, claims })),
    base: `${url}/`,
    isSlow: false,
    refuses: never,
    ofName: () => undefined,
    ofUrl: (text) => `${text}?token=${signJwt({ sub: text }, exp)}`,
  };
}

function cloudFrontJudge(): Judge {
  const url = 'https://d111111abcdef8.cloudfront.net';
  const keyPairId = 'K2JCJMDEHXQW5F';
  const privateKey = generateKeyPairSync('rsa', { modulusLength: 1024 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  const sign = (text: string): string =>
    signCloudFront({ url: text, keyPairId, privateKey, dateLessThan: new Date(exp * 1000) });
  return {
    name: 'cloudFront',
    signer: signerOf(cloudFront({ url, keyId: keyPairId, key: privateKey })),
    base: `${url}/`,
    isSlow: true,
    // The SDK signs it, and the signature opens whatever the `*` stands for.
    refuses: (path) => path.includes('*'),
    ofName: (name) => sign(`${url}/${encodeName(name)}`),
    ofUrl: sign,
  };
}

/** The published algorithm of Bunny, as its library for Node.js has it: the pathname of a WHATWG URL. */
function bunnyJudge(): Judge {
  const url = 'https://shop.b-cdn.net';
  return {
    name: 'bunny',
    signer: signerOf(bunny({ url, key })),
    base: `${url}/`,
    isSlow: false,
    refuses: never,
    // Its signed text puts path and expiry together without a separator; and a path may begin with a token.
    isUndecided: (path) => /\d$/.test(path) || path.startsWith('bcdn_token='),
    ofName: () => undefined,
    ofUrl(text) {
      const { pathname, origin } = new URL(text);
      const mac = createHmac('sha256', key).update(`${pathname}${exp}`).digest('base64url');
      return `${origin}${pathname}?token=HS256-${mac}&expires=${exp}`;
    },
  };
}

/** Google's sample: the whole URL with its parameters, by HMAC-SHA1, padded. */
function googleJudge(): Judge {
  const url = 'https://cdn.example/private';
  const bytes = Buffer.from(key.slice(0, 16));
  return {
    name: 'googleCdn',
    signer: signerOf(googleCdn({ url, keyId: 'k-1', key: bytes.toString('base64url') })),
    base: `${url}/`,
    isSlow: false,
    refuses: never,
    ofName: () => undefined,
    ofUrl(text) {
      const unsigned = `${text}?Expires=${exp}&KeyName=k-1`;
      const mac = createHmac('sha1', bytes).update(unsigned).digest('base64');
      return `${unsigned}&Signature=${mac.replaceAll('+', '-').replaceAll('/', '_')}`;
    },
  };
}

function imgixJudge(): Judge {
  const client = new ImgixClient({
    domain: 'shop.imgix.net',
    secureURLToken: key,
    includeLibraryParam: false,
  });
  return {
    name: 'imgix',
    signer: signerOf(imgix({ url: 'https://shop.imgix.net', key })),
    base: 'https://shop.imgix.net/',
    isSlow: false,
    refuses: never,
    // It takes a slash off the beginning, and what begins with `http://` for another server's image.
    ofName: (name) => (/^\/|^https?:\/\//.test(name) ? undefined : client.buildURL(name, { expires: exp })),
    ofUrl: (text) =>
      client.buildURL(
        `/${text.slice('https://shop.imgix.net/'.length)}`,
        { expires: exp },
        {
          disablePathEncoding: true,
        },
      ),
  };
}

/** By Cloudflare's page on URL normalization: the rule sees the normal form, which has to be what is signed. */
function wafJudge(): Judge {
  const url = 'https://photos.example/private';
  const normal = (path: string): string =>
    path
      .replaceAll(/%[\da-f]{2}/gi, (triplet) => {
        const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
        return /[\w.~-]/.test(character) ? character : triplet.toUpperCase();
      })
      .replaceAll(/[^\w.~%:/?#[\]@!$&'()*+,;=-]/g, encodeURIComponent);
  return {
    name: 'cloudflareWaf',
    signer: signerOf(cloudflareWaf({ url, key })),
    base: `${url}/`,
    isSlow: false,
    refuses: (path) => `/${path}`.includes('//'),
    ofName: () => undefined,
    ofUrl(text) {
      const path = normal(text.slice('https://photos.example'.length));
      const mac = createHmac('sha256', key).update(`${path}${issuedAt}`).digest('base64');
      return `https://photos.example${path}?verify=${issuedAt}-${encodeURIComponent(mac)}`;
    },
  };
}

/** A user's own: it signs what it is given. */
function ownJudge(): Judge {
  const url = 'https://files.example';
  const strip = (text: string): string => text.replace(/[?&]until=\d+&mac=[\da-f]*$/, '');
  const sign = (text: string, { exp: until }: { readonly exp: number }): string =>
    `${text}?until=${until}&mac=${createHmac('sha256', key).update(`${text} ${until}`).digest('hex')}`;
  const scheme = defineScheme({
    name: 'own',
    url,
    match: (text) => ({
      id: decodeURIComponent(
        strip(text)
          .slice(url.length + 1)
          .replace(/%(?![\dA-F]{2})/gi, '%25'),
      ),
    }),
    strip,
    sign,
    verify(text, now) {
      const until = Number(/until=(\d+)&mac=/.exec(text)?.[1] ?? 0);
      if (until === 0) return { ok: false, reason: 'missing-signature' };
      if (sign(strip(text), { exp: until }) !== text) return { ok: false, reason: 'bad-signature' };
      return now < until ? { ok: true, expiresAt: until } : { ok: false, reason: 'expired' };
    },
    fingerprint: 'own',
  });
  return {
    name: 'defineScheme',
    signer: signerOf(scheme),
    base: `${url}/`,
    isSlow: false,
    refuses: never,
    ofName: () => undefined,
    ofUrl: (text) => sign(text, { exp }),
  };
}

export const judges: readonly Judge[] = [
  s3Judge(
    's3, the bucket in the host',
    'https://photos.s3.eu-central-1.amazonaws.com',
    'eu-central-1',
    false,
  ),
  s3Judge('s3, the bucket in the path', 'http://localhost:9000/photos', 'us-east-1', true),
  azureJudge(),
  gcsJudge(),
  cloudFrontJudge(),
  bunnyJudge(),
  googleJudge(),
  imgixJudge(),
  vercelJudge(),
  sanityJudge(),
  imageKitJudge(),
  jwtJudge(),
  wafJudge(),
  ownJudge(),
];
