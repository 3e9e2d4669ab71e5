/** Opens the gallery: takes a port, draws the pictures, shows them, and clears everything away when it is told to. */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageSignerError } from 'image-signer';
import { createGallery } from './app.ts';
import { createClock } from './clock.ts';
import { cloudflareDelivery, type Delivery, ownDelivery, urlOf } from './delivery.ts';
import { drawings, type Picture } from './pictures/catalogue.ts';
import { drawPictures } from './pictures/draw.ts';
import { picturesOf } from './pictures/room.ts';
import { listen } from './port.ts';
import { type Settings, SettingsError } from './settings.ts';
import { createGallerySigner } from './signer.ts';
import { createStore } from './store.ts';

/**
 * Resolves once the gallery is closed again.
 * @throws SettingsError
 */
export async function openGallery(
  { port: wantedPort, cloudflare, sharedCache }: Settings,
  closing: AbortSignal,
  print: (line: string) => void,
): Promise<void> {
  // The port first: it is part of the absolute URLs, and should be refused before the pictures are drawn.
  let answer: (listener: RequestListener) => void = () => {};
  const ready = new Promise<RequestListener>((resolve) => {
    answer = resolve;
  });
  const server = createServer((req, res) => void ready.then((listener) => listener(req, res)));
  const port = await listen(server, wantedPort);
  try {
    if (cloudflare !== undefined) {
      answer(galleryOf(cloudflareDelivery(cloudflare), picturesOf(cloudflare.ids), undefined, sharedCache));
    } else {
      const folder = await temporaryFolder();
      print(`Drawing ${drawings.length} pictures …`);
      await drawPictures(folder, drawings, closing);
      answer(galleryOf(ownDelivery(port), drawings, folder, sharedCache));
    }
    if (!closing.aborted) {
      greeting(`http://localhost:${port}`, cloudflare !== undefined).forEach(print);
      await once(closing, 'abort');
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

function galleryOf(
  delivery: Delivery,
  pictures: readonly Picture[],
  folder: string | undefined,
  sharedCache: boolean,
): ReturnType<typeof createGallery> {
  const clock = createClock();
  const signer = signerOf(delivery, pictures, clock);
  const store = createStore({
    pictures,
    urlOf: (picture, variant) => urlOf(delivery, picture, variant),
    absoluteUrlOf: (picture, variant) => urlOf(delivery, picture, variant, delivery.absoluteBase),
  });
  return createGallery({ pictures, delivery, signer, store, clock, folder, sharedCache });
}

/** What the signer refuses came from the environment: its own message, with the name that it has there. */
function signerOf(...given: Parameters<typeof createGallerySigner>): ReturnType<typeof createGallerySigner> {
  try {
    return createGallerySigner(...given);
  } catch (error) {
    if (!(error instanceof ImageSignerError) || error.option === undefined) throw error;
    const names: Readonly<Record<string, string>> = {
      key: 'IMAGES_KEY',
      accountHash: 'IMAGES_ACCOUNT_HASH',
      delivery: 'IMAGES_DELIVERY',
    };
    throw new SettingsError(`${names[error.option] ?? error.option} is refused. ${error.message}`);
  }
}

/** Removed with the process, however that ends. */
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'image-signer-gallery-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function greeting(address: string, isCloudflare: boolean): string[] {
  const last = isCloudflare
    ? `  ${address}/article/edit  an edit form that keeps the addresses as they are stored`
    : `  ${address}/url           take one picture's address apart, then move the clock past its expiry`;
  return [
    '',
    `The gallery is open: ${address}`,
    '',
    'Three things to try:',
    `  ${address}/              become a member at the top of the page, and see the last pictures come into focus`,
    `  ${address}/article       HTML from a store without a single token: look at its source`,
    last,
    '',
    'Ctrl-C closes it.',
  ];
}
