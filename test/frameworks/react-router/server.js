import { createRequestHandler } from '@react-router/express';
import express from 'express';
import { imageSigner } from 'image-signer';
import * as build from './build/server/index.js';

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH, PORT } = process.env;

const app = express();
app.use(
  imageSigner({
    key: IMAGES_KEY,
    ttl: '1d',
    variants: ['thumb', 'card'],
    accountHash: ACCOUNT_HASH,
    delivery: DELIVERY,
    rewrite: { json: true },
  }),
);
app.use(express.static('build/client'));
app.use(createRequestHandler({ build, getLoadContext: (req) => ({ signImage: req.signImage }) }));
app.listen(PORT, '127.0.0.1');
