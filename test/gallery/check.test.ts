/** `image-signer check` on the gallery: the pages that the package shows itself by have no dead image. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { variants } from '../../examples/gallery/variants.ts';
import { imageGuard } from '../../src/index.ts';
import { checkPage, type Site, startSite } from '../support/checked-page.ts';
import { type RunningGallery, startGallery } from '../support/gallery.ts';
import { accountHash, id, key, otherId } from '../support/samples.ts';

/** What a page shows on purpose. */
const shownDead: Readonly<Record<string, readonly string[]>> = { '/url': ['<main data-expired-url>'] };
const folder = mkdtempSync(join(tmpdir(), 'image-signer-check-'));

let delivery: Site;
let gallery: RunningGallery;
let flags: readonly string[];

beforeAll(async () => {
  const app = express();
  app.use(imageGuard({ key, ttl: '1h', variants, accountHash, delivery: 'https://imagedelivery.net' }));
  app.use((_request, response) => response.type('webp').send('picture'));
  delivery = await startSite(app);
  gallery = await startGallery({
    IMAGES_KEY: key,
    IMAGES_ACCOUNT_HASH: accountHash,
    IMAGES_DELIVERY: delivery.origin,
    IMAGES_IDS: `${id}, ${otherId}`,
  });
  const config = join(folder, 'config.json');
  writeFileSync(config, JSON.stringify({ variants, accountHash, delivery: delivery.origin }));
  flags = ['--allow-private', '--config', config];
});
afterAll(async () => {
  await gallery?.stop();
  await delivery?.close();
  rmSync(folder, { recursive: true });
});

test.each(['/', '/article', '/article/edit', '/url', '/open'])(
  'no image of %s is dark but those that it shows on purpose, and the delivery has all others',
  async (path) => {
    for (const more of [[], ['--images']]) {
      const { images } = await checkPage(`${gallery.address}${path}`, [...flags, ...more]);
      const dead = images.filter(({ outcome }) => outcome === 'dead');
      expect(dead.map(({ place }) => place)).toEqual(shownDead[path] ?? []);
      expect(images.filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThan(0);
    }
  },
);
