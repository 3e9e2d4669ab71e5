/** The page of refusals in a real browser: each is drawn wherever an image may stand, and says what the page says of it. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { measureDrawing } from '../support/drawn-place.ts';
import { type RunningGallery, startGallery } from '../support/gallery.ts';
import { imagesOf, newVisit } from '../support/gallery-pages.ts';

const saidInOrder = [
  [403, 'No token'],
  [403, 'Expired'],
  [403, 'Wrong key'],
  [403, 'Signed wrongly'],
  [403, 'Broken token'],
  [403, 'Unknown variant'],
  [403, 'Flexible variant'],
  [403, 'Other account'],
  [404, 'No such image'],
  [415, 'Not an image'],
  [413, 'Too large'],
  [200, 'lake-day'],
] as const;

let gallery: RunningGallery;
let browser: Browser;

beforeAll(async () => {
  [gallery, browser] = await Promise.all([startGallery(), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await gallery?.stop();
});

function enter(colorScheme: 'light' | 'dark', width: number): Promise<BrowserContext> {
  return browser.newContext({ baseURL: gallery.address, viewport: { width, height: 900 }, colorScheme });
}

/** In the order of the page. */
async function urlsOf(page: Page): Promise<string[]> {
  const pictures = await page.locator('.wide img').all();
  return Promise.all(pictures.map(async (picture) => (await picture.getAttribute('src')) ?? ''));
}

test('each is answered with the status that stands beside it, and draws the reason', async () => {
  const context = await enter('light', 1440);
  const { page, open } = await newVisit(context);
  await open('/refusals');
  const shown = await page.locator('.refused .answer').allTextContents();
  const urls = await urlsOf(page);
  const answers = [];
  for (const url of urls) {
    const response = await page.request.get(url, { headers: { Accept: 'image/*' } });
    answers.push({ said: `${response.status()} ${response.statusText()}`, svg: await response.text() });
  }
  expect(answers.map(({ said }) => said)).toEqual(shown);
  expect(shown.map((each) => Number.parseInt(each, 10))).toEqual(saidInOrder.map(([status]) => status));
  for (const [index, [, words]] of saidInOrder.entries()) expect(answers[index]?.svg).toContain(`>${words}<`);
  await context.close();
});

describe.each([
  ['light', 1440],
  ['dark', 390],
] as const)('by %s, at %i', (colorScheme, width) => {
  test('each shows as an image in three sizes, and as a background', async () => {
    const context = await enter(colorScheme, width);
    const { page, open } = await newVisit(context);
    await open('/refusals');
    const images = await imagesOf(page, '.specimens img');
    expect(images).toHaveLength(3 * saidInOrder.length);
    expect(images.filter(({ isComplete, naturalWidth }) => !isComplete || naturalWidth === 0)).toEqual([]);
    const backgrounds = await page.locator('[data-background]').all();
    expect(backgrounds).toHaveLength(saidInOrder.length);
    for (const [index, background] of backgrounds.entries()) {
      // Without the drawing it has one colour.
      const { entropy } = await sharp(await background.screenshot()).stats();
      expect(entropy, saidInOrder[index]?.[1]).toBeGreaterThan(0.5);
    }
    await context.close();
  });
});

test.each([
  [80, 80, ['title']],
  [800, 320, ['title', 'sentence', 'image']],
] as const)(
  'at %i by %i all words of a refusal are inside, and large enough',
  async (width, height, lines) => {
    const context = await enter('light', 1440);
    const page = await context.newPage();
    await page.goto('/refusals');
    const urls = await urlsOf(page);
    await page.setViewportSize({ width, height });
    // Of a document a browser does not name it.
    await page.route('**/refusals/pictures/**', (route) =>
      route.continue({ headers: { ...route.request().headers(), accept: 'image/svg+xml' } }),
    );
    for (const [index, [status, words]] of saidInOrder.entries()) {
      if (status === 200) continue; // a placeholder is a picture of its own size
      await page.goto(urls[index]!);
      const { shown, sizes, isInside } = await measureDrawing(page);
      // No picture is named where the URL names none that the delivery could have.
      expect(lines.filter((line) => line !== 'image')).toEqual(shown.filter((line) => line !== 'image'));
      expect(isInside, words).toBe(true);
      expect(Math.min(...sizes), words).toBeGreaterThanOrEqual(width === 80 ? 10 : 13);
    }
    await context.close();
  },
);

test('the gallery itself explains nothing', async () => {
  const context = await enter('light', 1440);
  const page = await context.newPage();
  await page.goto('/refusals');
  const [unsigned = ''] = await urlsOf(page);
  const plain = unsigned.replace('/refusals/pictures', '/cdn-cgi/imagedelivery');
  const response = await page.request.get(plain, { headers: { Accept: 'image/*' } });
  expect(response.status()).toBe(403);
  expect(response.headers()['content-type']).toMatch(/^text\/plain/);
  await context.close();
});
