/**
 * The page of a viewer whom `authorize` refuses holds no valid token for what was refused, wherever a browser finds a URL:
 * pages in which a stranger has stored URLs with tokens that are still good, in every place that is rewritten, escaped in
 * every way.
 */
import { expect, test } from 'vitest';
import type { SchemeImage } from '../../src/index.ts';
import { innerUrl, readPage } from '../support/browser-reading.ts';
import { bases, siteTargets } from '../support/hostile-places.ts';
import { hostilePage, textOf } from '../support/hostile-urls.ts';
import { accountHash, id, signerWith } from '../support/samples.ts';
import { atLength, seed } from '../support/seed.ts';

const pages = atLength(2_000, 100);
const least = pages / 200;
const shared = { delivery: bases, accountHash };
const judge = signerWith(shared);
const sites: readonly [title: string, may: (image: SchemeImage) => boolean, options: object][] = [
  ['nothing', () => false, {}],
  ['nothing, with a preview', () => false, { deniedVariant: 'preview' }],
  ['one image', (image) => image.id === id, {}],
];

/** The image that a value has a valid token for. */
function openedBy(value: string): SchemeImage | undefined {
  const verified = judge.verifyImage(new URL(value, 'https://host').href.replace('https://host', ''));
  return verified.ok && !('alwaysPublic' in verified) ? verified.image : undefined;
}

function openedIn(page: string): SchemeImage[] {
  return readPage(page, siteTargets)
    .map(innerUrl)
    .filter((value) => URL.canParse(value, 'https://host'))
    .flatMap((value) => openedBy(value) ?? []);
}

test.each(sites)('a viewer who may see %s', { timeout: 120_000 }, (_title, may, options) => {
  const { rewriteHtml } = signerWith({ ...shared, ...options, authorize: may });
  let stored = 0;
  let allowed = 0;
  let at = seed;
  // One page in fifty has such a token: where none of the first has, others do.
  for (; at < seed + pages || (stored < least && at < seed + 20 * pages); at++) {
    const page = textOf(hostilePage(at).parts);
    stored += openedIn(page).filter((image) => !may(image)).length;
    for (const image of openedIn(rewriteHtml(page, siteTargets))) {
      expect(may(image), `page ${at} opens ${image.url}\n${page}`).toBe(true);
      allowed++;
    }
  }
  console.log(`${at - seed} pages, ${stored} tokens that had to go, ${allowed} of images that may be seen`);
  // Else the property would hold of nothing.
  expect(stored).toBeGreaterThanOrEqual(least);
});
