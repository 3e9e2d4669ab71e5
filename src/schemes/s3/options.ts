/** Reads the options of `s3`, and finds mistakes in the endpoint before the first image is refused. */
import * as v from 'valibot';
import type { Base, FromBase } from '../../url/base.ts';
import { asName, describe, expected, expectedSecret, invalidOption } from '../../validation/message.ts';
import { type Schema, secretText } from '../../validation/schema.ts';
import { absoluteUrl, parameters, readSchemeOptions, storeEntries } from '../options.ts';
import { expiration, type Secrets, secretsOf } from '../secrets.ts';
import { Credentials } from './credentials.ts';
import { encodePath, isBucketToken } from './query.ts';

export interface S3Configuration {
  readonly bases: readonly Base[];
  readonly from?: readonly FromBase[] | undefined;
  readonly region: string;
  readonly credentials: Secrets<Credentials>;
  readonly prefixes: readonly string[] | undefined;
  readonly parameters: readonly string[];
}

const regionHint =
  "Such as 'eu-central-1'; 'auto' for R2; 'us-east-1' for MinIO, unless it is set up otherwise.";

const region: Schema<string> = v.pipe(
  v.string(expected("the bucket's region", regionHint)),
  v.check(
    (text) => /^[a-z\d](?:[a-z\d-]{0,30}[a-z\d])?$/.test(text),
    expected('a region of small letters, digits and -', regionHint, asName),
  ),
);

const whereKeysAre = 'It comes with the access key, when that is created.';

const parts: Schema<Credentials> = v.pipe(
  v.custom<object>(
    (input) => typeof input === 'object' && input !== null,
    expectedSecret(
      'credentials, or a function that gives them',
      'Write { accessKeyId, secretAccessKey }, or pass a credential provider of the AWS SDK.',
    ),
  ),
  v.check(
    (input) => !Object.hasOwn(input, 'AccessKeyId'),
    () =>
      'expected accessKeyId and its neighbours with a small first letter, got the answer of STS as it is. Rename its fields.',
  ),
  // A provider gives more fields than these. A missing one becomes undefined, so that its own message is shown.
  v.transform((input): Record<string, unknown> => {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = input as Record<string, unknown>;
    return { accessKeyId, secretAccessKey, sessionToken, expiration };
  }),
  v.object({
    accessKeyId: secretText("the access key's id", whereKeysAre),
    secretAccessKey: v.pipe(
      secretText('the secret access key', whereKeysAre),
      v.check(
        (text) => !isAwsKeyId(text),
        expectedSecret('the secret access key', 'This is the id of a key: the two are exchanged.'),
      ),
    ),
    sessionToken: v.optional(secretText('the session token', 'It comes with the credentials of a role.')),
    expiration,
  }),
  v.check(
    ({ accessKeyId, sessionToken }) => sessionToken !== undefined || !/^ASIA[A-Z\d]{16}$/.test(accessKeyId),
    () =>
      'expected a sessionToken, got none. An id that begins with ASIA is that of a session, which does without one nowhere.',
  ),
  v.transform((given) => new Credentials(given)),
);

/** The ids of AWS: `AKIA` of a user, `ASIA` of a session. */
function isAwsKeyId(text: string): boolean {
  return /^A[KS]IA[A-Z\d]{16}$/.test(text);
}

/** @throws ImageSignerError INVALID_OPTION */
export function readOptions(input: unknown): S3Configuration {
  const {
    url,
    prefixes: limits,
    ...rest
  } = readSchemeOptions(
    's3',
    {
      url: absoluteUrl,
      region,
      credentials: secretsOf('credentials', parts),
      ...storeEntries,
      parameters: parameters(isBucketToken),
    },
    input,
  );
  for (const base of url) {
    const mistake = endpointMistake(base, rest.region);
    if (mistake !== undefined) throw invalidOption(mistake.option, mistake.message);
  }
  return { ...rest, bases: url, prefixes: limits };
}

interface EndpointMistake {
  readonly option: 'url' | 'region';
  readonly message: string;
}

/** A store that is not listed is not judged. */
function endpointMistake({ authority = '', path }: Base, region: string): EndpointMistake | undefined {
  if (encodePath(path) !== path)
    return mistake(
      'url',
      'expected a path as AWS spells it: letters, digits, -._~ and escapes in upper case.',
    );
  const host = authority.replace(/:\d*$/, '');
  if (/\.amazonaws\.com(?:\.cn)?$/.test(host)) return awsMistake(host, path, region);
  if (host.endsWith('.r2.cloudflarestorage.com')) return r2Mistake(host, path, region);
  if (host.endsWith('.r2.dev'))
    return mistake(
      'url',
      'expected the endpoint <account>.r2.cloudflarestorage.com with the bucket as its path: a public r2.dev URL takes no signature.',
    );
  if (host === 'storage.googleapis.com' && path === '') return missingBucket;
  return undefined;
}

const missingBucket: EndpointMistake = {
  option: 'url',
  message:
    "expected the URL of a bucket, got that of all of them. Append the bucket: 'https://<endpoint>/photos'.",
};

function mistake(option: EndpointMistake['option'], message: string): EndpointMistake {
  return { option, message };
}

/** @see AWS, "Amazon Simple Storage Service endpoints and quotas" */
function awsMistake(host: string, path: string, region: string): EndpointMistake | undefined {
  const labels = host.replace(/\.amazonaws\.com(?:\.cn)?$/, '').split('.');
  if (labels.at(-1)!.startsWith('s3-website-') || labels.at(-2) === 's3-website')
    return mistake(
      'url',
      `expected the bucket's REST endpoint, such as 'https://photos.s3.eu-central-1.amazonaws.com': a website endpoint takes no signature.`,
    );
  if (/^s3(?:-|$)/.test(labels[0]!) && labels.length <= 3 && isEndpoint(labels) && path === '')
    return missingBucket;
  const named = regionOf(labels.at(-1)!);
  return named === undefined || named === region
    ? undefined
    : mistake(
        'region',
        `expected '${named}', as in the url, got ${describe(region, asName)}. S3 refuses a signature for another region.`,
      );
}

/** Whether the labels are those of an endpoint alone: `s3`, `s3.<region>`, `s3-<region>`, `s3.dualstack.<region>`. */
function isEndpoint(labels: readonly string[]): boolean {
  return labels
    .slice(1)
    .every((label, index) => label === 'dualstack' || (index === labels.length - 2 && regionOf(label)));
}

/** @param label - `eu-central-1`, or `s3-eu-central-1` as older endpoints have it */
function regionOf(label: string): string | undefined {
  return /^(?:s3-)?([a-z]{2,5}(?:-[a-z]+){1,2}-\d{1,2})$/.exec(label)?.[1];
}

/**
 * R2's region is `auto`, and `us-east-1` is an alias. It takes its location hints as well.
 * @see Cloudflare R2, "S3 API compatibility", bucket region
 */
const r2Regions: readonly string[] = ['auto', 'us-east-1', 'wnam', 'enam', 'weur', 'eeur', 'apac', 'oc'];

function r2Mistake(host: string, path: string, region: string): EndpointMistake | undefined {
  if (/^[\da-f]{32}\.(?:[a-z]+\.)?r2\./.test(host) && path === '') return missingBucket;
  return r2Regions.includes(region)
    ? undefined
    : mistake('region', `expected 'auto', the region of R2, got ${describe(region, asName)}.`);
}
