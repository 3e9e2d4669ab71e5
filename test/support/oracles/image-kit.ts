/** ImageKit, by its own library. */
import ImageKit from 'imagekit';
import { atInstant } from './stopped-clock.ts';

export const imageKitUrl = 'https://ik.imagekit.io/shop';
export const imageKitKey = 'private_a-key-that-nobody-else-has/+=';

const client = new ImageKit({
  urlEndpoint: imageKitUrl,
  publicKey: 'public_key',
  privateKey: imageKitKey,
});

/** @param url - percent-encoded, under `imageKitUrl`, with the parameters that are signed */
export function signImageKit(
  url: string,
  { exp, issuedAt }: { readonly exp: number; readonly issuedAt: number },
): string {
  return atInstant(issuedAt, () => client.url({ src: url, signed: true, expireSeconds: exp - issuedAt }));
}
