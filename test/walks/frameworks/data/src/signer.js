import { createSigner } from 'image-signer';

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH, FORMER_BASE } = process.env;

/** `authorize` is asked with what each recipe passes as `request`: a context that holds the request of Express. */
export const signer = createSigner({
  key: IMAGES_KEY,
  ttl: '1d',
  variants: ['thumb', 'card'],
  accountHash: ACCOUNT_HASH,
  delivery: DELIVERY,
  from: FORMER_BASE,
  authorize: (_image, { req }) => req.headers.cookie === 'session=member',
});
