/** Checked by the compiler alone: what the option `scheme` gives a type to, and what it refuses. */
import { createServer } from 'node:http';
import express from 'express';
import { createSigner, imageGuard, imageSigner } from 'image-signer';
import { cloudflareImages, defineScheme, type Scheme, s3 } from 'image-signer/schemes';

const bucket = s3({
  url: 'https://photos.s3.eu-central-1.amazonaws.com',
  region: 'eu-central-1',
  credentials: async () => ({ accessKeyId: 'AKIA', secretAccessKey: 'secret', expiration: new Date() }),
  prefixes: 'uploads/',
});
const delivery = cloudflareImages({ key: 'k', variants: ['thumb', 'card'] });
const own = defineScheme({
  name: 'own',
  url: '/private',
  match: (url) => ({ id: url, owner: 7 }),
  strip: (url) => url,
  sign: (url, { exp, ttl, step }) => `${url}?${exp - ttl - step}`,
  verify: (_url, now) => ({ ok: true, expiresAt: now + 1 }),
  fingerprint: 'own',
});

// `authorize` gets what the scheme finds in a URL: `images.ts` has every server.
imageSigner({ scheme: own, ttl: '1h', authorize: (image) => image.owner === 7 && image.url !== image.base });
imageSigner({ scheme: delivery, ttl: '1h', deniedVariant: 'card' });
imageGuard({ scheme: own, ttl: '1h' });
createServer((request, response) => imageSigner({ scheme: bucket, ttl: '1h' })(request, response, () => {}));

// Where there are no variants, the options follow the image.
const signer = createSigner({ scheme: bucket, ttl: '1h' });
signer.signImage('uploads/a.jpg', { ttl: '5m' }) satisfies string;
signer.signImage('uploads/a.jpg', { expiresAt: new Date() }) satisfies string;
signer.signImage('uploads/a.jpg', undefined, { ttl: '5m' }) satisfies string;
imageSigner({ signer, authorize: (image) => image.id !== '' });
express().get('/', (request, response) => {
  response.send(request.signImage('uploads/a.jpg', { ttl: '5m' }));
  response.locals.signImage?.('uploads/a.jpg', { ttl: '5m' });
});

bucket satisfies Scheme;
// @ts-expect-error variants are Cloudflare's
imageSigner({ scheme: bucket, ttl: '1h', authorize: (image) => image.variant === 'thumb' });
// @ts-expect-error nor are the options of imgproxy those of a bucket
imageSigner({ scheme: bucket, ttl: '1h', authorize: (image) => image.options.length > 0 });
// @ts-expect-error a base beside a scheme
imageGuard({ scheme: bucket, ttl: '1h', delivery: '/images' });
// @ts-expect-error a scheme beside a signer
imageSigner({ signer, scheme: bucket });
// @ts-expect-error no ttl
createSigner({ scheme: bucket });
// @ts-expect-error no scheme
createSigner({ scheme: { key: 'k' }, ttl: '1h' });
// @ts-expect-error nor in a list
createSigner({ scheme: [bucket, s3], ttl: '1h' });
// @ts-expect-error options that there are not
signer.signImage('uploads/a.jpg', { life: '5m' });
const anonymous = (): { owner: number } => ({ owner: 7 });
// @ts-expect-error a scheme without an id
defineScheme({ name: 'x', url: '/x', match: anonymous, strip: (u) => u, sign: (u) => u, fingerprint: 'x' });
