/** Checked by the compiler alone: what users of Fastify write has a type, and what is wrong has none. */
import fastify from 'fastify';
import { createSigner, imageGuard, imageSigner, signingEndpoint } from 'image-signer/fastify';

const app = fastify();
app.register(imageSigner, { key: process.env['IMAGES_KEY']!, ttl: '1d', variants: ['thumb', 'card'] });
app.get('/', (request) => {
  const one: string = request.signImage('id', 'card', { ttl: '1h' });
  request.signData({ cover: 'x' }, { authorize: false }).cover satisfies string;
  // @ts-expect-error an image is a text
  request.signImage(1);
  return { one, several: request.signSrcset('id', { thumb: '1x', card: '2x' }) };
});

// authorize takes the request; skip the request and the reply.
const signer = createSigner({
  key: 'k',
  ttl: '1d',
  variants: ['thumb'],
  authorize: (image, request) => request.headers['x-user'] === image.id,
});
app.register(imageSigner, { signer, skip: (request, reply) => request.url === '/' && reply.sent });
app.register(imageGuard, { signer, prefix: '/images' });
app.get('/images/*', (request): string | undefined => request.signedImage?.image.id);
app.register(signingEndpoint, {
  signer,
  prefix: '/sign',
  authorize: async (image, request) => request.headers.authorization === image.id,
});
// @ts-expect-error a prefix is a path
app.register(imageGuard, { signer, prefix: 1 });
