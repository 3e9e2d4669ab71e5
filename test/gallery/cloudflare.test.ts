/** The same pages on a delivery elsewhere: a stand-in for Cloudflare's, on an origin of its own and without CORS. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { variants } from '../../examples/gallery/variants.ts';
import { imageGuard } from '../../src/index.ts';
import { launchChromium } from '../support/chromium.ts';
import { type RunningGallery, startGallery } from '../support/gallery.ts';
import { imagesOf, newVisit } from '../support/gallery-pages.ts';

const key = 'a key that Cloudflare knows, too';
const accountHash = 'cheeW4oKsx5ljh8e8BoL2A';
const ids = [
  'bc27a117-9509-446b-8c69-c81bfeac0a01',
  'e22e9e6b-c02b-42fd-c405-6c32af5fe600',
  '083eb7b2-5392-4565-b69e-aff66acddd00',
];

let browser: Browser;
let delivery: Server;
let address: string;

beforeAll(async () => {
  const image = await sharp({ create: { width: 64, height: 40, channels: 3, background: '#8a6' } })
    .webp()
    .toBuffer();
  const app = express();
  app.use(imageGuard({ key, ttl: '1h', variants, accountHash, delivery: 'https://imagedelivery.net' }));
  app.use((_req, res) => res.type('webp').send(image));
  delivery = app.listen(0);
  [browser] = await Promise.all([launchChromium(), once(delivery, 'listening')]);
  address = `http://localhost:${(delivery.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await browser?.close();
  delivery?.close();
  delivery?.closeAllConnections();
});

describe.each([1, 3])('with %i picture(s) of an account', (count) => {
  let gallery: RunningGallery;

  beforeAll(async () => {
    gallery = await startGallery({
      IMAGES_KEY: key,
      IMAGES_ACCOUNT_HASH: accountHash,
      IMAGES_DELIVERY: address,
      IMAGES_IDS: ids.slice(0, count).join(', '),
    });
  });
  afterAll(() => gallery?.stop());

  it('shows every page with signed pictures, and probes them without reading their status', async () => {
    const context = await browser.newContext({ baseURL: gallery.address });
    const { page, open, complaints } = await newVisit(context);
    for (const path of ['/', '/article', '/article/edit', '/open', '/url']) {
      const html = await open(path);
      expect(html).toContain(`${address}/${accountHash}/${ids[0]}/`);
      const images = await imagesOf(page);
      expect(images.length).toBeGreaterThan(0);
      expect(images.filter(({ naturalWidth }) => naturalWidth === 0)).toEqual([]);
      expect(images.every(({ url }) => url.startsWith(address))).toBe(true);
      if (path !== '/url') expect(complaints).toEqual([]);
    }
    await page.locator('[data-settled=yes]').waitFor();
    const answers = await page.locator('[data-probe] output').allTextContents();
    expect(answers).toEqual(['a picture', ...Array(4).fill('no picture')]);
    expect(await page.getByRole('button', { name: '+ 1 hour' }).count()).toBe(0);
    await context.close();
  });

  it('shows guests the last third as previews, and draws nothing', async () => {
    const html = await (await fetch(gallery.address)).text();
    expect(html.includes('data-members')).toBe(count === 3);
    expect(html).not.toMatch(new RegExp(`${ids[2]}/(?:thumb|card|hero)`));
    const clock = await fetch(`${gallery.address}/clock`, {
      method: 'POST',
      body: new URLSearchParams({ offset: '60' }),
    });
    expect(clock.status).toBe(404);
    const { code, output } = await gallery.stop('SIGTERM');
    expect(code).toBe(0);
    expect(output).not.toContain('Drawing');
  });
});
