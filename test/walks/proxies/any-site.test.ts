/** Sites of other languages behind `image-signer proxy`: what a visitor gets, what an editor saves, and what remains. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { imageDelivery } from 'image-signer/delivery';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drawings } from '../../../examples/gallery/pictures/catalogue.ts';
import { drawPictures } from '../../../examples/gallery/pictures/draw.ts';
import { variants } from '../../../examples/gallery/variants.ts';
import { launchChromium } from '../../support/browsers/chromium.ts';
import { imagesOf, newVisit } from '../../support/generators/gallery-pages.ts';
import { randomFrom } from '../../support/generators/random.ts';
import { temporaryFiles } from '../../support/package/temporary-files.ts';
import { accountHash } from '../../support/samples.ts';
import { seed } from '../../support/seed.ts';
import { freePort, listen } from '../../support/servers/programs.ts';
import { ask, differencesOf } from './same-bytes.ts';
import { type SigningProxy, startProxy } from './signing-proxy.ts';
import { django } from './sites/django.ts';
import type { OpenSite } from './sites/site.ts';
import { staticSite } from './sites/static.ts';
import { wordpress } from './sites/wordpress.ts';
import { atOnce, runStorm } from './storm.ts';

/** In MiB, by the last thousand requests. */
const mostGrowth = 8;
const { folder } = temporaryFiles();
let delivery: string;
let options: Parameters<typeof startProxy>[3];
let browser: Browser;

/** Private pictures at an address of their own, as Cloudflare delivers them: without a token, 403. */
beforeAll(async () => {
  const directory = join(folder, 'originals');
  mkdirSync(directory);
  await drawPictures(directory, drawings.slice(0, 3), new AbortController().signal);
  const server = createServer();
  delivery = `http://127.0.0.1:${await listen(server)}`;
  const signing = {
    ttl: '1h',
    key: randomBytes(32).toString('hex'),
    accountHash,
    variants,
    delivery,
  } as const;
  options = signing;
  server.on('request', imageDelivery({ ...signing, directory, report: false }));
  browser = await launchChromium();
});
afterAll(() => browser.close());

/** The addresses of the delivery's pictures that cannot be seen. */
async function darkOn(page: Page): Promise<string[]> {
  const images = (await imagesOf(page)).filter(({ url }) => url.startsWith(delivery));
  if (images.length === 0) return ['no pictures at all'];
  return images.flatMap(({ url, isComplete, naturalWidth }) => (isComplete && naturalWidth > 0 ? [] : url));
}

const hasToken = (text: string): boolean => /[?&;]sig=/.test(text);

describe.each([staticSite, django, wordpress])('$name', (site) => {
  let opened: OpenSite;
  let proxy: SigningProxy;
  let other: SigningProxy;

  beforeAll(async () => {
    const own = join(folder, site.name);
    mkdirSync(own);
    const [port, otherPort] = [await freePort(), await freePort()];
    const images = `${delivery}/${accountHash}`;
    opened = await site.start({ folder: own, images, publicHost: `127.0.0.1:${port}` });
    const target = `http://127.0.0.1:${opened.port}`;
    proxy = await startProxy(own, target, port, options);
    other = await startProxy(own, target, otherPort, options);
  });

  test('comes as the site sends it, but for tokens and the fields that these change', async () => {
    expect(await differencesOf(opened, proxy.port)).toEqual([]);
  });

  test('is the same from two processes that know nothing of each other', async () => {
    const host = `127.0.0.1:${proxy.port}`;
    for (const path of opened.pages) {
      const [one, two] = [await ask(proxy.port, { path }, host), await ask(other.port, { path }, host)];
      expect(one.body.equals(two.body), path).toBe(true);
    }
  });

  test('shows all its private pictures in Chromium, and none without the proxy', async () => {
    const context = await browser.newContext({ baseURL: proxy.address });
    const visit = await newVisit(context);
    for (const path of opened.pages) {
      await visit.open(path);
      expect(await darkOn(visit.page)).toEqual([]);
      expect(visit.complaints).toEqual([]);
      const { text: body } = await ask(opened.port, { path }, `127.0.0.1:${proxy.port}`);
      const url = `${proxy.address}${path}`;
      await visit.page.route(url, (route) =>
        route.fulfill({ body, contentType: 'text/html; charset=utf-8' }),
      );
      await visit.open(path);
      await visit.page.unroute(url);
      const without = await imagesOf(visit.page);
      expect(without.length).toBeGreaterThan(0);
      expect(without.filter(({ naturalWidth }) => naturalWidth > 0)).toEqual([]);
      visit.complaints.length = 0;
    }
    await context.close();
  });

  if (site.edit)
    test('shows what an editor has saved, and stores it without a token', async () => {
      const context = await browser.newContext({ baseURL: proxy.address });
      const { page } = await newVisit(context);
      const title = `Edited: “${Math.random().toString(36).slice(2)}” & saved`;
      await site.edit!(page, title, opened);
      await page.reload(); // the browser may keep the page as it was before
      expect(new URL(page.url()).host).toBe(`127.0.0.1:${proxy.port}`);
      expect(await page.locator('body').textContent()).toContain(title);
      expect(await darkOn(page)).toEqual([]);
      const stored = await opened.stored();
      expect(stored).toContain('saved');
      expect(hasToken(stored)).toBe(false);
      await context.close();
    });

  test('answers while visitors break off, after which the proxy holds what it held before', async () => {
    const random = randomFrom(seed);
    const before = await proxy.handles();
    expect(await runStorm(proxy.port, opened.storm, random)).toEqual([]);
    const memory = [await proxy.memory()];
    // What is reserved once stays reserved; a leak grows with each thousand.
    const growth = (): number => memory.at(-1)! - (memory.at(-2) ?? 0);
    for (let round = 0; round < 4 && growth() > mostGrowth; round++) {
      await runStorm(proxy.port, opened.storm, random);
      memory.push(await proxy.memory());
    }
    expect(growth(), memory.join()).toBeLessThanOrEqual(mostGrowth);
    // It keeps connections to the site, as many as there were requests at once. Those that were broken off end a little later.
    await expect.poll(() => proxy.handles(), { timeout: 10_000 }).toBeLessThanOrEqual(before + atOnce);
    for (const sent of opened.storm)
      expect((await ask(proxy.port, sent, `127.0.0.1:${proxy.port}`)).status).toBeLessThan(400);
    expect(hasToken(await opened.stored())).toBe(false);
  });
});
