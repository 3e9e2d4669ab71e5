/** A signer for each scheme, with plain URLs that it signs, and whether words may follow its tokens as they please. */
import { createSigner, type Signer } from '../../src/index.ts';
import { cloudflareImages, defineScheme, type Scheme } from '../../src/schemes.ts';
import { privateKeyOf } from './rsa-keys.ts';
import { accountHash, instant, key } from './samples.ts';
import { type Options, type SchemeName, schemeAt } from './scheme-table.ts';

export interface TextScheme {
  readonly name: string;
  readonly scheme: Scheme;
  readonly signer: Signer;
  /** What its URLs begin with. */
  readonly base: string;
  /** What stands between base and name, and behind the name. */
  readonly path: readonly [before: string, behind: string];
}

const prefixes = 'photos/';

function textScheme(name: string, base: string, scheme: Scheme, path: TextScheme['path']): TextScheme {
  return { name, base, scheme, path, signer: signerOf([scheme]) };
}

export function signerOf(schemes: readonly Scheme[]): Signer {
  return createSigner({
    scheme: [...schemes],
    ttl: '1h',
    now: () => instant,
    report: false,
  } as never);
}

const inFolder: TextScheme['path'] = ['/photos/', '.jpg'];

function at(name: SchemeName, base: string, change: Options = {}, title: string = name): TextScheme {
  return textScheme(title, base, schemeAt(name, base, { prefixes, ...change }), inFolder);
}

const session = { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', secretAccessKey: key, sessionToken: 'FwoG+/==' };
// Where a signature ends in a text is known of the lengths that Google and CloudFront have.
const account = { client_email: 'images@shop-1234.iam.gserviceaccount.com', private_key: '@rsa2048' };
const folder = { key: '@rsa2048', policy: 'https://folder.example/photos/*', prefixes: undefined };
const added = { value: key, added: { policy: 'eyJwb2xpY3kiOiJhIn0.Zm9y+/=' } };
const ending = { delegation: { $vercel: instant / 1000 + 60 } };
const aws = 'https://photos.s3.eu-central-1.amazonaws.com';
const own = 'https://shop.example/cdn-cgi/imagedelivery';
const cloudflare = (change: object) => cloudflareImages({ key, variants: ['thumb'], ...change });

export const textSchemes: readonly TextScheme[] = [
  textScheme('cloudflareImages', 'https://imagedelivery.net', cloudflare({ accountHash }), [
    `/${accountHash}/`,
    '/thumb',
  ]),
  textScheme('cloudflareImages on a domain of its own', own, cloudflare({ delivery: own }), [
    `/${accountHash}/`,
    '/thumb',
  ]),
  at('s3', aws, { region: 'eu-central-1', credentials: session }),
  at(
    's3',
    'http://minio.test:9000/bucket',
    { credentials: session },
    's3 with a port, and the bucket in the path',
  ),
  at('cloudFront', 'https://front.example', { key: '@rsa2048' }),
  at('cloudFront', 'https://long.example', { key: privateKeyOf(4096) }, 'cloudFront with 4096 bits'),
  at('cloudFront', 'https://folder.example', folder, 'cloudFront with a policy'),
  at('bunny', 'https://shop.b-cdn.net'),
  at('cloudflareWaf', 'https://waf.example'),
  at(
    'cloudflareWaf',
    'https://safe.example',
    { token: 'pass', urlSafe: true },
    'cloudflareWaf with a parameter of its own',
  ),
  at('azureBlob', 'https://azure.example/files'),
  at('gcs', 'https://gcs.example', { credentials: account }),
  at('googleCdn', 'https://google.example'),
  at('imgix', 'https://shop.imgix.net'),
  at('nginxSecureLink', 'https://nginx.example'),
  at('edgeAuth', 'https://edge.example'),
  at(
    'edgeAuth',
    'https://acl.example',
    { kind: 'acl', token: 'pass' },
    'edgeAuth, an acl in a parameter of its own',
  ),
  at('vercelBlob', 'https://blobs.example'),
  at('vercelBlob', 'https://hour.example', ending, 'vercelBlob, as long as its delegation'),
  at('sanity', 'https://sanity.example/images/abc123/production'),
  at('imageKit', 'https://kit.example/shop', { parameters: undefined }),
  at('jwt', 'https://jwt.example'),
  at(
    'jwt',
    'https://policy.example',
    { key: added, token: 'pass' },
    'jwt with a policy, in a parameter of its own',
  ),
  textScheme(
    'imgproxy',
    'https://proxy.example',
    schemeAt('imgproxy', 'https://proxy.example', { prefixes: 'local:///photos/' }),
    ['/insecure/rs:fill:300:200/plain/local:///photos/', '.jpg@webp'],
  ),
  textScheme(
    'a scheme of an app, in the query',
    'https://own.example',
    defineScheme({
      name: 'own',
      url: ['https://own.example'],
      match: (url) => ({ id: url }),
      strip: (url) => url.replace(/([?&])t=[^&]*(&|$)/, (_, first, last) => (last === '' ? '' : first)),
      sign: (url, { exp }) =>
        `${url}${url.includes('?') ? '&' : '?'}t=${exp}.${Buffer.from(key).toString('base64url')}`,
      fingerprint: 'own',
    }),
    inFolder,
  ),
  textScheme(
    'a scheme of an app, in the path',
    'https://path.example/cdn',
    defineScheme({
      name: 'path',
      url: ['https://path.example/cdn'],
      match: (url) => ({ id: url }),
      strip: (url) => url.replace(/\/s--[\w-]+--\//, '/'),
      sign: (url, { exp }) =>
        url.replace('/cdn/', `/cdn/s--${exp}-${Buffer.from(key).toString('base64url')}--/`),
      fingerprint: 'path',
    }),
    inFolder,
  ),
];
