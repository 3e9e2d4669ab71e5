import { createRequestHandler } from '@react-router/express';
import express from 'express';
import { imageSigner } from 'image-signer';
import * as build from './build/server/index.js';

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH, PORT, REWRITE_JSON } = process.env;

const app = express();
app.use(
  imageSigner({
    key: IMAGES_KEY,
    ttl: '1d',
    variants: ['thumb', 'card'],
    accountHash: ACCOUNT_HASH,
    delivery: DELIVERY,
    rewrite: { json: REWRITE_JSON === '1' }, // the data of pages that the visitor goes on to
  }),
);
app.use(express.static('build/client'));
app.use(createRequestHandler({ build, getLoadContext: (req) => ({ signImage: req.signImage }) }));
app.listen(PORT, '127.0.0.1');
