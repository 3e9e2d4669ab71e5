/**
 * The scheme of CloudFront: an RSA signature of a policy, canned (of one URL) or custom (of a folder).
 * Longer than most files: it says what its options are, and what a signature may open beside its URL.
 */
import * as v from 'valibot';
import { BoundedCache } from '../bounded-cache.ts';
import { RsaKey, type RsaSigner } from '../signing/rsa.ts';
import type { Base } from '../url/base.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import { isPlainPath } from '../validation/base.ts';
import { asBase, describe, expected, invalidOption } from '../validation/message.ts';
import { textLike } from '../validation/schema.ts';
import type { Scheme, SchemeImage, SecretOption, UrlParts } from './definition.ts';
import { hasDotSegment } from './object-name.ts';
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

/** What `cloudFront` takes. */
export interface CloudFrontOptions extends QueryOptions {
  /** The distribution's domain, such as `'https://d111111abcdef8.cloudfront.net'`; one, or a list. */
  readonly url: string | readonly string[];
  /** The ID of the public key in the distribution's key group, such as `'K2JCJMDEHXQW5F'`. */
  readonly keyId: string;
  /**
   * The private RSA key as PEM text; a list, of which the first signs; or a function. `{ value, keyId }` is a key with
   * another ID: keys that follow one another have one each.
   */
  readonly key: SecretOption<string, { readonly keyId?: string | undefined }> | undefined;
  /**
   * A folder that one signature opens as a whole, such as `'https://d111111abcdef8.cloudfront.net/photos/*'`: one
   * signature a step then does for all its URLs. `authorize` cannot limit what it opens, so the two exclude each other.
   * @default each URL has a signature of its own
   */
  readonly policy?: string | undefined;
  /**
   * How many new signatures one response may compute: each takes a fraction of a millisecond, in which the server does
   * nothing else. Those that are cached do not count, and nor does what the app signs itself, by `signImage`. Further URLs of
   * the page stay as they are, are reported (`too-many-signatures`), and the page is `no-store`. With `policy` there is one
   * signature a step, and nothing to limit.
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

const policyHint = "Such as 'https://d111111abcdef8.cloudfront.net/photos/*'.";

const keyId = textLike(
  /^[A-Z\d]{5,64}$/,
  'the ID of a public key, of capital letters and digits',
  "Such as 'K2JCJMDEHXQW5F'. CloudFront lists it under Key management, Public keys.",
);

const key = rsaKey({
  where:
    'Give the text of the file that `openssl genrsa 2048` has written, from -----BEGIN to the last -----.',
  publicHint: 'The public key is for CloudFront; give the other file.',
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
        'a URL that ends with /* and holds no other * and no ?',
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
      // The key of `verifier` makes no signature of its own: it is not to be kept, and opens no pattern.
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
      : // A key that was pasted for the folder is a folder as well.
        { opensMore: `a signature of ${describe(policy, asBase)} opens every image under it` }),
  });
}

/** As the AWS SDK encodes a path, but for `*`, which it leaves as it is. */
function encodeSegment(text: string): string {
  return encodeURIComponent(text).replaceAll('*', '%2A');
}

/** The expiry that a custom policy names; `verify` compares the rest of its text. */
function expiryOfPolicy(encoded: string | undefined): string | undefined {
  if (encoded === undefined) return undefined;
  return /"AWS:EpochTime":(\d{1,11})\}/.exec(Buffer.from(fromUrlSafe(encoded), 'base64').toString())?.[1];
}

/** The URL as a browser asks for it: CloudFront compares it with that. */
function resourceOf({ origin, path, query }: UrlParts): string {
  return `${origin}${path}${query === '' ? '' : `?${query}`}`;
}

/** Whether the URL would open others if its signature came with it as a custom policy: see `cloudFront`. */
function isPattern({ path, query }: UrlParts): boolean {
  if (path.includes('*')) return true;
  return query !== '' && (/[*?]/.test(query) || !query.includes('=') || leadsElsewhere(query));
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

/** @throws ImageSignerError INVALID_OPTION */
function checkPlaces(bases: readonly Base[], policy: string | undefined): void {
  const path = bases.find(({ authority }) => authority === undefined);
  if (policy === undefined && path !== undefined)
    throw invalidOption(
      'url',
      `expected a URL with its host, got ${describe(path.text, asBase)}. CloudFront signs whole URLs. A path will do together with \`policy\`, which names the host.`,
    );
  const isUnder = ({ authority, text }: Base): boolean =>
    policy!.slice(authority === undefined ? startOfPath(policy!) : 0).startsWith(`${text}/`);
  if (policy !== undefined && !bases.some(isUnder))
    throw invalidOption(
      'policy',
      `expected a folder under \`url\`, got ${describe(policy, asBase)}. Write it with the scheme and host of \`url\`.`,
    );
}

/** A token of the bucket behind the distribution as well: sites put the distribution's host into presigned URLs of S3. */
function isToken(name: string): boolean {
  return tokenNames.has(name) || isBucketToken(name);
}
