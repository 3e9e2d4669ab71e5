/** Many visitors behind one cache, at random moments all along three steps; and what holds for all they have seen. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expiryOf } from '../../support/generators/gallery-pages.ts';
import type { Account } from './account.ts';
import type { Cache } from './caches.ts';
import { pageLife, step } from './site.ts';
import { type SeenImage, type SeenPage, Visitor } from './visitor.ts';

const visitors = 20;

export interface Visit {
  readonly page: SeenPage;
  readonly atOnce: readonly SeenImage[];
  /** The same images, at the last moment at which a browser shows the page without asking. */
  readonly atLast: readonly SeenImage[];
}

export function visitThreeSteps(
  cache: Cache,
  loaded: Set<string>,
  random: () => number,
  closing: AbortSignal,
): Promise<Visit[]> {
  const visit = async (_: unknown, index: number): Promise<Visit> => {
    const moment = ((index + random()) / visitors) * 3 * step;
    // Half of them carry a cookie, such as one of a statistics script; both kinds come to both pages.
    const cookie = index % 4 > 1 ? `_ga=GA1.1.${index}` : undefined;
    const visitor = new Visitor(cache, loaded, closing, cookie);
    await sleep(moment * 1000, undefined, { signal: closing });
    const page = await visitor.open(index % 2 === 0 ? '/' : '/article');
    const got = performance.now();
    const atOnce = await visitor.load(page.images);
    const left = (page.life - page.age) * 1000 - (performance.now() - got);
    await sleep(Math.max(0, left), undefined, { signal: closing });
    return { page, atOnce, atLast: await visitor.load(page.images) };
  };
  return Promise.all(Array.from({ length: visitors }, visit));
}

export function judgeVisits(account: Account, cache: Cache, visits: readonly Visit[]): void {
  const pages = visits.map(({ page }) => page);
  const atOnce = visits.flatMap((visit) => visit.atOnce);
  const atLast = visits.flatMap((visit) => visit.atLast);
  const all = [...atOnce, ...atLast];
  const known = all.filter(({ isKnown }) => isKnown);
  account.note(
    `\n${cache.name}: ${pages.length} pages (${tally(pages)}; the oldest ${Math.max(...pages.map(({ age }) => age)).toFixed(1)} s), ${all.length} images (${tally(all)})`,
  );

  account.check(
    'every page comes, with images',
    pages.every(({ status, images }) => status === 200 && images.length >= 6),
    pages.map(({ status, path, images }) => `${status} ${path}, ${images.length} images`),
  );
  const oldest = (page: SeenPage): string =>
    `${page.path}: ${page.age.toFixed(1)} s old, ${page.cacheControl}`;
  account.check(
    `no page may be kept for more than ${pageLife} s, whatever the app has asked for`,
    pages.every(({ life }) => life <= pageLife),
    pages.map(oldest),
  );
  // Dates are whole seconds, and nginx counts in such.
  const overdue = pages.filter(({ age, life }) => age > life + 2);
  account.check('no page comes out of the cache past its life', overdue.length === 0, overdue.map(oldest));
  const hits = pages.filter(({ path, cache }) => path === '/' && cache === 'HIT');
  account.check('pages do come out of the cache', hits.length > 0);
  account.check(
    'a page out of the cache tells its age',
    hits.some(({ age }) => age >= 2),
    hits.map(oldest),
  );

  const dead = (images: readonly SeenImage[]): string[] =>
    images.filter(({ status }) => status !== 200).map(({ status, url }) => `${status} ${url}`);
  account.check('every image is alive when its page comes', dead(atOnce).length === 0, dead(atOnce));
  account.check('and still is at the last moment of its page', dead(atLast).length === 0, dead(atLast));
  const missed = known.filter((image) => image.cache !== 'HIT');
  account.check(
    `an image that somebody has loaded comes out of the cache for all others (${known.length} times)`,
    known.length > 0 && missed.length === 0,
    missed.map(({ cache, url }) => `${cache} ${url}`),
  );
  judgeSteps(account, pages);
}

function judgeSteps(account: Account, pages: readonly SeenPage[]): void {
  const expiries = new Set(pages.flatMap(({ images }) => images.map(expiryOf)));
  account.check(`URLs change from step to step (${expiries.size} steps seen)`, expiries.size >= 3);
  const mixed = pages.filter(({ images }) => new Set(images.map(expiryOf)).size > 1);
  account.check('within a page all URLs are of one step', mixed.length === 0);
  const byStep = new Map<string, Set<string>>();
  for (const { path, images } of pages) {
    const name = `${path} ${images[0] === undefined ? '' : expiryOf(images[0])}`;
    byStep.set(name, (byStep.get(name) ?? new Set()).add(images.join('\n')));
  }
  account.check(
    'all visitors of a step get the same URLs',
    [...byStep.values()].every(({ size }) => size === 1),
  );
}

/** `3 MISS, 17 HIT` */
function tally(seen: readonly { readonly cache: string }[]): string {
  const counts = new Map<string, number>();
  for (const { cache } of seen) counts.set(cache, (counts.get(cache) ?? 0) + 1);
  return [...counts].map(([cache, count]) => `${count} ${cache}`).join(', ');
}
