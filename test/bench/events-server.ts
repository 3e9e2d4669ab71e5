/** The server of the events benchmark: it sends a stream of events at an even pace to whoever asks. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type RequestHandler } from 'express';
import { imageSigner } from './built.ts';
import { eventCount, eventsPerSecond, type Ready, type Spent } from './events-messages.ts';

const empty: RequestHandler = (_req, _res, next) => next();
const signing = imageSigner({
  key: 'a-signing-key-of-the-usual-length',
  ttl: '1d',
  variants: ['card'],
  rewrite: { json: true },
});

const app = express();
app.use(process.argv[2] === 'image-signer' ? signing : empty);
app.get('/', (_req, res) => {
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  const before = process.cpuUsage();
  const start = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(eventCount, ((performance.now() - start) / 1_000) * eventsPerSecond);
    for (; sent < due; sent++) res.write(eventOf(sent));
    if (sent < eventCount) return;
    clearInterval(timer);
    const { user, system } = process.cpuUsage(before);
    process.send!({ microseconds: user + system } satisfies Spent);
    res.end();
  }, 5);
});

/** As a message of a chat: a text, and the picture of who has written it. */
function eventOf(index: number): string {
  const image = `https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/photo-${index % 100}/card`;
  const text = 'All happy families are alike; each unhappy family is unhappy in its own way.';
  return `id: ${index}\ndata: ${JSON.stringify({ text, image })}\n\n`;
}

const server = createServer(app);
process.once('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () =>
  process.send!({ port: (server.address() as AddressInfo).port } satisfies Ready),
);
