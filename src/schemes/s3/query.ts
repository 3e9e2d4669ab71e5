/**
 * The query of a presigned URL: which of its parameters are a token, as it stands in the URL, and as it is signed. AWS
 * sorts the parameters before it signs them. In the URL the author's own keep their order, and the token comes last.
 * @see AWS, "Create a signed AWS API request", canonical query string
 */
import { formDecode } from '../../url/percent-encoding.ts';
import { normalSpelling } from '../normal-spelling.ts';

/** AWS's `UriEncode`: all but unreserved characters are percent-encoded. */
export const encodeParameter: (text: string) => string = normalSpelling('');
/** AWS's `UriEncode` for a path, in which `/` stays. */
export const encodePath: (path: string) => string = normalSpelling('/');

/**
 * Signature Version 2 of AWS, and of Google with a service account. S3 reads each of these names as a part of a token, even
 * without the others: it refuses `Signature` and `Expires` of CloudFront for want of an `AWSAccessKeyId`. So an app cannot
 * have one of them for itself, and one alone comes off as well. Compared with case, as the stores compare them.
 * @see AWS, "Amazon S3 API Reference", "Query string request authentication alternative"
 * @see Google Cloud Storage, "V2 signing process"
 */
const versionTwo: ReadonlySet<string> = new Set(['AWSAccessKeyId', 'GoogleAccessId', 'Signature', 'Expires']);

/**
 * Whether a parameter of this name, decoded, belongs to the token of a bucket, of whatever version of a signature. A store
 * that reads two tokens in one URL refuses both: a leftover of an earlier version would spoil the new token.
 *
 * `X-Amz-…` and `X-Goog-…` are compared without case, as stores and the proxies before them may. `x-id` names the
 * operation, and is part of what AWS's SDK for JavaScript presigns; an object's URL has no other use for it.
 */
export function isBucketToken(name: string): boolean {
  if (versionTwo.has(name)) return true;
  const folded = name.toLowerCase();
  return folded.startsWith('x-amz-') || folded.startsWith('x-goog-') || folded === 'x-id';
}

/**
 * Parameters that make an object's URL name something else than its bytes: who may read it, its tags, or the parts of an
 * upload. Whoever writes a URL into a comment could read them with the site's credentials.
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
 * Parameters that make a store send another type than an image has. An upload that is a page as well would run its
 * scripts on the store's host; only signed requests may name them.
 * @see AWS, "GetObject", overriding response header values through the request
 */
const typeOverrides: ReadonlySet<string> = new Set(['response-content-type', 'response-content-encoding']);

/**
 * Whether the URL asks for something else than the bytes of an object, as the type that they are stored with. A
 * `Content-Disposition` is all right for a download: `inline` would open what is stored as an attachment.
 * @param query - without the `?`
 */
export function asksForMore(query: string): boolean {
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

export interface SignedQuery {
  /** As the URL has it. */
  readonly shown: string;
  /** As it is signed. */
  readonly canonical: string;
}

/**
 * @param kept - the author's parameters as written, without a token's; may be empty
 * @param token - the token's parameters, sorted and encoded
 */
export function signedQuery(kept: string, token: string): SignedQuery {
  const parameters = readParameters(kept);
  if (parameters.length === 0) return { shown: token, canonical: token };
  const sorted = parameters.toSorted(compareParameters);
  const shown = withSortedValues(parameters, sorted);
  // No other name stands between those of the token: it would begin like them.
  const before = sorted.filter(({ name }) => name < token);
  const after = sorted.slice(before.length);
  return {
    shown: [...shown.map(write), token].join('&'),
    canonical: [...before.map(write), token, ...after.map(write)].join('&'),
  };
}

/** The author's parameters as `signedQuery` shows them. @param query - without a token */
export function respellQuery(query: string): string {
  const parameters = readParameters(query);
  return withSortedValues(parameters, parameters.toSorted(compareParameters)).map(write).join('&');
}

/** Both encoded. */
interface Parameter {
  readonly name: string;
  readonly value: string;
}

/** S3 reads a `+` as a space, and writes it `%20` before it signs. */
const encodeSpaced: (text: string) => string = normalSpelling('', '%20');

function readParameters(query: string): readonly Parameter[] {
  if (query === '') return [];
  return query
    .split('&')
    .filter((parameter) => parameter !== '')
    .map(readParameter);
}

function readParameter(text: string): Parameter {
  const equals = text.indexOf('=');
  if (equals < 0) return { name: encodeSpaced(text), value: '' };
  return { name: encodeSpaced(text.slice(0, equals)), value: encodeSpaced(text.slice(equals + 1)) };
}

function write({ name, value }: Parameter): string {
  return `${name}=${value}`;
}

function compareParameters(a: Parameter, b: Parameter): number {
  return compareTexts(a.name, b.name) || compareTexts(a.value, b.value);
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * The names in the author's order, and the values of a repeated name sorted. AWS sorts those values before it signs; MinIO
 * sorts names only (`Encode` of Go's `url.Values`), and signs the values in the order of the URL.
 */
function withSortedValues(
  parameters: readonly Parameter[],
  sorted: readonly Parameter[],
): readonly Parameter[] {
  if (!sorted.some(({ name }, index) => name === sorted[index - 1]?.name)) return parameters;
  const firsts = new Map<string, number>(); // of each name, in `sorted`
  for (const [index, { name }] of sorted.entries()) if (!firsts.has(name)) firsts.set(name, index);
  return parameters.map(({ name }) => {
    const index = firsts.get(name)!;
    firsts.set(name, index + 1);
    return sorted[index]!;
  });
}
