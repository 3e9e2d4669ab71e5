/** The Koa example in a real browser: every picture is seen, and the site's own policy has nothing to say. */
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { drawings } from '../../examples/gallery/pictures/catalogue.ts';
import { launchChromium } from '../support/chromium.ts';
import { type RunningGallery, startGallery } from '../support/gallery.ts';
import { imagesOf, loadAllImages, newVisit, type SeenImage, type Visit } from '../support/gallery-pages.ts';

const membersIds = drawings.flatMap(({ id, isForMembers }) => (isForMembers ? id : []));

let gallery: RunningGallery;
let browser: Browser;
let context: BrowserContext;
let visit: Visit;

beforeAll(async () => {
  [gallery, browser] = await Promise.all([startGallery({}, 'examples/koa/start.ts'), launchChromium()]);
});
beforeEach(async () => {
  context = await browser.newContext({ baseURL: gallery.address, viewport: { width: 1440, height: 900 } });
  visit = await newVisit(context);
  return () => context.close();
});
afterAll(async () => {
  await browser?.close();
  await gallery?.stop();
});

async function become(viewer: 'Guest' | 'Member'): Promise<void> {
  await visit.page.locator('header').getByRole('button', { name: viewer, exact: true }).click();
  await visit.page.locator(`header button[aria-pressed=true]:has-text("${viewer}")`).waitFor();
  await loadAllImages(visit.page);
}

const unseen = (images: readonly SeenImage[]): SeenImage[] =>
  images.filter(({ isComplete, naturalWidth }) => !isComplete || naturalWidth === 0);

describe.each(['Guest', 'Member'] as const)('a %s', (viewer) => {
  it.each(['/', '/article'])('sees every picture of %s, and the console stays clean', async (path) => {
    await visit.open(path);
    await become(viewer);
    expect(new URL(visit.page.url()).pathname).toBe(path);
    const images = await imagesOf(visit.page);
    expect(images.length).toBe(path === '/' ? drawings.length : 3);
    expect(unseen(images)).toEqual([]);
    expect(visit.complaints).toEqual([]);
    if (path === '/article') {
      const inStyles = [...visit.requested].filter((url) => /\/hero\?exp=\d+&sig=/.test(url));
      expect(inStyles.length).toBeGreaterThanOrEqual(2);
    }
  });
});

it('sees the members’ pictures come into focus, and go out of it', async () => {
  const ofMembers = async (): Promise<string[]> => {
    const images = await imagesOf(visit.page, '[data-members]');
    return images.map(({ url }) => new URL(url).pathname.split('/').slice(-2).join('/'));
  };
  const previews = membersIds.map((id) => `${id}/preview`);
  await visit.open('/');
  expect(await ofMembers()).toEqual(previews);
  const sharp = [...visit.requested].filter((url) => membersIds.some((id) => url.includes(id)));
  expect(sharp.filter((url) => !url.endsWith('/preview'))).toEqual([]);

  await become('Member');
  for (const [index, name] of (await ofMembers()).entries())
    expect(name).toMatch(new RegExp(`^${membersIds[index]}/(?:thumb|card|hero)$`));

  await become('Guest');
  expect(await ofMembers()).toEqual(previews);
});

it('follows a card to its picture', async () => {
  await visit.open('/');
  await visit.page.locator('.wall a.card').first().click();
  await visit.page.waitForURL(/\/hero\?exp=\d+&sig=[0-9a-f]{64}$/);
  expect(unseen(await imagesOf(visit.page))).toEqual([]);
});

it.each(['light', 'dark'] as const)('fits a phone without scrolling sideways (%s)', async (colorScheme) => {
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme };
  const onPhone = await browser.newContext({ baseURL: gallery.address, ...phone });
  const { page, open } = await newVisit(onPhone);
  const widths: [string, unknown][] = [];
  for (const path of ['/', '/article', '/nothing']) {
    await open(path);
    widths.push([path, await page.evaluate('document.documentElement.scrollWidth')]);
  }
  expect(widths.filter(([, width]) => width !== 390)).toEqual([]);
  await onPhone.close();
});
