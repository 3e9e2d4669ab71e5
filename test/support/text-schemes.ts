/** A signer for each scheme, with plain URLs that it signs, and whether words may follow its tokens as they please. */
import { createSigner, type Signer } from '../../src/index.ts';
import {
  azureBlob,
  bunny,
  cloudFront,
  cloudflareImages,
  cloudflareWaf,
  defineScheme,
  edgeAuth,
  gcs,
  googleCdn,
  imageKit,
  imgix,
  imgproxy,
  jwt,
  nginxSecureLink,
  type Scheme,
  s3,
  sanity,
  type UrlParts,
  vercelBlob,
} from '../../src/schemes.ts';
import { vercelDelegation } from './oracles/vercel-blob.ts';
import { privateKeyOf } from './rsa-keys.ts';
import { accountHash, instant, key } from './samples.ts';

export interface TextScheme {
  readonly name: string;
  readonly scheme: Scheme;
  readonly signer: Signer;
  /** What its URLs begin with. */
  readonly base: string;
  /** What stands between base and name, and behind the name. */
  readonly path: readonly [before: string, behind: string];
}

const credentials = { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', secretAccessKey: key, sessionToken: 'FwoG+/==' };
const hex = Buffer.from(key).toString('hex');
const prefixes = 'photos/';
/** Unix seconds: after each token. */
const delegationEnd = instant / 1000 + 600_000;

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
const ofUrl = ({ origin, path }: UrlParts): { sub: string } => ({ sub: origin + path });
const cloudFrontOf = (url: string, bits: number, policy?: string): Scheme =>
  cloudFront({
    url,
    keyId: 'K2JCJMDEHXQW5F',
    key: privateKeyOf(bits),
    ...(policy === undefined ? { prefixes } : { policy }),
  });

export const textSchemes: readonly TextScheme[] = [
  textScheme(
    'cloudflareImages',
    'https://imagedelivery.net',
    cloudflareImages({ key, variants: ['thumb'], accountHash }),
    [`/${accountHash}/`, '/thumb'],
  ),
  textScheme(
    'cloudflareImages on a domain of its own',
    'https://shop.example/cdn-cgi/imagedelivery',
    cloudflareImages({ key, variants: ['thumb'], delivery: 'https://shop.example/cdn-cgi/imagedelivery' }),
    [`/${accountHash}/`, '/thumb'],
  ),
  textScheme(
    's3',
    'https://photos.s3.eu-central-1.amazonaws.com',
    s3({
      url: 'https://photos.s3.eu-central-1.amazonaws.com',
      region: 'eu-central-1',
      credentials,
      prefixes,
    }),
    inFolder,
  ),
  textScheme(
    's3 with a port, and the bucket in the path',
    'http://minio.test:9000/bucket',
    s3({ url: 'http://minio.test:9000/bucket', region: 'auto', credentials, prefixes }),
    inFolder,
  ),
  textScheme('cloudFront', 'https://front.example', cloudFrontOf('https://front.example', 2048), inFolder),
  textScheme(
    'cloudFront with 4096 bits',
    'https://long.example',
    cloudFrontOf('https://long.example', 4096),
    inFolder,
  ),
  textScheme(
    'cloudFront with a policy',
    'https://folder.example',
    cloudFrontOf('https://folder.example', 2048, 'https://folder.example/photos/*'),
    inFolder,
  ),
  textScheme(
    'bunny',
    'https://shop.b-cdn.net',
    bunny({ url: 'https://shop.b-cdn.net', key, prefixes }),
    inFolder,
  ),
  textScheme(
    'cloudflareWaf',
    'https://waf.example',
    cloudflareWaf({ url: 'https://waf.example', key, prefixes }),
    inFolder,
  ),
  textScheme(
    'cloudflareWaf with a parameter of its own',
    'https://safe.example',
    cloudflareWaf({ url: 'https://safe.example', key, prefixes, token: 'pass', urlSafe: true }),
    inFolder,
  ),
  textScheme(
    'azureBlob',
    'https://azure.example/files',
    azureBlob({
      url: 'https://azure.example',
      account: 'shopimages',
      container: 'files',
      key: Buffer.from(key).toString('base64'),
      prefixes,
    }),
    inFolder,
  ),
  textScheme(
    'gcs',
    'https://gcs.example',
    gcs({
      url: 'https://gcs.example',
      credentials: {
        client_email: 'images@shop-1234.iam.gserviceaccount.com',
        private_key: privateKeyOf(2048),
      },
      prefixes,
    }),
    inFolder,
  ),
  textScheme(
    'googleCdn',
    'https://google.example',
    googleCdn({
      url: 'https://google.example',
      key: Buffer.from(key.slice(0, 16)).toString('base64url'),
      keyId: 'k-1',
      prefixes,
    }),
    inFolder,
  ),
  textScheme(
    'imgix',
    'https://shop.imgix.net',
    imgix({ url: 'https://shop.imgix.net', key, prefixes }),
    inFolder,
  ),
  textScheme(
    'nginxSecureLink',
    'https://nginx.example',
    nginxSecureLink({ url: 'https://nginx.example', key, prefixes }),
    inFolder,
  ),
  textScheme(
    'edgeAuth',
    'https://edge.example',
    edgeAuth({ url: 'https://edge.example', key: hex, prefixes }),
    inFolder,
  ),
  textScheme(
    'edgeAuth, an acl in a parameter of its own',
    'https://acl.example',
    edgeAuth({ url: 'https://acl.example', key: hex, prefixes, kind: 'acl', token: 'pass' }),
    inFolder,
  ),
  textScheme(
    'vercelBlob',
    'https://blobs.example',
    vercelBlob({ url: 'https://blobs.example', delegation: vercelDelegation(delegationEnd), prefixes }),
    inFolder,
  ),
  textScheme(
    'vercelBlob, as long as its delegation',
    'https://hour.example',
    vercelBlob({ url: 'https://hour.example', delegation: vercelDelegation(instant / 1000 + 60), prefixes }),
    inFolder,
  ),
  textScheme(
    'sanity',
    'https://sanity.example/images/abc123/production',
    sanity({
      url: 'https://sanity.example/images/abc123/production',
      keyId: 'k-1',
      key: 'ab'.repeat(32),
      prefixes,
    }),
    inFolder,
  ),
  textScheme(
    'imageKit',
    'https://kit.example/shop',
    imageKit({ url: 'https://kit.example/shop', key, prefixes }),
    inFolder,
  ),
  textScheme(
    'jwt',
    'https://jwt.example',
    jwt({ url: 'https://jwt.example', key, claims: ofUrl, prefixes }),
    inFolder,
  ),
  textScheme(
    'jwt with a policy, in a parameter of its own',
    'https://policy.example',
    jwt({
      url: 'https://policy.example',
      key: { value: key, added: { policy: 'eyJwb2xpY3kiOiJhIn0.Zm9y+/=' } },
      token: 'pass',
      claims: ofUrl,
      prefixes,
    }),
    inFolder,
  ),
  textScheme(
    'imgproxy',
    'https://proxy.example',
    imgproxy({ url: 'https://proxy.example', key: hex, salt: hex, prefixes: 'local:///photos/' }),
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
