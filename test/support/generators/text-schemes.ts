/** A signer for each scheme, with plain URLs that it signs, and whether words may follow its tokens as they please. */
import { createHmac } from 'node:crypto';
import { createSigner, type Signer } from '../../../src/index.ts';
import * as schemes from '../../../src/schemes.ts';
import { accountHash, instant, key } from '../samples.ts';
import { privateKeyOf } from '../schemes/rsa-keys.ts';
import { type Options, type SchemeName, usualScheme } from '../schemes/table.ts';

export interface TextScheme {
  readonly name: string;
  readonly scheme: schemes.Scheme;
  readonly signer: Signer;
  /** What its URLs begin with. */
  readonly base: string;
  /** What stands between base and name, and behind the name. */
  readonly path: readonly [before: string, behind: string];
}

const prefixes = 'photos/';

export function signerOf(list: readonly schemes.Scheme[], now: number = instant): Signer {
  return createSigner({ scheme: [...list], ttl: '1h', now: () => now, report: false } as never);
}

type Terms = readonly [name: string, base: string, scheme: schemes.Scheme, path?: TextScheme['path']];
const textScheme = ([name, base, scheme, path = ['/photos/', '.jpg']]: Terms): TextScheme => {
  return { name, base, scheme, path, signer: signerOf([scheme]) };
};
const usual = (
  name: SchemeName,
  base: string,
  title: string = name,
  change: Options = { prefixes },
): Terms => [title, base, usualScheme(name, base, change)];
const images = (name: string, base: string, more: object): Terms => [
  name,
  base,
  schemes.cloudflareImages({ key, variants: ['thumb'], ...more }),
  [`/${accountHash}/`, '/thumb'],
];
const token = Buffer.from(key).toString('base64url');

