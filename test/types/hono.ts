/** Checked by the compiler alone: what users of Hono write has a type, and what is wrong has none. */
import { Hono } from 'hono';
import { createSigner, imageGuard, imageSigner, signingEndpoint } from 'image-signer/hono';

const own = { key: 'k', ttl: '1d', variants: ['thumb'] } as const;
const app = new Hono();
app.use(imageSigner({ key: process.env['IMAGES_KEY'], ttl: '1d', variants: ['thumb', 'card'] }));
app.get('/', (c) => {
  const one: string = c.get('signImage')('id', 'card', { ttl: '1h' });
  const several: string = c.var.signSrcset('id', { thumb: '1x', card: '2x' });
  c.get('signData')({ cover: 'x' }, { fields: { body: 'html' } }).cover satisfies string;
  // @ts-expect-error an image is a text
  c.get('signImage')(1);
  return c.html(`${one} ${several}`);
});

app.use('/images/*', imageGuard({ ...own, sharedCache: true }));
app.get('/images/*', (c) => c.text(c.get('signedImage')?.image.accountHash ?? ''));
// @ts-expect-error an option of the middleware
imageGuard({ ...own, rewrite: false });

// authorize and skip take the context.
const signer = createSigner({ ...own, authorize: (image, c) => c.req.header('x-user') === image.id });
app.use('/own/*', imageSigner({ signer, skip: (c) => c.res.status === 404 }));
app.use(
  signingEndpoint({
    signer,
    path: '/sign',
    authorize: async (image, c) => c.req.header('authorization') === image.id,
  }),
);
// @ts-expect-error there are no Node.js streams here
signer.htmlStream();
