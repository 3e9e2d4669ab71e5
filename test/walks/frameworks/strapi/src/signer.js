const { createSigner } = require('image-signer/koa');

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH } = process.env;

exports.signer = createSigner({
  key: IMAGES_KEY,
  ttl: '1d',
  variants: ['thumb', 'card'],
  accountHash: ACCOUNT_HASH,
  delivery: DELIVERY,
  // The images' former host: old articles still have its address.
  from: 'http://images.internal:8080',
});
