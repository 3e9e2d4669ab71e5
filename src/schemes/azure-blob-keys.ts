/** The keys that sign for Azure Blob Storage: an account key, or a user delegation key, which says whose it is. */
import * as v from 'valibot';
import { Secret } from '../signing/digests.ts';
import { asName, describe, expected, expectedSecret } from '../validation/message.ts';
import { type Schema, secretText } from '../validation/schema.ts';
import { endOf, type HeldSecret, keyOf } from './secrets.ts';

/** A user delegation key, as `getUserDelegationKey` of `@azure/storage-blob` gives it. */
export interface AzureDelegationKey {
  /** The object in Entra ID that has asked for the key. */
  readonly signedObjectId: string;
  /** The tenant of that object. */
  readonly signedTenantId: string;
  /** From when on it is valid. */
  readonly signedStartsOn: Date;
  /** Seven days later at most: no URL is valid for longer. */
  readonly signedExpiresOn: Date;
  /** `'b'`: the key is for blobs. */
  readonly signedService: string;
  /** The version of the service that has given it. */
  readonly signedVersion: string;
  /** It signs, and is part of no URL. */
  readonly value: string;
}

/** A key, and what of it stands in the text that is signed and in the URL. */
export interface SasKey extends HeldSecret {
  readonly key: Secret;
  /** Between the blob and the address of the client, a line each: whose key it is, or the name of a stored policy. */
  readonly lines: string;
  /** Percent-encoded, each with its `&`; empty for an account key. */
  readonly query: string;
}

export const whereKeysAre: string =
  'The portal shows it under Security + networking, Access keys: 88 characters that end with ==.';

const keyText: Schema<Secret> = v.pipe(
  secretText('an account key', whereKeysAre),
  v.check(
    (text) => !/AccountKey=|SharedAccessSignature=/i.test(text),
    expectedSecret('an account key alone, not a connection string', 'Give what follows AccountKey= in it.'),
  ),
  v.check(
    (text) => !/(?:^|[?&])sig=/.test(text),
    expectedSecret('an account key, not a shared access signature', whereKeysAre),
  ),
  v.check(isBase64, expectedSecret('an account key in base64', whereKeysAre)),
  v.transform((text) => new Secret(Buffer.from(text, 'base64'))),
);

function isBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text;
}

export const accountKey: Schema<SasKey> = v.pipe(
  keyOf(keyText),
  v.transform(({ key, endsAt, fingerprint }): SasKey => ({ key, lines: '', query: '', endsAt, fingerprint })),
);

const delegationHint = 'Return what getUserDelegationKey(startsOn, expiresOn) of @azure/storage-blob gives.';

const instant = (name: string): Schema<Date> =>
  v.custom<Date>(
    (input) => input instanceof Date && !Number.isNaN(input.getTime()),
    (issue) => `expected a valid Date as ${name}, got ${describe(issue.input)}. ${delegationHint}`,
  );

const part = (name: string): Schema<string> =>
  v.pipe(
    v.string(expected(`a text as ${name}`, delegationHint)),
    v.check((text) => /^[\w-]+$/.test(text), expected(`letters, digits and - as ${name}`, delegationHint)),
  );

export const delegationKey: Schema<SasKey> = v.pipe(
  v.custom<object>(
    (input) => typeof input === 'object' && input !== null,
    expectedSecret('a user delegation key', delegationHint),
  ),
  // A client of Azure may give more fields than these.
  v.transform((input): object => ({ ...input })),
  v.object({
    signedObjectId: part('signedObjectId'),
    signedTenantId: part('signedTenantId'),
    signedStartsOn: instant('signedStartsOn'),
    signedExpiresOn: instant('signedExpiresOn'),
    signedService: v.literal(
      'b',
      expected("'b' as signedService", 'The key is for another service than Blob Storage.', asName),
    ),
    signedVersion: part('signedVersion'),
    value: v.pipe(
      secretText('a key as `value`', delegationHint),
      v.check(isBase64, expectedSecret('a key in base64 as `value`', delegationHint)),
    ),
  }),
  v.transform(({ value, ...signed }): SasKey => {
    const key = new Secret(Buffer.from(value, 'base64'));
    const named = [
      ['skoid', signed.signedObjectId],
      ['sktid', signed.signedTenantId],
      ['skt', withoutMilliseconds(signed.signedStartsOn)],
      ['ske', withoutMilliseconds(signed.signedExpiresOn)],
      ['sks', signed.signedService],
      ['skv', signed.signedVersion],
    ] as const;
    // Then come two accounts and a correlation id, which tokens of pages do without.
    const lines = [...named.map(([, text]) => text), '', '', ''].join('\n');
    return {
      key,
      lines,
      query: named.map(([name, text]) => `&${name}=${encodeURIComponent(text)}`).join(''),
      endsAt: endOf(signed.signedExpiresOn),
      fingerprint: `${key.fingerprint}${lines}`,
    };
  }),
);

function withoutMilliseconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
