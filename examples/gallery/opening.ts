/**
 * Opens a site: takes a port, draws the pictures and serves them. Cleans up when it is aborted.
 */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageSignerError } from 'image-signer';
import { createClock } from './clock.ts';
import { brokenPicture, cloudflareDelivery, type Delivery, ownDelivery, urlOf } from './delivery.ts';
import type { SiteParts } from './parts.ts';
import { drawings, type Picture } from './pictures/catalogue.ts';
import { drawPictures } from './pictures/draw.ts';
import { picturesOf } from './pictures/room.ts';
import { listen } from './port.ts';
import { type Settings, SettingsError } from './settings.ts';
import { createStore } from './store.ts';

export interface Site {
  /** The command that starts it. */
  readonly command: string;
  /** @throws ImageSignerError INVALID_OPTION, for values from the environment */
  listenerOf(parts: SiteParts): RequestListener;
  /** Paths to try, and why. */
  thingsToTry(isOwnDelivery: boolean): readonly (readonly [path: string, why: string])[];
}

/**
 * Resolves once the site is closed.
 * @throws SettingsError
 */
export async function openSite(
  site: Site,
  { port: wantedPort, cloudflare, sharedCache }: Settings,
  closing: AbortSignal,
  print: (line: string) => void,
): Promise<void> {
  // The port comes first: absolute URLs contain it, and a port in use should fail before the pictures are drawn.
  let answer: (listener: RequestListener) => void = () => {};
  const ready = new Promise<RequestListener>((resolve) => {
    answer = resolve;
  });
  const server = createServer((req, res) => void ready.then((listener) => listener(req, res)));
  const port = await listen(server, wantedPort, site.command);
  try {
    if (cloudflare !== undefined) {
      answer(
        listenerOf(site, {
          ...partsOf(cloudflareDelivery(cloudflare), picturesOf(cloudflare.ids)),
          folder: undefined,
          sharedCache,
        }),
      );
    } else {
      const folder = await temporaryFolder();
      print(`Drawing ${drawings.length} pictures …`);
      await writeFile(join(folder, `${brokenPicture.id}.png`), brokenPicture.bytes);
      await drawPictures(folder, drawings, closing);
      answer(listenerOf(site, { ...partsOf(ownDelivery(port), drawings), folder, sharedCache }));
    }
    if (!closing.aborted) {
      greeting(`http://localhost:${port}`, site.thingsToTry(cloudflare === undefined)).forEach(print);
      await once(closing, 'abort');
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

function partsOf(
  delivery: Delivery,
  pictures: readonly Picture[],
): Omit<SiteParts, 'folder' | 'sharedCache'> {
  const store = createStore({
    pictures,
    urlOf: (picture, variant) => urlOf(delivery, picture, variant),
    absoluteUrlOf: (picture, variant) => urlOf(delivery, picture, variant, delivery.absoluteBase),
  });
  return { pictures, delivery, store, clock: createClock() };
}

/** Values that the signer refuses came from the environment: adds the variable's name to the message. */
function listenerOf(site: Site, parts: SiteParts): RequestListener {
  try {
    return site.listenerOf(parts);
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

/** Removed when the process exits, for whatever reason. */
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'image-signer-gallery-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function greeting(address: string, things: ReturnType<Site['thingsToTry']>): string[] {
  const width = Math.max(...things.map(([path]) => path.length));
  return [
    '',
    `The gallery is open: ${address}`,
    '',
    'Things to try:',
    ...things.map(([path, why]) => `  ${address}${path.padEnd(width)}  ${why}`),
    '',
    'Press Ctrl-C to stop.',
  ];
}
