/**
 * nginx and Varnish in front of the example gallery, each as docs/caching.md recommends, over three token steps in real
 * time: no visitor may get a page with a dead image, whatever the app has said of its pages.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { expiryOf, withoutToken } from '../../support/generators/gallery-pages.ts';
import { randomFrom } from '../../support/generators/random.ts';
import { temporaryFiles } from '../../support/package/temporary-files.ts';
import { seed } from '../../support/seed.ts';
import { freePort, startNginx, startVarnish } from '../../support/servers/programs.ts';
import { openSite, pageLife, step } from './site.ts';
import { type SeenImage, type SeenPage, Visitors } from './visitor.ts';

const { folder } = temporaryFiles();
/** Where `Cache-Control` names no lifetime; asked at the beginning, and at the end. */
const unnamedLives = ['/article/edit', '/article/edit?surrogate'];
const visitors = 20;

interface Visit {
  readonly page: SeenPage;
  readonly atOnce: readonly SeenImage[];
  /** The same images, at the last moment at which a browser shows the page without asking. */
  readonly atLast: readonly SeenImage[];
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  const text = readFileSync(new URL(template, import.meta.url), 'utf8');
  return text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
}

async function startNginxCache(site: string): Promise<string> {
  const listen = `127.0.0.1:${await freePort()}`;
  const own = join(folder, 'nginx');
  await startNginx(own, fill('nginx.conf.template', { folder: join(own, 'cache'), listen, site }));
  return `http://${listen}`;
}

function startVarnishCache(site: string): Promise<string> {
  const [host = '', port = ''] = site.split(':');
  return startVarnish(folder, fill('varnish.vcl.template', { host, port }));
}

/** At random moments all along three steps. */
function visitThreeSteps(cache: Visitors, random: () => number): Promise<Visit[]> {
  const visit = async (_: unknown, index: number): Promise<Visit> => {
    // Half of them carry a cookie, such as one of a statistics script; both kinds come to both pages.
    const cookie = index % 4 > 1 ? `_ga=GA1.1.${index}` : undefined;
    await sleep(((index + random()) / visitors) * 3 * step * 1000);
    const page = await cache.open(index % 2 === 0 ? '/' : '/article', cookie);
    const got = performance.now();
    const atOnce = await cache.load(page.images, cookie);
    const left = (page.life - page.age) * 1000 - (performance.now() - got);
    await sleep(Math.max(0, left));
    return { page, atOnce, atLast: await cache.load(page.images, cookie) };
  };
  return Promise.all(Array.from({ length: visitors }, visit));
}

const isDead = ({ status }: SeenImage): boolean => status !== 200;
/** Dates are whole seconds, and nginx counts in such. */
const isOverdue = ({ age, life }: SeenPage): boolean => age > life + 2;

// One after the other, over the same caches: the last test takes the site away.
describe.each([
  ['nginx', startNginxCache],
  ['Varnish', startVarnishCache],
] as const)('%s', (name, start) => {
  let site: Awaited<ReturnType<typeof openSite>>;
  let cache: Visitors;
  let unnamed: SeenPage[];
  let visits: Visit[];
  let pages: SeenPage[];

  beforeAll(async () => {
    const pictures = join(folder, `pictures-${name}`);
    mkdirSync(pictures);
    site = await openSite(pictures);
    cache = new Visitors(await start(`127.0.0.1:${site.port}`));
    unnamed = await Promise.all(unnamedLives.map((path) => cache.open(path)));
    visits = await visitThreeSteps(cache, randomFrom(seed));
    pages = visits.map(({ page }) => page);
  });

  test('shows every page, with its images alive when it comes and at the last moment of its life', () => {
    for (const { status, images } of pages) {
      expect(status).toBe(200);
      expect(images.length).toBeGreaterThanOrEqual(6);
    }
    expect(visits.flatMap(({ atOnce, atLast }) => [...atOnce, ...atLast]).filter(isDead)).toEqual([]);
  });

  test('keeps no page longer than its tokens allow, whatever the app has asked for', () => {
    expect(pages.filter(({ life }) => life > pageLife)).toEqual([]);
    expect(pages.filter(isOverdue)).toEqual([]);
  });

  test('does answer with pages and images of its own', () => {
    const hits = pages.filter((page) => page.path === '/' && page.cache === 'HIT');
    expect(hits.some(({ age }) => age >= 2)).toBe(true);
    const known = visits
      .flatMap(({ atOnce, atLast }) => [...atOnce, ...atLast])
      .filter(({ isKnown }) => isKnown);
    expect(known.length).toBeGreaterThan(0);
    expect(known.filter((image) => image.cache !== 'HIT')).toEqual([]);
  });

  test('gives all visitors of a step the same URLs, and new ones from step to step', () => {
    expect(new Set(pages.flatMap(({ images }) => images.map(expiryOf))).size).toBeGreaterThanOrEqual(3);
    const byStep = new Map<string, Set<string>>();
    for (const { path, images } of pages) {
      const expiries = [...new Set(images.map(expiryOf))];
      expect(expiries).toHaveLength(1);
      const step = `${path} ${expiries[0]}`;
      byStep.set(step, (byStep.get(step) ?? new Set()).add(images.join('\n')));
    }
    for (const { size } of byStep.values()) expect(size).toBe(1);
  });

  test('refuses an image that it holds without its token, or with another one', async () => {
    const { images } = await cache.open('/');
    await cache.load(images);
    const [url = ''] = images;
    const forgeries = [
      withoutToken(url),
      `${url.slice(0, -1)}${url.endsWith('0') ? '1' : '0'}`,
      url.replace(`exp=${expiryOf(url)}`, `exp=${expiryOf(url) + 1}`),
      url.replace(/\?(exp=\d+)&(sig=\w+)$/, '?$2&$1'),
    ];
    expect((await cache.load(forgeries)).map(({ status }) => status)).toEqual([403, 403, 403, 403]);
  });

  test('refuses the images of the first step once their tokens have run out', async () => {
    const loaded = [...cache.loaded];
    const first = Math.min(...loaded.map(expiryOf));
    // nginx counts in whole seconds.
    await sleep(Math.max(0, (first + 2) * 1000 - Date.now()));
    const seen = await cache.load(loaded.filter((url) => expiryOf(url) === first));
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter(({ status }) => status !== 403)).toEqual([]);
  });

  test('keeps no page for a time of its own where Cache-Control names none', async () => {
    for (const { path, images } of unnamed) {
      expect(images.length).toBeGreaterThan(0);
      const page = await cache.open(path);
      expect(page.age).toBeLessThanOrEqual(pageLife + 2);
      expect((await cache.load(page.images)).filter(isDead)).toEqual([]);
    }
  });

  test('shows what it has while the site is gone, and no page past its life', async () => {
    const paths = new Set(['/', '/article']);
    for (const path of paths) await cache.open(path);
    await site.close();
    const ends = Date.now() + (pageLife + 4) * 1000;
    const overdue: SeenPage[] = [];
    for (; paths.size > 0 && Date.now() < ends; await sleep(250)) {
      for (const path of paths) {
        const page = await cache.open(path);
        if (page.status !== 200) paths.delete(path);
        else if (isOverdue(page)) overdue.push(page);
      }
    }
    expect([...paths]).toEqual([]);
    expect(overdue).toEqual([]);
  });
});
