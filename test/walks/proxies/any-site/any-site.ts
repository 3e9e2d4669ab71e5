/** Sites of other languages behind `image-signer proxy`: what a visitor gets, what an editor saves, and what remains. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../../support/browsers/chromium.ts';
import { randomFrom } from '../../../support/generators/random.ts';
import type { Account } from '../account.ts';
import type { Ground, Part } from '../part.ts';
import { freePort } from '../process.ts';
import { django } from '../sites/django.ts';
import type { Site } from '../sites/site.ts';
import { staticSite } from '../sites/static.ts';
import { wordpress } from '../sites/wordpress.ts';
import { judgeBrowsing } from './browsing.ts';
import { exchange } from './exchange.ts';
import { deliverPictures, type PictureOptions } from './pictures.ts';
import { judgeBytes } from './same-bytes.ts';
import { startProxy } from './signing-proxy.ts';
import { judgeStorm } from './storm.ts';

/** What all sites share, started for the first of them. */
interface Stage {
  readonly options: PictureOptions;
  readonly browser: Browser;
}

export function sitesBehindProxy(): Part[] {
  let stage: Promise<Stage> | undefined;
  return [staticSite, django, wordpress].map((site) => ({
    name: site.name,
    needs: site.needs,
    async run(ground) {
      stage ??= openStage(ground);
      const ready = await stage;
      const others = ground.running.length;
      await judgeSite(site, ready, ground);
      // One that fails is ended with the run.
      await Promise.all(ground.running.splice(others).map((program) => program.stop()));
    },
  }));
}

async function openStage({ folder, running }: Ground): Promise<Stage> {
  const pictures = join(folder, 'private-pictures');
  await mkdir(pictures);
  const options = await deliverPictures(pictures, running);
  const browser = await launchChromium();
  running.push({ stop: () => browser.close() });
  return { options, browser };
}

async function judgeSite(
  site: Site,
  { options, browser }: Stage,
  { account, folder, running, seed, closing }: Ground,
): Promise<void> {
  account.note(`\n${site.name}, behind \`image-signer proxy\`:`);
  const own = join(folder, site.name);
  await mkdir(own);
  const [port, otherPort] = [await freePort(), await freePort()];
  const images = `${options.delivery}/${options.accountHash}`;
  const opened = await site.start({ folder: own, images, publicHost: `127.0.0.1:${port}`, running });
  const start = (at: number) => startProxy(own, opened.address, at, options, running);
  const [proxy, other] = [await start(port), await start(otherPort)];
  await judgeBytes(account, opened, proxy.address);
  await judgeTwins(account, opened.pages, [proxy.address, other.address]);
  await judgeBrowsing(account, opened, proxy.address, options.delivery, browser);
  await judgeStorm(account, opened, proxy, randomFrom(seed), closing);
}

/** Two processes that know nothing of each other, with one configuration. */
async function judgeTwins(
  account: Account,
  pages: readonly string[],
  [one, other]: readonly [string, string],
): Promise<void> {
  for (const path of pages) {
    const [left, right] = await Promise.all(
      [one, other].map((address) => exchange(address, { path }, new URL(one).host)),
    );
    account.check(`two proxies give one page, ${path}`, left!.body.equals(right!.body));
  }
}
