import express from 'express';
import { imageSigner } from 'image-signer';
import { createSSRApp } from 'vue';
import { renderToString } from 'vue/server-renderer';
import Album from './Album.vue';
import Gallery from './Gallery.vue';

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH, PORT, REWRITE_JSON, TTL = '1d' } = process.env;
const photoOf = (id) => ({ id, thumb: urlOf(id, 'thumb'), card: urlOf(id, 'card') });
const state = {
  title: 'Photos </script>',
  photos: ['one', 'two'].map(photoOf),
  cover: urlOf('cover', 'card'),
};
const album = { photos: ['five', 'six', 'seven'].map(photoOf), hasLoader: REWRITE_JSON === '1' };

const app = express();
app.use(
  imageSigner({
    key: IMAGES_KEY,
    ttl: TTL,
    variants: ['thumb', 'card'],
    accountHash: ACCOUNT_HASH,
    delivery: DELIVERY,
    rewrite: { json: REWRITE_JSON === '1' },
  }),
);
app.use('/client', express.static('dist/client'));
app.get('/api/photos', (req, res) => {
  const { ids = 'three,four' } = req.query;
  res.json({ photos: ids.split(',').map(photoOf) });
});
app.get('/', async (_req, res) => {
  const json = JSON.stringify(state).replaceAll('<', '\\u003c');
  res.send(await page(`<script type="application/json" id="state">${json}</script>`));
});
app.get('/script', async (_req, res) => {
  res.send(await page(`<script>window.state = ${JSON.stringify(state).replaceAll('<', '\\u003c')}</script>`));
});
app.get(['/album', '/album/covers'], async (req, res) => {
  const html = await renderToString(createSSRApp(Album, { state: album, opened: req.path }));
  const json = JSON.stringify(album).replaceAll('<', '\\u003c');
  const data = `<script type="application/json" id="state">${json}</script>`;
  res.send(documentOf(html, data, 'album-client'));
});
app.listen(PORT, '127.0.0.1');

async function page(data) {
  return documentOf(await renderToString(createSSRApp(Gallery, { state })), data, 'client');
}

function documentOf(html, data, client) {
  return `<!DOCTYPE html>
<html lang="en"><head><title>Photos</title></head>
<body><div id="root">${html}</div>${data}<script type="module" src="/client/${client}.js"></script></body></html>`;
}

function urlOf(id, variant) {
  return `${DELIVERY}/${ACCOUNT_HASH}/${id}/${variant}`;
}
