/** Reads the options of `s3`. */
import * as v from 'valibot';
import type { Base, FromBase } from '../../url/base.ts';
import {
  asName,
  describe,
  describeSecret,
  expected,
  expectedSecret,
  invalidOption,
} from '../../validation/message.ts';
import type { Schema } from '../../validation/schema.ts';
import { secretText } from '../../validation/secret.ts';
import { isBucketToken } from '../bucket-tokens.ts';
import { from } from '../from.ts';
import { absoluteUrl, parameters, prefixes, readSchemeOptions } from '../options.ts';
import { Credentials } from './credentials.ts';
import { endpointMistake } from './endpoint.ts';

export type CredentialsProvider = () => unknown;

export interface S3Configuration {
  readonly bases: readonly Base[];
  readonly from?: readonly FromBase[] | undefined;
  readonly region: string;
  readonly credentials: Credentials | CredentialsProvider;
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
    expiration: v.optional(
      v.custom<Date>(
        (input) => input instanceof Date && !Number.isNaN(input.getTime()),
        (issue) =>
          `expected a valid Date, got ${describe(issue.input)}. Write new Date(text), or leave it out for keys that do not end.`,
      ),
    ),
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

const credentials: Schema<Credentials | CredentialsProvider> = v.lazy((input) =>
  typeof input === 'function' ? v.custom<CredentialsProvider>(() => true) : parts,
);

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
      credentials,
      from: v.optional(from),
      prefixes: v.optional(prefixes),
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

/**
 * What the function `credentials` has given.
 * @throws ImageSignerError INVALID_OPTION
 */
export function readCredentials(given: unknown): Credentials {
  if (typeof given !== 'object' || given === null)
    throw invalidOption(
      'credentials',
      `expected a function that gives credentials, got ${describeSecret(given)} from it. Let it return { accessKeyId, secretAccessKey }.`,
    );
  return readSchemeOptions('s3', { credentials: parts }, { credentials: given }).credentials;
}
