/** Checked by the compiler alone: what `authorize` gets beside `scheme`, as an arrow function in the call. */
import fastify from 'fastify';
import * as plugins from '../../src/fastify.ts';
import {
  createSigner,
  type ImageSignerOptions,
  imageGuard,
  imageSigner,
  signingEndpoint,
} from '../../src/index.ts';
import { imageSigner as koaImageSigner } from '../../src/koa.ts';
import { bunny, cloudflareImages, imgproxy, type Scheme } from '../../src/schemes.ts';

const files: Scheme = bunny({ url: 'https://shop.b-cdn.net', key: 'k' });
const server = { url: 'https://imgproxy.example', key: '00', salt: '00' };

imageSigner({ scheme: files, ttl: '1h', authorize: (image, req) => image.id === req.headers.cookie });
imageSigner({
  scheme: bunny({ url: '/x', key: 'k' }),
  ttl: '1h',
  authorize: (image) => image.base === image.url,
});
imageSigner({ scheme: imgproxy(server), ttl: '1h', authorize: (image) => image.options.startsWith('rs:') });
imageSigner({
  scheme: [files, imgproxy(server)],
  ttl: '1h',
  authorize: (image) => image.id.startsWith('a/'),
});
imageGuard({ scheme: files, ttl: '1h', authorize: (image, req) => image.id === req.url });
createSigner({ scheme: files, ttl: '1h', authorize: (image, req) => image.id === req.url });
signingEndpoint({ scheme: files, ttl: '1h', authorize: async (image, req) => image.id === req.url });
koaImageSigner({ scheme: files, ttl: '1h', authorize: (image, ctx) => image.id === ctx.path });
imageSigner({
  scheme: cloudflareImages({ key: 'k', variants: ['thumb'] }),
  ttl: '1h',
  authorize: (image) => image.variant === 'thumb' && image.accountHash === 'a',
});
imageSigner({ key: 'k', variants: ['thumb'], ttl: '1h', authorize: (image) => image.variant === 'thumb' });
imageSigner({ signer: createSigner({ scheme: files, ttl: '1h' }), authorize: (image) => image.id === 'a' });

const named: ImageSignerOptions = { scheme: files, ttl: '1h', authorize: (image) => image.id === 'a' };
imageSigner(named);

// @ts-expect-error A file of Bunny has no variant.
imageSigner({ scheme: files, ttl: '1h', authorize: (image) => image.variant === 'thumb' });
// @ts-expect-error The key belongs to the scheme.
imageSigner({ scheme: files, key: 'k', ttl: '1h' });

const app = fastify();
app.register(plugins.imageSigner, { scheme: files, ttl: '1h', authorize: (image) => image.id === 'a' });
const options = { key: 'k', ttl: '1d', variants: ['thumb'] } as const;
app.register(plugins.signingEndpoint, {
  ...options,
  authorize: (image, request) => image.variant === request.url,
});
