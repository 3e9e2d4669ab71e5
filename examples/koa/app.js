// @ts-check
/** The smallest site in Koa: private images in a view and in stored HTML, and who may see which. */
import { fileURLToPath } from 'node:url';
import views from '@ladjs/koa-views';
import { imageDelivery } from 'image-signer/delivery';
import { createSigner, imageSigner } from 'image-signer/koa';
import Koa from 'koa';

const port = Number(process.env.PORT || 3000);
const accountHash = 'smallest-site';
const delivery = `http://localhost:${port}/images`; // of Cloudflare Images: https://imagedelivery.net
const signer = createSigner({
  key: process.env.IMAGES_KEY ?? 'only-for-this-example',
  ttl: '1h',
  accountHash,
  delivery,
  variants: { card: { width: 320 }, hero: { width: 640 }, preview: { blur: 20, alwaysPublic: true } },
  deniedVariant: 'preview',
});

// A site of yours asks its session.
const isMember = (/** @type {{ url?: string | undefined }} */ { url }) => url === '/?as=member';
// As an editor has stored it, with plain URLs.
const article = `<img src="${delivery}/${accountHash}/city/hero" alt="A city at night, for members">`;

const app = new Koa();
app.use(views(fileURLToPath(new URL('views', import.meta.url)), { extension: 'ejs' }));
// Delivers the pictures, as the store will.
const deliver = imageDelivery({ signer, directory: fileURLToPath(new URL('pictures', import.meta.url)) });
app.use((ctx, next) => {
  if (!ctx.path.startsWith('/images/')) return next();
  ctx.respond = false; // the delivery writes the response
  ctx.res.statusCode = 200; // Koa's default is 404
  return deliver(ctx.req, ctx.res);
});
app.use(imageSigner({ signer, authorize: (image, ctx) => image.id !== 'city' || isMember(ctx) }));
app.use((ctx) => ctx.render('page', { article, isMember: isMember(ctx) }));
app.listen(port, () => console.log(`The smallest site is open: http://localhost:${port}`));
