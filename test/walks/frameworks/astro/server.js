import express from 'express';
import { imageSigner } from 'image-signer';
import { handler } from './dist/server/entry.mjs';

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH, PORT, SIGN_PROPS } = process.env;

const app = express();
app.use(
  imageSigner({
    key: IMAGES_KEY,
    ttl: '1d',
    variants: ['thumb', 'card'],
    accountHash: ACCOUNT_HASH,
    delivery: DELIVERY,
    attributes: SIGN_PROPS ? { props: 'json' } : {}, // of <astro-island>
  }),
);
app.use(express.static('dist/client'));
app.use((req, res, next) => handler(req, res, next, { signImage: req.signImage }));
app.listen(PORT, '127.0.0.1');
