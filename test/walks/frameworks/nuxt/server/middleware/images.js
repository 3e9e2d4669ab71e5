import { imageSigner } from 'image-signer';

export default fromNodeMiddleware(
  imageSigner({
    key: process.env.IMAGES_KEY,
    ttl: '1d',
    variants: ['thumb', 'card'],
    accountHash: process.env.ACCOUNT_HASH,
    delivery: process.env.DELIVERY,
    rewrite: { json: process.env.REWRITE_JSON === '1' },
  }),
);
