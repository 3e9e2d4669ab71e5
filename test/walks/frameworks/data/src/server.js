/** No middleware of the package: each answer is signed by a recipe of the guide, or as it is stored. */
import express from 'express';
import { apollo } from './apollo.js';
import { mails, readJobs } from './jobs.js';
import { findPosts } from './posts.js';
import { enqueue, runJob } from './queue.ts';
import { signer } from './signer.js';
import { storedUrls, supabase } from './supabase.js';
import { trpc } from './trpc.js';
import { yoga } from './yoga.js';

const app = express();
app.use('/trpc', trpc);
app.use(yoga.graphqlEndpoint, yoga);
app.use('/apollo', express.json(), apollo);

/** A page that shows every image that the answer of this path holds. */
app.get('/show', (req, res) => {
  res.send(`<!DOCTYPE html>
<html lang="en"><head><title>Data</title><link rel="icon" href="data:,"></head><body><script type="module">
const [path, body] = ${JSON.stringify([req.query.path, req.query.body]).replaceAll('<', '\\u003c')};
const headers = { 'content-type': 'application/json', accept: 'application/json, multipart/mixed, text/event-stream' };
const response = await fetch(path, body ? { method: 'POST', body, headers } : {});
const text = (await response.text()).replaceAll('&amp;', '&'); // of HTML in JSON
for (const [url] of text.matchAll(/http:[^"\\\\]+/g)) document.body.append(Object.assign(new Image(), { src: url }));
document.documentElement.dataset.hydrated = '';
</script></body></html>`);
});

app.get('/supabase/stored', async (_req, res) => void res.json(await storedUrls()));
app.get('/supabase', async (_req, res) => void res.json(supabase.signData(await storedUrls())));
app.get('/supabase/saved', async (_req, res) => {
  res.json(supabase.unsignData(supabase.signData(await storedUrls())));
});

app.get('/jobs', async (_req, res) => void res.type('json').send(await readJobs()));
app.post('/jobs', async (req, res) => {
  await enqueue({ to: 'ada@example.com', posts: signer.signData(await findPosts(), { request: { req } }) });
  res.sendStatus(204);
});
app.get('/mail', async (_req, res) => {
  await runJob(JSON.parse(await readJobs()).data);
  res.send(mails.at(-1).html);
});

app.listen(process.env.PORT, '127.0.0.1');
