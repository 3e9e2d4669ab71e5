/** Private assets of Sanity, by `@sanity/signed-urls`. */
import { createPrivateKey } from 'node:crypto';
import { pemToEd25519Hex, signUrl } from '@sanity/signed-urls';
import { atInstant } from './stopped-clock.ts';

/** Of a seed that is not secret: PKCS #8 of Ed25519 is these 16 bytes, and 32 of the seed. */
const der = Buffer.concat([
  Buffer.from('302e020100300506032b657004220420', 'hex'),
  Buffer.from('thirty-two bytes of a known seed'),
]);

export const sanityKeyId = 'pk1234567890abcd';
export const sanityUrl = 'https://cdn.sanity.io/images/abc123/production';
/** PEM, as Sanity gives it. */
export const sanityKey: string = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  .export({ format: 'pem', type: 'pkcs8' })
  .toString();

/** @param url - percent-encoded, with the parameters that are signed */
export function signSanity(
  url: string,
  { exp, issuedAt }: { readonly exp: number; readonly issuedAt: number },
): string {
  return atInstant(issuedAt, () =>
    signUrl(url, {
      keyId: sanityKeyId,
      privateKey: pemToEd25519Hex(sanityKey),
      expiry: new Date(exp * 1000),
    }),
  );
}
