import { fileURLToPath } from 'node:url';
import express from 'express';
import { imageSigner, signingEndpoint } from 'image-signer';

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH, PORT, TTL, ENDPOINT } = process.env;
const options = {
  key: IMAGES_KEY,
  ttl: TTL,
  variants: ['thumb', 'card'],
  accountHash: ACCOUNT_HASH,
  delivery: DELIVERY,
};
const scripts = {
  '/htmx.js': 'htmx.org/dist/htmx.min.js',
  '/image-signer.js': 'image-signer/client.global.js',
};

const app = express();
app.use('/sign', signingEndpoint({ ...options, authorize: () => true }));
app.use(imageSigner(options));
for (const [path, file] of Object.entries(scripts))
  app.get(path, (_req, res) => void res.sendFile(fileURLToPath(import.meta.resolve(file))));

app.get('/', (_req, res) => {
  const content = `${link('/covers', 'Covers')} ${photo('one', 'thumb')} ${lazy(['two', 'three'])}`;
  res.send(page('Album', content));
});
app.get('/covers', (_req, res) => {
  const content = ['one', 'two', 'three'].map((id) => photo(id, 'card')).join(' ');
  res.send(page('Covers', `${link('/', 'Album')} ${content}`));
});
app.get('/list', (_req, res) => {
  const button = '<button hx-get="/photo" hx-target="#chosen">Choose</button><div id="chosen"></div>';
  res.send(page('List', `${button} ${lazy(['one'])} ${next(1)}`));
});
app.get('/list/:number', (req, res) => {
  const number = Number(req.params.number);
  res.send(`${lazy([`four-${number}`, `five-${number}`])} ${number < 2 ? next(number + 1) : ''}`);
});
app.get('/photo', (_req, res) => void res.send(photo('chosen', 'card')));
app.listen(PORT, '127.0.0.1');

function page(title, content) {
  const endpoint = ENDPOINT === undefined ? '' : ` data-endpoint="${ENDPOINT}"`;
  return `<!DOCTYPE html>
<html lang="en">
<head><title>${title}</title><link rel="icon" href="data:,">
<script defer src="/htmx.js"></script><script defer src="/image-signer.js"${endpoint}></script></head>
<body hx-boost="true"><h1>${title}</h1>${content}</body></html>`;
}

function link(path, text) {
  return `<a href="${path}">${text}</a>`;
}

function photo(id, variant, attributes = '') {
  const src = `${DELIVERY}/${ACCOUNT_HASH}/${id}/${variant}`;
  return `<img src="${src}" alt="${id}" width="64" height="64"${attributes}>`;
}

/** Photos that are far below what stands before them. */
function lazy(ids) {
  const photos = ids.map((id) => photo(id, 'thumb', ' loading="lazy"'));
  return `<div style="height: 10000px"></div>${photos.join(' ')}`;
}

/** What htmx replaces by the next part of the list when it comes into view. */
function next(number) {
  return `<p hx-get="/list/${number}" hx-trigger="revealed" hx-swap="outerHTML">More</p>`;
}
