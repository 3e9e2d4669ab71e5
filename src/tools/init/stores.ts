/**
 * The stores that `image-signer init` knows, and the files that it writes for them. The values are examples, as in
 * `docs/schemes`: a comment marks those that a site must replace, and says where to find them.
 * Longer than most files: nearly all of it is a table.
 */
import type { Server } from './servers.ts';

export interface Store {
  readonly name: string;
  readonly about: string;
  /** The function of `image-signer/schemes`; undefined for Cloudflare Images. */
  readonly scheme: string | undefined;
  /** Further lines before the configuration. */
  readonly imports?: readonly string[];
  /** The options of the scheme, or of the signer. */
  readonly options: readonly string[];
  readonly ttl: string;
  /** Options of the signer beside a scheme. */
  readonly more?: readonly string[];
  /** Secrets by name, and where to find them. */
  readonly secrets: Readonly<Record<string, string>>;
}

const vercelImport = "import { issueSignedToken } from '@vercel/blob';";
const prefixes = "prefixes: 'uploads/', // the folder whose images may be signed";

/** In the order of the question. */
export const stores: readonly Store[] = [
  {
    name: 'cloudflare-images',
    about: 'Cloudflare Images',
    scheme: undefined,
    options: [
      'key: process.env.IMAGES_KEY,',
      "accountHash: 'cheeW4oKsx5ljh8e8BoL2A', // yours: the first part of the path of delivery URLs",
      "variants: ['public'], // the variants in your pages",
    ],
    ttl: '1d',
    secrets: { IMAGES_KEY: 'Cloudflare dashboard: Images, Keys' },
  },
  {
    name: 's3',
    about: 'S3, R2, MinIO and others',
    scheme: 's3',
    options: [
      "url: 'https://photos.s3.eu-central-1.amazonaws.com', // yours: the bucket, as your pages write it",
      "region: 'eu-central-1', // 'auto' for R2",
      'credentials: {',
      '  accessKeyId: process.env.AWS_ACCESS_KEY_ID,',
      '  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,',
      '},',
      prefixes,
    ],
    ttl: '1h',
    secrets: {
      AWS_ACCESS_KEY_ID: 'an access key that may read the bucket',
      AWS_SECRET_ACCESS_KEY: 'shown once, when you create the access key',
    },
  },
  {
    name: 'cloudfront',
    about: 'CloudFront',
    scheme: 'cloudFront',
    options: [
      "url: 'https://d111111abcdef8.cloudfront.net', // yours: the distribution's domain",
      "keyId: 'K2JCJMDEHXQW5F', // yours: Key management, Public keys",
      'key: process.env.CLOUDFRONT_PRIVATE_KEY,',
      prefixes,
    ],
    ttl: '6h',
    secrets: { CLOUDFRONT_PRIVATE_KEY: 'the PEM text of the private key, between quotes' },
  },
  {
    name: 'gcs',
    about: 'Google Cloud Storage',
    scheme: 'gcs',
    options: [
      "url: 'https://storage.googleapis.com/shop-photos', // yours: the bucket, as your pages write it",
      "credentials: JSON.parse(process.env.GOOGLE_CREDENTIALS || '{}'),",
      prefixes,
    ],
    ttl: '1h',
    secrets: { GOOGLE_CREDENTIALS: "the JSON file of a service account's key, on one line" },
  },
  {
    name: 'google-cdn',
    about: 'Google Cloud CDN',
    scheme: 'googleCdn',
    options: [
      "url: 'https://cdn.example', // yours",
      "keyId: 'images-2026', // yours: the value of --key-name",
      'key: process.env.CDN_KEY,',
      prefixes,
    ],
    ttl: '1h',
    secrets: { CDN_KEY: 'the content of the --key-file' },
  },
  {
    name: 'azure-blob',
    about: 'Azure Blob Storage',
    scheme: 'azureBlob',
    options: [
      "url: 'https://shopimages.blob.core.windows.net', // yours, without the container",
      "account: 'shopimages', // yours",
      "container: 'photos', // yours",
      'key: process.env.AZURE_STORAGE_KEY,',
      prefixes,
    ],
    ttl: '1h',
    secrets: { AZURE_STORAGE_KEY: 'the portal: Access keys, key1' },
  },
  {
    name: 'bunny',
    about: 'Bunny',
    scheme: 'bunny',
    options: [
      "url: 'https://shop.b-cdn.net', // yours: a hostname of the pull zone",
      'key: process.env.BUNNY_KEY,',
      prefixes,
    ],
    ttl: '1h',
    secrets: { BUNNY_KEY: 'pull zone: Security, Token Authentication Key' },
  },
  {
    name: 'imgix',
    about: 'imgix',
    scheme: 'imgix',
    options: [
      "url: 'https://shop.imgix.net', // yours: the source's domain",
      'key: process.env.IMGIX_TOKEN,',
      prefixes,
    ],
    ttl: '1d',
    secrets: { IMGIX_TOKEN: "the source's secure URL token, under Security" },
  },
  {
    name: 'imgproxy',
    about: 'imgproxy',
    scheme: 'imgproxy',
    options: [
      "url: 'https://imgproxy.example', // yours",
      'key: process.env.IMGPROXY_KEY,',
      'salt: process.env.IMGPROXY_SALT,',
      "prefixes: 'https://photos.example/uploads/', // the sources that may be signed",
    ],
    ttl: '1d',
    secrets: { IMGPROXY_KEY: 'in hex, as on the server', IMGPROXY_SALT: 'in hex, as on the server' },
  },
  {
    name: 'imagekit',
    about: 'ImageKit',
    scheme: 'imageKit',
    options: [
      "url: 'https://ik.imagekit.io/shop', // yours: the URL endpoint, without folders",
      'key: process.env.IMAGEKIT_PRIVATE_KEY,',
      prefixes,
    ],
    ttl: '1d',
    secrets: { IMAGEKIT_PRIVATE_KEY: 'the private API key, under Developer options' },
  },
  {
    name: 'sanity',
    about: 'Sanity',
    scheme: 'sanity',
    options: [
      "url: 'https://cdn.sanity.io/images/abc123/production', // yours",
      "keyId: 'pk1234567890abcd', // yours: Sanity shows it beside the public key",
      'key: process.env.SANITY_PRIVATE_KEY,',
    ],
    ttl: '1h',
    more: [
      "authorize: (image) => image.id !== '', // every image: https://github.com/image-signer/image-signer/blob/main/docs/start/who-may-see-what.md",
    ],
    secrets: { SANITY_PRIVATE_KEY: 'PEM between quotes, or 64 hexadecimal digits' },
  },
  {
    name: 'vercel-blob',
    about: 'Vercel Blob',
    scheme: 'vercelBlob',
    imports: [vercelImport],
    options: [
      "url: 'https://abcdefgh12345678.private.blob.vercel-storage.com', // yours",
      'delegation: () =>',
      '  issueSignedToken({',
      "    pathname: '*',",
      "    operations: ['get'],",
      '    validUntil: (Math.floor(Date.now() / 86_400_000) + 4) * 86_400_000, // midnight, so that all servers agree',
      '  }),',
      prefixes,
    ],
    ttl: '6h',
    secrets: { BLOB_READ_WRITE_TOKEN: 'the store: .env.local' },
  },
  {
    name: 'nginx-secure-link',
    about: 'nginx, by secure_link',
    scheme: 'nginxSecureLink',
    options: [
      "url: 'https://photos.example/private', // yours",
      'key: process.env.SECURE_LINK_SECRET,',
      prefixes,
    ],
    ttl: '1h',
    secrets: { SECURE_LINK_SECRET: 'any long random text, the same as in nginx.conf' },
  },
  {
    name: 'edge-auth',
    about: 'Akamai, Cloudinary, Uploadcare',
    scheme: 'edgeAuth',
    options: [
      "url: 'https://photos.example', // yours",
      "preset: 'akamai', // or 'cloudinary', 'uploadcare'",
      'key: process.env.EDGE_AUTH_KEY,',
      prefixes,
    ],
    ttl: '1h',
    secrets: { EDGE_AUTH_KEY: 'in hex' },
  },
  {
    name: 'cloudflare-waf',
    about: "Cloudflare's WAF, by is_timed_hmac_valid_v0",
    scheme: 'cloudflareWaf',
    options: ["url: 'https://photos.example/private', // yours", 'key: process.env.WAF_KEY,', prefixes],
    ttl: '3h',
    more: ["stableFor: '1h', // the rule's lifetime: 3 h + 1 h = 14400 s"],
    secrets: { WAF_KEY: 'any long random text, the same as in the rule' },
  },
  {
    name: 'jwt',
    about: 'a JSON Web Token in the URL',
    scheme: 'jwt',
    options: [
      "url: 'https://images.example/private', // yours",
      'key: process.env.JWT_SECRET,',
      'claims: ({ origin, path }) => ({ sub: origin + path }),',
      prefixes,
    ],
    ttl: '1h',
    secrets: { JWT_SECRET: '32 random bytes or more' },
  },
];

/** The text of `image-signer.config.mjs` or `.ts`: both are the same. */
export function configFileOf(store: Store, { entry }: Server): string {
  const { scheme, imports = [], options, ttl, more = [] } = store;
  const body =
    scheme === undefined ? options : [`scheme: ${scheme}({`, ...options.map((line) => `  ${line}`), '}),'];
  return lines([
    ...imports,
    `import { defineConfig } from '${entry}';`,
    ...(scheme === undefined ? [] : [`import { ${scheme} } from 'image-signer/schemes';`]),
    '',
    'export default defineConfig({',
    ...[...body, `ttl: '${ttl}', // a signed URL is valid for at least this long`, ...more].map(
      (line) => `  ${line}`,
    ),
    '});',
  ]);
}

/** @param given - the existing file: secrets that it names are left out */
export function environmentFileOf({ secrets }: Store, given = ''): string {
  const missing = Object.entries(secrets).filter(
    ([name]) => !given.split('\n').some((line) => line.trimStart().startsWith(`${name}=`)),
  );
  return missing.map(([name, where]) => `# ${where}\n${name}=\n`).join('');
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
