/** The example of a bucket: store and site within the process of a test, which moves the clock of both. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';
import { createAlbum } from '../../examples/bucket/app.ts';
import { startStore } from '../../examples/bucket/store.ts';
import { readTexts, type Texts } from '../../examples/bucket/texts.ts';
import { fillStore } from '../../examples/bucket/uploads.ts';

/** The ttl of the album is a minute, and its step a quarter of that. */
export const stepSeconds = 15;

export interface RunningAlbum {
  /** `http://localhost:<port>` */
  readonly address: string;
  /** `http://localhost:<another port>/photos` */
  readonly bucketUrl: string;
  readonly texts: Texts;
  stop(): Promise<void>;
}

/**
 * The clock stands from here on. s3rver and Azurite take none from outside, so that it is `Date` itself.
 * @param changeTexts - what the database is to hold instead
 */
export async function startAlbum(
  changeTexts = (texts: Texts): Texts => texts,
  name?: 's3' | 'azure',
): Promise<RunningAlbum> {
  vi.useFakeTimers({ toFake: ['Date'] });
  const store = await startStore(name);
  await fillStore(store);
  const texts = changeTexts(await readTexts(store));
  const server = createServer(createAlbum({ store, texts }));
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return {
    address: `http://localhost:${(server.address() as AddressInfo).port}`,
    bucketUrl: store.url,
    texts,
    async stop() {
      server.close();
      server.closeAllConnections();
      await store.stop();
      vi.useRealTimers();
    },
  };
}

/** To the first second of the next step. */
export function startStep(): void {
  const step = stepSeconds * 1000;
  vi.setSystemTime((Math.floor(Date.now() / step) + 1) * step + 1000);
}

export function moveClock(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}
