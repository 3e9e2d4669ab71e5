/**
 * `npm run test:proxies`: nginx and Varnish in front of the example gallery, over three token steps in real time. No
 * visitor may get a page with a dead image, and images come out of the cache within a step. `SEED` sets the moments. Before
 * that, an nginx with `secure_link` judges the URLs of `nginxSecureLink`, and HAProxy and Varnish those of their recipes.
 */
import { setMaxListeners } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGallery } from '../support/gallery.ts';
import { randomFrom } from '../support/random.ts';
import { Account } from './account.ts';
import { type Cache, missingPrograms, startCaches } from './caches.ts';
import {
  judgeExpired,
  judgeForgeries,
  judgeMembers,
  judgeOutage,
  judgeUnnamedLives,
  unnamedLives,
} from './edges.ts';
import type { RunningProgram } from './process.ts';
import { judgeRecipes } from './recipes.ts';
import { judgeSecureLink } from './secure-link.ts';
import { openSite, pageLife, step, ttl } from './site.ts';
import { judgeVisits, visitThreeSteps } from './three-steps.ts';
import { Visitor } from './visitor.ts';

if (missingPrograms.length > 0) {
  console.error(
    `This needs ${missingPrograms.join(' and ')}: apt-get install nginx varnish varnish-vmod-digest haproxy`,
  );
  process.exit(1);
}

const closing = new AbortController();
setMaxListeners(0, closing.signal); // every request and every wait of every visitor
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => closing.abort());
const folder = await mkdtemp(join(tmpdir(), 'image-signer-proxies-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const running: RunningProgram[] = [];
try {
  process.exitCode = (await run(new Account(), closing.signal)) ? 0 : 1;
} catch (error) {
  if (!closing.signal.aborted) throw error;
  console.error('Broken off.');
  process.exitCode = 130;
} finally {
  await Promise.all(running.map((program) => program.stop()));
}

async function run(account: Account, signal: AbortSignal): Promise<boolean> {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  account.note(`seed ${seed}: run again with SEED=${seed}`);
  await judgeSecureLink(account, folder, running, signal);
  await judgeRecipes(account, folder, running, signal);
  const pictures = join(folder, 'pictures');
  await mkdir(pictures);
  const site = await openSite(pictures, signal);
  running.push({ stop: () => site.close() });
  // One after the other: where one fails, nothing else is on its way.
  const caches = await startCaches(folder, site.port, running);
  const ofGallery = await openGallery();
  account.note(`ttl ${ttl} s, a step ${step} s, a page's life ${pageLife} s; three steps, in real time`);

  const signed = caches.map(() => new Set<string>());
  const [visits, unnamed] = await Promise.all([
    Promise.all(caches.map((cache, i) => visitThreeSteps(cache, signed[i]!, randomFrom(seed + i), signal))),
    Promise.all(
      caches.map((cache) =>
        Promise.all(unnamedLives.map((path) => new Visitor(cache, new Set(), signal).open(path))),
      ),
    ),
  ]);
  for (const [i, cache] of caches.entries()) {
    judgeVisits(account, cache, visits[i]!);
    const latest = await new Visitor(cache, new Set(), signal).open('/');
    await new Visitor(cache, signed[i]!, signal).load(latest.images);
    await judgeForgeries(account, cache, latest.images, signal);
    await judgeExpired(account, cache, [...signed[i]!], signal);
    await judgeUnnamedLives(account, cache, unnamed[i]!, signal);
    await Promise.all(['/', '/article'].map((path) => new Visitor(cache, new Set(), signal).open(path)));
  }

  await site.close();
  account.note('\nThe site is gone.');
  await Promise.all(caches.map((cache) => judgeOutage(account, cache, signal)));
  for (const cache of ofGallery) await judgeMembers(account, cache, signal);
  return account.close();
}

/** The gallery as `npm start` opens it, but for what a shared cache needs; and caches in front of it. */
async function openGallery(): Promise<Cache[]> {
  const gallery = await startGallery({ PORT: '0', SHARED_CACHE: '1', TMPDIR: folder });
  running.push({ stop: async () => void (await gallery.stop()) });
  return startCaches(folder, Number(new URL(gallery.address).port), running);
}
