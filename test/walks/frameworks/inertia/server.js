import express from 'express';
import { imageSigner } from 'image-signer';
import { renderPage } from './dist/ssr.js';

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH, PORT, INERTIA, SIGN_DATA } = process.env;
const urlOf = (id) => `${DELIVERY}/${ACCOUNT_HASH}/${encodeURIComponent(id)}/card`;

const app = express();
app.use(
  imageSigner({
    key: IMAGES_KEY,
    ttl: '1d',
    variants: ['thumb', 'card'],
    accountHash: ACCOUNT_HASH,
    delivery: DELIVERY,
    ...(SIGN_DATA && { rewrite: { json: true } }),
  }),
);
app.use(express.static('public'));
app.get('/', (req, res) =>
  send(req, res, 'Home', { urls: [urlOf('home'), urlOf('home <2>')], note: '<b> & "c"' }),
);
app.get('/second', (req, res) => send(req, res, 'Second', { urls: [urlOf('second'), urlOf('second-2')] }));
app.listen(PORT, '127.0.0.1');

/** Inertia's protocol: a page for the first visit, its page object as JSON for the others, in parts if asked. */
async function send(req, res, component, allProps) {
  const only =
    req.get('X-Inertia-Partial-Component') === component && req.get('X-Inertia-Partial-Data')?.split(',');
  const lazy = { ...allProps, further: urlOf('further') };
  const props = only ? Object.fromEntries(only.map((name) => [name, lazy[name]])) : allProps;
  const page = { component, props: { errors: {}, ...props }, url: req.originalUrl, version: '1' };
  res.vary('X-Inertia');
  if (req.get('X-Inertia')) return res.set('X-Inertia', 'true').json(page);
  const body =
    INERTIA === '2'
      ? `<div id="app" data-page="${escapeHtml(JSON.stringify(page))}"></div>`
      : await renderPage(page);
  res.send(
    `<!doctype html><html lang="en"><title>Photos</title><link rel="icon" href="data:,">${body}<script type="module" src="/client${INERTIA}.js"></script></html>`,
  );
}

function escapeHtml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
