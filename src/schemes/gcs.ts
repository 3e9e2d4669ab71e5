/** `gcs`: V4 signed URLs for Google Cloud Storage, signed with a service account's key. */
import * as v from 'valibot';
import type { RsaSigner } from '../signing/rsa.ts';
import type { Base } from '../url/base.ts';
import { asBase, describe, expected, expectedSecret, invalidOption } from '../validation/message.ts';
import type { Schema } from '../validation/schema.ts';
import type { Scheme, SchemeImage } from './definition.ts';
import {
  absoluteUrl,
  maxSignatures,
  parameters,
  type QueryOptions,
  readSchemeOptions,
  storeEntries,
} from './options.ts';
import { createPresignedScheme, encodePath, isBucketToken } from './presigned.ts';
import { rsaKey } from './private-key.ts';
import { type HeldSecret, secretsOf } from './secrets.ts';
import { onlyParameter } from './url-parts.ts';

/** A service account's parsed JSON file. Its other fields are not read. */
export interface GcsServiceAccount {
  /** The account's address, which is part of every URL. */
  readonly client_email?: string | undefined;
  /** As PEM. It signs, and is never part of a URL. */
  readonly private_key?: string | undefined;
}

/** One service account, or a list, of which the first signs. */
type GcsCredentials = GcsServiceAccount | readonly GcsServiceAccount[];

/** The options of `gcs`. */
export interface GcsOptions extends QueryOptions {
  /**
   * The bucket's URL, or a list: `https://storage.googleapis.com/shop-photos`, `https://shop-photos.storage.googleapis.com`, or
   * a domain that is bound to the bucket. The host is signed, too.
   */
  readonly url: string | readonly string[];
  /** A service account's parsed JSON file; a list, of which the first signs; or a function that returns either. */
  readonly credentials: GcsCredentials | (() => GcsCredentials | PromiseLike<GcsCredentials>);
  /**
   * How many new signatures one response may compute. Each blocks the server for a fraction of a millisecond. Cached
   * signatures don't count, nor do the app's own `signImage` calls. Further URLs of the page stay unsigned and are reported
   * (`too-many-signatures`), and the page is `no-store`.
   * @default 4096
   */
  readonly maxSignatures?: number | undefined;
}

const keyHint =
  'Without a private key, as on Cloud Run, every signature would be a network call to Google, for which pages cannot wait. Create the file with gcloud iam service-accounts keys create key.json --iam-account <address>.';
const emailHint = "For example, 'images@shop-1234.iam.gserviceaccount.com', `client_email` of the JSON file.";

const clientEmail: Schema<string> = v.pipe(
  v.string(expected("the service account's address", emailHint)),
  v.check((text) => /^[\w.+-]+@[\w.-]+$/.test(text), expected("a service account's address", emailHint)),
);

const privateKey: Schema<RsaSigner> = rsaKey({
  where: 'Use `private_key` of the JSON file, from -----BEGIN to the last -----.',
  publicHint: 'The public key is for Google. Use `private_key` of the JSON file.',
  verifier: 'Cloud Storage',
});

interface Account extends HeldSecret {
  readonly key: RsaSigner;
  readonly name: string;
}

const credentials: Schema<Account> = v.pipe(
  v.custom<object>(
    (input) => typeof input === 'object' && input !== null,
    (issue) =>
      expectedSecret(
        'the parsed JSON file of a service account',
        typeof issue.input === 'string' ? 'Parse its text: JSON.parse(text).' : keyHint,
      )(issue),
  ),
  v.check(
    (input) => Reflect.get(input, 'private_key') !== undefined,
    () =>
      `expected a service account's credentials with \`private_key\`, got credentials without it. ${keyHint}`,
  ),
  v.transform((input): object => ({
    client_email: Reflect.get(input, 'client_email') as unknown,
    private_key: Reflect.get(input, 'private_key') as unknown,
  })),
  v.strictObject({ client_email: clientEmail, private_key: privateKey }),
  v.transform(
    ({ client_email: name, private_key: key }): Account => ({
      key,
      name,
      endsAt: Number.POSITIVE_INFINITY,
      fingerprint: `${key.fingerprint} ${name}`,
    }),
  ),
);

const entries = {
  url: absoluteUrl,
  credentials: secretsOf('credentials', credentials),
  ...storeEntries,
  maxSignatures: v.optional(maxSignatures, 4_096),
  parameters: parameters(isBucketToken),
} satisfies Record<keyof GcsOptions, v.GenericSchema>;

/**
 * V4 signed URLs for Google Cloud Storage. They are valid for `GET`, for at most seven days, and only on the signed host:
 * `storage.googleapis.com` with the bucket in the path or in the host, or a domain that is bound to the bucket.
 *
 * Signing needs a service account's private key. Without one, as on Cloud Run, every signature would be a network call to
 * Google, for which pages cannot wait.
 *
 * An RSA signature takes a fraction of a millisecond. It is the same each time, and is cached for a step.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * const scheme = gcs({
 *   url: 'https://storage.googleapis.com/shop-photos',
 *   credentials: JSON.parse(process.env.GOOGLE_CREDENTIALS || '{}'),
 *   prefixes: 'uploads/',
 * });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 * @see Google Cloud Storage, "V4 signing process with your own program"
 */
export function gcs(options: GcsOptions): Scheme<SchemeImage<'gcs'>> {
  const { url: bases, credentials: secrets, ...given } = readSchemeOptions('gcs', entries, options);
  for (const base of bases) {
    const mistake = bucketMistake(base);
    if (mistake !== undefined) throw invalidOption('url', mistake);
  }
  return createPresignedScheme({
    ...given,
    name: 'gcs',
    bases,
    secrets,
    prefix: 'X-Goog-',
    algorithm: 'GOOG4-RSA-SHA256',
    service: 'auto/storage/goog4_request',
    nameOf: ({ name }) => name,
    signerOf:
      ({ key }) =>
      (text) =>
        key.sign('sha256', text, 'hex'),
    verifier: ({ key, ...held }, url) => ({
      ...held,
      key: key.knowing(onlyParameter(url, 'X-Goog-Signature') ?? ''),
    }),
  });
}

const bucketHint = "For example, 'https://storage.googleapis.com/shop-photos'.";

/** Finds mistakes for which Google would refuse every URL. Other hosts are accepted. */
function bucketMistake({ text, authority, path }: Base): string | undefined {
  if (encodePath(path) !== path)
    return 'expected a path as Google spells it: letters, digits, -._~ and escapes in upper case.';
  switch (authority) {
    case 'storage.googleapis.com':
      return path === ''
        ? `expected a bucket's URL, got the endpoint of all buckets. ${bucketHint}`
        : undefined;
    case 'storage.cloud.google.com':
      return `expected the bucket's URL, got ${describe(text, asBase)}, which requires visitors to log in at Google. ${bucketHint}`;
    case 'firebasestorage.googleapis.com':
      return `expected the bucket's URL, got Firebase's, whose tokens do not expire. ${bucketHint}`;
    default:
      return undefined;
  }
}
