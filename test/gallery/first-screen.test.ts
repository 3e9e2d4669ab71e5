/** What the gallery says of itself is true: the line before and after, and the text that is signed. */
import { createHmac } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { startGallery } from '../support/gallery.ts';

const key = 'a key that this test knows, too';
const id = 'bc27a117-9509-446b-8c69-c81bfeac0a01';

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

async function visit(
  environment: Record<string, string>,
  path: string,
): Promise<{ page: Page; end(): Promise<unknown> }> {
  const gallery = await startGallery(environment);
  const context = await browser.newContext({ baseURL: gallery.address });
  const page = await context.newPage();
  await page.goto(path);
  return { page, end: () => Promise.all([context.close(), gallery.stop()]) };
}

test('the line before is refused, the line after is answered, each with the status beside it', async () => {
  const { page, end } = await visit({}, '/');
  expect(await page.locator('.eyebrow').textContent()).toBe('Express · one line of code · private images');
  const statuses: string[] = [];
  for (const column of await page.locator('.columns > div').all()) {
    const line = (await column.locator('.line').textContent()) ?? '';
    const [, url] = /^<img src="([^"]+)">$/.exec(line) ?? [];
    const response = await page.request.get((url ?? '').replaceAll('&amp;', '&'));
    statuses.push(`${response.status()} ${response.statusText()}`);
    expect(await column.locator('.answer').textContent()).toBe(statuses.at(-1));
  }
  expect(statuses).toEqual(['403 Forbidden', '200 OK']);
  await end();
});

test('the text that is said to be signed gives the signature of the URL above it', async () => {
  const settings = {
    IMAGES_KEY: key,
    IMAGES_ACCOUNT_HASH: 'cheeW4oKsx5ljh8e8BoL2A',
    IMAGES_DELIVERY: 'https://imagedelivery.net',
    IMAGES_IDS: id,
  };
  const { page, end } = await visit(settings, `/url/${id}`);
  const recipe = (await page.locator('.recipe .line').textContent()) ?? '';
  const text = /^printf %s '(.+)' \|\n/.exec(recipe)?.[1] ?? '';
  const sig = createHmac('sha256', key).update(text).digest('hex');
  expect(await page.locator('.address').textContent()).toBe(`https://imagedelivery.net${text}&sig=${sig}`);
  await end();
});
