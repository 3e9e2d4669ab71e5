/** The server of the streams benchmark: it holds each page open until it is told to write the next part of all. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import express from 'express';
import { products, shopPage, variants } from '../support/servers/shop.ts';
import { imageSigner } from './built.ts';

export type Part = 'middle' | 'rest';
export interface Memory {
  readonly streams: number;
  readonly rss: number;
}

const [, , way = '', key = ''] = process.argv;
/** Some 16 KB. */
const page = Buffer.from(shopPage(products(3, 14, 500)));
const responses = new Map<ServerResponse, number>();

const app = express();
if (way === 'image-signer') app.use(imageSigner({ key, ttl: '1d', variants }));
app.get('/:index', (req, res) => {
  const index = Number(req.params.index);
  responses.set(res, index);
  res.on('close', () => responses.delete(res));
  res.type('html').write(between(0, cutsOf(index)[0]));
});

/** Where the page of a stream is cut: the second time in the middle of a tag, which is where all are counted. */
function cutsOf(index: number): [number, number] {
  const share = (index % 97) / 97;
  const first = Math.floor((0.05 + 0.3 * share) * page.length);
  return [first, page.indexOf('src="', (0.4 + 0.3 * share) * page.length) + (index % 60)];
}

/** A copy, as an app that renders sends: with the middleware each stream has bytes of its own, too. */
function between(from: number, to?: number): Buffer {
  return Buffer.from(page.subarray(from, to));
}

/** A hundred at a time, as they come in: written all at once, they would be counted at their peak. */
async function write(part: Part): Promise<void> {
  const all = [...responses];
  for (let at = 0; at < all.length; at += 100)
    await Promise.all(
      all.slice(at, at + 100).map(async ([response, index]) => {
        const [first, second] = cutsOf(index);
        if (part === 'middle')
          return new Promise<unknown>((resolve) => response.write(between(first, second), resolve));
        response.end(between(second));
        return once(response, 'close');
      }),
    );
}

async function measure(): Promise<Memory> {
  for (let pass = 0; pass < 3; pass++) {
    globalThis.gc!(); // run with --expose-gc
    await setImmediate();
  }
  return { streams: responses.size, rss: process.memoryUsage().rss };
}

const server = createServer(app);
process.on('message', async (request: Part | 'measure') => {
  if (request !== 'measure') await write(request);
  process.send!(await measure());
});
process.once('disconnect', () => process.exit());
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () =>
  process.send!((server.address() as AddressInfo).port),
);
