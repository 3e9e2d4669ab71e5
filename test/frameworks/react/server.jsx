import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { imageSigner } from 'image-signer';
import { renderToPipeableStream } from 'react-dom/server';
import { Gallery } from './gallery.jsx';

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH, PORT, NODE_ENV } = process.env;
const urlOf = (id, variant) => `${DELIVERY}/${ACCOUNT_HASH}/${id}/${variant}`;
const state = {
  title: 'Photos </script>',
  photos: ['one', 'two'].map((id) => ({ id, thumb: urlOf(id, 'thumb'), card: urlOf(id, 'card') })),
  cover: urlOf('cover', 'card'),
  further: urlOf('further', 'thumb'),
};

const app = express();
app.use(
  imageSigner({
    key: IMAGES_KEY,
    ttl: '1d',
    variants: ['thumb', 'card'],
    accountHash: ACCOUNT_HASH,
    delivery: DELIVERY,
  }),
);
app.use('/dist', express.static('dist'));
app.get('/', (_req, res) => stream(res, <Island />));
app.get('/script', (_req, res) => stream(res, <PlainScript />));
app.listen(PORT, '127.0.0.1');

function stream(res, data) {
  const { pipe } = renderToPipeableStream(
    <html lang="en">
      <head>
        <title>Photos</title>
      </head>
      <body>
        <div id="root">
          <Gallery state={state} late={wait(100)} />
        </div>
        {data}
      </body>
    </html>,
    {
      bootstrapModules: [`/dist/client.${NODE_ENV}.js`],
      onShellReady() {
        res.setHeader('Content-Type', 'text/html; charset=utf-8');
        pipe(res);
      },
    },
  );
}

function Island() {
  const json = JSON.stringify(state).replaceAll('<', '\\u003c');
  // biome-ignore lint/security/noDangerouslySetInnerHtml: escaped above
  return <script type="application/json" id="state" dangerouslySetInnerHTML={{ __html: json }} />;
}

function PlainScript() {
  const code = `window.state = ${JSON.stringify(state).replaceAll('<', '\\u003c')}`;
  // biome-ignore lint/security/noDangerouslySetInnerHtml: escaped above
  return <script dangerouslySetInnerHTML={{ __html: code }} />;
}
