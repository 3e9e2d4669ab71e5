/** The same pages on a delivery elsewhere: a stand-in for Cloudflare's, on an origin of its own and without CORS. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { variants } from '../../../examples/gallery/variants.ts';
import { imageGuard } from '../../../src/index.ts';
import { launchChromium } from '../../support/browsers/chromium.ts';
import { newVisit } from '../../support/generators/gallery-pages.ts';
import { accountHash, id, key, otherId } from '../../support/samples.ts';
import { checkPage, type Site, startSite } from '../../support/servers/checked-page.ts';
import { type RunningGallery, startGallery } from '../../support/servers/gallery.ts';

const ids = [id, otherId, '083eb7b2-5392-4565-b69e-aff66acddd00'];
/** What a page shows on purpose. */
const shownDead: Readonly<Record<string, readonly string[]>> = { '/url': ['<main data-expired-url>'] };
const folder = mkdtempSync(join(tmpdir(), 'image-signer-check-'));
const config = join(folder, 'config.json');

let browser: Browser;
let delivery: Site;

beforeAll(async () => {
  const color = { width: 64, height: 40, channels: 3, background: '#8a6' } as const;
  const image = await sharp({ create: color }).webp().toBuffer();
  const app = express();
  app.use(imageGuard({ key, ttl: '1h', variants, accountHash, delivery: 'https://imagedelivery.net' }));
  app.use((_req, res) => res.type('webp').send(image));
  [browser, delivery] = await Promise.all([launchChromium(), startSite(app, 'localhost')]);
  writeFileSync(config, JSON.stringify({ variants, accountHash, delivery: delivery.origin }));
});
afterAll(async () => {
  await browser?.close();
  await delivery?.close();
  rmSync(folder, { recursive: true });
});

describe.each([1, 3])('with %i picture(s) of an account', (count) => {
  let gallery: RunningGallery;

  beforeAll(async () => {
    gallery = await startGallery({
      IMAGES_KEY: key,
      IMAGES_ACCOUNT_HASH: accountHash,
      IMAGES_DELIVERY: delivery.origin,
      IMAGES_IDS: ids.slice(0, count).join(', '),
    });
  });
  afterAll(() => gallery?.stop());

  it.each(['/', '/article', '/article/edit', '/url', '/open'])(
    'the delivery has every image of %s, except those that the page refuses on purpose',
    async (path) => {
      const flags = ['--allow-private', '--config', config, '--images'];
      const { images } = await checkPage(`${gallery.address}${path}`, flags);
      const dead = images.filter(({ outcome }) => outcome === 'dead');
      expect(dead.map(({ place }) => place)).toEqual(shownDead[path] ?? []);
      expect(images.filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThan(0);
    },
  );

  it('takes an address apart: what is said to be signed gives its signature, and probes show no status', async () => {
    const context = await browser.newContext({ baseURL: gallery.address });
    const { page, open, complaints } = await newVisit(context);
    await open('/');
    expect(complaints).toEqual([]);
    await open(`/url/${ids[0]}`);
    const recipe = (await page.locator('.recipe .line').textContent()) ?? '';
    const text = /^printf %s '(.+)' \|\n/.exec(recipe)?.[1] ?? '';
    const sig = createHmac('sha256', key).update(text).digest('hex');
    expect(await page.locator('.address').textContent()).toBe(`${delivery.origin}${text}&sig=${sig}`);
    await page.locator('[data-settled=yes]').waitFor();
    const answers = await page.locator('[data-probe] output').allTextContents();
    expect(answers).toEqual(['loads', ...Array(4).fill('does not load')]);
    expect(await page.getByRole('button', { name: '+ 1 hour' }).count()).toBe(0);
    await context.close();
  });

  it('shows guests the last third as previews, and draws nothing', async () => {
    const html = await (await fetch(gallery.address)).text();
    expect(html.includes('data-members')).toBe(count === 3);
    expect(html).not.toMatch(new RegExp(`${ids[2]}/(?:thumb|card|hero)`));
    const body = new URLSearchParams({ offset: '60' });
    expect((await fetch(`${gallery.address}/clock`, { method: 'POST', body })).status).toBe(404);
    const { code, output } = await gallery.stop('SIGTERM');
    expect(code).toBe(0);
    expect(output).not.toContain('Drawing');
  });
});
