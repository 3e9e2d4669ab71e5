/** Azurite in a test: it answers for URLs, and has user delegation keys. */
import { createHmac } from 'node:crypto';
import type { UserDelegationKey } from '@azure/storage-blob';
import {
  type AzureContainer,
  loadAzurite,
  startAzurite as start,
} from '../../examples/bucket/local/azurite.ts';

export interface Azurite extends AzureContainer {
  /** The status and the body of a GET. */
  answerOf(url: string): Promise<{ readonly status: number; readonly text: string }>;
}

export async function startAzurite(): Promise<Azurite> {
  return {
    ...(await start()),
    async answerOf(url) {
      const response = await fetch(url);
      return { status: response.status, text: await response.text() };
    },
  };
}

/**
 * The key that Azurite would give to an account of Entra ID: it derives all from one secret of its own.
 * @param startsAt - Unix seconds, as `endsAt`
 */
export function azuriteDelegation(startsAt: number, endsAt: number): UserDelegationKey {
  const [signedObjectId, signedTenantId] = [
    '11111111-2222-3333-4444-555555555555',
    '66666666-7777-8888-9999-000000000000',
  ];
  const iso = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
  const text = [signedObjectId, signedTenantId, iso(startsAt), iso(endsAt), 'b', '2020-12-06'].join('\n');
  const { USERDELEGATIONKEY_BASIC_KEY: secret } = loadAzurite('utils/constants.js');
  return {
    ...{ signedObjectId, signedTenantId, signedService: 'b', signedVersion: '2020-12-06' },
    signedStartsOn: new Date(startsAt * 1000),
    signedExpiresOn: new Date(endsAt * 1000),
    value: createHmac('sha256', secret).update(text).digest('base64'),
  };
}
