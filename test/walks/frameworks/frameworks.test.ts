/**
 * Real frameworks behind the packed package, in Chromium, with an image delivery that refuses what is not signed:
 * `npm run test:walks -- frameworks`, or with `-t vue` behind it one of them.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { launchChromium } from '../../support/browsers/chromium.ts';
import { PackedPackage } from '../../support/package/projects.ts';
import { temporaryFiles } from '../../support/package/temporary-files.ts';
import { App, type RunningApp } from './support/app.ts';
import { type Delivery, openDelivery } from './support/delivery.ts';
import { accountHash, key } from './support/settings.ts';
import { storedEnvironment } from './support/stored.ts';
import { Visit } from './support/visit.ts';
import type { Walk } from './support/walk.ts';

const { folder } = temporaryFiles();
const packed = new PackedPackage();
let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  packed.remove();
});

const names = readdirSync(import.meta.dirname).filter((name) =>
  existsSync(join(import.meta.dirname, name, 'package.json')),
);
const apps = await Promise.all(
  names.map(async (name) => {
    const { walks } = (await import(`./${name}/walk.ts`)) as { readonly walks: readonly Walk[] };
    return { name, walks };
  }),
);

describe.each(apps)('$name', ({ name, walks }) => {
  let delivery: Delivery;
  let app: App;

  beforeAll(async () => {
    delivery = await openDelivery();
    app = await App.install(join(import.meta.dirname, name), join(folder, name), packed.tarball, {
      DELIVERY: delivery.origin,
      IMAGES_KEY: key,
      ACCOUNT_HASH: accountHash,
      ...storedEnvironment(delivery.origin),
    });
  }, 900_000);
  afterAll(async () => {
    await app?.remove();
    await delivery.close();
  });

  // The steps of a walk are of one visitor, in order.
  describe.each(walks.map((walk) => [walk.title, walk] as const))(
    '%s',
    (_walk, { steps, environment = {} }) => {
      let running: RunningApp;
      let visit: Visit;
      beforeAll(async () => {
        running = await app.start(environment);
        visit = new Visit(browser, running, delivery);
      });
      afterAll(async () => {
        await visit?.close();
        await running?.stop();
      });

      test.each(steps.map((step) => [step.title, step] as const))('%s', async (_step, { walk }) => {
        onTestFailed(() => console.log(running.output().slice(-4_000)));
        await expect(walk(visit)).resolves.toBeUndefined();
      });
    },
  );
});
