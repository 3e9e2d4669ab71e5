/** `s3`: presigned URLs for S3 and for stores that speak its protocol. */
import * as v from 'valibot';
import { BoundedCache } from '../bounded-cache.ts';
import { Secret } from '../signing/digests.ts';
import type { Base } from '../url/base.ts';
import { asName, describe, expected, expectedSecret, invalidOption } from '../validation/message.ts';
import { type Schema, secretText } from '../validation/schema.ts';
import type { Scheme, SchemeImage } from './definition.ts';
import { absoluteUrl, parameters, type QueryOptions, readSchemeOptions, storeEntries } from './options.ts';
import { createPresignedScheme, encodePath, isBucketToken } from './presigned.ts';
import { endOf, expiration, type HeldSecret, secretsOf } from './secrets.ts';

/** Keys of AWS, R2, MinIO or another store. The AWS SDK's credential providers return this shape. */
export interface S3Credentials {
  /** Such as `AKIA…`; part of every URL. Required: the type allows `undefined` only for environment variables. */
  readonly accessKeyId: string | undefined;
  /** It signs, and is never part of a URL. Required. */
  readonly secretAccessKey: string | undefined;
  /** Comes with the keys of a role; part of every URL. */
  readonly sessionToken?: string | undefined;
  /** When the keys end. No URL is valid for longer. */
  readonly expiration?: Date | undefined;
}

/** What a function returns as credentials. */
type S3CredentialsAnswer = S3Credentials | readonly S3Credentials[];

/** The options of `s3`. */
export interface S3Options extends QueryOptions {
  /**
   * The bucket's URL, or a list: `https://photos.s3.eu-central-1.amazonaws.com`, or with the bucket in the path for R2,
   * MinIO and others. Only URLs under it are signed.
   */
  readonly url: string | readonly string[];
  /** The bucket's region, such as `eu-central-1`; `auto` for R2. */
  readonly region: string;
  /**
   * The keys; a list, of which the first signs and all verify; or a function that returns either, such as an AWS SDK
   * credential provider. The function can be asynchronous, and is called again before the keys end.
   */
  readonly credentials:
    | S3Credentials
    | readonly S3Credentials[]
    | (() => S3CredentialsAnswer | PromiseLike<S3CredentialsAnswer>);
}

/** URLs of one moment are issued on one or two days, but a stranger's URL to verify can name any day. */
const maxCachedKeys = 8;

interface Credentials extends HeldSecret {
  readonly accessKeyId: string;
  readonly secret: Secret;
  readonly sessionToken: string | undefined;
  /** Derived keys, by scope. Deriving one takes four MACs; signing a URL takes one. */
  readonly keys: BoundedCache<Secret>;
}

const regionHint = "For example, 'eu-central-1'; 'auto' for R2; usually 'us-east-1' for MinIO.";

const region: Schema<string> = v.pipe(
  v.string(expected("the bucket's region", regionHint)),
  v.check(
    (text) => /^[a-z\d](?:[a-z\d-]{0,30}[a-z\d])?$/.test(text),
    expected('a region of lower-case letters, digits and -', regionHint, asName),
  ),
);

const whereKeysAre = 'The store shows it when you create the access key.';

const credentials: Schema<Credentials> = v.pipe(
  v.custom<object>(
    (input) => typeof input === 'object' && input !== null,
    expectedSecret(
      'credentials, or a function that returns them',
      'Write { accessKeyId, secretAccessKey }, or pass a credential provider of the AWS SDK.',
    ),
  ),
  v.check(
    (input) => !Object.hasOwn(input, 'AccessKeyId'),
    () =>
      'expected accessKeyId, secretAccessKey and sessionToken with a lower-case first letter, got the unchanged STS response. Rename its fields.',
  ),
  // A provider returns more fields than these. A missing field becomes undefined, so that its own message is shown.
  v.transform((input): Record<string, unknown> => {
    const { accessKeyId, secretAccessKey, sessionToken, expiration: end } = input as Record<string, unknown>;
    return { accessKeyId, secretAccessKey, sessionToken, expiration: end };
  }),
  v.strictObject({
    accessKeyId: secretText("the access key's id", whereKeysAre),
    secretAccessKey: v.pipe(
      secretText('the secret access key', whereKeysAre),
      v.check(
        (text) => !/^A[KS]IA[A-Z\d]{16}$/.test(text), // of a user or a session
        expectedSecret('the secret access key', 'This is the id of an access key: swap the two.'),
      ),
    ),
    sessionToken: v.optional(secretText('the session token', 'It comes with the credentials of a role.')),
    expiration,
  }),
  v.check(
    ({ accessKeyId, sessionToken }) => sessionToken !== undefined || !/^ASIA[A-Z\d]{16}$/.test(accessKeyId),
    () =>
      'expected a sessionToken, got none. An accessKeyId that begins with ASIA belongs to a session, which always needs one.',
  ),
  v.transform(({ accessKeyId, secretAccessKey, sessionToken, expiration: end }): Credentials => {
    const secret = new Secret(`AWS4${secretAccessKey}`);
    const session = new Secret(JSON.stringify([accessKeyId, sessionToken]));
    return {
      accessKeyId,
      secret,
      sessionToken,
      keys: new BoundedCache(maxCachedKeys),
      endsAt: endOf(end),
      fingerprint: `${secret.fingerprint}${session.fingerprint}`,
    };
  }),
);

