/** What Vercel Blob gives once for many URLs. */
import type { VercelDelegation } from '../../../src/schemes.ts';

export const vercelStore = 'aBcDeFgH12345678';
/** The URL of a private store, as the option `url` of `vercelBlob` has it. */
export const vercelUrl: string = `https://${vercelStore.toLowerCase()}.private.blob.vercel-storage.com`;

/**
 * As the store gives it, but for its own signature, which the store alone can verify.
 * @param validUntil - Unix seconds, seven days at most after it was given
 */
export function vercelDelegation(validUntil: number, more: object = {}): VercelDelegation {
  const scope = {
    storeId: `store_${vercelStore}`,
    pathname: '*',
    operations: ['get'],
    validUntil: validUntil * 1000,
    ...more,
  };
  return {
    delegationToken: `${Buffer.from(JSON.stringify(scope)).toString('base64url')}.c2lnbmF0dXJlIG9mIHRoZSBzdG9yZQ`,
    clientSigningToken: 'a-client-signing-token-that-the-store-has-given',
    validUntil: validUntil * 1000,
  };
}
