/** No page of the gallery has a mistake that axe knows, for guests and members, by light and by dark. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../../support/browsers/chromium.ts';
import { type RunningGallery, startGallery } from '../../support/servers/gallery.ts';
import { accessibilityMistakes, sidewaysOverflow } from './accessibility.ts';

const paths = ['/', '/article', '/article/edit', '/url', '/open', '/refusals', '/nothing'];

let gallery: RunningGallery;
let browser: Browser;

beforeAll(async () => {
  [gallery, browser] = await Promise.all([startGallery(), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await gallery?.stop();
});

test.each([
  ['guest', 'light', 1440],
  ['guest', 'dark', 390],
  ['member', 'dark', 1440],
  ['member', 'light', 390],
] as const)('a %s, by %s, at %i', async (viewer, colorScheme, width) => {
  const context = await browser.newContext({
    baseURL: gallery.address,
    viewport: { width, height: 900 },
    colorScheme,
    reducedMotion: 'reduce',
    bypassCSP: true, // axe is put into the page
  });
  await context.addCookies([{ name: 'viewer', value: viewer, url: gallery.address }]);
  const page = await context.newPage();
  const mistakes: string[] = [];
  for (const path of paths) {
    await page.goto(path);
    if (path === '/url') await page.locator('[data-settled=yes]').waitFor();
    mistakes.push(...(await accessibilityMistakes(page)).map((mistake) => `${path}: ${mistake}`));
    expect(await sidewaysOverflow(page), path).toBe(0);
  }
  expect(mistakes).toEqual([]);
  // On a page that is shorter than the window, the footer still stands at its bottom.
  const footer = await page.locator('footer').boundingBox();
  expect(Math.round(footer!.y + footer!.height)).toBe(900);
  await context.close();
});