const entries = {
  url: absoluteUrl,
  region,
  credentials: secretsOf('credentials', credentials),
  ...storeEntries,
  parameters: parameters(isBucketToken),
} satisfies Record<keyof S3Options, v.GenericSchema>;

/**
 * Presigned URLs (Signature Version 4) for Amazon S3, Cloudflare R2, MinIO and Google Cloud Storage. They are valid for `GET`,
 * not for `HEAD`, and only on the store's own endpoint; use `cloudflareWaf` for an R2 custom domain. They end after seven
 * days at the latest, and with the session of their keys.
 *
 * Any object key is signed if it is percent-encoded once, except keys that could lead out of their folder when decoded again.
 * Write a `+` in a key as `%2B`: S3 reads a bare `+` as a space, and other stores read it as a plus. Parameters that
 * `parameters` does not list are removed. Some URLs are never signed, even with a listed parameter: those that ask for
 * something other than an object's bytes (`?acl`), or for another content type (`response-content-type`, and any
 * `response-content-disposition` but `attachment`).
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * const scheme = s3({
 *   url: 'https://photos.s3.eu-central-1.amazonaws.com',
 *   region: 'eu-central-1',
 *   credentials: {
 *     accessKeyId: process.env.AWS_ACCESS_KEY_ID,
 *     secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
 *   },
 *   prefixes: 'uploads/',
 * });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 * @see AWS, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)"
 */
export function s3(options: S3Options): Scheme<SchemeImage<'s3'>> {
  const {
    url: bases,
    region: inScope,
    credentials: secrets,
    ...given
  } = readSchemeOptions('s3', entries, options);
  for (const base of bases) checkEndpoint(base, inScope);
  return createPresignedScheme({
    ...given,
    name: 's3',
    bases,
    secrets,
    // Stores read a `+` in a path in different ways.
    nameProblem: (url, { path, query }) => (url.slice(path, query).includes('+') ? 'bare-plus' : undefined),
    prefix: 'X-Amz-',
    algorithm: 'AWS4-HMAC-SHA256',
    service: `${inScope}/s3/aws4_request`,
    nameOf: ({ accessKeyId }) => accessKeyId,
    sessionToken: ({ sessionToken }) => sessionToken,
    signerOf({ secret, keys }, scope) {
      const key = keys.get(scope) ?? scope.split('/').reduce(derive, secret);
      keys.set(scope, key);
      return (text) => key.mac('sha256', text, 'hex');
    },
  });
}

function derive(key: Secret, part: string): Secret {
  return new Secret(key.macBytes('sha256', part));
}

/**
 * R2's region is `auto`, with the alias `us-east-1`. R2 also accepts its location hints.
 * @see Cloudflare R2, "S3 API compatibility", bucket region
 */
const r2Regions: readonly string[] = ['auto', 'us-east-1', 'wnam', 'enam', 'weur', 'eeur', 'apac', 'oc'];

/**
 * Finds mistakes for which the endpoint would refuse every URL. Endpoints of unknown stores are accepted.
 * @throws ImageSignerError INVALID_OPTION
 * @see AWS, "Amazon Simple Storage Service endpoints and quotas"
 */
function checkEndpoint({ authority = '', path }: Base, region: string): void {
  const host = authority.replace(/:\d*$/, '');
  const inAws = /\.amazonaws\.com(?:\.cn)?$/.test(host) ? host.slice(0, host.lastIndexOf('.amazonaws.')) : '';
  const isR2 = host.endsWith('.r2.cloudflarestorage.com');
  const mistake = urlMistake(host, inAws, path);
  if (mistake !== undefined) throw invalidOption('url', `expected ${mistake}`);
  if (isR2 && !r2Regions.includes(region))
    throw invalidOption('region', `expected 'auto', R2's region, got ${describe(region, asName)}.`);
  // Older endpoints contain it as `s3-eu-central-1`.
  const named = /(?:^|\.)(?:s3-)?([a-z]{2,5}(?:-[a-z]+){1,2}-\d{1,2})$/.exec(inAws)?.[1];
  if (named !== undefined && named !== region)
    throw invalidOption(
      'region',
      `expected '${named}', as in \`url\`, got ${describe(region, asName)}. S3 refuses a signature for another region.`,
    );
}

/** @param inAws - the part of the host before `.amazonaws.com`; empty for another store */
function urlMistake(host: string, inAws: string, path: string): string | undefined {
  if (encodePath(path) !== path)
    return 'a path as AWS spells it: letters, digits, -._~ and escapes in upper case.';
  if (host.endsWith('.r2.dev'))
    return 'the endpoint <account>.r2.cloudflarestorage.com with the bucket as its path: a public r2.dev URL accepts no signatures.';
  if (/(?:^|\.)s3-website(?:-[^.]*|\.[^.]*)$/.test(inAws))
    return "the bucket's REST endpoint, such as 'https://photos.s3.eu-central-1.amazonaws.com': a website endpoint accepts no signatures.";
  const isWhole =
    host === 'storage.googleapis.com' ||
    /^[\da-f]{32}\.(?:[a-z]+\.)?r2\.cloudflarestorage\.com$/.test(host) ||
    /^s3(?:-[^.]+)?(?:\.dualstack)?(?:\.[a-z]{2,5}(?:-[a-z]+){1,2}-\d{1,2})?$/.test(inAws);
  return isWhole && path === ''
    ? "a bucket's URL, got the endpoint of all buckets. Append the bucket: 'https://<endpoint>/photos'."
    : undefined;
}