export const textSchemes: readonly TextScheme[] = (
  [
    images('cloudflareImages', 'https://imagedelivery.net', { accountHash }),
    images('cloudflareImages on a domain of its own', 'https://shop.example/cdn-cgi/imagedelivery', {
      delivery: 'https://shop.example/cdn-cgi/imagedelivery',
    }),
    usual('s3', 'https://photos.s3.eu-central-1.amazonaws.com'),
    usual('s3', 'http://minio.test:9000/bucket', 's3 with a port, and the bucket in the path'),
    usual('cloudFront', 'https://front.example'),
    usual('cloudFront', 'https://long.example', 'cloudFront with 4096 bits', {
      key: privateKeyOf(4096),
      prefixes,
    }),
    usual('cloudFront', 'https://folder.example', 'cloudFront with a policy', {
      policy: 'https://folder.example/photos/*',
    }),
    usual('bunny', 'https://shop.b-cdn.net'),
    usual('cloudflareWaf', 'https://waf.example'),
    usual('cloudflareWaf', 'https://safe.example', 'cloudflareWaf with a parameter of its own', {
      prefixes,
      token: 'pass',
      urlSafe: true,
    }),
    usual('azureBlob', 'https://azure.example/files'),
    usual('gcs', 'https://gcs.example'),
    usual('googleCdn', 'https://google.example'),
    usual('imgix', 'https://shop.imgix.net'),
    usual('nginxSecureLink', 'https://nginx.example'),
    usual('edgeAuth', 'https://edge.example'),
    usual('edgeAuth', 'https://acl.example', 'edgeAuth, an acl in a parameter of its own', {
      prefixes,
      kind: 'acl',
      token: 'pass',
    }),
    usual('vercelBlob', 'https://blobs.example'),
    usual('vercelBlob', 'https://hour.example', 'vercelBlob, as long as its delegation', {
      delegation: { $vercel: instant / 1000 + 60 },
      prefixes,
    }),
    usual('sanity', 'https://sanity.example/images/abc123/production'),
    usual('imageKit', 'https://kit.example/shop'),
    usual('jwt', 'https://jwt.example'),
    usual('jwt', 'https://policy.example', 'jwt with a policy, in a parameter of its own', {
      key: { value: key, added: { policy: 'eyJwb2xpY3kiOiJhIn0.Zm9y+/=' } },
      token: 'pass',
      prefixes,
    }),
    [
      'imgproxy',
      'https://proxy.example',
      usualScheme('imgproxy', 'https://proxy.example', { prefixes: 'local:///photos/' }),
      ['/insecure/rs:fill:300:200/plain/local:///photos/', '.jpg@webp'],
    ],
    [
      'a scheme of an app, in the query',
      'https://own.example',
      schemes.defineScheme({
        name: 'own',
        url: ['https://own.example'],
        match: (url) => ({ id: url }),
        strip: (url) => url.replace(/([?&])t=[^&]*(&|$)/, (_, first, last) => (last === '' ? '' : first)),
        sign: (url, { exp }) => `${url}${url.includes('?') ? '&' : '?'}t=${exp}.${token}`,
        fingerprint: 'own',
      }),
    ],
    [
      'a scheme of an app, in the path',
      'https://path.example/cdn',
      schemes.defineScheme({
        name: 'path',
        url: ['https://path.example/cdn'],
        match: (url) => ({ id: url }),
        strip: (url) => url.replace(/\/s--[\w-]+--\//, '/'),
        sign: (url, { exp }) => url.replace('/cdn/', `/cdn/s--${exp}-${token}--/`),
        fingerprint: 'path',
      }),
    ],
  ] satisfies readonly Terms[]
).map(textScheme);

/** A site of one scheme: a URL of an image, and how the scheme signs it. */
export interface TextSite {
  readonly name: string;
  readonly signer: Signer;
  /** Of an image, without a token. */
  readonly url: string;
  readonly signed: string;
  /** With a token that is over. */
  readonly stale: string;
}

const mac = (text: string): string => createHmac('sha256', key).update(text).digest('hex');

/** An app's scheme that verifies. @param pattern - its token, with the expiry in a group */
function verifying(
  name: string,
  pattern: RegExp,
  plain: string,
  put: (url: string, token: string) => string,
): Terms {
  const base = 'https://own.example/private';
  const strip = (url: string): string => url.replace(pattern, plain);
  const sign = (url: string, { exp }: { readonly exp: number }): string =>
    put(url, `${exp}-${mac(`${url} ${exp}`)}`);
  const scheme = schemes.defineScheme({
    name: 'verifying',
    url: base,
    match: (url) => ({ id: strip(url) }),
    strip,
    sign,
    verify(url, now) {
      const exp = Number(pattern.exec(url)?.[1]);
      if (Number.isNaN(exp)) return { ok: false, reason: 'missing-signature' };
      if (url !== sign(strip(url), { exp })) return { ok: false, reason: 'bad-signature' };
      return now < exp ? { ok: true, expiresAt: exp } : { ok: false, reason: 'expired' };
    },
    fingerprint: name,
  });
  return [name, base, scheme];
}

export const textSites: readonly TextSite[] = [
  // Without `verify`, a token in the path is any, and words may follow it.
  ...textSchemes.filter(({ scheme }) => scheme.name !== 'path'),
  ...[
    verifying(
      'a scheme that verifies, in the query',
      /[?&]pass=(\d+)-[^&]*$/,
      '',
      (url, own) => `${url}${url.includes('?') ? '&' : '?'}pass=${own}`,
    ),
    verifying(
      'a scheme that verifies, in the path',
      /\/private\/t-(\d+)-[0-9a-f]{64}\//,
      '/private/',
      (url, own) => url.replace('/private/', `/private/t-${own}/`),
    ),
  ].map(textScheme),
].map(({ name, base, path, scheme, signer }, index) => {
  const url = `${base}${path.join('cat')}${index % 3 === 2 && name !== 'imgproxy' ? '?v=a' : ''}`;
  const stale = signerOf([scheme], instant - 900_000_000).signImage(url);
  return { name, signer, url, signed: signer.signImage(url), stale };
});
