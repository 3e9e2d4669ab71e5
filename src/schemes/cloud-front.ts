/** The scheme of CloudFront: an RSA signature of a policy, canned (of one URL) or custom (of a folder). */
import { BoundedCache } from '../bounded-cache.ts';
import type { RsaKey } from '../signing/rsa.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import { asBase, describe } from '../validation/message.ts';
import { type CloudFrontOptions, isTokenParameter, readCloudFrontOptions } from './cloud-front-options.ts';
import { createScheme, type Scheme, type SchemeImage, type TokenResult } from './definition.ts';
import { hasDotSegment } from './object-name.ts';
import type { NamedKey } from './secrets.ts';
import {
  matchPath,
  onlyParameter,
  readExpiry,
  startOfPath,
  withoutParameters,
  withQuery,
} from './url-parts.ts';

/** A signer has a few ttls, each with one expiry at a time. */
const maxPolicies = 64;

/**
 * Images of a CloudFront distribution that restricts viewer access to a key group. Each URL gets a canned policy of its
 * own (about a millisecond for the RSA signature), or with `policy` all URLs under it share one.
 *
 * A key of up to 2048 bits, which are all that CloudFront takes at present, signs with SHA-1, as the AWS SDKs do without
 * further options. A longer key signs with SHA-256, and its URLs have `Hash-Algorithm=SHA256`: SHA-1 would be the weaker
 * part of such a signature. ECDSA keys are refused.
 *
 * The signature of a canned policy also holds for the same text as a custom policy, in which `*` stands for any text and
 * `?` for any character. So without `policy` no URL is signed that contains a `*`, a second `?`, a query without `=`, or one
 * with a dot segment (`?v=/../`): whoever gets it could open other images as well.
 * @returns a scheme for the option `scheme`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @see Amazon CloudFront, "Create a signed URL using a canned policy"
 *   (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html)
 * @example
 * ```ts
 * const scheme = cloudFront({
 *   url: 'https://d111111abcdef8.cloudfront.net',
 *   keyPairId: 'K2JCJMDEHXQW5F',
 *   privateKey: process.env.CLOUDFRONT_PRIVATE_KEY,
 *   prefixes: 'photos/',
 * });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 */
export function cloudFront(options: CloudFrontOptions): Scheme<SchemeImage<'cloudfront'>> {
  const { bases, from, keyPairId, keys, folder, maxSignatures, prefixes, parameters } =
    readCloudFrontOptions(options);
  const signed = new Set(parameters);
  const shared = new BoundedCache<string>(maxPolicies);

  /** The query of a token; both policies are in the order of the AWS SDK. */
  const tokenOf = (first: string, signature: string, { key, name = keyPairId }: NamedKey<RsaKey>): string =>
    `${first}&Key-Pair-Id=${name}&Signature=${signature}${digestOf(key) === 'sha256' ? '&Hash-Algorithm=SHA256' : ''}`;
  /** What a token with this expiry says, and what is signed for it. */
  const termsOf = (url: string, exp: number): { first: string; policy: string } => {
    if (folder === undefined) return { first: `Expires=${exp}`, policy: policyOf(resourceOf(url), exp) };
    const policy = policyOf(`${folder.text}*`, exp);
    return { first: `Policy=${toUrlSafe(Buffer.from(policy).toString('base64'))}`, policy };
  };

  const sign = (url: string, { exp }: { readonly exp: number }): string => {
    const newest = keys.newest();
    const cached = folder && shared.get(`${exp} ${newest.fingerprint}`);
    if (cached !== undefined) return withQuery(url, cached);
    const { first, policy } = termsOf(url, exp);
    const token = tokenOf(first, toUrlSafe(newest.key.sign(digestOf(newest.key), policy)), newest);
    if (folder !== undefined) shared.set(`${exp} ${newest.fingerprint}`, token);
    return withQuery(url, token);
  };

  /** By the public key. To sign again would cost a millisecond for every URL that a stranger invents. */
  const verify = (url: string, now: number): TokenResult => {
    const bare = strip(url);
    if (bare === url) return { ok: false, reason: 'missing-signature' };
    const exp = readExpiry(onlyParameter(url, 'Expires') ?? expiryOfPolicy(onlyParameter(url, 'Policy')));
    const signature = onlyParameter(url, 'Signature');
    if (exp === undefined || signature === undefined || !/^[\w~-]{1,2048}$/.test(signature))
      return { ok: false, reason: 'malformed-signature' };
    const { first, policy } = termsOf(bare, exp);
    const keyIndex = keys
      .all()
      .findIndex(
        (each) =>
          url === withQuery(bare, tokenOf(first, signature, each)) &&
          each.key.isSignature(digestOf(each.key), policy, fromUrlSafe(signature)),
      );
    if (keyIndex < 0 || !isCovered(bare)) return { ok: false, reason: 'bad-signature' };
    const expiresAt = Math.min(exp, keys.all()[keyIndex]!.endsAt);
    // A NaN clock lets nothing through.
    return now < expiresAt ? { ok: true, expiresAt, keyIndex } : { ok: false, reason: 'expired' };
  };

  const isCovered = (url: string): boolean => {
    if (folder === undefined) return !isPattern(url);
    const isPath = startOfPath(url) === 0;
    return isPath ? url.startsWith(folder.path) : resourceOf(url).startsWith(folder.text);
  };

  return createScheme({
    name: 'cloudfront',
    bases,
    from,
    match: (url, place) => (isCovered(strip(url)) ? matchPath(url, place, prefixes) : undefined),
    nameProblem: (url, { path, query }) =>
      folder === undefined && url.slice(path, query).includes('*') ? 'wildcard' : undefined,
    encodeSegment,
    isTokenParameter,
    signsParameter: (name) => signed.has(name),
    strip,
    sign,
    verify,
    ...(folder === undefined && { maxSignatures }),
    secrets: keys,
    fingerprint: JSON.stringify([keyPairId, folder?.text, prefixes, parameters]),
    isLimited: folder !== undefined || prefixes !== undefined,
    prefixes,
    ...(folder !== undefined && {
      // A key that was pasted for the folder is a folder as well.
      opensMore: `a signature of ${describe(`${folder.text}*`, asBase)} opens every image under it`,
    }),
  });
}

