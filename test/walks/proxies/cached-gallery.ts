/** nginx and Varnish in front of the example gallery, over three token steps in real time. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { randomFrom } from '../../support/generators/random.ts';
import { type Cache, startCaches } from './caches.ts';
import * as edges from './edges.ts';
import type { Part } from './part.ts';
import { openSite, pageLife, step, ttl } from './site.ts';
import { judgeVisits, visitThreeSteps } from './three-steps.ts';
import { Visitor } from './visitor.ts';

export const cachedGallery: Part = {
  name: 'caches',
  needs: { nginx: 'nginx', varnish: 'varnishd' },
  async run({ account, folder, running, seed, closing }) {
    const pictures = join(folder, 'pictures');
    await mkdir(pictures);
    const site = await openSite(pictures, closing);
    running.push({ stop: () => site.close() });
    const caches = await startCaches(folder, site.port, running);
    account.note(`ttl ${ttl} s, a step ${step} s, a page's life ${pageLife} s; three steps, in real time`);

    const signed = caches.map(() => new Set<string>());
    const open = (cache: Cache, paths: readonly string[]) =>
      Promise.all(paths.map((path) => new Visitor(cache, new Set(), closing).open(path)));
    const [visits, unnamed] = await Promise.all([
      Promise.all(
        caches.map((cache, i) => visitThreeSteps(cache, signed[i]!, randomFrom(seed + i), closing)),
      ),
      Promise.all(caches.map((cache) => open(cache, edges.unnamedLives))),
    ]);
    for (const [i, cache] of caches.entries()) {
      judgeVisits(account, cache, visits[i]!);
      const latest = await new Visitor(cache, new Set(), closing).open('/');
      await new Visitor(cache, signed[i]!, closing).load(latest.images);
      await edges.judgeForgeries(account, cache, latest.images, closing);
      await edges.judgeExpired(account, cache, [...signed[i]!], closing);
      await edges.judgeUnnamedLives(account, cache, unnamed[i]!, closing);
      await open(cache, ['/', '/article']);
    }

    await site.close();
    account.note('\nThe site is gone.');
    await Promise.all(caches.map((cache) => edges.judgeOutage(account, cache, closing)));
  },
};
