/**
 * An image delivery of its own origin, with an account of Cloudflare Images and two buckets of S3. It draws an image for
 * each URL that is signed with their keys, and answers all others `403`, as both do. It keeps what it has drawn and refused.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Request, type Response } from 'express';
import { createSigner, imageGuard } from 'image-signer';
import { s3 } from 'image-signer/schemes';
import sharp from 'sharp';
import { accountHash, bucketKeys, bucketPaths, bucketRegion, key, ttl, variants } from './settings.ts';

/** Of a kind that an image optimizer takes as well. */
const picture = sharp({ create: { width: 64, height: 64, channels: 3, background: 'teal' } })
  .png()
  .toBuffer();

export interface Delivery {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** Path and query of each request that got an image, in order. */
  readonly drawn: readonly string[];
  /** Those of each that got none. */
  readonly refused: readonly string[];
  close(): Promise<void>;
}

export async function openDelivery(): Promise<Delivery> {
  const drawn: string[] = [];
  const refused: string[] = [];
  const app = express();
  const server = createServer((req, res) => void app(req, res));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  app.use((req, res, next) => {
    res.once('finish', () => {
      (res.statusCode >= 400 ? refused : drawn).push(req.originalUrl);
    });
    next();
  });
  const url = bucketPaths.map((path) => origin + path);
  const scheme = s3({ url, region: bucketRegion, credentials: bucketKeys, prefixes: 'uploads/' });
  const buckets = createSigner({ scheme, ttl, report: false });
  const draw = (_req: Request, res: Response): void => {
    void picture.then((bytes) => res.type('png').send(bytes));
  };
  // A bucket signs its host as well, which the guard leaves to the server.
  app.use([...bucketPaths], (req, res) => {
    if (buckets.verifyImage(origin + req.originalUrl).ok) draw(req, res);
    else res.sendStatus(403);
  });
  app.use(imageGuard({ key, ttl, variants, accountHash, delivery: origin, report: false }), draw);
  return {
    origin,
    drawn,
    refused,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
