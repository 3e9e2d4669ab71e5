/** What tests and screenshots do with the gallery's pages in a browser. */
import type { Page } from 'playwright-core';

/** An `<img>`, as far as it is used here: the tests are compiled without the browser's types. */
interface BrowserImage {
  readonly complete: boolean;
  readonly ownerDocument: { readonly defaultView: { scrollTo(options: object): void } };
  scrollIntoView(options: object): void;
  addEventListener(type: string, listener: () => void, options: object): void;
}

/** Scrolls every lazy image into view, and waits until each has loaded or failed. */
export async function loadAllImages(page: Page): Promise<void> {
  await page.locator('img').evaluateAll(async (images: BrowserImage[]) => {
    for (const image of images) {
      image.scrollIntoView({ block: 'center', behavior: 'instant' });
      if (image.complete) continue;
      await new Promise<void>((settled) => {
        image.addEventListener('load', () => settled(), { once: true });
        image.addEventListener('error', () => settled(), { once: true });
      });
    }
    images[0]?.ownerDocument.defaultView.scrollTo({ top: 0, behavior: 'instant' });
  });
}
