/** The server of the streams benchmark: it holds each page open until it is told to write the next part of all. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import express from 'express';
import { variants } from '../support/shop.ts';
import { imageSigner } from './built.ts';
import { cutsOf, key, type Memory, page, type ServerRequest } from './streams-messages.ts';

interface Stream {
  readonly response: ServerResponse;
  /** Those that are still to come. */
  readonly parts: Buffer[];
}

const streams = new Set<Stream>();

const app = express();
if (process.argv[2] === 'image-signer') app.use(imageSigner({ key, ttl: '1d', variants }));
app.get('/:index', (req, res) => {
  const places = [0, ...cutsOf(Number(req.params.index)), page.length];
  const parts = places.slice(1).map((end, index) => page.subarray(places[index], end));
  const stream = { response: res, parts };
  streams.add(stream);
  res.on('close', () => streams.delete(stream));
  res.type('html').write(parts.shift());
});

/** The next part of each; the end once nothing else is left. */
async function write(): Promise<void> {
  const written = Array.from(streams, async ({ response, parts }) => {
    const part = parts.shift();
    const closed = once(response, 'close');
    if (parts.length === 0) {
      response.end(part);
      await closed;
      return;
    }
    // A client that goes away is the client's to report.
    await Promise.race([new Promise<void>((resolve) => response.write(part, () => resolve())), closed]);
  });
  await Promise.all(written);
}

async function measure(): Promise<Memory> {
  for (let pass = 0; pass < 3; pass++) {
    globalThis.gc!(); // run with --expose-gc
    await setImmediate();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { streams: streams.size, rss, heap: heapUsed, external };
}

const server = createServer(app);
process.on('message', async (request: ServerRequest) => {
  if (request === 'write') await write();
  process.send!(request === 'write' ? 'written' : await measure());
});
process.once('disconnect', () => process.exit());
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () =>
  process.send!((server.address() as AddressInfo).port),
);
