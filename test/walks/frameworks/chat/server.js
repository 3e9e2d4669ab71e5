import {
  convertToModelMessages,
  pipeUIMessageStreamToResponse,
  smoothStream,
  streamText,
  toUIMessageStream,
} from 'ai';
import express from 'express';
import { createSigner, imageSigner } from 'image-signer';
import { markdown } from 'image-signer/markdown';
import { s3 } from 'image-signer/schemes';
import { loadChat, saveChat } from './messages.js';
import { model } from './model.js';

const { DELIVERY, S3_KEY_ID: accessKeyId, S3_SECRET: secretAccessKey, PORT } = process.env;
const bucket = s3({
  url: `${DELIVERY}/photos`,
  region: 'eu-central-1',
  credentials: { accessKeyId, secretAccessKey },
  prefixes: 'uploads/',
});

const app = express();
app.get('/database', async (_req, res) => void res.json(await loadChat())); // for the walk: what is stored, as it is
app.get('/client.js', (_req, res) => void res.sendFile('dist/client.js', { root: '.' }));

const signer = createSigner({ scheme: bucket, ttl: '1h' });
// `text` is a message's Markdown, and `delta` a part of one that is being written.
const fields = { text: markdown, delta: markdown };
app.use(imageSigner({ signer, rewrite: { json: true }, fields }));

app.get('/messages', async (_req, res) => void res.json(await loadChat()));

app.post('/messages', express.json(), async (req, res) => {
  const messages = [...(await loadChat()), signer.unsignData(req.body.messages.at(-1))];
  const { stream } = streamText({
    model,
    // The model's provider fetches the images.
    messages: await convertToModelMessages(signer.signData(messages)),
    // No chunk ends within a URL.
    experimental_transform: smoothStream({ chunking: 'line' }),
  });
  const onEnd = (end) => saveChat(signer.unsignData(end.messages));
  pipeUIMessageStreamToResponse({
    response: res,
    stream: toUIMessageStream({ stream, originalMessages: messages, onEnd }),
  });
});

app.get(['/', '/plain'], (_req, res) => {
  res.send(`<!DOCTYPE html>
<html lang="en"><head><title>Chat</title><link rel="icon" href="data:,"></head><body>
<div id="messages"></div><button id="ask">Ask</button><script type="module" src="/client.js"></script>
</body></html>`);
});

app.listen(PORT, '127.0.0.1');
