/**
 * `cloudFront`: an RSA signature over a policy, either canned (for one URL) or custom (for a folder).
 * Longer than most files: it documents its options, and what else a signature could open.
 */
import * as v from 'valibot';
import { BoundedCache } from '../bounded-cache.ts';
import { RsaKey, type RsaSigner } from '../signing/rsa.ts';
import type { Base } from '../url/base.ts';
import { hasDotSegment } from '../url/canonical.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import { isPlainPath } from '../validation/base.ts';
import { asBase, describe, expected, invalidOption } from '../validation/message.ts';
import { textLike } from '../validation/schema.ts';
import type { Scheme, SchemeImage, SecretOption, UrlParts } from './definition.ts';
import {
  maxSignatures,
  parameters,
  type QueryOptions,
  readSchemeOptions,
  storeEntries,
  url,
} from './options.ts';
import { isBucketToken } from './presigned.ts';
import { rsaKey } from './private-key.ts';
import { createQueryScheme } from './query-scheme.ts';
import { keyOf, type NamedKey, secretsOf } from './secrets.ts';
import { onlyParameter, startOfPath } from './url-parts.ts';
import { termsOfExpiry } from './verify-by-signing.ts';

/** The options of `cloudFront`. */
export interface CloudFrontOptions extends QueryOptions {
  /** The distribution's domain, such as `'https://d111111abcdef8.cloudfront.net'`, or a list. */
  readonly url: string | readonly string[];
  /** The ID of the public key in the distribution's key group, such as `'K2JCJMDEHXQW5F'`. */
  readonly keyId: string;
  /**
   * The private RSA key as PEM text; a list, of which the first signs; or a function. In a rotation every key has its own ID:
   * write `{ value, keyId }`.
   */
  readonly key: SecretOption<string, { readonly keyId?: string | undefined }> | undefined;
  /**
   * A folder that one signature opens as a whole, such as `'https://d111111abcdef8.cloudfront.net/photos/*'`. All its URLs
   * share one signature per step. `authorize` cannot limit what it opens, so the two exclude each other.
   * @default every URL has its own signature
   */
  readonly policy?: string | undefined;
  /**
   * How many new signatures one response may compute. Each blocks the server for a fraction of a millisecond. Cached
   * signatures don't count, nor do the app's own `signImage` calls. Further URLs of the page stay unsigned and are reported
   * (`too-many-signatures`), and the page is `no-store`. With `policy` there is only one signature per step, and no limit.
   * @default 4096
   */
  readonly maxSignatures?: number | undefined;
  /**
   * Folders whose images may be signed, such as `'uploads/'`.
   * @default none: `authorize` or `policy` is required
   */
  readonly prefixes?: string | readonly string[] | undefined;
}

const tokenNames: ReadonlySet<string> = new Set([
  'Expires',
  'Policy',
  'Signature',
  'Key-Pair-Id',
  'Hash-Algorithm',
]);

const policyHint = "For example, 'https://d111111abcdef8.cloudfront.net/photos/*'.";

const keyId = textLike(
  /^[A-Z\d]{5,64}$/,
  'the ID of a public key, with capital letters and digits',
  "For example, 'K2JCJMDEHXQW5F'. CloudFront lists it under Key management, Public keys.",
);

const key = rsaKey({
  where:
    'Use the text of the file that `openssl genrsa 2048` has written, from -----BEGIN to the last -----.',
  publicHint: 'The public key is for CloudFront. Use the other file.',
  verifier: 'CloudFront',
});

