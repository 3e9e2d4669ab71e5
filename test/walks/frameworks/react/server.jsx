import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { imageSigner, signingEndpoint } from 'image-signer';
import { renderToPipeableStream } from 'react-dom/server';
import { Album } from './album.jsx';
import { Gallery } from './gallery.jsx';

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH, PORT, NODE_ENV, TTL = '1d', ENDPOINT } = process.env;
const urlOf = (id, variant) => `${DELIVERY}/${ACCOUNT_HASH}/${id}/${variant}`;
const photoOf = (id) => ({ id, thumb: urlOf(id, 'thumb'), card: urlOf(id, 'card') });
const state = {
  title: 'Photos </script>',
  photos: ['one', 'two'].map(photoOf),
  cover: urlOf('cover', 'card'),
  further: urlOf('further', 'thumb'),
};
const album = { photos: ['three', 'four', 'five'].map(photoOf), endpoint: ENDPOINT };
const options = {
  key: IMAGES_KEY,
  ttl: TTL,
  variants: ['thumb', 'card'],
  accountHash: ACCOUNT_HASH,
  delivery: DELIVERY,
};

const app = express();
app.use('/sign', signingEndpoint({ ...options, authorize: () => true }));
app.use(imageSigner({ ...options, rewrite: { json: true } }));
app.use('/dist', express.static('dist'));
app.get('/', (_req, res) => stream(res, 'client', gallery(), <Island state={state} />));
app.get('/script', (_req, res) => stream(res, 'client', gallery(), <PlainScript />));
app.get(['/album', '/album/covers'], (req, res) => {
  stream(res, 'album-client', <Album state={album} opened={req.path} />, <Island state={album} />);
});
app.get('/api/photos', (_req, res) => void res.json({ photos: ['six', 'seven'].map(photoOf) }));
app.listen(PORT, '127.0.0.1');

function gallery() {
  return <Gallery state={state} late={wait(100)} />;
}

function stream(res, client, content, data) {
  const { pipe } = renderToPipeableStream(
    <html lang="en">
      <head>
        <title>Photos</title>
      </head>
      <body>
        <div id="root">{content}</div>
        {data}
      </body>
    </html>,
    {
      bootstrapModules: [`/dist/${client}.${NODE_ENV}.js`],
      onShellReady() {
        res.setHeader('Content-Type', 'text/html; charset=utf-8');
        pipe(res);
      },
    },
  );
}

function Island({ state }) {
  const html = { __html: JSON.stringify(state).replaceAll('<', '\\u003c') };
  // biome-ignore lint/security/noDangerouslySetInnerHtml: escaped above
  return <script type="application/json" id="state" dangerouslySetInnerHTML={html} />;
}

function PlainScript() {
  const code = `window.state = ${JSON.stringify(state).replaceAll('<', '\\u003c')}`;
  // biome-ignore lint/security/noDangerouslySetInnerHtml: escaped above
  return <script dangerouslySetInnerHTML={{ __html: code }} />;
}
