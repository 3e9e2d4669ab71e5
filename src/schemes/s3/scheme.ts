/** `s3`: presigned URLs of S3 and of stores that speak its protocol. */
import { createScheme, type Scheme, type SchemeImage, type SignTerms } from '../definition.ts';
import type { NameProblem } from '../object-name.ts';
import type { StoreOptions } from '../options.ts';
import { matchPath, withoutParameters } from '../url-parts.ts';
import { verifyBySigning } from '../verify-by-signing.ts';
import type { UrlPlace } from '../written-url.ts';
import type { Credentials } from './credentials.ts';
import { readOptions } from './options.ts';
import { Presigner, readTerms } from './presign.ts';
import { asksForMore, isBucketToken } from './query.ts';

/** Keys of AWS, R2, MinIO or another store. What a credential provider of the AWS SDK gives has this shape. */
export interface S3Credentials {
  /** Such as `AKIA…`; it is part of every URL. Required: `undefined` is that of an environment variable that is not set. */
  readonly accessKeyId: string | undefined;
  /** It signs, and is part of no URL. Required. */
  readonly secretAccessKey: string | undefined;
  /** With the keys of a role; it is part of every URL. */
  readonly sessionToken?: string | undefined;
  /** When the keys end: no URL is valid for longer. */
  readonly expiration?: Date | undefined;
}

/** What a function gives as credentials. */
type S3CredentialsAnswer = S3Credentials | readonly S3Credentials[];

/** The options of `s3`. */
export interface S3Options extends StoreOptions {
  /**
   * The bucket's URL, or a list: `https://photos.s3.eu-central-1.amazonaws.com`, or with the bucket in the path for R2,
   * MinIO and others. Only what stands under it is signed.
   */
  readonly url: string | readonly string[];
  /** Such as `eu-central-1`; `auto` for R2. */
  readonly region: string;
  /**
   * The keys; a list, of which the first signs and all verify; or a function that gives either, such as a credential
   * provider of the AWS SDK. It may be asynchronous, and is called again before they end.
   */
  readonly credentials:
    | S3Credentials
    | readonly S3Credentials[]
    | (() => S3CredentialsAnswer | PromiseLike<S3CredentialsAnswer>);
  /**
   * Parameters of a URL that are signed with it, by name. All others are taken off: whoever writes a URL into a comment could
   * ask for another version, or for other headers, with the site's credentials. Names are compared as they are, with case.
   * @default names that tell versions of an image apart: v, ver, t, ts, updatedAt, w, h, q, width, height, quality, format,
   *   fit, dpr, auto
   */
  readonly parameters?: string | readonly string[] | undefined;
}

/** AWS, Cloudflare and Google: `X-Amz-Expires` is seven days at most. */
const longestLife = 604_800;

/**
 * Presigned URLs (Signature Version 4) of Amazon S3, Cloudflare R2, MinIO and Google Cloud Storage. They are valid for
 * `GET`, not for `HEAD`, and on the store's own endpoint: not on a custom domain of R2, which `cloudflareWaf` is for.
 * They end after seven days at the latest, and with the session of their keys.
 *
 * Every key is signed that is percent-encoded once, but for one that could lead out of its folder once it is decoded again.
 * Keys with a `+` in them have to be written `%2B`: S3 reads a bare `+` as a space, and other stores read it as a plus.
 * Parameters that `parameters` does not list are taken off. Even if they are listed there, URLs are not signed that ask for
 * another thing than an object's bytes (`?acl`), or for another type than they are stored with (`response-content-type`, and
 * `response-content-disposition` for anything but `attachment`).
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
  const { bases, from, region, credentials, prefixes, parameters } = readOptions(options);
  const signed = new Set(parameters);
  const presigner = new Presigner(region);
  const strip = (url: string): string => withoutParameters(url, isBucketToken);
  const signWith = (url: string, { exp, ttl, step }: SignTerms, keys: Credentials): string => {
    const issuedAt = exp - (ttl + step);
    const lifetime = Math.max(0, Math.min(exp, keys.endsAt) - issuedAt);
    return presigner.presign(url, keys, issuedAt, lifetime);
  };
  return createScheme({
    name: 's3',
    bases,
    from,
    longestLife,
    secrets: credentials,
    fingerprint: JSON.stringify([region, prefixes, parameters]),
    nameProblem,
    match: (url, place) =>
      nameProblem(url, place) !== undefined || asksForMore(url.slice(place.query + 1))
        ? undefined
        : matchPath(url, place, prefixes),
    isTokenParameter: isBucketToken,
    signsParameter: (name) => signed.has(name),
    strip,
    sign: (url, terms) => signWith(url, terms, credentials.newest()),
    verify: (url, now) => verifyBySigning(url, now, credentials.all(), { strip, sign: signWith, readTerms }),
    isLimited: prefixes !== undefined,
    prefixes,
  });
}

/** Stores read a `+` in a path differently. */
function nameProblem(url: string, { path, query }: UrlPlace): NameProblem | undefined {
  const at = url.indexOf('+', path);
  return at >= 0 && at < query ? 'bare-plus' : undefined;
}
