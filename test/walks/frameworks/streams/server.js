import { createRequire } from 'node:module';
import { useDeferStream } from '@graphql-yoga/plugin-defer-stream';
import express from 'express';
import { createSchema, createYoga } from 'graphql-yoga';
import { imageSigner } from 'image-signer';

const { DELIVERY, IMAGES_KEY, ACCOUNT_HASH, PORT, REWRITE } = process.env;
const { resolve } = createRequire(import.meta.url);

const app = express();
app.use(
  imageSigner({
    key: IMAGES_KEY,
    ttl: '1d',
    variants: ['thumb', 'card'],
    accountHash: ACCOUNT_HASH,
    delivery: DELIVERY,
    rewrite: JSON.parse(REWRITE ?? '{}'),
  }),
);
for (const [name, file] of [
  ['htmx.js', 'htmx.org/dist/htmx.min.js'],
  ['htmx-sse.js', 'htmx-ext-sse/sse.js'],
  ['turbo.js', '@hotwired/turbo/dist/turbo.es2017-esm.js'],
  ['meros.js', 'meros/package.json'],
])
  app.get(`/${name}`, (_req, res) =>
    res.sendFile(resolve(file).replace('package.json', 'browser/index.mjs')),
  );

app.get('/htmx', (_req, res) => {
  res.send(
    page(
      '<script src="/htmx.js"></script><script src="/htmx-sse.js"></script>',
      '<div hx-ext="sse" sse-connect="/news" sse-swap="photo" sse-close="done" hx-swap="beforeend"></div>',
    ),
  );
});
app.get('/news', (_req, res) => {
  const events = begin(res);
  events(`event: photo\ndata: <figure>\ndata:   <img src="${urlOf('one')}">\ndata: </figure>\n\n`);
  events(
    `: still here\n\nevent: photo\nid: 2\ndata: <img srcset="${urlOf('two')} 1x,\ndata: ${urlOf('two', 'card')} 2x">\n\n`,
  );
  events('event: done\ndata: -\n\n');
});

app.get('/turbo', (_req, res) => {
  res.send(
    page(
      '<script type="module" src="/turbo.js"></script>',
      '<form action="/photos" method="post"><button>Add</button></form><div id="photos"></div><turbo-stream-source src="/turbo-events"></turbo-stream-source>',
    ),
  );
});
app.post('/photos', (_req, res) => {
  res.type('text/vnd.turbo-stream.html').send(turboStream('three'));
});
app.get('/turbo-events', (_req, res) => {
  const events = begin(res);
  events(`data: ${turboStream('four')}\n\n`);
  res.end();
});

app.get('/graphql-page', (_req, res) => {
  res.send(page(`<script type="module">${client}</script>`, '<div id="photos"></div>'));
});
const client = `
import { meros } from '/meros.js';
const query = '{ photo { thumb ... on Photo @defer { card } } }';
const headers = { 'content-type': 'application/json', accept: 'multipart/mixed' };
const response = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query }) });
for await (const { json, body } of await meros(response)) {
  if (!json) throw new Error(body);
  for (const data of [body.data?.photo, ...(body.incremental ?? []).map((each) => each.data)])
    for (const url of Object.values(data ?? {})) photos.append(Object.assign(new Image(), { src: url }));
}
document.documentElement.dataset.hydrated = '';
`;
const yoga = createYoga({
  plugins: [useDeferStream()],
  logging: false,
  schema: createSchema({
    typeDefs: 'type Photo { thumb: String! card: String! } type Query { photo: Photo! }',
    resolvers: {
      Query: { photo: () => ({}) },
      Photo: { thumb: () => urlOf('five'), card: async () => urlOf('five', 'card') },
    },
  }),
});
app.use(yoga.graphqlEndpoint, yoga);

app.listen(PORT, '127.0.0.1');

/** Visitors do not come back for more. */
function begin(res) {
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  res.write('retry: 600000\n\n');
  return (text) => res.write(text);
}

function turboStream(id) {
  return `<turbo-stream action="append" target="photos"><template><img src="${urlOf(id)}"></template></turbo-stream>`;
}

function page(head, body) {
  return `<!DOCTYPE html>
<html lang="en"><head><title>Photos</title><link rel="icon" href="data:,">${head}</head><body>${body}</body></html>`;
}

function urlOf(id, variant = 'thumb') {
  return `${DELIVERY}/${ACCOUNT_HASH}/${id}/${variant}`;
}
