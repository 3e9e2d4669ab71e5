/** Checked by the compiler alone: what people write who deliver images themselves, and what is wrong there. */
import { createServer } from 'node:http';
import connect from 'connect';
import express from 'express';
import { createSigner, imageGuard } from 'image-signer';
import { type DeliveredImage, type ImageDeliveryOptions, imageDelivery } from 'image-signer/delivery';
import { createSigner as createPortableSigner } from 'image-signer/fetch';
import { bunny } from 'image-signer/schemes';

const directory = './pictures';
const variants = {
  thumb: { width: 320 },
  card: { width: 640, height: 400, fit: 'cover', metadata: 'copyright', ttl: '1h' },
  preview: { width: 64, blur: 20, alwaysPublic: true },
} as const;

// One set of options for the app and its delivery.
const signer = createSigner({ key: 'k', ttl: '1d', variants });
express().use(imageDelivery({ signer, directory }));
connect().use(imageDelivery({ key: 'k', ttl: '1d', variants, directory }));
createServer(imageDelivery({ signer: createPortableSigner({ key: 'k', ttl: '1d', variants }), directory }));
imageDelivery({
  signer,
  directory,
  variants: { thumb: { width: 100, fit: 'pad' } },
  isPublic: (image) => image.file.startsWith('press/') && image.variant === 'thumb',
  limits: { megapixels: 40, cache: 0 },
  sharedCache: true,
  report: (event) => console.log(event.type),
});
const given: ImageDeliveryOptions = { key: ['k'], ttl: 60, variants: ['thumb'], directory };
imageDelivery(given);

// Of another store.
const scheme = bunny({ url: '/pull', key: 'k', prefixes: ['a/'] });
imageDelivery({ scheme, ttl: '1d', directory, isPublic: (image) => image.file === image.id });

express().use((request, _response, next) => {
  const delivered = request.signedImage as DeliveredImage | undefined;
  const file: string | undefined = delivered?.file;
  next(file);
});

// isPublic of the guard, with the image that the store has.
imageGuard({ signer, isPublic: (image) => image.variant === 'thumb' && image.accountHash !== '' });
imageGuard({ key: 'k', ttl: '1d', variants, isPublic: (image) => image.variant === 'thumb' });
imageGuard({ scheme, ttl: '1d', isPublic: (image) => image.id === 'a' });

// @ts-expect-error a folder is required
imageDelivery({ signer });
// @ts-expect-error it has no variants of that fit
imageDelivery({ signer, directory, variants: { thumb: { fit: 'squeeze' } } });
// @ts-expect-error a promise is no answer
imageGuard({ signer, isPublic: async () => true });
// @ts-expect-error a file is known to the delivery alone
imageGuard({ signer, isPublic: (image) => image.file === 'a' });
// @ts-expect-error a signer has its own ttl
imageDelivery({ signer, directory, ttl: '1d' });
