/** What else must hold behind a cache: tokens count there too, and what may not be kept is not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expiryOf, withoutToken } from '../../support/generators/gallery-pages.ts';
import type { Account } from './account.ts';
import type { Cache } from './caches.ts';
import { pageLife } from './site.ts';
import { type SeenPage, Visitor } from './visitor.ts';

/** @param images - that the cache holds */
export async function judgeForgeries(
  account: Account,
  cache: Cache,
  images: readonly string[],
  closing: AbortSignal,
): Promise<void> {
  const [url = ''] = images;
  const forgeries = [
    withoutToken(url),
    `${url.slice(0, -1)}${url.endsWith('0') ? '1' : '0'}`,
    url.replace(`exp=${expiryOf(url)}`, `exp=${expiryOf(url) + 1}`),
    url.replace(/\?(exp=\d+)&(sig=\w+)$/, '?$2&$1'),
  ];
  const seen = await new Visitor(cache, new Set(), closing).load(forgeries);
  account.check(
    'an image that the cache holds is refused without its token, or with another one',
    seen.length === forgeries.length && seen.every(({ status }) => status === 403),
    seen.map((image) => `${image.status} ${image.cache} ${image.url}`),
  );
}

export async function judgeExpired(
  account: Account,
  cache: Cache,
  images: readonly string[],
  closing: AbortSignal,
): Promise<void> {
  const first = Math.min(...images.map(expiryOf));
  // nginx counts in whole seconds.
  await sleep(Math.max(0, (first + 2) * 1000 - Date.now()), undefined, { signal: closing });
  const expired = images.filter((url) => expiryOf(url) === first);
  const seen = await new Visitor(cache, new Set(), closing).load(expired);
  account.check(
    `the ${expired.length} images of the first step are refused once their tokens have run out`,
    expired.length > 0 && seen.every(({ status }) => status === 403),
    seen.map((image) => `${image.status} ${image.cache} ${image.url}`),
  );
}

/** Asked at the beginning of a run, and at its end. */
export const unnamedLives: readonly string[] = ['/article/edit', '/article/edit?surrogate'];

/** @param first - those pages, as they came at the beginning */
export async function judgeUnnamedLives(
  account: Account,
  cache: Cache,
  first: readonly SeenPage[],
  closing: AbortSignal,
): Promise<void> {
  for (const { path, images } of first) {
    const page = await new Visitor(cache, new Set(), closing).open(path);
    const seen = await new Visitor(cache, new Set(), closing).load(page.images);
    account.check(
      `${path}, where Cache-Control names no lifetime, is not kept by one of the cache's own`,
      images.length > 0 && page.age <= pageLife + 2 && seen.every(({ status }) => status === 200),
      [`${page.cache}, ${page.age.toFixed(1)} s old, ${page.cacheControl}`],
    );
  }
}

/** With the site gone, the cache shows what it has for as long as that lives. */
export async function judgeOutage(account: Account, cache: Cache, closing: AbortSignal): Promise<void> {
  const ends = Date.now() + (pageLife + 4) * 1000;
  const paths = new Set(['/', '/article']);
  const oldest: SeenPage[] = [];
  for (; paths.size > 0 && Date.now() < ends; await sleep(250, undefined, { signal: closing })) {
    for (const path of paths) {
      const page = await new Visitor(cache, new Set(), closing).open(path);
      if (page.status !== 200) paths.delete(path);
      else if (page.age > page.life + 2) oldest.push(page);
    }
  }
  account.check(
    `${cache.name} then shows no page past its life, and soon none`,
    paths.size === 0 && oldest.length === 0,
    oldest.map((page) => `${page.path}: ${page.cache}, ${page.age.toFixed(1)} s old, ${page.cacheControl}`),
  );
}
