/** Who may have issued a URL that an app stored long ago: each store's own libraries, in every version of its signature. */
import { createHash, createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl as signCloudFront } from '@aws-sdk/cloudfront-signer';
import { getSignedUrl as presign } from '@aws-sdk/s3-request-presigner';
import {
  AccountSASPermissions,
  BlobSASPermissions,
  generateAccountSASQueryParameters,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from '@azure/storage-blob';
import ImgixClient from '@imgix/js-core';
import { generateImageUrl } from '@imgproxy/imgproxy-node';
import { AwsV4Signer } from 'aws4fetch';
import ImageKit from 'imagekit';
import jsonwebtoken from 'jsonwebtoken';
import {
  azureBlob,
  bunny,
  cloudFront,
  cloudflareImages,
  cloudflareWaf,
  edgeAuth,
  gcs as gcsOf,
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
import {
  type EdgeTokenTerms,
  imageKitKey,
  imageKitUrl,
  sanityUrl,
  signAkamai,
  signCloudinary,
  signImageKit,
  signJwt,
  signSanity,
  signVercelBlob,
} from '../stores/libraries.ts';
import { vercelDelegation, vercelUrl } from './oracles/vercel-blob.ts';
import { instant } from './samples.ts';

/** @param seconds - Unix time of the issue. @returns the URL with a token */
export type Issue = (plain: string, seconds: number) => string | Promise<string>;

export interface OldStore {
  readonly name: string;
  readonly scheme: Scheme;
  /** What stands around the name of an image. */
  readonly around: readonly [before: string, after: string];
  /** By what it is called. */
  readonly issuers: Readonly<Record<string, Issue>>;
  readonly opensFolder?: true;
}

const prefixes = 'photos/';
const oldKeys = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYOLDKEY',
};
const sessionToken = `FwoGZXIvYXdzE${'Ab/+'.repeat(80)}==`;
const oldSession = { ...oldKeys, accessKeyId: 'ASIAIOSFODNN7EXAMPLE', sessionToken };
const newKeys = {
  accessKeyId: 'AKIAI44QH8DHBEXAMPLE',
  secretAccessKey: 'je7MtGbClwBF/2Zp9Utk/h3yCo8nvbNEWKEY',
};
const pemOf = (bits: number): string =>
  generateKeyPairSync('rsa', { modulusLength: bits })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
const [oldRsa, newRsa] = [pemOf(2048), pemOf(2048)];
const encode = encodeURIComponent;

/** With `?` or `&`. */
function withQuery(url: string, query: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${query}`;
}

function pathOf(url: string): string {
  return new URL(url).pathname;
}

/** The SDK signs by the clock that it is given. */
function byAwsSdk(bucket: string, credentials: typeof oldSession | typeof oldKeys, endpoint?: string): Issue {
  const client = new S3Client({
    region: 'eu-central-1',
    credentials,
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
  });
  const before = endpoint === undefined ? '/' : `/${bucket}/`;
  return async (plain, seconds) => {
    const Key = decodeURIComponent(pathOf(plain).slice(before.length));
    const signingDate = new Date(seconds * 1_000);
    return presign(client, new GetObjectCommand({ Bucket: bucket, Key }), { signingDate, expiresIn: 3_600 });
  };
}

const byAws4fetch: Issue = async (plain, seconds) => {
  const datetime = new Date(seconds * 1_000).toISOString().replaceAll(/[:-]|\.\d{3}/g, '');
  const query = { signQuery: true, service: 's3', region: 'auto' };
  const signed = await new AwsV4Signer({ url: plain, ...oldKeys, ...query, datetime }).sign();
  return signed.url.href;
};

/** Signature Version 2, in the order of several libraries. */
function byVersionTwo(
  order: readonly string[],
  { resource = '', id = 'AWSAccessKeyId', session = false },
): Issue {
  return (plain, seconds) => {
    const headers = session ? `x-amz-security-token:${sessionToken}\n` : '';
    const text = `GET\n\n\n${seconds}\n${headers}${resource}${pathOf(plain)}`;
    const values: Readonly<Record<string, string>> = {
      [id]: oldKeys.accessKeyId,
      Expires: String(seconds),
      Signature: createHmac('sha1', oldKeys.secretAccessKey).update(text).digest('base64'),
      'x-amz-security-token': sessionToken,
    };
    return withQuery(plain, order.map((name) => `${name}=${encode(values[name]!)}`).join('&'));
  };
}

const jsTwo = ['AWSAccessKeyId', 'Expires', 'Signature'];
const boto = ['AWSAccessKeyId', 'Signature', 'x-amz-security-token', 'Expires'];

/** Google's own, by RSA and the account of a service. */
function byGoogle(version: 2 | 4): Issue {
  const account = 'photos@my-project.iam.gserviceaccount.com';
  return (plain, seconds) => {
    const sign = (text: string, encoding: 'base64' | 'hex'): string =>
      createSign('sha256').update(text).sign(oldRsa, encoding);
    if (version === 2) {
      const signature = encode(sign(`GET\n\n\n${seconds}\n${pathOf(plain)}`, 'base64'));
      return withQuery(plain, `GoogleAccessId=${account}&Expires=${seconds}&Signature=${signature}`);
    }
    const day = new Date(seconds * 1_000).toISOString().replaceAll(/[:-]|\.\d{3}/g, '');
    const scope = `${day.slice(0, 8)}/auto/storage/goog4_request`;
    const query = [
      'X-Goog-Algorithm=GOOG4-RSA-SHA256',
      `X-Goog-Credential=${encode(`${account}/${scope}`)}`,
      `X-Goog-Date=${day}`,
      'X-Goog-Expires=3600',
      'X-Goog-SignedHeaders=host',
    ].join('&');
    const { host, pathname } = new URL(plain);
    const request = `GET\n${pathname}\n${query}\nhost:${host}\n\nhost\nUNSIGNED-PAYLOAD`;
    const hash = createHash('sha256').update(request).digest('hex');
    const signature = sign(`GOOG4-RSA-SHA256\n${day}\n${scope}\n${hash}`, 'hex');
    return withQuery(plain, `${query}&X-Goog-Signature=${signature}`);
  };
}

/** One after the other: what the second finds is a URL with a token. */
function both(first: Issue, second: Issue): Issue {
  return async (plain, seconds) => {
    const issued = await second(plain, seconds);
    return withQuery(await first(plain, seconds), issued.slice(issued.indexOf('?') + 1));
  };
}

function byCloudFront(policy?: string, more: object = {}): Issue {
  return (plain, seconds) => {
    const keys = { keyPairId: 'APKAIOSFODNN7EXAMPLE', privateKey: oldRsa, ...more };
    const condition = { DateLessThan: { 'AWS:EpochTime': seconds } };
    return policy === undefined
      ? signCloudFront({ url: plain, ...keys, dateLessThan: new Date(seconds * 1_000) })
      : signCloudFront({
          url: plain,
          ...keys,
          policy: JSON.stringify({ Statement: [{ Resource: policy, Condition: condition }] }),
        });
  };
}

function byCloudCdn(prefix?: string): Issue {
  const sign = (text: string): string =>
    createHmac('sha1', 'sixteen letters.')
      .update(text)
      .digest('base64')
      .replaceAll('+', '-')
      .replaceAll('/', '_');
  return (plain, seconds) => {
    const query = `Expires=${seconds}&KeyName=old-key`;
    if (prefix === undefined) {
      const url = withQuery(plain, query);
      return `${url}&Signature=${sign(url)}`;
    }
    const policy = `URLPrefix=${Buffer.from(prefix).toString('base64url')}&${query}`;
    return withQuery(plain, `${policy}&Signature=${sign(policy)}`);
  };
}

/** Bunny's two versions; what is signed beside the path is put into the query. */
function byBunny(more: Readonly<Record<string, string>> = {}): Issue {
  return (plain, seconds) => {
    const path = more['token_path'] ?? pathOf(plain);
    const data = Object.entries(more).map((pair) => pair.join('='));
    const token = createHmac('sha256', 'old-key')
      .update(`${path}${seconds}${data.join('&')}`)
      .digest('base64url');
    const rest = Object.entries(more).map(([name, value]) => `&${name}=${encode(value)}`);
    return withQuery(plain, `token=HS256-${token}${rest.join('')}&expires=${seconds}`);
  };
}

/** As Bunny's library writes it with `isDirectory`. */
const byBunnyInPath: Issue = (plain, seconds) => {
  const folder = '/photos/';
  const mac = createHmac('sha256', 'old-key')
    .update(`${folder}${seconds}token_path=${folder}`)
    .digest('base64url');
  const token = `bcdn_token=HS256-${mac}&expires=${seconds}&token_path=${encode(folder)}`;
  const { origin } = new URL(plain);
  return `${origin}/${token}${plain.slice(origin.length)}`;
};

const byBunnyBasic: Issue = (plain, seconds) => {
  const token = createHash('md5')
    .update(`old-key${pathOf(plain)}${seconds}`)
    .digest('base64url');
  return withQuery(plain, `token=${token}&expires=${seconds}`);
};

function byImgix(hasExpiry: boolean): Issue {
  const client = new ImgixClient({
    domain: 'shop.imgix.net',
    secureURLToken: 'old',
    includeLibraryParam: false,
  });
  return (plain, seconds) =>
    client.buildURL(pathOf(plain), hasExpiry ? { expires: seconds } : {}, { disablePathEncoding: true });
}

const hex = (text: string): string => Buffer.from(text).toString('hex');

function byImgproxy(hasExpiry: boolean): Issue {
  return (plain, seconds) => {
    const value = plain.slice(plain.indexOf('/plain/') + '/plain/'.length);
    const options = hasExpiry ? { expires: seconds, width: 300 } : { width: 300 };
    const endpoint = new URL(plain).origin;
    // In data, a token that verifies for no URL may have words behind it: there only one of the site's own key counts.
    const keys = { key: hex('key'), salt: hex('salt') };
    return generateImageUrl({ endpoint, url: { value, displayAs: 'plain' }, options, ...keys });
  };
}

function byWaf(name: string, isUrlSafe: boolean): Issue {
  return (plain, seconds) => {
    const hmac = createHmac('sha256', 'old-key').update(`${pathOf(plain)}${seconds}`);
    const mac = isUrlSafe ? hmac.digest('base64url') : encode(hmac.digest('base64'));
    return withQuery(plain, `${name}=${seconds}-${mac}`);
  };
}

/** As the page of nginx's module shows it, with the visitor's address. */
function byNginx(names: readonly [md5: string, expires: string] = ['md5', 'expires']): Issue {
  return (plain, seconds) => {
    const md5 = createHash('md5')
      .update(`${seconds}${decodeURIComponent(pathOf(plain))}127.0.0.1 old-secret`)
      .digest('base64url');
    return withQuery(plain, `${names[0]}=${md5}&${names[1]}=${seconds}`);
  };
}

function byEdge(parameter: string, terms: Omit<EdgeTokenTerms, 'key' | 'exp'>): Issue {
  return (plain, seconds) =>
    withQuery(plain, `${parameter}=${signAkamai({ key: '0123abcd', exp: seconds, ...terms })}`);
}

const byCloudinary: Issue = (plain, seconds) =>
  withQuery(
    plain,
    signCloudinary({ key: '0123abcd', kind: 'acl', path: '/photos/*', issuedAt: 1, exp: seconds }),
  );

/** By a delegation that ends after an hour. @param life - of the URL, in seconds */
function byVercel(life: number): Issue {
  return async (plain, seconds) => {
    const delegation = vercelDelegation(seconds + 3_600);
    const name = decodeURIComponent(pathOf(plain).slice(1));
    const signed = await signVercelBlob(name, { exp: seconds + life, issuedAt: seconds }, delegation);
    return withQuery(plain, signed.slice(signed.indexOf('?') + 1));
  };
}

const bySanity: Issue = (plain, seconds) => signSanity(plain, { exp: seconds + 3_600, issuedAt: seconds });

const byImageKit: Issue = (plain, seconds) =>
  signImageKit(plain, { exp: seconds + 3_600, issuedAt: seconds });

const imageKitClient = new ImageKit({
  urlEndpoint: imageKitUrl,
  publicKey: 'public_key',
  privateKey: imageKitKey,
});
/** Without `ik-t`. */
const byImageKitForEver: Issue = (plain) => imageKitClient.url({ src: plain, signed: true });

const byJwt: Issue = (plain, seconds) => withQuery(plain, `token=${signJwt({ sub: plain }, seconds, 'old')}`);

const byJwtOfRsa: Issue = (plain, seconds) => {
  const token = jsonwebtoken.sign({ sub: plain, exp: seconds }, oldRsa, { algorithm: 'RS256' });
  return withQuery(plain, `token=${token}`);
};

/** As Contentful's page shows it: the policy of an asset key is a JSON Web Token, too. */
const byContentful: Issue = (plain, seconds) => {
  const policy = signJwt({ 'ctfl:unpub': true, iss: 'space' }, seconds, 'older');
  return withQuery(plain, `token=${signJwt({ sub: plain }, seconds, 'old')}&policy=${encode(policy)}`);
};

/** As the documentation of Cloudflare Images shows it. */
const byWorker: Issue = (plain, seconds) => {
  const url = withQuery(plain, `exp=${seconds}`);
  const mac = createHmac('sha256', 'old-key')
    .update(pathOf(plain) + new URL(url).search)
    .digest('hex');
  return `${url}&sig=${mac}`;
};

const [aws, minio, gcs] = [
  'https://photos.s3.eu-central-1.amazonaws.com',
  'http://minio.example:9000/photos',
  'https://storage.googleapis.com/my-photos',
];
const [front, cdn, zone] = [
  'https://d111111abcdef8.cloudfront.net',
  'https://cdn.example',
  'https://shop.b-cdn.net',
];
const inFolder = (base: string): OldStore['around'] => [`${base}/photos/`, '.jpg'];
const s3Of = (url: string, region = 'eu-central-1'): Scheme =>
  s3({ url, region, credentials: newKeys, prefixes });
/** Another host in front of the same bucket, put into what was presigned for the bucket. */
const behind = (base: string, bucket: string, issue: Issue): Issue => {
  return async (plain, seconds) => {
    const issued = await issue(plain.replace(base, bucket), seconds);
    return plain + issued.slice(issued.indexOf('?'));
  };
};

const azure = 'https://shopimages.blob.core.windows.net';
const azureAccount = new StorageSharedKeyCredential('shopimages', Buffer.alloc(64, 1).toString('base64'));
const azureDelegation: UserDelegationKey = {
  signedObjectId: '11111111-2222-3333-4444-555555555555',
  signedTenantId: '66666666-7777-8888-9999-000000000000',
  signedStartsOn: new Date(1_700_000_000_000),
  signedExpiresOn: new Date(1_700_600_000_000),
  signedService: 'b',
  signedVersion: '2020-12-06',
  value: Buffer.alloc(32, 2).toString('base64'),
};

function byAzure(
  of: (name: string) => { containerName: string; blobName?: string; version?: string },
  delegation?: UserDelegationKey,
): Issue {
  return (plain, seconds) => {
    const values = {
      ...of(decodeURIComponent(pathOf(plain).slice('/files/'.length))),
      permissions: BlobSASPermissions.parse('r'),
      startsOn: new Date(seconds * 1_000),
      expiresOn: new Date((seconds + 3_600) * 1_000),
      contentType: 'image/png',
    };
    const sas =
      delegation === undefined
        ? generateBlobSASQueryParameters(values, azureAccount)
        : generateBlobSASQueryParameters(values, delegation, azureAccount.accountName);
    return withQuery(plain, sas.toString());
  };
}

const byAzureAccount: Issue = (plain, seconds) => {
  const sas = generateAccountSASQueryParameters(
    {
      permissions: AccountSASPermissions.parse('r'),
      services: 'b',
      resourceTypes: 'o',
      expiresOn: new Date((seconds + 3_600) * 1_000),
    },
    azureAccount,
  );
  return withQuery(plain, sas.toString());
};

export const oldStores: readonly OldStore[] = [
  {
    name: 's3',
    scheme: s3Of(aws),
    around: inFolder(aws),
    issuers: {
      'version 4 by the AWS SDK': byAwsSdk('photos', oldKeys),
      'version 4 by the AWS SDK, of a session': byAwsSdk('photos', oldSession),
      'version 4 by aws4fetch': byAws4fetch,
      'version 2, as the AWS SDK for JavaScript 2 writes it': byVersionTwo(jsTwo, { resource: '/photos' }),
      'version 2 of a session, as botocore writes it': byVersionTwo(boto, {
        resource: '/photos',
        session: true,
      }),
      'version 2, then version 4': both(byVersionTwo(jsTwo, {}), byAws4fetch),
      'version 4, then version 2 of a session': both(byAwsSdk('photos', oldSession), byVersionTwo(boto, {})),
      'version 4 of two sessions': both(byAwsSdk('photos', oldSession), byAws4fetch),
    },
  },
  {
    name: 's3 with the bucket in the path',
    scheme: s3Of(minio, 'us-east-1'),
    around: inFolder(minio),
    issuers: {
      'version 4 by the AWS SDK': byAwsSdk('photos', oldKeys, 'http://minio.example:9000'),
      'version 2': byVersionTwo(jsTwo, {}),
    },
  },
  {
    name: 's3 at Google',
    scheme: s3Of(gcs, 'auto'),
    around: inFolder(gcs),
    issuers: {
      'version 4 of Google': byGoogle(4),
      'version 2 of Google': byGoogle(2),
      'version 2 of an HMAC key': byVersionTwo(['GoogleAccessId', 'Expires', 'Signature'], {
        id: 'GoogleAccessId',
      }),
      'version 4 of AWS': byAws4fetch,
      'version 2 of Google, then version 4 of AWS': both(byGoogle(2), byAws4fetch),
    },
  },
  {
    name: 'gcs',
    scheme: gcsOf({
      url: gcs,
      credentials: { client_email: 'images@my-project.iam.gserviceaccount.com', private_key: newRsa },
      prefixes,
    }),
    around: inFolder(gcs),
    issuers: {
      'version 4': byGoogle(4),
      'version 2': byGoogle(2),
      'version 4 of AWS, by an HMAC key': byAws4fetch,
      'version 2, then version 4': both(byGoogle(2), byGoogle(4)),
    },
  },
  {
    name: 'azureBlob',
    scheme: azureBlob({
      url: azure,
      account: 'shopimages',
      container: 'files',
      key: Buffer.alloc(64, 7).toString('base64'),
      prefixes,
    }),
    around: inFolder(`${azure}/files`),
    issuers: {
      'a SAS of the blob': byAzure((name) => ({ containerName: 'files', blobName: name })),
      'a SAS of the container': byAzure(() => ({ containerName: 'files' })),
      'an older version': byAzure((name) => ({
        containerName: 'files',
        blobName: name,
        version: '2015-04-05',
      })),
      'a user delegation key': byAzure(
        (name) => ({ containerName: 'files', blobName: name }),
        azureDelegation,
      ),
      'a SAS of the account': byAzureAccount,
      'a SAS of the account, then of the blob': both(
        byAzureAccount,
        byAzure((name) => ({ containerName: 'files', blobName: name })),
      ),
    },
  },
  {
    name: 'cloudFront',
    scheme: cloudFront({ url: front, keyId: 'K2JCJMDEHXQW5F', key: newRsa, prefixes }),
    around: inFolder(front),
    issuers: {
      'a canned policy by the AWS SDK': byCloudFront(),
      'a canned policy with SHA-256': byCloudFront(undefined, { algorithm: 'SHA256' }),
      'a custom policy of a folder': byCloudFront(`${front}/photos/*`),
      'a canned policy, then a custom one': both(byCloudFront(), byCloudFront(`${front}/*`)),
      'version 4 of the bucket, at this host': behind(front, aws, byAwsSdk('photos', oldSession)),
      'version 2 of the bucket, at this host': byVersionTwo(jsTwo, {}),
    },
  },
  {
    name: 'cloudFront with a policy',
    scheme: cloudFront({
      url: front,
      keyId: 'K2JCJMDEHXQW5F',
      key: newRsa,
      policy: `${front}/photos/*`,
    }),
    around: inFolder(front),
    opensFolder: true,
    issuers: { 'a canned policy': byCloudFront(), 'a custom policy': byCloudFront(`${front}/photos/*`) },
  },
  {
    name: 'googleCdn',
    scheme: googleCdn({
      url: cdn,
      keyId: 'k-2',
      key: Buffer.from('letters sixteen.').toString('base64url'),
      prefixes,
    }),
    around: inFolder(cdn),
    issuers: {
      'a URL': byCloudCdn(),
      'a folder': byCloudCdn(`${cdn}/photos/`),
      'the bucket, version 4': behind(cdn, gcs, byGoogle(4)),
      'the bucket, version 2': byGoogle(2),
    },
  },
  {
    name: 'bunny',
    scheme: bunny({ url: zone, key: 'new-key', prefixes }),
    around: inFolder(zone),
    issuers: {
      basic: byBunnyBasic,
      advanced: byBunny(),
      'a folder': byBunny({ token_path: '/photos/' }),
      'a folder, in the path': byBunnyInPath,
      countries: byBunny({ token_countries: 'CA,US', token_countries_blocked: 'RU,CN' }),
      'a speed': byBunny({ limit: '1000' }),
      'any parameters': byBunny({ token_ignore_params: 'true', token_path: '/photos/' }),
      'basic, then advanced': both(byBunnyBasic, byBunny({ limit: '5' })),
    },
  },
  {
    name: 'imgix',
    scheme: imgix({ url: 'https://shop.imgix.net', key: 'new', prefixes }),
    around: inFolder('https://shop.imgix.net'),
    issuers: {
      'with an expiry': byImgix(true),
      'without one': byImgix(false),
      both: both(byImgix(false), byImgix(true)),
    },
  },
  {
    name: 'imgproxy',
    scheme: imgproxy({
      url: 'https://proxy.example',
      key: hex('key'),
      salt: hex('salt'),
      prefixes: 'local:///photos/',
    }),
    around: ['https://proxy.example/insecure/w:300/plain/local:///photos/', '.jpg'],
    issuers: { 'with an expiry': byImgproxy(true), 'without one': byImgproxy(false) },
  },
  {
    name: 'cloudflareWaf',
    scheme: cloudflareWaf({ url: 'https://waf.example', key: 'new-key', prefixes }),
    around: inFolder('https://waf.example'),
    issuers: { base64: byWaf('verify', false), base64url: byWaf('verify', true) },
  },
  {
    name: 'nginxSecureLink',
    scheme: nginxSecureLink({ url: 'https://nginx.example', key: 'new-secret', prefixes }),
    around: inFolder('https://nginx.example'),
    issuers: {
      'as nginx.org has it': byNginx(),
      'with names in capitals': byNginx(['MD5', 'Expires']),
      'with two secrets': both(byNginx(), byNginx()),
    },
  },
  {
    name: 'edgeAuth',
    scheme: edgeAuth({ url: 'https://edge.example', key: 'abcd0123', prefixes }),
    around: inFolder('https://edge.example'),
    issuers: {
      'a path': byEdge('__token__', { kind: 'url', path: '/photos/a.jpg' }),
      'a folder, with a beginning': byEdge('hdnts', { kind: 'acl', path: '/photos/*', issuedAt: 1 }),
      'two folders': byEdge('hdnea', { kind: 'acl', path: '/photos/*!/videos/*' }),
      Cloudinary: byCloudinary,
      'a path, then a folder': both(
        byEdge('__token__', { kind: 'url', path: '/photos/a.jpg' }),
        byEdge('hdntl', { kind: 'acl', path: '/*' }),
      ),
    },
  },
  {
    name: 'vercelBlob',
    scheme: vercelBlob({
      url: vercelUrl,
      delegation: vercelDelegation(instant / 1000 + 600_000),
      prefixes,
    }),
    around: inFolder(vercelUrl),
    issuers: {
      'with an end of its own': byVercel(1_800),
      'until the end of the delegation': byVercel(3_600),
      both: both(byVercel(3_600), byVercel(1_800)),
    },
  },
  {
    name: 'sanity',
    scheme: sanity({ url: sanityUrl, keyId: 'newer', key: 'ab'.repeat(32), prefixes }),
    around: inFolder(sanityUrl),
    issuers: { 'its library': bySanity, 'its library, two times': both(bySanity, bySanity) },
  },
  {
    name: 'imageKit',
    scheme: imageKit({ url: imageKitUrl, key: 'private_new', prefixes }),
    around: inFolder(imageKitUrl),
    issuers: {
      'with an expiry': byImageKit,
      'without one': byImageKitForEver,
      both: both(byImageKitForEver, byImageKit),
    },
  },
  {
    name: 'jwt',
    scheme: jwt({
      url: 'https://jwt.example',
      key: 'new',
      claims: ({ origin, path }) => ({ sub: origin + path }),
      prefixes,
    }),
    around: inFolder('https://jwt.example'),
    issuers: {
      'by a secret': byJwt,
      'by an RSA key': byJwtOfRsa,
      'by an RSA key, then by a secret': both(byJwtOfRsa, byJwt),
    },
  },
  {
    name: 'jwt with a policy',
    scheme: jwt({
      url: 'https://images.ctfassets.example',
      key: { value: 'new', added: { policy: signJwt({ iss: 'space' }, instant / 1000, 'newer') } },
      claims: ({ origin, path }) => ({ sub: origin + path }),
      prefixes,
    }),
    around: inFolder('https://images.ctfassets.example'),
    issuers: {
      'an asset key': byContentful,
      'two asset keys': both(byContentful, byContentful),
      'no asset key': byJwt,
    },
  },
  {
    name: 'cloudflareImages',
    scheme: cloudflareImages({ key: 'new-key', variants: ['thumb'], accountHash: 'cheeW4oKsx5ljh8e8BoL2A' }),
    around: ['https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/', '/thumb'],
    issuers: { 'as documented': byWorker, 'with two keys': both(byWorker, byWorker) },
  },
];
