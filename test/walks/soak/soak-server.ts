/** The server of the soak, in a process of its own, which tells what goes wrong, and what it holds on to. */
import type { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { setImmediate as immediate } from 'node:timers/promises';
import { constants, createGzip, gzipSync } from 'node:zlib';
import compression from 'compression';
import express from 'express';
import type { ImageSignerEvent } from '../../../src/index.ts';
import { imageSigner } from '../../bench/built.ts';
import { cutAt } from '../../support/generators/chunks.ts';
import { randomFrom } from '../../support/generators/random.ts';
import { variants } from '../../support/servers/shop.ts';
import { data, file, fileName, key, pages, prefixes, shops, ttl, views } from './pages.ts';

/** What it holds on to while nobody asks it for anything. */
export interface Held {
  readonly rss: number;
  /** V8's heap and what hangs outside of it, such as buffers. */
  readonly heap: number;
  /** Active ones, without the connections. */
  readonly handles: number;
  /** Of the connection that has the most. */
  readonly socketListeners: number;
  /** Of the response that had the most, since the last time. */
  readonly responseListeners: number;
  readonly openResponses: number;
}

/** So long, in milliseconds, what has been left may take until it is gone. */
const patience = 10_000;

export type ServerMessage =
  | { readonly port: number }
  | { readonly problem: string }
  | { readonly holdings: Held };

const tell = (message: ServerMessage): void => void process.send!(message);
const problem = (what: string, error: unknown): void =>
  tell({ problem: `${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` });
for (const event of ['uncaughtException', 'unhandledRejection', 'warning'])
  process.on(event, (error: unknown) => problem(event, error));

const folder = mkdtempSync(join(tmpdir(), 'image-signer-soak-'));
process.once('exit', () => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, fileName), file);
const encoded = pages.map((page) => gzipSync(page));

const random = randomFrom(5);
/** A page in pieces, cut somewhere else each time. */
function pieces(page: Buffer): Uint8Array[] {
  const places = Array.from({ length: 6 }, () => Math.floor(random() * page.length));
  return cutAt(places, page).filter((piece) => piece.length > 0);
}

/** How a pipeline ends whose client has gone. */
const gone: readonly (string | undefined)[] = ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'];
function whenPiped(error: NodeJS.ErrnoException | null | undefined): void {
  if (error && !gone.includes(error.code)) problem('pipeline', error);
}

const site = express.Router();
site.get('/send/:page', (req, res) => void res.send(pages[Number(req.params.page)]?.toString()));
site.get('/view/:page', (req, res) =>
  res.render('shop', { title: 'Shop', products: shops[Number(req.params.page)] }),
);
site.get('/stream/:page', (req, res) => {
  pipeline(Readable.from(pieces(pages[Number(req.params.page)]!)), res.type('html'), whenPiped);
});
site.get('/gzip/:page', (req, res) => {
  res.type('html').set('Content-Encoding', 'gzip').end(encoded[Number(req.params.page)]);
});
site.get('/gzip-stream/:page', (req, res) => {
  const source = Readable.from(pieces(pages[Number(req.params.page)]!));
  const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
  pipeline(source, gzip, res.type('html').set('Content-Encoding', 'gzip'), whenPiped);
});
site.get('/json', (_req, res) => void res.json(data));
site.use('/files', express.static(folder));

const sockets = new Set<Socket>();
let [openResponses, responseListeners] = [0, 0];
let hasChanged: () => void = () => {};
const countListeners = (emitter: EventEmitter): number =>
  emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);

/** Waits until only these connections are left, and no response is under way; what is left then shows in what is held. */
async function hold(connections: number): Promise<Held> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, patience);
    hasChanged = () => {
      if (sockets.size === connections && openResponses === 0) resolve(clearTimeout(timer));
    };
    hasChanged();
  });
  for (let pass = 0; pass < 3; pass++) {
    globalThis.gc!(); // run with --expose-gc
    await immediate();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const handles = process.getActiveResourcesInfo().length - sockets.size;
  const socketListeners = Math.max(0, ...Array.from(sockets, countListeners));
  const held = { rss, heap: heapUsed + external, handles, socketListeners, responseListeners, openResponses };
  responseListeners = 0;
  return held;
}

const app = express();
app.set('views', views).set('view engine', 'ejs');
app.use((_req, res, next) => {
  openResponses++;
  res.on('close', () => {
    openResponses--;
    responseListeners = Math.max(responseListeners, countListeners(res));
    hasChanged();
  });
  next();
});
app.use('/outer', compression({ threshold: 0 }));
const report = (event: ImageSignerEvent): void => {
  if (event.type !== 'rewritten') problem('report', JSON.stringify(event));
};
app.use(imageSigner({ key, ttl, variants, report }));
app.use('/inner', compression({ threshold: 0 }));
for (const prefix of new Set(prefixes)) app.use(prefix, site);
app.use((error: unknown, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
  problem('route', error);
  res.destroy();
});

const server = createServer(app);
// Longer than a soak pauses: it is the visitors who leave.
server.keepAliveTimeout = 60_000;
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => {
    sockets.delete(socket);
    hasChanged();
  });
});
process.on('message', async (connections: number) => {
  tell({ holdings: await hold(connections) });
});
process.once('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => tell({ port: (server.address() as AddressInfo).port }));
