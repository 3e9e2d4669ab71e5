import 'server-only';
import { createSigner } from 'image-signer';

/** The same options as in server.js: a URL that is signed here then stays as it is on its way out. */
export const signer = createSigner({
  key: process.env.IMAGES_KEY,
  ttl: '1d',
  variants: ['thumb', 'card'],
  accountHash: process.env.ACCOUNT_HASH,
  delivery: process.env.DELIVERY,
  from: process.env.FORMER_BASE,
});

export function signPhoto(photo) {
  return {
    ...photo,
    thumb: signer.signImage(photo.thumb),
    card: signer.signImage(photo.card),
  };
}
