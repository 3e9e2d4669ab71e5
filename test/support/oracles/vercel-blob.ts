/** Vercel Blob, by `@vercel/blob`: URLs signed with a delegation, which the store gives once for many URLs. */
import { type IssuedSignedToken, presignUrl } from '@vercel/blob';
import type { Asset } from './asset.ts';
import { atInstant } from './stopped-clock.ts';

export const vercelStore = 'aBcDeFgH12345678';
/** The URL of a private store, as the option `url` of `vercelBlob` has it. */
export const vercelUrl: string = `https://${vercelStore.toLowerCase()}.private.blob.vercel-storage.com`;

/**
 * As the store gives it, but for its own signature, which the store alone can verify.
 * @param validUntil - Unix seconds, seven days at most after it was given
 */
export function vercelDelegation(validUntil: number, pathname = '*'): IssuedSignedToken {
  const scope = {
    storeId: `store_${vercelStore}`,
    pathname,
    operations: ['get'],
    validUntil: validUntil * 1000,
  };
  return {
    delegationToken: `${Buffer.from(JSON.stringify(scope)).toString('base64url')}.c2lnbmF0dXJlIG9mIHRoZSBzdG9yZQ`,
    clientSigningToken: 'a-client-signing-token-that-the-store-has-given',
    validUntil: validUntil * 1000,
  };
}

/** The library escapes no `#`, `?` and `%` of the name in the URL: there its parameters alone are right. */
export async function signVercelBlob(
  { name, exp, issuedAt }: Asset,
  delegation: IssuedSignedToken,
  access: 'private' | 'public' = 'private',
): Promise<string> {
  const { presignedUrl } = await atInstant(issuedAt, () =>
    presignUrl(delegation, { operation: 'get', pathname: name, access, validUntil: exp * 1000 }),
  );
  return presignedUrl;
}
