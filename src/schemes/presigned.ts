/**
 * What presigned URLs of S3 (Signature Version 4) and Google (V4) have in common: which parameters are a token, how path and
 * query are spelled, and the text that is signed.
 * Longer than most files: a third of it documents which parameters are never signed, and why.
 * @see AWS, "Create a signed AWS API request"
 * @see Google Cloud Storage, "V4 signing process with your own program"
 */
import { hashHex } from '../signing/digests.ts';
import { formDecode } from '../url/percent-encoding.ts';
import type { Scheme, SchemeImage } from './definition.ts';
import { normalSpelling } from './normal-spelling.ts';
import { createQueryScheme, type QueryStore } from './query-scheme.ts';
import type { HeldSecret } from './secrets.ts';
import { onlyParameter } from './url-parts.ts';
import type { TokenTerms } from './verify-by-signing.ts';

/** AWS's `UriEncode`: percent-encodes everything but unreserved characters. */
const encodeParameter: (text: string) => string = normalSpelling('');
/** AWS's `UriEncode` for a path: it keeps `/`. */
export const encodePath: (path: string) => string = normalSpelling('/');

/**
 * Signature Version 2 of AWS, and of Google with a service account. S3 reads any of these names as part of a token, even
 * without the others: it refuses CloudFront's `Signature` and `Expires` because `AWSAccessKeyId` is missing. So an app cannot
 * use these names, and a single one is removed as well. They are compared with case, as the stores do.
 * @see AWS, "Amazon S3 API Reference", "Query string request authentication alternative"
 * @see Google Cloud Storage, "V2 signing process"
 */
const versionTwo: ReadonlySet<string> = new Set(['AWSAccessKeyId', 'GoogleAccessId', 'Signature', 'Expires']);

/**
 * Whether a parameter of this name, decoded, belongs to a bucket's token, of any signature version. A store that reads two
 * tokens in one URL refuses both, so a leftover of an earlier version would spoil the new token.
 *
 * `X-Amz-…` and `X-Goog-…` are compared without case, as stores and proxies may. `x-id` names the operation: AWS's SDK for
 * JavaScript adds it to presigned URLs, and it has no other use in an object's URL.
 */
export function isBucketToken(name: string): boolean {
  if (versionTwo.has(name)) return true;
  const folded = name.toLowerCase();
  return folded.startsWith('x-amz-') || folded.startsWith('x-goog-') || folded === 'x-id';
}

/**
 * Parameters that make an object's URL return something else than its bytes: its permissions, its tags, or the parts of an
 * upload. Anyone who can post a comment could read those with the site's credentials.
 * @see AWS, "Amazon S3 API Reference", the GET actions on objects
 */
const subresources: ReadonlySet<string> = new Set([
  'acl',
  'attributes',
  'encryption',
  'legal-hold',
  'retention',
  'tagging',
  'torrent',
  'uploadid',
  'uploads',
]);

/**
 * Parameters that change the content type that a store sends. With `text/html`, an upload that is also a page would run its
 * scripts on the store's host. The store accepts them only in signed requests.
 * @see AWS, "GetObject", overriding response header values through the request
 */
const typeOverrides: ReadonlySet<string> = new Set(['response-content-type', 'response-content-encoding']);

/**
 * Whether the URL asks for something else than an object's bytes with their stored type. `Content-Disposition` is fine for a
 * download, but `inline` would open an object that is stored as an attachment.
 * @param query - without the `?`
 */
function asksForMore(query: string): boolean {
  if (query === '') return false;
  return query.split('&').some((parameter) => {
    const equals = parameter.indexOf('=');
    // Stores differ in whether they compare names with case.
    const name = formDecode(equals < 0 ? parameter : parameter.slice(0, equals)).toLowerCase();
    if (name === 'response-content-disposition')
      return !/^attachment(?:;|$)/i.test(formDecode(parameter.slice(equals + 1)));
    return subresources.has(name) || typeOverrides.has(name);
  });
}

/** A store that accepts presigned URLs. */
interface PresignedStore<S extends HeldSecret, Name extends string>
  extends Pick<
    QueryStore<S, Name, object>,
    'name' | 'bases' | 'from' | 'prefixes' | 'secrets' | 'nameProblem' | 'verifier' | 'maxSignatures'
  > {
  /** The parameters, other than the token's, that are signed. */
  readonly parameters: readonly string[];
  /** The prefix of the token's parameter names: `X-Amz-`. */
  readonly prefix: string;
  readonly algorithm: string;
  /** The scope of a signature after the day: `eu-central-1/s3/aws4_request`. */
  readonly service: string;
  /** The owner of the secret, as the token names it. */
  nameOf(secret: S): string;
  /** The token of a session, for temporary keys. */
  sessionToken?(secret: S): string | undefined;
  /** Makes the function that signs all texts of a scope, which begins with the day: `20260921/…`. */
  signerOf(secret: S, scope: string): (text: string) => string;
}

/** What all URLs that are issued at one moment have in common. */
interface Issue {
  readonly secret: HeldSecret;
  /** In Unix seconds. */
  readonly issuedAt: number;
  /** In seconds. */
  readonly lifetime: number;
  /** The token's parameters without the signature, sorted and encoded. */
  readonly token: string;
  /** The signed text, up to the hash of the request. */
  readonly head: string;
  sign(text: string): string;
}

/** At AWS, Cloudflare and Google, a URL is valid for at most seven days. */
const longestLife = 604_800;

