/** Reads the options of `cloudFront`: the private key, and the pattern of a policy. */
import * as v from 'valibot';
import type { RsaKey } from '../signing/rsa.ts';
import type { Base, FromBase } from '../url/base.ts';
import { isPlainPath } from '../validation/base.ts';
import { asBase, describe, expected, invalidOption } from '../validation/message.ts';
import type { Schema } from '../validation/schema.ts';
import type { SecretOption } from './definition.ts';
import {
  maxSignatures,
  parameters,
  readSchemeOptions,
  type StoreOptions,
  storeEntries,
  url,
} from './options.ts';
import { rsaKey } from './private-key.ts';
import { isBucketToken } from './s3/query.ts';
import { keyOf, type NamedKey, type Secrets, secretsOf } from './secrets.ts';
import { startOfPath } from './url-parts.ts';

const tokenNames: ReadonlySet<string> = new Set([
  'Expires',
  'Policy',
  'Signature',
  'Key-Pair-Id',
  'Hash-Algorithm',
]);

/** A token of the bucket behind the distribution as well: sites put the distribution's host into presigned URLs of S3. */
export function isTokenParameter(name: string): boolean {
  return tokenNames.has(name) || isBucketToken(name);
}

/** What `cloudFront` takes. */
export interface CloudFrontOptions extends StoreOptions {
  /** The distribution's domain, such as `'https://d111111abcdef8.cloudfront.net'`; one, or a list. */
  readonly url: string | readonly string[];
  /** The ID of the public key in the distribution's key group, such as `'K2JCJMDEHXQW5F'`. */
  readonly keyPairId: string;
  /**
   * The private RSA key as PEM text; a list, of which the first signs; or a function. `{ value, keyPairId }` is a key with
   * another ID: keys that follow one another have one each.
   */
  readonly privateKey: SecretOption<string, { readonly keyPairId?: string | undefined }> | undefined;
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
  /**
   * Parameters of a URL that are signed with it, by name. All others are taken off: whoever writes a URL into a comment could
   * ask the origin for something else in the site's name. Names are compared as they are, with case.
   * @default names that tell versions of an image apart: v, ver, t, ts, updatedAt, w, h, q, width, height, quality, format,
   *   fit, dpr, auto
   */
  readonly parameters?: string | readonly string[] | undefined;
}

/** The pattern of `policy`, without its `*`. */
export interface PolicyFolder {
  /** With its origin. */
  readonly text: string;
  readonly path: string;
}

export interface CloudFrontConfiguration {
  readonly bases: readonly Base[];
  readonly from: readonly FromBase[] | undefined;
  readonly keyPairId: string;
  readonly keys: Secrets<NamedKey<RsaKey>>;
  readonly folder: PolicyFolder | undefined;
  readonly maxSignatures: number;
  readonly prefixes: readonly string[] | undefined;
  readonly parameters: readonly string[];
}

const privateKey: Schema<RsaKey> = rsaKey({
  where:
    'Give the text of the file that `openssl genrsa 2048` has written, from -----BEGIN to the last -----.',
  publicHint: 'The public key is for CloudFront; give the other file.',
  verifier: 'CloudFront',
});

const idHint = "Such as 'K2JCJMDEHXQW5F'. CloudFront lists it under Key management, Public keys.";
const policyHint = "Such as 'https://d111111abcdef8.cloudfront.net/photos/*'.";

const keyPairId: Schema<string> = v.pipe(
  v.string(expected('the ID of a public key', idHint)),
  v.check((text) => /^[A-Z\d]{5,64}$/.test(text), expected('an ID of capital letters and digits', idHint)),
);

const entries = {
  url,
  keyPairId,
  privateKey: secretsOf('privateKey', keyOf(privateKey, 'keyPairId', keyPairId)),
  policy: v.optional(
    v.pipe(
      v.string(expected('a URL that ends with /*', policyHint)),
      v.check(
        (text) => /^https?:\/\/[^/?*#\\]+\/(?:[^?*#\\]*\/)?\*$/.test(text),
        expected('a URL that ends with /* and holds no other * and no ?', policyHint, asBase),
      ),
      v.check(
        (text) => isPlainPath(text.slice(startOfPath(text), -2)),
        expected('a path without empty or dot segments, as a URL spells it', 'Write é as %C3%A9.', asBase),
      ),
    ),
  ),
  maxSignatures: v.optional(maxSignatures, 4_096),
  ...storeEntries,
  parameters: parameters(isTokenParameter),
} satisfies Record<keyof CloudFrontOptions, v.GenericSchema>;

/** @throws ImageSignerError INVALID_OPTION */
export function readCloudFrontOptions(options: CloudFrontOptions): CloudFrontConfiguration {
  const {
    url: bases,
    from: stored,
    keyPairId: id,
    privateKey: keys,
    policy,
    maxSignatures: signatures,
    prefixes,
    parameters,
  } = readSchemeOptions('cloudFront', entries, options);
  const path = bases.find(({ authority }) => authority === undefined);
  if (path !== undefined && policy === undefined)
    throw invalidOption(
      'url',
      `expected a URL with its host, got ${describe(path.text, asBase)}. CloudFront signs whole URLs. ` +
        'A path will do together with `policy`, which names the host.',
    );
  return {
    bases,
    from: stored,
    keyPairId: id,
    keys,
    folder: policy === undefined ? undefined : readPolicy(policy, bases),
    maxSignatures: signatures,
    prefixes,
    parameters,
  };
}

function readPolicy(policy: string, bases: readonly Base[]): PolicyFolder {
  const pattern = policy.slice(0, -1);
  const path = pattern.slice(startOfPath(pattern));
  const isUnder = bases.some((base) =>
    (base.authority === undefined ? path : pattern).startsWith(`${base.text}/`),
  );
  if (!isUnder)
    throw invalidOption(
      'policy',
      `expected a folder under \`url\`, got ${describe(policy, asBase)}. Write it with the scheme and host of \`url\`.`,
    );
  return { text: pattern, path };
}
