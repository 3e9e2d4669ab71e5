/** `gcs`: V4 signed URLs of Google Cloud Storage, by the key of a service account. */
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

/** The parsed JSON file of a service account. It has more fields, which are not read. */
export interface GcsServiceAccount {
  /** Its address, which is part of every URL. */
  readonly client_email?: string | undefined;
  /** PEM. It signs, and is part of no URL. */
  readonly private_key?: string | undefined;
}

/** One service account, or a list, of which the first signs. */
type GcsCredentials = GcsServiceAccount | readonly GcsServiceAccount[];

/** The options of `gcs`. */
export interface GcsOptions extends QueryOptions {
  /**
   * The bucket's URL, or a list: `https://storage.googleapis.com/shop-photos`, `https://shop-photos.storage.googleapis.com`, or
   * a domain that is bound to the bucket. The host is signed as well.
   */
  readonly url: string | readonly string[];
  /** The parsed JSON file of a service account; a list, of which the first signs; or a function that gives either. */
  readonly credentials: GcsCredentials | (() => GcsCredentials | PromiseLike<GcsCredentials>);
  /**
   * How many new signatures one response may compute: each takes a fraction of a millisecond, in which the server does
   * nothing else. Those that are cached do not count, and nor does what the app signs itself, by `signImage`. Further URLs of
   * the page stay as they are, are reported (`too-many-signatures`), and the page is `no-store`.
   * @default 4096
   */
  readonly maxSignatures?: number | undefined;
}

const keyHint =
  'Without its private key, as on Cloud Run, Google would sign each URL over the network, and a page that is sent waits for nobody. gcloud iam service-accounts keys create key.json --iam-account <address> writes the file.';
const emailHint = "Such as 'images@shop-1234.iam.gserviceaccount.com', `client_email` of the JSON file.";

const clientEmail: Schema<string> = v.pipe(
  v.string(expected("the service account's address", emailHint)),
  v.check((text) => /^[\w.+-]+@[\w.-]+$/.test(text), expected("a service account's address", emailHint)),
);

const privateKey: Schema<RsaSigner> = rsaKey({
  where: 'Give `private_key` of the JSON file, from -----BEGIN to the last -----.',
  publicHint: 'Google has the public key: give `private_key` of the JSON file.',
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
    () => `expected the credentials of a service account, with \`private_key\`, got some without. ${keyHint}`,
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
 * V4 signed URLs of Google Cloud Storage. They are valid for `GET`, for seven days at most, and on the host that is signed:
 * `storage.googleapis.com` with the bucket in the path or in the host, or a domain that is bound to the bucket.
 *
 * Signing takes the private key of a service account. Without one, as on Cloud Run, Google would sign each URL over the
 * network, and a page that is sent waits for nobody.
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

const bucketHint = "Such as 'https://storage.googleapis.com/shop-photos'.";

/** A host that is not Google's is not judged. */
function bucketMistake({ text, authority, path }: Base): string | undefined {
  if (encodePath(path) !== path)
    return 'expected a path as Google spells it: letters, digits, -._~ and escapes in upper case.';
  switch (authority) {
    case 'storage.googleapis.com':
      return path === '' ? `expected the URL of a bucket, got that of all of them. ${bucketHint}` : undefined;
    case 'storage.cloud.google.com':
      return `expected the bucket's URL, got ${describe(text, asBase)}, which asks for a visitor's Google account. ${bucketHint}`;
    case 'firebasestorage.googleapis.com':
      return `expected the bucket's URL, got Firebase's, which takes tokens that do not expire. ${bucketHint}`;
    default:
      return undefined;
  }
}
