/** The refusals page in a real browser: every refusal is drawn wherever a page can have an image, and gives its reason. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../../support/browsers/chromium.ts';
import { imagesOf, newVisit } from '../../support/generators/gallery-pages.ts';
import { type RunningGallery, startGallery } from '../../support/servers/gallery.ts';

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

test('every URL gets the status that the page shows, and draws the reason', async () => {
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
  // The gallery itself explains nothing.
  const plain = urls[0]!.replace('/refusals/pictures', '/cdn-cgi/imagedelivery');
  const response = await page.request.get(plain, { headers: { Accept: 'image/*' } });
  expect([response.status(), response.headers()['content-type']]).toEqual([
    403,
    expect.stringMatching(/^text\/plain/),
  ]);
  await context.close();
});

test.each([
  ['light', 1440],
  ['dark', 390],
] as const)(
  'by %s, at %i each shows as an image in three sizes, and as a background',
  async (colorScheme, width) => {
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
  },
);

test('nobody is warned of a refusal that the page stages', async () => {
  const { warnings } = await gallery.stop();
  expect(warnings).toContain('/cdn-cgi/imagedelivery'); // which a test has asked for without a token
  expect(warnings).not.toContain('/refusals/');
});
