/** The album in a real browser: every photo is seen but the one outside the prefix, and none once the URLs have expired. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { invoiceKey, photos } from '../../examples/bucket/uploads.ts';
import { moveClock, type RunningAlbum, startAlbum, startStep } from '../support/album.ts';
import { launchChromium } from '../support/chromium.ts';
import { imagesOf, newVisit } from '../support/gallery-pages.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** Three with a srcset, one by the helper, two in the story, one in a comment, and those that the script makes. */
const count = 3 + 1 + 2 + 1 + 6;

interface Seen {
  readonly html: string;
  /** In pixels, 0 of what does not show: all pictures but the one outside the prefix, which comes last. */
  readonly widths: readonly number[];
  /** The keys of the objects that the page has asked for. That of its styles is in no `<img>`. */
  readonly requested: readonly string[];
  readonly delivered: readonly string[];
}

/** In a context of its own, which has loaded nothing before. */
async function look(album: RunningAlbum): Promise<Seen> {
  const context = await browser.newContext({
    baseURL: album.address,
    viewport: { width: 1280, height: 900 },
  });
  const delivered = new Set<string>();
  // A refusal is no event here: Chromium keeps XML from a page that has asked for an image.
  context.on('response', (response) => {
    if (response.status() === 200) delivered.add(response.url());
  });
  const visit = await newVisit(context);
  const html = await visit.open('/');
  await visit.page.waitForLoadState('networkidle'); // what styles name is loaded after the images
  const images = [
    ...(await imagesOf(visit.page, 'img:not([data-outside])')),
    ...(await imagesOf(visit.page, '[data-outside]')),
  ];
  await context.close();
  // Nothing is against the site's policy, or that of browsers about addresses of this machine.
  expect(visit.complaints).toEqual([]);
  const keysOf = (urls: Iterable<string>): string[] => {
    const prefix = `${album.bucketUrl}/`;
    const own = [...urls].filter((url) => url.startsWith(prefix));
    return [...new Set(own.map((url) => url.slice(prefix.length).replace(/\?.*/, '')))].sort();
  };
  return {
    html,
    widths: images.map(({ naturalWidth }) => naturalWidth),
    requested: keysOf(visit.requested),
    delivered: keysOf(delivered),
  };
}

test.each(['s3', 'azure'] as const)(
  'of %s every photo shows but the one outside the prefix, until the URLs have expired',
  async (store) => {
    const album = await startAlbum(undefined, store);
    try {
      startStep();
      const first = await look(album);
      expect(first.widths).toHaveLength(count + 1);
      expect(Math.min(...first.widths.slice(0, count))).toBeGreaterThan(0);
      expect(first.widths[count]).toBe(0);
      expect(first.delivered).toEqual(expect.arrayContaining(photos.map(({ key }) => key)));
      expect(first.requested).toEqual([invoiceKey, ...first.delivered]);

      moveClock(76);
      album.keepPage(first.html);
      const expired = await look(album);
      expect(expired.html).toBe(first.html);
      expect(expired.widths).toEqual(first.widths.map(() => 0));
      expect([expired.requested, expired.delivered]).toEqual([first.requested, []]);

      album.keepPage();
      const again = await look(album);
      expect([again.widths, again.delivered]).toEqual([first.widths, first.delivered]);
    } finally {
      await album.stop();
    }
  },
);
