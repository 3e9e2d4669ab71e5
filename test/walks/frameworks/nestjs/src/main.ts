import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { imageSigner } from 'image-signer';
import { GalleryModule } from './gallery.module.js';

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH, PORT, SIGN_DATA } = process.env;

const app = await NestFactory.create<NestExpressApplication>(GalleryModule);
app.use(
  imageSigner({
    key: IMAGES_KEY,
    ttl: '1d',
    variants: ['thumb', 'card'],
    accountHash: ACCOUNT_HASH,
    delivery: DELIVERY,
    ...(SIGN_DATA && { rewrite: { json: true } }),
  }),
);
app.setViewEngine('ejs');
app.setBaseViewsDir('views');
app.useStaticAssets('public');
await app.listen(PORT ?? 0, '127.0.0.1');