/** SHA-1 would be the weaker part of a signature by a longer key. */
function digestOf(key: RsaKey): 'sha1' | 'sha256' {
  return key.bits > 2048 ? 'sha256' : 'sha1';
}

/** Without a lone `?`, which would make the URL a pattern. */
function strip(url: string): string {
  const bare = withoutParameters(url, isTokenParameter);
  return bare !== url && bare.endsWith('?') ? bare.slice(0, -1) : bare;
}

/** As the AWS SDK encodes a path, but for `*`, which it leaves as it is. */
function encodeSegment(text: string): string {
  return encodeURIComponent(text).replaceAll('*', '%2A');
}

function policyOf(resource: string, exp: number): string {
  return JSON.stringify({
    Statement: [{ Resource: resource, Condition: { DateLessThan: { 'AWS:EpochTime': exp } } }],
  });
}

/** The expiry that a custom policy names; `verify` compares the rest of its text. */
function expiryOfPolicy(encoded: string | undefined): string | undefined {
  if (encoded === undefined) return undefined;
  return /"AWS:EpochTime":(\d{1,11})\}/.exec(Buffer.from(fromUrlSafe(encoded), 'base64').toString())?.[1];
}

/** The URL as a browser asks for it: CloudFront compares it with that. */
function resourceOf(url: string): string {
  const path = startOfPath(url);
  const origin = url.slice(0, path).toLowerCase();
  return `${origin.startsWith('//') ? 'https:' : ''}${origin}${url.slice(path)}`;
}

/** Whether the URL would open others if its signature came with it as a custom policy: see `cloudFront`. */
function isPattern(url: string): boolean {
  if (url.includes('*')) return true;
  const question = url.indexOf('?');
  if (question < 0) return false;
  if (url.includes('?', question + 1) || !url.includes('=', question)) return true;
  return leadsElsewhere(url.slice(question + 1));
}

/**
 * Whether the query has a dot segment, once it is decoded. The `?` before it may stand for a slash: then `a.jpg?v=/../../b.jpg`
 * is a path, which an origin resolves.
 */
function leadsElsewhere(query: string): boolean {
  return hasDotSegment(percentDecode(query).replaceAll(/\\|%(?:u00)?(?:2f|5c)/gi, '/'));
}

/** CloudFront's own replacement of what base64 has and a query must not. */
function toUrlSafe(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~');
}

function fromUrlSafe(text: string): string {
  return text.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/');
}
