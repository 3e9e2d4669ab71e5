/**
 * The server of the soak, in a process of its own so that its memory is its own. It serves the site, tells of everything
 * that goes wrong, and says when asked what it holds on to.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { constants, createGzip, gzipSync } from 'node:zlib';
import compression from 'compression';
import express from 'express';
import type { ImageSignerEvent } from '../../src/index.ts';
import { imageSigner } from '../bench/built.ts';
import { cutAt } from './chunks.ts';
import { randomFrom } from './random.ts';
import { variants } from './shop.ts';
import { type Held, Holdings } from './soak-holdings.ts';
import { data, file, fileName, key, pages, prefixes, shops, ttl, views } from './soak-pages.ts';

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

const holdings = new Holdings();
const app = express();
app.set('views', views).set('view engine', 'ejs');
app.use((_req, res, next) => {
  holdings.watchResponse(res);
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
server.on('connection', (socket) => holdings.watchSocket(socket));
process.on('message', async (connections: number) => {
  tell({ holdings: await holdings.take(connections) });
});
process.once('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => tell({ port: (server.address() as AddressInfo).port }));
