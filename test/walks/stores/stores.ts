/**
 * Each store in each way that it can be set up, and what signs as the store does: its library, or its published algorithm
 * where there is none. Longer than most files: it is the table of all of them.
 */
import { createHmac } from 'node:crypto';
import {
  GetObjectCommand,
  S3Client,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from '@aws-sdk/client-s3';
import { getSignedUrl as signCloudFront } from '@aws-sdk/cloudfront-signer';
import { getSignedUrl as presign } from '@aws-sdk/s3-request-presigner';
import ImgixClient from '@imgix/js-core';
import { generateImageUrl } from '@imgproxy/imgproxy-node';
import type { BuildMiddleware } from '@smithy/types';
import { AwsV4Signer } from 'aws4fetch';
import { asBrowsersSend, encodeName, mayHaveUrl, randomName } from '../../support/generators/names.ts';
import { randomKey } from '../../support/generators/objects.ts';
import { pick } from '../../support/generators/random.ts';
import { nginxToken } from '../../support/oracles/nginx-token.ts';
import type { StoreSetup } from '../../support/oracles/store-law.ts';
import { vercelDelegation, vercelUrl } from '../../support/oracles/vercel-blob.ts';
import { type Options, revive, userDelegation } from '../../support/schemes/table.ts';
import keys from '../../vectors/keys.json' with { type: 'json' };
import * as libraries from './libraries.ts';

type Random = () => number;

/** An image without a token. */
export interface Given {
  readonly url: string;
  readonly id: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

export interface Store extends StoreSetup {
  /** The longest life of a token, in seconds. */
  readonly longest?: number;
  /** Names of parameters, of a scheme that has no list of them. */
  readonly asks?: readonly string[];
  /** What its library spells otherwise in a query than browsers do. */
  readonly without?: RegExp;
  /** Whether the library spells a path anew, so that it makes no URL for another spelling. */
  readonly isSpelledAnew?: true;
  /** Whether the scheme is right to refuse a URL: its page says so. */
  refuses?(url: string): boolean;
  given?(random: Random): Given;
  sign(given: Given, times: libraries.Times): string | Promise<string>;
}

const week = 604_800;
const names = ['v', 'A', 'a-b', 'a', 'X', 'Y', 'x', 'é', '~t'];

/** An image with a name as people give them, in one of the spellings that a page may have. */
export function randomGiven(random: Random, store: Store): Given {
  if (store.given) return store.given(random);
  const { base, options } = store;
  const name = random() < 0.5 ? randomKey(random) : randomName(random);
  const browsers = (text: string): string => asBrowsersSend(text).replaceAll('+', '%2B');
  const spell = pick(random, [encodeName, store.isSpelledAnew ? encodeName : browsers]);
  const parameters = ((store.asks ?? options['parameters'] ?? []) as string[])
    .filter(() => random() < 0.2)
    .sort(() => random() - 0.5)
    .map((parameter) => [parameter, randomKey(random).replaceAll(store.without ?? /^$/g, '_')] as const);
  if (!mayHaveUrl(name)) return randomGiven(random, store);
  return givenOf(base, name, spell(name), parameters);
}

export function givenOf(
  base: string,
  id: string,
  path: string = encodeName(id),
  parameters: Given['parameters'] = [],
): Given {
  // As `URL` spells a query.
  const query = parameters
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .join('&')
    .replaceAll("'", '%27');
  return { url: `${base}${path}${query && `?${query}`}`, id, parameters };
}

const withQuery = (url: string, query: string): string => `${url}${url.includes('?') ? '&' : '?'}${query}`;
const base64url = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_');

const aws = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const session = { ...aws, accessKeyId: 'ASIAIOSFODNN7EXAMPLE', sessionToken: `${'FQoGZX/+'.repeat(5)}==` };

/** The SDK names its operation in a parameter, `x-id`, which no store reads. */
const withoutOperation: BuildMiddleware<ServiceInputTypes, ServiceOutputTypes> = (next) => (args) => {
  delete (args.request as { query: Record<string, unknown> }).query['x-id'];
  return next(args);
};

/** It would sign this header, too, which no browser sends. */
const hashHeader = new Set(['x-amz-content-sha256']);

function bySdk(url: string, region: string, credentials: typeof aws): Store['sign'] {
  const isPath = new URL(url).pathname !== '/';
  const checksums = 'WHEN_REQUIRED';
  const client = new S3Client({
    ...{ region, credentials, forcePathStyle: isPath },
    ...{ requestChecksumCalculation: checksums, responseChecksumValidation: checksums },
    endpoint: isPath ? new URL(url).origin : url.replace('photos.', ''),
  });
  client.middlewareStack.add(withoutOperation, { step: 'build', priority: 'high' });
  return ({ id, parameters }, { issuedAt, exp }) => {
    const { versionId, 'response-cache-control': cache } = Object.fromEntries(parameters);
    const asks = {
      ...(versionId && { VersionId: versionId }),
      ...(cache && { ResponseCacheControl: cache }),
    };
    return presign(client, new GetObjectCommand({ Bucket: 'photos', Key: id, ...asks }), {
      expiresIn: exp - issuedAt,
      signingDate: new Date(issuedAt * 1000),
      ...{ unhoistableHeaders: hashHeader, unsignableHeaders: hashHeader },
    });
  };
}

/** It writes a query as `URLSearchParams` does, and reads a bare `+` in a path as a space. */
function byAws4fetch(region: string, credentials: typeof aws): Store['sign'] {
  return async ({ url, id, parameters }, { issuedAt, exp }) => {
    const base = url.split('?', 1)[0]!.slice(0, -1 * encodedTail(url, id));
    const path = encodeName(id).replace(/[!'()*]/g, (each) => `%${hexOf(each)}`);
    const given = new URL(base + path);
    for (const pair of parameters) given.searchParams.append(...(pair as [string, string]));
    given.searchParams.set('X-Amz-Expires', String(exp - issuedAt));
    const datetime = new Date(issuedAt * 1000).toISOString().replace(/[:-]|\.\d{3}/g, '');
    const query = { service: 's3', region, ...credentials, datetime, signQuery: true };
    const signed = (await new AwsV4Signer({ url: given.href, ...query }).sign()).url;
    const search = signed.search.replaceAll('+', '%20').replaceAll('*', '%2A').replaceAll('%7E', '~');
    return `${signed.origin}${signed.pathname}${search}`;
  };
}

/** How long the path of the name is, as the URL spells it. */
function encodedTail(url: string, id: string): number {
  const path = url.split('?', 1)[0]!;
  return path.split('/').slice(-id.split('/').length).join('/').length;
}

const hexOf = (character: string): string => character.charCodeAt(0).toString(16).toUpperCase();

function s3(url: string, region: string, isSession: boolean, by: typeof bySdk | typeof byAws4fetch): Store {
  const credentials = isSession ? session : aws;
  const isSdk = by === bySdk;
  return {
    title: `s3, ${url}${isSession ? ', a session' : ''}, by ${isSdk ? 'the AWS SDK' : 'aws4fetch'}`,
    scheme: 's3',
    options: {
      ...{ url, region, credentials },
      parameters: isSdk ? ['versionId', 'response-cache-control'] : [...names, 'versionId'],
    },
    base: `${url}/`,
    longest: week,
    sign: isSdk ? bySdk(url, region, credentials) : byAws4fetch(region, credentials),
  };
}

const s3Places = [
  ['https://photos.s3.eu-central-1.amazonaws.com', 'eu-central-1'],
  ['https://s3.us-west-2.amazonaws.com/photos', 'us-west-2'],
  ['https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com/photos', 'auto'],
  ['http://localhost:9000/photos', 'us-east-1'],
  ['https://storage.googleapis.com/photos', 'europe-west3'],
] as const;

const azureKey = Buffer.from('An account key of Azure has sixty-four bytes, and so this one has').toString(
  'base64',
);
function azure(
  url: string,
  account = 'shopimages',
  container = 'photos',
  delegation?: [number, number],
): Store {
  const site = { url, account, container };
  const how = delegation ? { delegation: { $azure: delegation } } : { key: azureKey };
  return {
    title: `azureBlob, ${url}${delegation ? ', a user delegation key' : ''}`,
    scheme: 'azureBlob',
    options: { ...site, ...how, parameters: names },
    base: `${url}/${container}/`,
    sign({ id, parameters }, { exp }) {
      const key = { ...site, ...(!delegation && { key: azureKey }) };
      const signed = libraries.signAzureBlob(id, exp, key, delegation && userDelegation(...delegation));
      // Parameters are not signed, and come first.
      return signed.replace('?', `?${givenOf('', '', '', parameters).url.slice(1)}&`).replace('?&', '?');
    },
  };
}

function gcs(style: libraries.GcsSite['style'], address = 'images@shop-1234.iam.gserviceaccount.com'): Store {
  const account = { client_email: address, private_key: '@rsa1024' };
  const hosts = {
    path: 'https://storage.googleapis.com/shop-photos',
    virtual: 'https://shop-photos.storage.googleapis.com',
  };
  const url = style.startsWith('http') ? style : hosts[style as 'path'];
  const site = {
    bucket: 'shop-photos',
    credentials: revive(account) as libraries.GcsSite['credentials'],
    style,
  };
  return {
    title: `gcs, ${url}`,
    scheme: 'gcs',
    options: { url, credentials: account, parameters: [...names, 'versionId'] },
    base: `${url}/`,
    longest: week,
    sign: ({ id, parameters }, times) => libraries.signGcs(id, parameters, times, site),
  };
}

const front = 'https://d111111abcdef8.cloudfront.net';
function cloudFront(title: string, key: 'rsa1024' | 'rsa2048' | 'rsa3072', policy?: string): Store {
  const [keyPairId, privateKey] = ['K2JCJMDEHXQW5F', keys[key]];
  const url = policy?.slice(0, -2) ?? front;
  return {
    title: `cloudFront, ${title}`,
    scheme: 'cloudFront',
    options: { url, keyId: keyPairId, key: `@${key}`, parameters: names, ...(policy && { policy }) },
    base: `${url}/`,
    isSpelledAnew: true,
    // The signature opens whatever a wildcard stands for, and an origin may resolve the dots of a query.
    refuses: (url) => !policy && /[*]|\?.*(?:\?|\.\.|[/=]\.)/.test(decodeURIComponent(url)),
    sign({ url: given }, { exp }) {
      const algorithm = key === 'rsa3072' && ({ algorithm: 'SHA256' } as const);
      const condition = { DateLessThan: { 'AWS:EpochTime': exp } };
      const custom = JSON.stringify({ Statement: [{ Resource: policy, Condition: condition }] });
      const term = policy ? { policy: custom } : { dateLessThan: new Date(exp * 1000) };
      // The SDK spells a path anew. CloudFront is asked for the URL as it is written.
      const asked = policy ? `${url}/a` : given;
      const signed = signCloudFront({ url: asked, keyPairId, privateKey, ...term, ...algorithm });
      return policy ? withQuery(given, signed.slice(signed.indexOf('?') + 1)) : signed;
    },
  };
}

/** By the published algorithm. Its libraries sort the parameters that they write; here they stay. */
function bunny(url: string, key: string): Store {
  return {
    title: `bunny, ${url}`,
    scheme: 'bunny',
    options: { url, key },
    asks: ['ar', 'fit', 'h', 'v', 'w'],
    base: `${url}/`,
    // Its signed text puts path and expiry together without a separator; and a path may begin with a token.
    refuses: (given) => /\d(?:\?|$)|bcdn_token=|\?/.test(given) || /\d{10}/.test(given),
    sign({ url: given }, { exp }) {
      const { pathname, search, searchParams, origin } = new URL(given);
      const signed = [...searchParams].map(([name, value]) => `${name}=${value}`).sort();
      const mac = createHmac('sha256', key)
        .update(`${pathname}${exp}${signed.join('&')}`)
        .digest('base64url');
      return `${origin}${pathname}?token=HS256-${mac}${search.replace('?', '&')}&expires=${exp}`;
    },
  };
}

/** By Google's sample: the whole URL with its parameters, by HMAC-SHA1, padded. */
function googleCdn(url: string): Store {
  const key = Buffer.from('sixteen letters.');
  return {
    title: `googleCdn, ${url}`,
    scheme: 'googleCdn',
    options: { url, keyId: 'k-1', key: key.toString('base64url'), parameters: names },
    base: `${url}/`,
    sign({ url: given }, { exp }) {
      const text = withQuery(given, `Expires=${exp}&KeyName=k-1`);
      return `${text}&Signature=${base64url(createHmac('sha1', key).update(text).digest('base64'))}`;
    },
  };
}

function imgix(key: string): Store {
  const [domain, url] = ['shop.imgix.net', 'https://shop.imgix.net'];
  const client = new ImgixClient({ domain, secureURLToken: key, includeLibraryParam: false });
  return {
    title: `imgix, a key of ${key.length} characters`,
    scheme: 'imgix',
    options: { url, key },
    asks: ['ar', 'auto', 'fit', 'h', 'v', 'w'],
    without: /'/g,
    base: `${url}/`,
    sign({ url: given, parameters }, { exp }) {
      const query = { ...Object.fromEntries(parameters), expires: exp };
      const path = given.slice(url.length).split('?', 1)[0]!;
      return client.buildURL(path, query as never, { disablePathEncoding: true });
    },
  };
}

/** The library sorts options by name: these come after `exp`. */
function imgproxy(displayAs: 'plain' | 'base64'): Store {
  const [url, key, salt] = [
    'https://img.example',
    '943b421c9eb07c83'.repeat(4),
    '520f986b998545b4'.repeat(4),
  ];
  const generate = (value: string, options: object, by: object): string =>
    generateImageUrl({
      endpoint: url,
      url: { value, displayAs },
      options: { ...options, quality: 80, width: 300 },
      ...by,
    });
  return {
    title: `imgproxy, ${displayAs}`,
    scheme: 'imgproxy',
    options: { url, key, salt },
    base: `${url}/`,
    given(random) {
      // imgproxy takes a source with `:/` for one whose `://` a proxy has shortened, and `@` for its format.
      const name = randomKey(random).replaceAll(':/', '_/').replaceAll(/[@;]/g, '_');
      const value = `https://photos.example/${encodeName(name)}`;
      const id = displayAs === 'plain' ? `https://photos.example/${name}` : value;
      return { url: generate(value, {}, {}), id, parameters: [[value, '']] };
    },
    sign: ({ parameters: [[value] = ['']] }, { exp }) => generate(value!, { expires: exp }, { key, salt }),
  };
}

function sanity(keyId: string): Store {
  return {
    title: `sanity, ${keyId}`,
    scheme: 'sanity',
    options: {
      url: libraries.sanityUrl,
      keyId,
      key: '@ed25519',
      parameters: ['w', 'h', 'fit', 'fp-x', 'fp', 'a'],
    },
    base: `${libraries.sanityUrl}/`,
    sign: ({ url }, times) => libraries.signSanity(url, times, keyId),
  };
}

const imageKit: Store = {
  title: 'imageKit',
  scheme: 'imageKit',
  options: { url: libraries.imageKitUrl, key: libraries.imageKitKey, parameters: names },
  base: `${libraries.imageKitUrl}/`,
  // The expiry is signed right behind what ends with a digit; and a folder may be a transformation.
  refuses: (url) =>
    /[\d!'()*]$|%(?:[\dA-F]{2})*$|\/tr(?::|%3a)/i.test(url) || /\d\D{0,3}$/.test(decodeURIComponent(url)),
  sign: ({ url }, times) => libraries.signImageKit(url, times),
};

const jwtClaims: Readonly<Record<string, (given: Given, path: string) => object>> = {
  sub: (_, path) => ({ sub: `https://images.example${path}` }),
  path: (_, path) => ({ iss: 'é', path, nbf: 1, list: [1, { a: null }] }),
  id: ({ id, url }) => ({ id, query: url.split('?')[1] ?? '', '\u2028"\\': true }),
};

function jwt(claims: string): Store {
  const [url, key] = [
    'https://images.example/private',
    'a-secret-that-nobody-else-has-and-that-is-long-enough',
  ];
  return {
    title: `jwt, ${claims}`,
    scheme: 'jwt',
    options: { url, key, claims: { $claims: claims }, parameters: claims === 'id' ? ['v'] : [] },
    base: `${url}/`,
    sign(given, { exp }) {
      const path = given.url.slice('https://images.example'.length).split('?')[0]!;
      return withQuery(
        given.url,
        `token=${libraries.signJwt(jwtClaims[claims]!(given, path) as never, exp, key)}`,
      );
    },
  };
}

/** Of the library's URL its parameters count: the path is by RFC 3986. */
function vercel(url: string): Store {
  const ends = 4_000_000_000;
  return {
    title: `vercelBlob, ${url}`,
    scheme: 'vercelBlob',
    options: { url, delegation: { $vercel: ends }, parameters: names },
    base: `${url}/`,
    longest: week,
    async sign({ id, parameters }, times) {
      const folder = url.slice(vercelUrl.length + 1);
      const signed = await libraries.signVercelBlob(
        folder + (folder && '/') + id,
        times,
        vercelDelegation(ends),
      );
      const token = [...new URL(signed).searchParams].filter(([name]) => name.startsWith('vercel-blob-'));
      const path = encodeName(id).replace(/[!'()*]/g, (each) => `%${hexOf(each)}`);
      return withQuery(
        givenOf(`${url}/`, id, path, parameters).url,
        token.map((pair) => pair.join('=')).join('&'),
      );
    },
  };
}

/** By Cloudflare's page on URL normalization: the rule sees the normal form, which has to be what is signed. */
function waf(urlSafe: boolean): Store {
  const [url, key] = ['https://photos.example/private', 'mysecrettoken-of-the-rule'];
  const character = (each: string): string => String.fromCharCode(Number.parseInt(each.slice(1), 16));
  const normal = (path: string): string =>
    path
      .replaceAll(/%[\da-f]{2}/gi, (each) =>
        /[\w.~-]/.test(character(each)) ? character(each) : each.toUpperCase(),
      )
      .replaceAll(/[^\w.~%:/?#[\]@!$&'()*+,;=-]/g, encodeURIComponent);
  const token = urlSafe ? 'access-token' : 'verify';
  return {
    title: `cloudflareWaf, urlSafe ${urlSafe}`,
    scheme: 'cloudflareWaf',
    options: { url, key, token, urlSafe },
    asks: names,
    base: `${url}/`,
    refuses: (given) => given.slice(8).includes('//'),
    sign({ url: given }, { issuedAt }) {
      const path = normal(given.slice('https://photos.example'.length));
      const mac = createHmac('sha256', key).update(path + issuedAt);
      const text = urlSafe ? mac.digest('base64url') : encodeURIComponent(mac.digest('base64'));
      return withQuery(`https://photos.example${path}`, `${token}=${issuedAt}-${text}`);
    },
  };
}

/** What an acl token does not write into a query as it is. */
const asAcl = (path: string): string => path.replaceAll(/[&'[\]]/g, (each) => `%${hexOf(each)}`);

function edgeAuth(preset: 'akamai' | 'cloudinary', kind: 'url' | 'acl', more: Options = {}): Store {
  const [url, key] = ['https://photos.example/private', '52a152a152a152a152a152a152a1'];
  return {
    title: `edgeAuth, ${preset}, ${kind}${more['escapeEarly'] ? ', escaped' : ''}`,
    scheme: 'edgeAuth',
    options: { url, key, preset, kind, ...more, parameters: names },
    base: `${url}/`,
    // A folder or name such as `d_rest` is a transformation to Cloudinary, which brings in another image.
    refuses: (given) =>
      /[~*?!]|%(?:25)*(?:7e|2a|3f|21)/i.test(given.split('?')[0]!) ||
      /%3F/i.test(given) ||
      (preset === 'cloudinary' && /[/,](?:[dlu]|fn)_/i.test(given)),
    sign({ url: given, parameters }, { exp }) {
      const written = new URL(given).pathname;
      const path = kind === 'acl' ? asAcl(written) : written;
      const terms = { key, kind, path, exp, ...more };
      const token =
        preset === 'akamai' ? `__token__=${libraries.signAkamai(terms)}` : libraries.signCloudinary(terms);
      return withQuery(givenOf('https://photos.example', '', path, parameters).url, token);
    },
  };
}

/** As its page computes a token. `npm run test:walks -- proxies` asks a real nginx. */
function nginx(expression?: string, token: readonly [string, string] = ['md5', 'expires']): Store {
  const [url, key] = ['https://photos.example/private', 'a-secret-of-nobody'];
  return {
    title: `nginxSecureLink, ${expression ?? 'as by default'}`,
    scheme: 'nginxSecureLink',
    options: { url, key, token, ...(expression && { expression }), parameters: names },
    base: `${url}/`,
    refuses: (given) => given.slice(8).includes('//'),
    sign({ id, parameters }, { exp }) {
      const md5 = nginxToken(expression ?? '$secure_link_expires$uri $key', {
        uri: `/private/${id}`,
        exp,
        key,
      });
      const path = encodeName(id).replace(/[!'()*]/g, (each) => `%${hexOf(each)}`);
      return withQuery(givenOf(`${url}/`, id, path, parameters).url, `${token[0]}=${md5}&${token[1]}=${exp}`);
    },
  };
}

/** By WebCrypto, as the documented Worker does, but that the base is left out. */
function cloudflare(base: string): Store {
  const key = 'a-key-that-nobody-else-has/+';
  const variants = ['public', 'thumb', 'a,b', 'größe', 'two words', '100%', 'a+b', "it's", '(x)'];
  return {
    title: `cloudflareImages, ${base}`,
    scheme: 'cloudflareImages',
    options: { delivery: base, key, variants },
    base: `${base}/`,
    given(random) {
      const id = randomKey(random)
        .replaceAll(/[^\w é🙂日/]/gu, '-')
        .replace(/^ | $/g, '_');
      const url = new URL(
        `${base}/hash-1/${encodeName(`${id}/${pick(random, variants)}`).replaceAll(/%2C|%2B/g, decodeURIComponent)}`,
      );
      for (const name of ['v', 'dl', 'a b', 'é'])
        if (random() < 0.3) url.searchParams.append(name, randomKey(random));
      return { url: url.href, id, parameters: [] };
    },
    async sign({ url }, { exp }) {
      const given = new URL(url);
      given.searchParams.append('exp', String(exp));
      const signed = given.href.slice(base.length);
      const algorithm = { name: 'HMAC', hash: 'SHA-256' };
      const secret = await crypto.subtle.importKey('raw', Buffer.from(key), algorithm, false, ['sign']);
      const mac = await crypto.subtle.sign('HMAC', secret, Buffer.from(signed));
      return `${base}${signed}&sig=${Buffer.from(mac).toString('hex')}`;
    },
  };
}

export const stores: readonly Store[] = [
  ...s3Places.map(([url, region], at) => s3(url, region, at % 2 === 1, at < 2 ? bySdk : byAws4fetch)),
  ...[s3(...s3Places[0], true, byAws4fetch), s3(...s3Places[3], false, bySdk)],
  azure('https://shopimages.blob.core.windows.net'),
  azure('http://127.0.0.1:10000/devstoreaccount1', 'devstoreaccount1'),
  azure('https://images.shop.example', 'shopimages', 'a-b-c', [999_999_000, 4_200_000_000]),
  ...[gcs('path'), gcs('virtual'), gcs('https://images.shop.example', 'a+b_c@shop.iam.gserviceaccount.com')],
  ...[
    cloudFront('1024 bits', 'rsa1024'),
    cloudFront('2048 bits', 'rsa2048'),
    cloudFront('SHA-256', 'rsa3072'),
  ],
  cloudFront('a policy', 'rsa1024', `${front}/photos/*`),
  ...[bunny('https://shop.b-cdn.net', 'a-bunny-key-for-tests')],
  ...[googleCdn('http://35.186.234.33'), googleCdn('https://cdn.example:8443/private')],
  ...[imgix('FOO123bar'), imgix('a key of é, "quotes" and more than sixty-four bytes of text, at the least')],
  ...[imgproxy('plain'), imgproxy('base64'), sanity('pk1234567890abcd'), imageKit],
  ...[jwt('sub'), jwt('path'), jwt('id'), vercel(vercelUrl), vercel(`${vercelUrl}/uploads`)],
  ...[waf(false), waf(true)],
  ...[edgeAuth('akamai', 'url'), edgeAuth('akamai', 'acl'), edgeAuth('cloudinary', 'url')],
  ...[edgeAuth('cloudinary', 'acl'), edgeAuth('akamai', 'url', { escapeEarly: true })],
  ...[
    nginx(),
    nginx('$key$secure_link_expires$uri'),
    nginx(`x\${secure_link_expires}1$key/$uri`, ['st', 'e']),
  ],
  nginx(`$uri $secure_link_expires\${key}!`, ['E_1', 'MD5']),
  ...[cloudflare('https://imagedelivery.net'), cloudflare('https://shop.example/cdn-cgi/imagedelivery')],
];
