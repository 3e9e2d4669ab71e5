/** The example Worker's page in a real browser: each viewer sees their pictures, and the page says what it shows. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOriginServer } from '../../../examples/worker/local/origin-server.ts';
import { drawProofs } from '../../../examples/worker/local/pictures.ts';
import { launchChromium } from '../../support/browsers/chromium.ts';
import { imagesOf, newVisit } from '../../support/generators/gallery-pages.ts';
import { accountHash, key } from '../../support/samples.ts';
import { type RunningWorker, sessionKey, startWorker } from '../../support/servers/worker.ts';
import { accessibilityMistakes, sidewaysOverflow } from './accessibility.ts';

const shared = {
  IMAGES_KEY: key,
  SESSION_KEY: sessionKey,
  IMAGES_ACCOUNT_HASH: accountHash,
  IMAGES_DELIVERY: '/images',
  IMAGES_TTL: '1d',
  VARIANTS: { card: { width: 640 }, preview: { alwaysPublic: true } },
} as const;

let folder: string;
let origin: Server;
let worker: RunningWorker;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-signer-proofs-'));
  origin = createOriginServer(shared, folder).listen(0, 'localhost');
  await once(origin, 'listening');
  const ORIGIN = `http://localhost:${(origin.address() as AddressInfo).port}`; // not a pipe's name
  [worker, browser] = await Promise.all([
    startWorker({ ...shared, ORIGIN }),
    launchChromium(),
    drawProofs(folder, new AbortController().signal),
  ]);
});
afterAll(async () => {
  await Promise.all([worker?.stop(), browser?.close()]);
  origin.closeAllConnections();
  origin.close();
  await rm(folder, { recursive: true });
});

test.each([
  ['light', 390],
  ['dark', 1440],
] as const)(
  'shows pictures to their client, and previews to others: by %s, at %i',
  async (colorScheme, width) => {
    const viewport = { width, height: 900 };
    const context = await browser.newContext({ baseURL: worker.address, viewport, colorScheme });
    const { page, open, complaints } = await newVisit(context);
    const shown = async (): Promise<string[]> => {
      await open('/');
      const images = await imagesOf(page, 'figure img');
      expect(images.filter(({ naturalWidth }) => naturalWidth !== 640)).toEqual([]);
      return images.map(({ url }) => /\/(card\?exp=|preview$)/.exec(url)?.[1] ?? url);
    };
    const [card, preview] = ['card?exp=', 'preview'];
    expect(await shown()).toEqual([preview, preview, preview, preview, preview, preview]);
    await page.getByRole('button', { name: 'Ben' }).click();
    expect(await shown()).toEqual([preview, preview, preview, card, card, card]);
    await page.getByRole('button', { name: 'Ada' }).click();
    expect(await shown()).toEqual([card, card, card, preview, preview, preview]);
    expect(await page.title()).toBe('Proofs · image-signer Worker example');
    expect((await page.request.get('/favicon.ico')).headers()['content-type']).toBe('image/svg+xml');
    expect(await page.getByRole('button', { name: 'Ada' }).getAttribute('aria-pressed')).toBe('true');
    expect([...complaints, ...(await accessibilityMistakes(page))]).toEqual([]);
    expect(await sidewaysOverflow(page)).toBe(0);
    const ask = async (name: string, figure: number): Promise<string | null> => {
      const asked = page.waitForResponse(/images/);
      await page.locator('figure').nth(figure).getByRole('button', { name }).click();
      await asked;
      const output = page.locator('figure output').nth(figure);
      await output.filter({ hasText: /^\d+: / }).waitFor();
      return output.textContent();
    };
    expect(await ask('Ask /sign', 0)).toMatch(/^200: \/images\/.*\/card\?exp=/);
    expect(await ask('Ask /sign', 4)).toBe('403: This image is not signed for you.');
    await context.close();
  },
);
