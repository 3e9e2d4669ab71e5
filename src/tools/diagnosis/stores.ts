/** Facts about the stores beyond their schemes: why a store refuses a token, or why a URL does not belong to a scheme. */
import type { BoundScheme } from '../../schemes/bound.ts';
import type { Base } from '../../url/base.ts';
import { percentDecode } from '../../url/percent-encoding.ts';

/**
 * What to compare if another signer made a signature, or if the store refuses ours, in the store's own terms. By the name of
 * the scheme.
 */
const comparisons: Readonly<Record<string, string>> = {
  'cloudflare-images':
    'Compare the key with the dashboard, under Images, Keys: is it the key of this account? Or is the id a custom one?',
  s3: "Compare the access key with the store's list, `url` with the endpoint of the bucket, and `region` with its region; may the key read the object? This scheme signs only the host header, so a token that signs other headers too is not its own.",
  cloudfront:
    'Compare `keyId` with the public keys in the key group of the distribution, `key` with the private half of that key, and `url` with the domain of the distribution. May the distribution read its origin?',
  'google-cdn':
    'Compare `keyId` and `key` with the signed URL keys of the backend, and `url` with its host, which is signed. May the fill account of Cloud CDN read the bucket?',
  bunny:
    "Compare `key` with the Token Authentication Key of the pull zone, which is not the password of a storage zone, and `url` with the pull zone's host.",
  imgix: 'Compare `key` with the secure URL token of the source, and `url` with its domain.',
  imgproxy:
    'Compare `key`, `salt` and the source with IMGPROXY_KEY, IMGPROXY_SALT and IMGPROXY_ALLOWED_SOURCES.',
  'cloudflare-waf':
    'Compare `key`, `token` and the ttl with secret, separator and lifetime in is_timed_hmac_valid_v0.',
  'nginx-secure-link':
    'Compare `expression` and the secret with secure_link_md5 in nginx.conf, the space before the secret included, and the path of `url` with what nginx sees. This scheme does not make tokens for one visitor ($remote_addr).',
  'edge-auth':
    'Compare `key`, `salt` and `escapeEarly` with the property at the CDN, `preset` with the CDN itself, and `kind` with the token: `acl=` in it means the kind acl.',
  'azure-blob':
    'Compare `account`, `container` and `key` with those of the program that signed: key1 and key2 sign differently. This scheme does not make tokens for a container (sr=c), for an address (sip), or for more than reading (sp).',
  gcs: 'Compare the host, which is signed: bucket.storage.googleapis.com and storage.googleapis.com/bucket differ. Compare X-Goog-Credential with the service account whose key signs; may it read the object?',
  'vercel-blob':
    'Compare the store in the host of `url`, and vercel-blob-delegation with what `delegation` returns now: tokens of different delegations differ. This scheme makes tokens only for the operation get.',
  sanity:
    'Compare `keyId` with keyid of the URL, and `key` with the private half of that key pair. Parameters are sorted and then signed: a later change breaks the signature.',
  imagekit:
    'Compare `url` with the URL-endpoint, which ends before your first folder and before `tr:`; `key` with the private key, not the public one; and the parameters, which are signed in their order.',
  jwt: 'Compare `key`, and what `claims` returns: the names, their order and the values, before `exp`. This scheme makes no tokens with `iat`, another algorithm than HS256, or another header.',
};

/** @param scheme - its name; an app's own scheme gets a text that fits any */
export function comparisonAt(scheme: string): string {
  return Object.hasOwn(comparisons, scheme)
    ? comparisons[scheme]!
    : 'Compare the key, the URL and its parameters with those of the program that signed.';
}

/**
 * Tokens of stores and of their older versions: the parameters that only they have, in lower case, since some stores ignore
 * case; their description; and the scheme that makes them. Special ones come before general ones.
 */
const tokens: readonly (readonly [names: string, what: string, scheme?: string])[] = [
  ['awsaccesskeyid signature', 'AWS signature version 2'],
  ['googleaccessid signature', 'Google Cloud Storage, signature version 2'],
  ['x-goog-signature', 'Google Cloud Storage, signature version 4', 'gcs'],
  ['x-amz-signature', 'AWS signature version 4', 's3'],
  ['key-pair-id signature', 'CloudFront', 'cloudfront'],
  ['keyname signature', 'Google Cloud CDN', 'google-cdn'],
  ['md5 expires', 'nginx, secure_link', 'nginx-secure-link'],
  ['__cld_token__', 'Cloudinary, with an expiry', 'edge-auth'],
  ['__token__|hdnts|hdnea|hdntl', 'Akamai, EdgeAuth', 'edge-auth'],
  ['ss srt sig', 'Azure, a shared access signature of the account'],
  ['sv sig', 'Azure, a shared access signature', 'azure-blob'],
  ['vercel-blob-signature', 'Vercel Blob', 'vercel-blob'],
  ['keyid expiry signature', 'Sanity', 'sanity'],
  ['ik-s', 'ImageKit', 'imagekit'],
  ['policy token', 'Contentful, an embargoed asset', 'jwt'],
];

/**
 * The kind of a token that another version or store made, by the names of its parameters. It verifies nothing.
 * @param own - the name of the scheme that the URL belongs to
 * @returns undefined if the query has no known token but one of the scheme's own kind
 */
export function otherTokenIn(url: string, own: string): string | undefined {
  const [, query = ''] = /^[^?#]*\?([^#]*)/.exec(url) ?? [];
  const present = new Set(
    query.split('&').map((each) => percentDecode(each.split('=', 1)[0]!).toLowerCase()),
  );
  const found = tokens.find(
    ([names, , scheme]) =>
      scheme !== own && names.split(' ').every((each) => each.split('|').some((name) => present.has(name))),
  );
  return found?.[1];
}

/**
 * Recognizes the bucket of a scheme under another name: in the host and not in the path or the other way round, as S3 and
 * Google spell it, or at another host, under which the site has stored its URLs.
 * @returns undefined unless the rest of the URL is an image of the scheme: a folder may be called like a bucket
 */
export function otherSpellingHint(url: URL, schemes: readonly BoundScheme[]): string | undefined {
  const { origin, host, pathname } = url;
  for (const scheme of schemes) {
    const { text: base } = scheme.firstBase;
    const name = bucketOf(scheme.firstBase);
    if (name === undefined) continue;
    const inPath = pathname.indexOf(`/${name}/`);
    const end = inPath < 0 ? 0 : inPath + 1 + name.length;
    const isNamed = inPath >= 0 || host.startsWith(`${name}.`);
    // Anything else would put a stranger's text into the hint.
    const isPlain = /^[\w./~:-]{1,200}$/.test(host + pathname.slice(0, end));
    if (isNamed && isPlain && scheme.signs(base + pathname.slice(end)))
      return `${origin}${pathname.slice(0, end)} may be another spelling of ${base}. If tokens are valid there, add it to \`url\` of the scheme, which takes a list. If images were stored under it, add it to \`from\` of the scheme.`;
  }
  return undefined;
}

/** The last segment of the path, or the part of the host before the store's own name. */
function bucketOf({ authority = '', path }: Base): string | undefined {
  if (path !== '') return path.slice(path.lastIndexOf('/') + 1);
  return /^(.+?)\.(?:s3[.-]|storage\.googleapis\.com$)/.exec(authority)?.[1];
}
