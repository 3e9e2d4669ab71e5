/**
 * `npm run test:walks -- frameworks`: real frameworks behind the packed package, in Chromium, with an image delivery that refuses
 * what is not signed. `npm run test:walks -- frameworks vue next` selects: an app by its name, or, where no app has that name, the
 * apps whose names begin so.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../support/browsers/chromium.ts';
import { PackedPackage } from '../../support/package/projects.ts';
import { Account } from '../proxies/account.ts';
import { App } from './support/app.ts';
import { type Delivery, openDelivery } from './support/delivery.ts';
import { accountHash, key } from './support/settings.ts';
import { storedEnvironment } from './support/stored.ts';
import { Visit } from './support/visit.ts';
import type { Walk } from './support/walk.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

const account = new Account();
const selected = process.argv.slice(2);
const apps = readdirSync(import.meta.dirname).filter((name) =>
  existsSync(join(import.meta.dirname, name, 'package.json')),
);
const names = apps.filter((name) => selected.length === 0 || selected.some((start) => selects(start, name)));
for (const start of selected)
  if (!apps.some((name) => selects(start, name))) account.check(`there is an app named ${start}`, false);
execFileSync('npx', ['tsup', '--silent'], { stdio: 'inherit' });
const packed = new PackedPackage();
const folder = mkdtempSync(join(tmpdir(), 'image-signer-frameworks-'));
process.once('exit', () => {
  packed.remove();
  rmSync(folder, { recursive: true, force: true });
});
const browser = await launchChromium();
try {
  for (const name of names) await walkApp(name, packed.tarball, browser);
} finally {
  await browser.close();
}
process.exitCode = account.close() ? 0 : 1;

/** `react` is React alone, and not React Router as well; `next` is both apps of Next.js. */
function selects(start: string, name: string): boolean {
  return apps.includes(start) ? name === start : name.startsWith(start);
}

async function walkApp(name: string, tarball: string, browser: Browser): Promise<void> {
  account.note(`\n${name}`);
  const begun = performance.now();
  const delivery = await openDelivery();
  let app: App | undefined;
  try {
    const { walks } = (await import(`./${name}/walk.ts`)) as { readonly walks: readonly Walk[] };
    app = await App.install(join(import.meta.dirname, name), join(folder, name), tarball, {
      DELIVERY: delivery.origin,
      IMAGES_KEY: key,
      ACCOUNT_HASH: accountHash,
      ...storedEnvironment(delivery.origin),
    });
    account.note(`  installed and built in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    for (const walk of walks) await walkOnce(app, walk, browser, delivery);
  } catch (error) {
    account.check(`${name} is installed, built and started`, false, linesOf(error, 40));
  } finally {
    await app?.remove();
    await delivery.close();
  }
}

async function walkOnce(app: App, walk: Walk, browser: Browser, delivery: Delivery): Promise<void> {
  account.note(`  ${walk.title}:`);
  const running = await app.start(walk.environment ?? {});
  const visit = new Visit(browser, running, delivery);
  let hasFailed = false;
  try {
    for (const step of walk.steps) {
      try {
        await step.walk(visit);
        account.check(step.title, true);
      } catch (error) {
        hasFailed = true;
        account.check(step.title, false, linesOf(error, 20));
      }
    }
  } finally {
    await visit.close();
    await running.stop();
  }
  if (hasFailed) account.note(`  The app has printed:\n${running.output().slice(-4000)}`);
}

/** One entry, since the account shows few of them. */
function linesOf(error: unknown, count: number): string[] {
  const text = error instanceof Error ? error.message : String(error);
  return [text.split('\n').slice(-count).join('\n         ')];
}
