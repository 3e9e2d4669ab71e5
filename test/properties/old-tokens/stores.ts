/**
 * Tokens that a URL may have been stored with long ago, as each store's own libraries write them, in every version of its
 * signature; of a signature the length and the alphabet count. `test/properties/old-tokens` says what becomes of them.
 */
import { createHmac } from 'node:crypto';
import { cloudflareImages, type Scheme } from '../../../src/schemes.ts';
import { pickFrom } from '../../support/generators/random.ts';
import { vercelUrl } from '../../support/oracles/vercel-blob.ts';
import { accountHash } from '../../support/samples.ts';
import { type SchemeName, usualScheme } from '../../support/schemes/table.ts';

/** @param seconds - Unix time of the issue. @returns the URL with a token */
export type Issue = (plain: string, seconds: number, random: () => number) => string;

export interface OldStore {
  readonly name: string;
  readonly scheme: Scheme;
  /** What stands around the name of an image. */
  readonly around: readonly [before: string, after: string];
  /** By what it is called. */
  readonly issuers: Readonly<Record<string, Issue>>;
  readonly opensFolder?: boolean;
}

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'];
const alphabets: Readonly<Record<string, readonly string[]>> = {
  hex: [...'0123456789abcdef'],
  base64: [...letters, '%2B', '%2F'],
  base64url: [...letters, '-', '_'],
  cloudFront: [...letters, '-', '~'],
};

const inBase64url = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A query, or a segment that is put before the path: `{hex 64}` is a random signature, `{exp}` the time. */
const written =
  (template: string): Issue =>
  (plain, seconds, random) => {
    const pick = pickFrom(random);
    const isoOf = (at: number): string => new Date(at * 1000).toISOString().replace(/\.\d+/, '');
    const day = isoOf(seconds).replaceAll(/[:-]/g, '');
    const values: Readonly<Record<string, string>> = {
      exp: String(seconds),
      later: String(seconds + 3_600),
      milliseconds: String((seconds + 1_800) * 1_000),
      day,
      date: day.slice(0, 8),
      from: encodeURIComponent(isoOf(seconds)),
      until: encodeURIComponent(isoOf(seconds + 3_600)),
      claims: inBase64url({ sub: plain, exp: seconds }),
      terms: inBase64url({ 'ctfl:unpub': true, iss: 'space', exp: seconds }),
      policy: inBase64url({
        Statement: [
          { Resource: `${front}/photos/*`, Condition: { DateLessThan: { 'AWS:EpochTime': seconds } } },
        ],
      }),
      delegation: inBase64url({
        storeId: 'store_a',
        pathname: '*',
        operations: ['get'],
        validUntil: seconds,
      }),
    };
    const token = template.replaceAll(/\{(\w+)(?: (\d+))?\}/g, (_, name: string, length?: string) =>
      length === undefined
        ? values[name]!
        : Array.from({ length: Number(length) }, () => pick(alphabets[name]!)).join(''),
    );
    if (!token.startsWith('/')) return `${plain}?${token}`;
    const { origin } = new URL(plain);
    return origin + token + plain.slice(origin.length);
  };

const session = `FwoGZXIvYXdzE${'Ab%2F%2B'.repeat(80)}%3D%3D`;
const scope = (rest: string): string => `%2F{date}%2F${rest}_request`;
const ofAws = (id: string, more: string): string =>
  'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD' +
  `&X-Amz-Credential=${id}${scope('eu-central-1%2Fs3%2Faws4')}&X-Amz-Date={day}&X-Amz-Expires=3600${more}` +
  '&X-Amz-Signature={hex 64}&X-Amz-SignedHeaders=host&x-amz-checksum-mode=ENABLED&x-id=GetObject';
