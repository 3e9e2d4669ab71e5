/** Reads the options of `gcs`: the bucket's URL, and the key of a service account. */
import * as v from 'valibot';
import type { RsaSigner } from '../signing/rsa.ts';
import type { Base, FromBase } from '../url/base.ts';
import {
  asBase,
  describe,
  describeSecret,
  expected,
  expectedSecret,
  invalidOption,
} from '../validation/message.ts';
import type { Schema } from '../validation/schema.ts';
import type { SecretOption } from './definition.ts';
import {
  absoluteUrl,
  maxSignatures,
  parameters,
  readSchemeOptions,
  type StoreOptions,
  storeEntries,
} from './options.ts';
import { rsaKey } from './private-key.ts';
import { encodePath, isBucketToken } from './s3/query.ts';
import { keyOf, type NamedKey, type Secrets, secretsOf } from './secrets.ts';

/** The parsed JSON file of a service account. It has more fields, which are not read. */
export interface GcsServiceAccount {
  /** Its address, which is part of every URL. */
  readonly client_email?: string | undefined;
  /** PEM. It signs, and is part of no URL. */
  readonly private_key?: string | undefined;
}

/** One service account, or a list, of which the first signs. */
type GcsCredentials = GcsServiceAccount | readonly GcsServiceAccount[];

/** What `gcs` takes: `credentials`, or `clientEmail` and `privateKey`. */
export interface GcsOptions extends StoreOptions {
  /**
   * The bucket's URL, or a list: `https://storage.googleapis.com/shop-photos`, `https://shop-photos.storage.googleapis.com`, or
   * a domain that is bound to the bucket. The host is signed as well.
   */
  readonly url: string | readonly string[];
  /**
   * The service account's address: `images@shop-1234.iam.gserviceaccount.com`. With `privateKey`.
   * @default that of `credentials`
   */
  readonly clientEmail?: string | undefined;
  /**
   * The service account's private RSA key as PEM text; a list, of which the first signs; or a function.
   * @default that of `credentials`
   */
  readonly privateKey?: SecretOption<string> | undefined;
  /**
   * The parsed JSON file of a service account; a list, of which the first signs; or a function that gives either.
   * @default none: `clientEmail` and `privateKey` are required
   */
  readonly credentials?: GcsCredentials | (() => GcsCredentials | PromiseLike<GcsCredentials>) | undefined;
  /**
   * How many new signatures one response may compute: each takes a fraction of a millisecond, in which the server does
   * nothing else. Those that are cached do not count, and nor does what the app signs itself, by `signImage`. Further URLs of
   * the page stay as they are, are reported (`too-many-signatures`), and the page is `no-store`.
   * @default 4096
   */
  readonly maxSignatures?: number | undefined;
  /**
   * Parameters of a URL that are signed with it, by name. All others are taken off: whoever writes a URL into a comment could
   * ask for another version, or for other headers, in the site's name. Names are compared as they are, with case.
   * @default names that tell versions of an image apart: v, ver, t, ts, updatedAt, w, h, q, width, height, quality, format,
   *   fit, dpr, auto
   */
  readonly parameters?: string | readonly string[] | undefined;
}

export interface GcsConfiguration {
  readonly bases: readonly Base[];
  readonly from: readonly FromBase[] | undefined;
  readonly prefixes: readonly string[] | undefined;
  /** Of keys that came without one. */
  readonly clientEmail: string | undefined;
  readonly secrets: Secrets<NamedKey<RsaSigner>>;
  readonly maxSignatures: number;
  readonly parameters: readonly string[];
}

const keyFile = 'gcloud iam service-accounts keys create key.json --iam-account <address> writes the file.';
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

const credentials: Schema<NamedKey<RsaSigner>> = v.pipe(
  v.custom<object>(
    (input) => typeof input === 'object' && input !== null,
    (issue) =>
      expectedSecret(
        'the parsed JSON file of a service account',
        typeof issue.input === 'string' ? `Parse its text: JSON.parse(text). ${keyFile}` : keyFile,
      )(issue),
  ),
  v.check(
    (input) => Reflect.get(input, 'private_key') !== undefined,
    () =>
      `expected credentials with \`private_key\`, got some without. Those of Cloud Run, of a user or of workload identity have none: Google would sign each URL over the network, and a page that is sent waits for nobody. ${keyFile}`,
  ),
  v.transform((input): object => ({
    client_email: Reflect.get(input, 'client_email') as unknown,
    private_key: Reflect.get(input, 'private_key') as unknown,
  })),
  v.object({ client_email: clientEmail, private_key: privateKey }),
  v.transform(
    ({ client_email: name, private_key: key }): NamedKey<RsaSigner> => ({
      key,
      name,
      endsAt: Number.POSITIVE_INFINITY,
      fingerprint: `${key.fingerprint} ${name}`,
    }),
  ),
);

const entries = {
  url: absoluteUrl,
  clientEmail: v.optional(clientEmail),
  privateKey: v.optional(secretsOf('privateKey', keyOf(privateKey, 'clientEmail', clientEmail))),
  credentials: v.optional(secretsOf('credentials', credentials)),
  ...storeEntries,
  maxSignatures: v.optional(maxSignatures, 4_096),
  parameters: parameters(isBucketToken),
} satisfies Record<keyof GcsOptions, v.GenericSchema>;

/** @throws ImageSignerError INVALID_OPTION */
export function readGcsOptions(options: GcsOptions): GcsConfiguration {
  const {
    url: bases,
    privateKey: keys,
    credentials: accounts,
    ...rest
  } = readSchemeOptions('gcs', entries, options);
  if (accounts !== undefined && (keys ?? rest.clientEmail) !== undefined)
    throw invalidOption(
      'credentials',
      'expected `credentials` alone, or `clientEmail` and `privateKey`, got both. The JSON file has both of them in it.',
    );
  const secrets = accounts ?? keys;
  if (secrets === undefined)
    throw invalidOption(
      rest.clientEmail === undefined ? 'credentials' : 'privateKey',
      `expected the private key of a service account, got ${describeSecret(undefined)}. Without one Google would sign each URL over the network, and a page that is sent waits for nobody. ${keyFile}`,
    );
  if (keys !== undefined && rest.clientEmail === undefined)
    throw invalidOption(
      'clientEmail',
      `expected the service account's address, got ${describe(undefined)}. ${emailHint}`,
    );
  for (const base of bases) {
    const mistake = bucketMistake(base);
    if (mistake !== undefined) throw invalidOption('url', mistake);
  }
  return { clientEmail: undefined, ...rest, bases, secrets };
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