const entries = {
  url,
  keyId,
  key: secretsOf<NamedKey<RsaSigner>>('key', keyOf(key, 'keyId', keyId)),
  policy: v.optional(
    v.pipe(
      textLike(
        /^https?:\/\/[^/?*#\\]+\/(?:[^?*#\\]*\/)?\*$/,
        'a URL that ends with /* and contains no other * and no ?',
        policyHint,
        asBase,
      ),
      v.check(
        (text) => isPlainPath(text.slice(startOfPath(text), -2)),
        expected('a path without empty or dot segments, as a URL spells it', 'Write é as %C3%A9.', asBase),
      ),
    ),
  ),
  maxSignatures: v.optional(maxSignatures, 4_096),
  ...storeEntries,
  parameters: parameters(isToken),
} satisfies Record<keyof CloudFrontOptions, v.GenericSchema>;

/** A signer has few ttls, each with one expiry at a time. */
const maxPolicies = 64;

/**
 * Images of a CloudFront distribution that restricts viewer access to a key group. Every URL has its own canned policy (about
 * a millisecond for the RSA signature). With `policy`, all URLs under it share one.
 *
 * Keys of up to 2048 bits, the most that CloudFront accepts at present, sign with SHA-1, as the AWS SDKs do by default. Longer
 * keys sign with SHA-256, and their URLs have `Hash-Algorithm=SHA256`: SHA-1 would be the weaker part of such a signature.
 * ECDSA keys are refused.
 *
 * The signature of a canned policy is also valid for the same text as a custom policy, in which `*` matches any text and `?`
 * any character. So without `policy`, a URL is not signed if it contains a `*`, a second `?`, a query without `=`, or a query
 * with a dot segment (`?v=/../`): its visitors could open other images.
 * @returns a scheme for the option `scheme`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @see Amazon CloudFront, "Create a signed URL using a canned policy"
 *   (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html)
 * @example
 * ```ts
 * const scheme = cloudFront({
 *   url: 'https://d111111abcdef8.cloudfront.net',
 *   keyId: 'K2JCJMDEHXQW5F',
 *   key: process.env.CLOUDFRONT_PRIVATE_KEY,
 *   prefixes: 'photos/',
 * });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 */
export function cloudFront(options: CloudFrontOptions): Scheme<SchemeImage<'cloudfront'>> {
  const {
    url: bases,
    key: secrets,
    policy,
    maxSignatures,
    ...given
  } = readSchemeOptions('cloudFront', entries, options);
  checkPlaces(bases, policy);
  const folder = policy?.slice(0, -1);
  const policies = new BoundedCache<string>(maxPolicies);

  const isCovered = (parts: UrlParts): boolean => {
    if (folder === undefined) return !isPattern(parts);
    return parts.origin === ''
      ? parts.path.startsWith(folder.slice(startOfPath(folder)))
      : resourceOf(parts).startsWith(folder);
  };
  /** The token of a policy; both kinds are in the order of the AWS SDK. */
  const tokenOf = (parts: UrlParts, exp: number, { key, name = given.keyId }: NamedKey<RsaSigner>) => {
    const condition = { DateLessThan: { 'AWS:EpochTime': exp } };
    const statement = { Resource: policy ?? resourceOf(parts), Condition: condition };
    const text = JSON.stringify({ Statement: [statement] });
    // SHA-1 would be the weaker part of a signature by a longer key.
    const digest = key.bits > 2048 ? 'sha256' : 'sha1';
    const custom = `Policy=${toUrlSafe(Buffer.from(text).toString('base64'))}`;
    const token = `${policy === undefined ? `Expires=${exp}` : custom}&Key-Pair-Id=${name}`;
    const signature = toUrlSafe(key.sign(digest, text, 'base64'));
    return `${token}&Signature=${signature}${digest === 'sha256' ? '&Hash-Algorithm=SHA256' : ''}`;
  };

  return createQueryScheme({
    name: 'cloudfront',
    bases,
    ...given,
    secrets,
    settings: [given.keyId, policy],
    isTokenParameter: isToken,
    match: (parts) => (isCovered(parts) ? {} : undefined),
    nameProblem: (address, { path, query }) =>
      policy === undefined && address.slice(path, query).includes('*') ? 'wildcard' : undefined,
    encodeSegment,
    sign(parts, { exp }, secret) {
      // The key of `verifier` only repeats a given signature: that must not be cached, or be used for a pattern.
      const isGiven = !(secret.key instanceof RsaKey);
      if (isGiven && !isCovered(parts)) return '';
      if (isGiven || policy === undefined) return tokenOf(parts, exp, secret);
      const issue = `${exp} ${secret.fingerprint}`;
      const token = policies.get(issue) ?? tokenOf(parts, exp, secret);
      policies.set(issue, token);
      return token;
    },
    readTerms(address) {
      if (!/^[\w~-]{1,2048}$/.test(onlyParameter(address, 'Signature') ?? '')) return 'malformed';
      const expiry = onlyParameter(address, 'Expires') ?? expiryOfPolicy(onlyParameter(address, 'Policy'));
      return termsOfExpiry(expiry);
    },
    verifier: ({ key, ...held }, address) => ({
      ...held,
      key: key.knowing(fromUrlSafe(onlyParameter(address, 'Signature') ?? '')),
    }),
    ...(policy === undefined
      ? { maxSignatures }
      : // `describe` hides a key that was pasted instead of a folder.
        { opensMore: `a signature of ${describe(policy, asBase)} opens every image under it` }),
  });
}

/** As the AWS SDK encodes a path, except `*`, which the SDK keeps. */
function encodeSegment(text: string): string {
  return encodeURIComponent(text).replaceAll('*', '%2A');
}

/** The expiry in a custom policy; `verify` compares the rest of its text. */
function expiryOfPolicy(encoded: string | undefined): string | undefined {
  if (encoded === undefined) return undefined;
  return /"AWS:EpochTime":(\d{1,11})\}/.exec(Buffer.from(fromUrlSafe(encoded), 'base64').toString())?.[1];
}

