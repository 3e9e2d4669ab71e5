// @ts-check
/** The smallest site: private images in a view and in stored HTML, and who may see which. */
import { fileURLToPath } from 'node:url';
import express from 'express';
import { createSigner, imageSigner } from 'image-signer';
import { imageDelivery } from 'image-signer/delivery';

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

const app = express();
app.set('view engine', 'ejs');
app.set('views', fileURLToPath(new URL('views', import.meta.url)));
// Delivers the pictures, as the store will.
app.use('/images', imageDelivery({ signer, directory: fileURLToPath(new URL('pictures', import.meta.url)) }));
app.use(imageSigner({ signer, authorize: (image, req) => image.id !== 'city' || isMember(req) }));
app.get('/', (req, res) => res.render('page', { article, isMember: isMember(req) }));
app.listen(port, () => console.log(`The smallest site is open: http://localhost:${port}`));
