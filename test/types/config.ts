/** Checked by the compiler alone: `defineConfig` of each entry types the options of a file that the app imports. */
import express from 'express';
import Fastify from 'fastify';
import { createSigner, defineConfig, imageSigner } from 'image-signer';
import { defineConfig as defineForFastify, imageSigner as fastifySigner } from 'image-signer/fastify';
import { defineConfig as defineForFetch, imageSigner as fetchSigner } from 'image-signer/fetch';
import { defineConfig as defineForHono, imageSigner as honoSigner } from 'image-signer/hono';
import {
  defineConfig as defineForKoa,
  type ImageSignerOptions,
  imageSigner as koaSigner,
} from 'image-signer/koa';
import { cloudflareImages, imgproxy, s3 } from 'image-signer/schemes';

const own = { key: process.env['IMAGES_KEY'], ttl: '1d', variants: ['thumb', 'card'] } as const;
const bucket = s3({
  url: 'https://photos.s3.eu-central-1.amazonaws.com',
  region: 'eu-central-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
});
const resized = imgproxy({ url: 'https://p.example', key: 'ab', salt: 'cd' });

const [app, fastify] = [express(), Fastify()];
const signer = createSigner({ ...own, authorize: () => true });

// As a constant it is in `walks/package/typed-programs.ts`; here what these programs do not write.
const several = defineConfig({
  scheme: [bucket, resized, cloudflareImages({ key: 'k', variants: ['thumb'] })],
  ttl: '1h',
  authorize: (image) => (image.scheme === 'imgproxy' ? image.options !== '' : image.scheme === 's3'),
});
app.use(imageSigner(several));
const ofFastify = defineForFastify({ ...own, authorize: (image, request) => request.ip === image.variant });
fastify.register(fastifySigner, ofFastify);
const ofFastifyBucket = defineForFastify({
  scheme: bucket,
  ttl: '1h',
  authorize: (image) => image.id !== '',
});
fastify.register(fastifySigner, ofFastifyBucket);
const ofFastifySigner = defineForFastify({ signer, fields: { body: 'html' } });
fastify.register(fastifySigner, ofFastifySigner);

// Under isolatedDeclarations, an exported configuration has a type of its own.
export const annotated: ImageSignerOptions<'thumb' | 'card'> = defineForKoa(own);
koaSigner(annotated);

// In one expression too.
imageSigner(defineConfig({ ...own, authorize: (image, request) => image.variant === request.url }));
imageSigner(defineConfig({ scheme: bucket, ttl: '1h', authorize: (image) => image.scheme === 's3' }));
imageSigner(defineConfig({ signer, authorize: (image) => image.accountHash === '' }));
koaSigner(defineForKoa({ ...own, authorize: (image, ctx) => image.variant === ctx.path }));
koaSigner(defineForKoa({ scheme: bucket, ttl: '1h', authorize: (image, ctx) => image.id === ctx.path }));
honoSigner(defineForHono({ ...own, authorize: (image, c) => image.variant === c.req.path }));
honoSigner(defineForHono({ scheme: resized, ttl: '1h', authorize: (image) => image.options === '' }));
fetchSigner(defineForFetch({ ...own, authorize: (image, request) => image.variant === request.url }));
fetchSigner(defineForFetch({ scheme: resized, ttl: '1h', authorize: (image) => image.options === '' }));
fastify.register(
  fastifySigner,
  defineForFastify({ ...own, authorize: (image, request) => image.variant === request.ip }),
);

// @ts-expect-error an image of S3 has no variant there either
imageSigner(defineConfig({ scheme: bucket, ttl: '1h', authorize: (image) => image.variant === '' }));
// @ts-expect-error no variant of that name
defineConfig({ ...own, deniedVariant: 'hero' });
// @ts-expect-error the context is Koa's
defineForKoa({ ...own, skip: (ctx) => ctx.req.header('cookie') === '' });
// @ts-expect-error no ttl
defineConfig({ scheme: bucket });
