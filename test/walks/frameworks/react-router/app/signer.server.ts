import { createSigner } from 'image-signer';

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH, FORMER_BASE } = process.env;

export const signer = createSigner({
  key: IMAGES_KEY,
  ttl: '1d',
  variants: ['thumb', 'card'],
  accountHash: ACCOUNT_HASH,
  delivery: DELIVERY,
  from: FORMER_BASE, // where the images were when the first posts were written
});
