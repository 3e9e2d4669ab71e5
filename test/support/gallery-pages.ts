/** What tests and screenshots do with the gallery's pages in a browser. */
import type { Page } from 'playwright-core';

/** Scrolls every lazy image into view, and waits until each image that takes up space has loaded or failed. */
export async function loadAllImages(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (const image of document.images) {
      image.scrollIntoView({ block: 'center', behavior: 'instant' });
      if (image.complete) continue;
      await new Promise((settled) => {
        image.addEventListener('load', settled, { once: true });
        image.addEventListener('error', settled, { once: true });
      });
    }
    scrollTo({ top: 0, behavior: 'instant' });
  });
}