const four = ofAws('AKIAIOSFODNN7EXAMPLE', '');
const fourOfSession = ofAws('ASIAIOSFODNN7EXAMPLE', `&X-Amz-Security-Token=${session}`);
const aws4fetch =
  'X-Amz-Date={day}&X-Amz-Expires=86400&X-Amz-Algorithm=AWS4-HMAC-SHA256' +
  `&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE${scope('auto%2Fs3%2Faws4')}` +
  '&X-Amz-SignedHeaders=host&X-Amz-Signature={hex 64}';
const two = 'AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires={exp}&Signature={base64 27}%3D';
const twoOfSession =
  'AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature={base64 27}%3D' +
  `&x-amz-security-token=${session}&Expires={exp}`;
const google =
  'X-Goog-Algorithm=GOOG4-RSA-SHA256' +
  `&X-Goog-Credential=photos%40my-project.iam.gserviceaccount.com${scope('auto%2Fstorage%2Fgoog4')}` +
  '&X-Goog-Date={day}&X-Goog-Expires=3600&X-Goog-SignedHeaders=host&X-Goog-Signature={hex 512}';
const googleTwo =
  'GoogleAccessId=photos@my-project.iam.gserviceaccount.com&Expires={exp}&Signature={base64 342}%3D%3D';
const sas = (version: string, more: string): string =>
  `sv=${version}&st={from}&se={until}&${more}&sp=r&rsct=image%2Fpng&sig={base64 43}%3D`;
const sasOfAccount = 'sv=2026-04-06&ss=b&srt=o&se={until}&sp=r&sig={base64 43}%3D';
const delegated =
  'skoid=11111111-2222-3333-4444-555555555555&sktid=66666666-7777-8888-9999-000000000000' +
  '&skt={from}&ske={until}&sks=b&skv=2020-12-06&sr=b';
const ofPair = 'Key-Pair-Id=APKAIOSFODNN7EXAMPLE&Signature={cloudFront 342}__';
const canned = `Expires={exp}&${ofPair}`;
const custom = `Policy={policy}&${ofPair}`;
const bunnyOf = (more: string): string => `token=HS256-{base64url 43}${more}&expires={exp}`;
const bunnyBasic = 'token={base64url 22}&expires={exp}';
const nginx = 'md5={base64url 22}&expires={exp}';
const edge = (parameter: string, terms: string): string => `${parameter}=exp={exp}~${terms}hmac={hex 64}`;
const vercel =
  'vercel-blob-delegation={delegation}.c2lnbmF0dXJlIG9mIHRoZSBzdG9yZQ' +
  '&vercel-blob-signature={base64url 43}';
const vercelOfItsOwn = `vercel-blob-valid-until={milliseconds}&${vercel}`;
const sanity = 'keyid=pk1234567890abcd&expiry={until}&signature={base64url 86}%3D%3D';
const jwtBySecret = 'token=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{claims}.{base64url 43}';
const jwtByRsa = 'token=eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.{claims}.{base64url 342}';
const contentful = `${jwtBySecret}&policy=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{terms}.{base64url 43}`;
const cloudflare = 'exp={exp}&sig={hex 64}';
const [imgix, imgixForEver] = ['expires={exp}&s={hex 32}', 's={hex 32}'];
const [imageKit, imageKitForEver] = ['ik-t={later}&ik-s={hex 40}', 'ik-s={hex 40}'];

const [front, gcs] = ['https://d111111abcdef8.cloudfront.net', 'https://storage.googleapis.com/my-photos'];

/** @param issuers - by name; templates that are joined are tokens of two */
function store(
  name: string,
  scheme: SchemeName | Scheme,
  base: string,
  issuers: Readonly<Record<string, string | Issue>>,
  around: OldStore['around'] = [`${base}/photos/`, '.jpg'],
): OldStore {
  const named = Object.entries(issuers).map(
    ([title, each]) => [title, typeof each === 'string' ? written(each) : each] as const,
  );
  const made = typeof scheme === 'string' ? usualScheme(scheme, base, { prefixes: 'photos/' }) : scheme;
  return { name, scheme: made, around, issuers: Object.fromEntries(named) };
}

