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
  /** Where the parts that are still to come begin, and where the page ends. */
  readonly places: number[];
}

/** So many are written to at a time, as they come in: written all at once, they would be counted at their peak. */
const writtenAtOnce = 100;

const streams = new Set<Stream>();

const app = express();
if (process.argv[2] === 'image-signer') app.use(imageSigner({ key, ttl: '1d', variants }));
app.get('/:index', (req, res) => {
  const stream = { response: res, places: [0, ...cutsOf(Number(req.params.index)), page.length] };
  streams.add(stream);
  res.on('close', () => streams.delete(stream));
  res.type('html').write(nextPart(stream));
});

/** A copy, as an app that renders sends: with the middleware each stream has bytes of its own, too. */
function nextPart({ places }: Stream): Buffer {
  return Buffer.from(page.subarray(places.shift(), places[0]));
}

/** The next part of each; the end once nothing else is left. */
async function write(): Promise<void> {
  const all = [...streams];
  for (let from = 0; from < all.length; from += writtenAtOnce)
    await Promise.all(all.slice(from, from + writtenAtOnce).map(writeNext));
}

async function writeNext(stream: Stream): Promise<void> {
  const { response, places } = stream;
  const part = nextPart(stream);
  // A client that goes away is the client's to report.
  if (places.length > 1)
    await new Promise<void>((resolve) => {
      response.once('close', resolve);
      response.write(part, () => {
        response.off('close', resolve);
        resolve();
      });
    });
  else {
    const closed = once(response, 'close');
    response.end(part);
    await closed;
  }
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