/** The URL as a browser requests it, with which CloudFront compares it. */
function resourceOf({ origin, path, query }: UrlParts): string {
  return `${origin}${path}${query === '' ? '' : `?${query}`}`;
}

/** Whether the URL, sent as a custom policy with its signature, would open other URLs: see `cloudFront`. */
function isPattern({ path, query }: UrlParts): boolean {
  if (path.includes('*')) return true;
  return query !== '' && (/[*?]/.test(query) || !query.includes('=') || leadsElsewhere(query));
}

/**
 * Whether the decoded query has a dot segment. The `?` before it can match a slash: then `a.jpg?v=/../../b.jpg` is a path,
 * which an origin resolves.
 */
function leadsElsewhere(query: string): boolean {
  return hasDotSegment(percentDecode(query).replaceAll(/\\|%(?:u00)?(?:2f|5c)/gi, '/'));
}

/** CloudFront's own replacement for base64 characters that a query must not contain. */
function toUrlSafe(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~');
}

function fromUrlSafe(text: string): string {
  return text.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/');
}

/** @throws ImageSignerError INVALID_OPTION */
function checkPlaces(bases: readonly Base[], policy: string | undefined): void {
  const path = bases.find(({ authority }) => authority === undefined);
  if (policy === undefined && path !== undefined)
    throw invalidOption(
      'url',
      `expected a URL with its host, got ${describe(path.text, asBase)}. CloudFront signs whole URLs. A path is enough only with \`policy\`, which contains the host.`,
    );
  const isUnder = ({ authority, text }: Base): boolean =>
    policy!.slice(authority === undefined ? startOfPath(policy!) : 0).startsWith(`${text}/`);
  if (policy !== undefined && !bases.some(isUnder))
    throw invalidOption(
      'policy',
      `expected a folder under \`url\`, got ${describe(policy, asBase)}. Write it with the scheme and host of \`url\`.`,
    );
}

/** Includes the tokens of the bucket behind the distribution: some sites put the distribution's host into presigned S3 URLs. */
function isToken(name: string): boolean {
  return tokenNames.has(name) || isBucketToken(name);
}