/** In data, a token that verifies for no URL may have words behind it: there only one of the site's own key counts. */
const byImgproxy =
  (options: (seconds: number) => string): Issue =>
  (plain, seconds) => {
    const [origin = '', path = ''] = plain.split('/insecure');
    const text = options(seconds) + path;
    return `${origin}/${createHmac('sha256', 'key').update(`salt${text}`).digest('base64url')}${text}`;
  };

export const oldStores: readonly OldStore[] = [
  store('s3', 's3', 'https://photos.s3.eu-central-1.amazonaws.com', {
    'version 4 by the AWS SDK': four,
    'version 4 by the AWS SDK, of a session': fourOfSession,
    'version 4 by aws4fetch': aws4fetch,
    'version 2, as the AWS SDK for JavaScript 2 writes it': two,
    'version 2 of a session, as botocore writes it': twoOfSession,
    'version 2, then version 4': `${two}&${aws4fetch}`,
    'version 4, then version 2 of a session': `${fourOfSession}&${twoOfSession}`,
    'version 4 of two sessions': `${fourOfSession}&${aws4fetch}`,
  }),
  store('s3 with the bucket in the path', 's3', 'http://minio.example:9000/photos', {
    'version 4 by the AWS SDK': four,
    'version 2': two,
  }),
  store('s3 at Google', 's3', gcs, {
    'version 4 of Google': google,
    'version 2 of Google': googleTwo,
    'version 2 of an HMAC key': 'GoogleAccessId=AKIAIOSFODNN7EXAMPLE&Expires={exp}&Signature={base64 27}%3D',
    'version 4 of AWS': aws4fetch,
    'version 2 of Google, then version 4 of AWS': `${googleTwo}&${aws4fetch}`,
  }),
  store('gcs', 'gcs', gcs, {
    'version 4': google,
    'version 2': googleTwo,
    'version 4 of AWS, by an HMAC key': aws4fetch,
    'version 2, then version 4': `${googleTwo}&${google}`,
  }),
  store('azureBlob', 'azureBlob', 'https://shopimages.blob.core.windows.net/files', {
    'a SAS of the blob': sas('2026-04-06', 'sr=b'),
    'a SAS of the container': sas('2026-04-06', 'sr=c'),
    'an older version': sas('2015-04-05', 'sr=b'),
    'a user delegation key': sas('2026-04-06', delegated),
    'a SAS of the account': sasOfAccount,
    'a SAS of the account, then of the blob': `${sasOfAccount}&${sas('2026-04-06', 'sr=b')}`,
  }),
  store('cloudFront', 'cloudFront', front, {
    'a canned policy by the AWS SDK': canned,
    'a canned policy with SHA-256': `${canned}&Hash-Algorithm=SHA256`,
    'a custom policy of a folder': custom,
    'a canned policy, then a custom one': `${canned}&${custom}`,
    'version 4 of the bucket, at this host': fourOfSession,
    'version 2 of the bucket, at this host': two,
  }),
  {
    ...store(
      'cloudFront with a policy',
      usualScheme('cloudFront', front, { policy: `${front}/photos/*` }),
      front,
      { 'a canned policy': canned, 'a custom policy': custom },
    ),
    opensFolder: true,
  },
  store('googleCdn', 'googleCdn', 'https://cdn.example', {
    'a URL': 'Expires={exp}&KeyName=old-key&Signature={base64url 27}=',
    'a folder':
      'URLPrefix=aHR0cHM6Ly9jZG4uZXhhbXBsZS9waG90b3Mv&Expires={exp}' +
      '&KeyName=old-key&Signature={base64url 27}=',
    'the bucket, version 4': google,
    'the bucket, version 2': googleTwo,
  }),
  store('bunny', 'bunny', 'https://shop.b-cdn.net', {
    basic: bunnyBasic,
    advanced: bunnyOf(''),
    'a folder': bunnyOf('&token_path=%2Fphotos%2F'),
    'a folder, in the path': `/bcdn_${bunnyOf('')}&token_path=%2Fphotos%2F`,
    countries: bunnyOf('&token_countries=CA%2CUS&token_countries_blocked=RU%2CCN'),
    'a speed': bunnyOf('&limit=1000'),
    'any parameters': bunnyOf('&token_ignore_params=true&token_path=%2Fphotos%2F'),
    'basic, then advanced': `${bunnyBasic}&${bunnyOf('&limit=5')}`,
  }),
  store('imgix', 'imgix', 'https://shop.imgix.net', {
    'with an expiry': imgix,
    'without one': imgixForEver,
    both: `${imgixForEver}&${imgix}`,
  }),
  store(
    'imgproxy',
    usualScheme('imgproxy', 'https://proxy.example', {
      key: Buffer.from('key').toString('hex'),
      salt: Buffer.from('salt').toString('hex'),
      prefixes: 'local:///photos/',
    }),
    'https://proxy.example',
    { 'with an expiry': byImgproxy((seconds) => `/exp:${seconds}`), 'without one': byImgproxy(() => '') },
    ['https://proxy.example/insecure/w:300/plain/local:///photos/', '.jpg'],
  ),
  store('cloudflareWaf', 'cloudflareWaf', 'https://waf.example', {
    base64: 'verify={exp}-{base64 43}%3D',
    base64url: 'verify={exp}-{base64url 43}',
  }),
  store('nginxSecureLink', 'nginxSecureLink', 'https://nginx.example', {
    'as nginx.org has it': nginx,
    'with names in capitals': 'MD5={base64url 22}&Expires={exp}',
    'with two secrets': `${nginx}&${nginx}`,
  }),
  store('edgeAuth', 'edgeAuth', 'https://edge.example', {
    'a path': edge('__token__', ''),
    'a folder, with a beginning': 'hdnts=st=1~exp={exp}~acl=/photos/*~hmac={hex 64}',
    'two folders': edge('hdnea', 'acl=/photos/*!/videos/*~'),
    Cloudinary: '__cld_token__=st=1~exp={exp}~acl=%2fphotos%2f*~hmac={hex 64}',
    'a path, then a folder': `${edge('__token__', '')}&${edge('hdntl', 'acl=/*~')}`,
  }),
  store('vercelBlob', 'vercelBlob', vercelUrl, {
    'with an end of its own': vercelOfItsOwn,
    'until the end of the delegation': vercel,
    both: `${vercel}&${vercelOfItsOwn}`,
  }),
  store('sanity', 'sanity', 'https://cdn.sanity.io/images/abc123/production', {
    'its library': sanity,
    'its library, two times': `${sanity}&${sanity}`,
  }),
  store('imageKit', 'imageKit', 'https://ik.imagekit.io/shop', {
    'with an expiry': imageKit,
    'without one': imageKitForEver,
    both: `${imageKitForEver}&${imageKit}`,
  }),
  store('jwt', 'jwt', 'https://jwt.example', {
    'by a secret': jwtBySecret,
    'by an RSA key': jwtByRsa,
    'by an RSA key, then by a secret': `${jwtByRsa}&${jwtBySecret}`,
  }),
  store(
    'jwt with a policy',
    usualScheme('jwt', 'https://images.ctfassets.example', {
      key: { value: 'new', added: { policy: 'eyJpc3MiOiJzcGFjZSJ9.bmV3ZXI' } },
      prefixes: 'photos/',
    }),
    'https://images.ctfassets.example',
    {
      'an asset key': contentful,
      'two asset keys': `${contentful}&${contentful}`,
      'no asset key': jwtBySecret,
    },
  ),
  store(
    'cloudflareImages',
    cloudflareImages({ key: 'new-key', variants: ['thumb'], accountHash }),
    'https://imagedelivery.net',
    { 'as documented': cloudflare, 'with two keys': `${cloudflare}&${cloudflare}` },
    [`https://imagedelivery.net/${accountHash}/`, '/thumb'],
  ),
];
