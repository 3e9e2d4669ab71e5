/**
 * What has to agree for a store to take a token, in the store's own terms: what to compare where a signature is not the signer's,
 * and where the store refuses one that is.
 */

/** By the name of the scheme. */
const comparisons: ReadonlyMap<string, string> = new Map([
  [
    'cloudflare-images',
    'Compare the key with the dashboard, under Images, Keys: is it the key of this account? Does a private image have a custom id?',
  ],
  [
    's3',
    "Compare the access key with the store's list, `url` with the endpoint of the bucket, and `region` with its region; may the key read the object? A token with more signed headers than host is none of this scheme.",
  ],
  [
    'cloudfront',
    'Compare `keyId` with the public keys in the key group of the distribution, `key` with the private half of that key, and `url` with the domain of the distribution. May the distribution read its origin?',
  ],
  [
    'google-cdn',
    'Compare `keyId` and `key` with the signed URL keys of the backend, and `url` with its host, which is signed. May the fill account of Cloud CDN read the bucket?',
  ],
  [
    'bunny',
    "Compare `key` with the Token Authentication Key of the pull zone, under Security in its settings; the password of a storage zone is another one. `url` is the pull zone's host.",
  ],
  [
    'imgix',
    "Compare `key` with the secure URL token of the source, under Security in its settings, and `url` with the source's domain. Parameters are signed in their order.",
  ],
  [
    'imgproxy',
    'Compare `key` and `salt` with IMGPROXY_KEY and IMGPROXY_SALT. Does IMGPROXY_ALLOWED_SOURCES hold the source?',
  ],
  [
    'cloudflare-waf',
    "Compare `key` with the secret in the rule's is_timed_hmac_valid_v0, `token` with its separator, and the ttl with its lifetime.",
  ],
  [
    'nginx-secure-link',
    'Compare `expression` with secure_link_md5 in nginx.conf, the space before the secret included; the secret with the one there; and the path of `url` with the one that nginx sees. A token of one visitor, with $remote_addr in it, is none of this scheme.',
  ],
  [
    'edge-auth',
    'Compare `key`, `salt` and `escapeEarly` with the property at the CDN, `preset` with the CDN itself, and `kind` with the token: one with `acl=` in it is of the kind acl.',
  ],
  [
    'azure-blob',
    'Compare `account`, `container` and `key` with those of the program that signed: key1 and key2 make different signatures, and a new user delegation key ends none of the old tokens. A token of a container (sr=c), of an address (sip), or with more than reading (sp) is none of this scheme.',
  ],
  [
    'gcs',
    'Compare the host, which is signed: <bucket>.storage.googleapis.com is another one than storage.googleapis.com/<bucket>. Compare the account of `credentials` with X-Goog-Credential, and its key with those of that account; may it read the object? A token with more signed headers than host is none of this scheme.',
  ],
  [
    'vercel-blob',
    'Compare the store in the host of `url` with that of the delegation, and vercel-blob-delegation with the one that the function `delegation` gives now: each delegation makes tokens of its own. One for another operation than get is none of this scheme.',
  ],
  [
    'sanity',
    'Compare `keyId` with keyid of the URL, and `key` with the private half of that key pair. Parameters are sorted before they are signed, and a change of one after that breaks the signature.',
  ],
  [
    'imagekit',
    'Compare `url` with the URL-endpoint, which ends before the first folder of yours and before `tr:`; `key` with the private key, which is not the public one; and the parameters, which are signed in their order.',
  ],
  [
    'jwt',
    'Compare `key`, and what `claims` returns: the names, their order and the values, to which `exp` is added as the last one. A token with `iat`, by another algorithm than HS256, or with another header is none of this scheme.',
  ],
]);

/** @param scheme - its name; one of an app has a text that fits any */
export function comparisonAt(scheme: string): string {
  return (
    comparisons.get(scheme) ??
    'Compare the key with that of the program that signed, and the URL with the one that it signed, parameters included.'
  );
}
