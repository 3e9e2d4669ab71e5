/** Private pictures at an address of their own, as Cloudflare delivers them: without a token, 403. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Duration } from 'image-signer';
import { imageDelivery } from 'image-signer/delivery';
import { drawings } from '../../../../examples/gallery/pictures/catalogue.ts';
import { drawPictures } from '../../../../examples/gallery/pictures/draw.ts';
import { variants } from '../../../../examples/gallery/variants.ts';
import { accountHash } from '../../../support/samples.ts';
import { listen, type RunningProgram } from '../process.ts';

/** The options of whoever signs for them. */
export interface PictureOptions {
  readonly key: string;
  readonly ttl: Duration;
  readonly accountHash: string;
  readonly variants: typeof variants;
  readonly delivery: string;
}

/**
 * @param folder - for the pictures; it is there already
 * @param running - the server is put in here
 */
export async function deliverPictures(folder: string, running: RunningProgram[]): Promise<PictureOptions> {
  const directory = join(folder, 'originals');
  await mkdir(directory);
  const pictures = drawings.slice(0, 3);
  await drawPictures(directory, pictures, new AbortController().signal);
  const server = createServer();
  const delivery = `http://127.0.0.1:${await listen(server, running)}`;
  const key = randomBytes(32).toString('hex');
  const options: PictureOptions = { key, ttl: '1h', accountHash, variants, delivery };
  server.on('request', imageDelivery({ ...options, directory, report: false }));
  return options;
}