export function createPresignedScheme<S extends HeldSecret, Name extends string>(
  store: PresignedStore<S, Name>,
): Scheme<SchemeImage<Name>> {
  const { prefix, service, ...rest } = store;
  let last: Issue | undefined; // all URLs of a step share it
  return createQueryScheme<S, Name>({
    ...rest,
    settings: [service],
    longestLife,
    isTokenParameter: isBucketToken,
    respell: encodePath,
    respellQuery,
    match: ({ query }) => (asksForMore(query) ? undefined : {}),
    sign({ path, query }, { exp, ttl, step }, secret, base) {
      const issuedAt = exp - (ttl + step);
      const lifetime = Math.max(0, Math.min(exp, secret.endsAt) - issuedAt);
      if (last?.secret !== secret || last.issuedAt !== issuedAt || last.lifetime !== lifetime)
        last = issueOf(store, secret, issuedAt, lifetime);
      const { token, head, sign } = last;
      const request = `GET\n${path}\n${canonicalQuery(query, token)}\nhost:${base?.authority}\n\nhost\nUNSIGNED-PAYLOAD`;
      return `${token}&${prefix}Signature=${sign(head + hashHex('sha256', request))}`;
    },
    readTerms: (url) => readTerms(url, prefix),
  });
}

function issueOf<S extends HeldSecret>(
  store: PresignedStore<S, string>,
  secret: S,
  issuedAt: number,
  lifetime: number,
): Issue {
  const { prefix, algorithm } = store;
  const date = basicDate(issuedAt);
  const scope = `${date.slice(0, 8)}/${store.service}`;
  const session = store.sessionToken?.(secret);
  // `join` makes one flat string. V8 would copy the pieces of a template for every URL.
  const token = [
    `${prefix}Algorithm=${algorithm}`,
    `&${prefix}Credential=${encodeText(`${store.nameOf(secret)}/${scope}`)}`,
    `&${prefix}Date=${date}`,
    `&${prefix}Expires=${lifetime}`,
    session === undefined ? '' : `&${prefix}Security-Token=${encodeText(session)}`,
    `&${prefix}SignedHeaders=host`,
  ].join('');
  const head = [algorithm, date, scope, ''].join('\n');
  return { secret, issuedAt, lifetime, token, head, sign: store.signerOf(secret, scope) };
}

/** @param text - well-formed Unicode */
function encodeText(text: string): string {
  return encodeParameter(encodeURIComponent(text));
}

/** The times in a token. */
function readTerms(url: string, prefix: string): TokenTerms {
  const date = onlyParameter(url, `${prefix}Date`);
  const lifetime = onlyParameter(url, `${prefix}Expires`);
  const issuedAt = date === undefined ? undefined : readBasicDate(date);
  if (issuedAt === undefined || lifetime === undefined || !/^(?:0|[1-9]\d{0,5})$/.test(lifetime))
    return 'malformed';
  return { exp: issuedAt + Number(lifetime), ttl: Number(lifetime), step: 0 };
}

/** @returns `yyyymmddThhmmssZ`, in UTC */
function basicDate(seconds: number): string {
  const iso = new Date(seconds * 1000).toISOString(); // yyyy-mm-ddThh:mm:ss.000Z
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
}

/** @returns Unix seconds; undefined for anything but `yyyymmddThhmmssZ` */
function readBasicDate(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)?.map(Number) ?? [];
  if (year === undefined) return undefined;
  // A day such as February 31 becomes another one, which does not have this signature.
  return Date.UTC(year, month! - 1, day, hour, minute, second) / 1000;
}

/** S3 reads a `+` as a space, and writes `%20` before it signs. */
const encodeSpaced: (text: string) => string = normalSpelling('', '%20');

/**
 * The parameters, each as `name=value`: the names in their order, but the values of a repeated name sorted. AWS sorts those
 * values before it signs; MinIO sorts only the names (`Encode` of Go's `url.Values`), and signs the values in the URL's order.
 * @param query - without a token
 */
function respellQuery(query: string): string {
  const parameters = query
    .split('&')
    .filter((parameter) => parameter !== '')
    .map(respellParameter);
  const names = parameters.map(nameOf);
  if (new Set(names).size === names.length) return parameters.join('&');
  const sorted = parameters.toSorted(compareParameters);
  const next = new Map<string, number>(); // of each name, in `sorted`
  for (const [index, parameter] of sorted.entries())
    if (!next.has(nameOf(parameter))) next.set(nameOf(parameter), index);
  return names
    .map((name) => {
      const index = next.get(name)!;
      next.set(name, index + 1);
      return sorted[index]!;
    })
    .join('&');
}

function respellParameter(text: string): string {
  const equals = text.indexOf('=');
  if (equals < 0) return `${encodeSpaced(text)}=`;
  return `${encodeSpaced(text.slice(0, equals))}=${encodeSpaced(text.slice(equals + 1))}`;
}

/**
 * The query that is signed: all parameters sorted. In the URL, the other parameters keep their order, and the token is last.
 * @param query - without the token, as `respellQuery` writes it; can be empty
 * @param token - sorted and encoded
 */
function canonicalQuery(query: string, token: string): string {
  if (query === '') return token;
  const sorted = query.split('&').toSorted(compareParameters);
  // No other name sorts between those of the token: it would begin like them.
  const behind = sorted.findIndex((parameter) => nameOf(parameter) > token);
  return sorted.toSpliced(behind < 0 ? sorted.length : behind, 0, token).join('&');
}

/** @param parameter - `name=value`, both encoded */
function nameOf(parameter: string): string {
  return parameter.slice(0, parameter.indexOf('='));
}

/** By name, then by value. */
function compareParameters(a: string, b: string): number {
  return compareTexts(nameOf(a), nameOf(b)) || compareTexts(a, b);
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
