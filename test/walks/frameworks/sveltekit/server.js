import express from 'express';
import { imageSigner } from 'image-signer';
import { handler } from './build/handler.js';

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH, FORMER_BASE, PORT, SIGN_DATA } = process.env;

const app = express();
app.use(
  imageSigner({
    key: IMAGES_KEY,
    ttl: '1d',
    variants: ['thumb', 'card'],
    accountHash: ACCOUNT_HASH,
    delivery: DELIVERY,
    from: FORMER_BASE,
    // JSON as text: `body` is a universal `load`'s response, `data` a form action's result.
    ...(SIGN_DATA && { rewrite: { json: true }, fields: { body: 'json', data: 'json' } }),
  }),
);
app.use(handler);
app.listen(PORT, '127.0.0.1');
