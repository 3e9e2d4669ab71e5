import express from 'express';
import { imageSigner } from 'image-signer';
import next from 'next';

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH, PORT, REWRITE_JSON } = process.env;
const site = next({ dev: false });
await site.prepare();

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
const handle = site.getRequestHandler();
app.use((req, res) => handle(req, res)); // it takes no third argument of Express
app.listen(PORT, '127.0.0.1');
