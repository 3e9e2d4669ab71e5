/**
 * Starts the gallery and writes a picture of each page: on a phone and on a desktop, by light and by dark.
 * `npm run generate -- screenshots <folder>`; `docs/screenshots` if it is left out. The README's picture goes to
 * `docs/before-after.png`, or to `readme.png` in the folder that was named; that of the guide, likewise, to `docs/refusals.png`.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import { launchChromium } from './support/browsers/chromium.ts';
import { loadAllImages } from './support/generators/gallery-pages.ts';
import { startGallery } from './support/servers/gallery.ts';

const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1440, height: 900 } } as const;
const schemes = ['light', 'dark'] as const;
const pages = {
  gallery: '/',
  article: '/article',
  edit: '/article/edit',
  anatomy: '/url',
  open: '/open',
  refusals: '/refusals',
  missing: '/nothing',
} as const;

const named = process.argv[3];
const folder = resolve(named ?? 'docs/screenshots');
const readmePicture = named === undefined ? resolve('docs/before-after.png') : join(folder, 'readme.png');
const guidePicture = join(named === undefined ? resolve('docs') : folder, 'refusals.png');

async function main(): Promise<void> {
  await mkdir(folder, { recursive: true });
  const browser = await launchChromium();
  const gallery = await startGallery();
  try {
    for (const [device, viewport] of Object.entries(sizes)) {
      for (const colorScheme of schemes) {
        const options = {
          baseURL: gallery.address,
          viewport,
          colorScheme,
          deviceScaleFactor: 1,
          isMobile: device === 'phone',
        };
        const context = await browser.newContext({ ...options, reducedMotion: 'reduce' });
        await takeAll(context, `${device}-${colorScheme}`);
        await context.close();
      }
    }
    const context = await browser.newContext({
      baseURL: gallery.address,
      viewport: sizes.desktop,
      colorScheme: 'light',
    });
    await takeForReadme(await context.newPage());
    await takeForGuide(await context.newPage());
  } finally {
    await browser.close();
    await gallery.stop();
  }
}

async function takeAll(context: BrowserContext, name: string): Promise<void> {
  const page = await context.newPage();
  for (const [pageName, path] of Object.entries(pages)) {
    await open(page, path);
    await page.screenshot({ path: join(folder, `${pageName}-${name}.png`), fullPage: true });
  }
  await open(page, '/');
  await page.getByRole('button', { name: 'Member', exact: true }).click();
  await loadAllImages(page);
  await page.screenshot({ path: join(folder, `member-${name}.png`), fullPage: true });
  await open(page, '/url');
  await page.getByRole('button', { name: '+ 1 day' }).click();
  await page.locator('[data-over]').waitFor();
  await page.locator('[data-settled=yes]').waitFor();
  await page.screenshot({ path: join(folder, `expired-${name}.png`), fullPage: true });
  await page.goto('/');
  await page.getByRole('button', { name: 'Back to real time' }).click();
}

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await loadAllImages(page);
  if (path === '/url') await page.locator('[data-settled=yes]').waitFor();
}

/** The same page twice: with the URLs as the app writes them, which the delivery refuses, and as they go out. */
async function takeForReadme(page: Page): Promise<void> {
  await open(page, '/');
  const shown = await page
    .locator('main img')
    .evaluateAll((images) =>
      (images as unknown as { src: string; alt: string }[]).map(({ src, alt }) => ({ src, alt })),
    );
  await page.route(`${new URL(page.url()).origin}/**`, (route) =>
    new URL(route.request().url()).search === '' ? route.fulfill({ status: 403 }) : route.continue(),
  );
  await page.setViewportSize({ width: 1440, height: 640 });
  await page.setContent(beforeAndAfter([0, 1, 2, 4].map((index) => shown[index]!)));
  await page.waitForLoadState('networkidle');
  await writeSmall(await page.locator('main').screenshot(), readmePicture);
}

function beforeAndAfter(images: readonly { readonly src: string; readonly alt: string }[]): string {
  const half = (title: string, answer: string, isSigned: boolean): string => `
    <section>
      <h2>${title} <b class="${isSigned ? 'good' : 'bad'}">${answer}</b></h2>
      <div>${images.map(({ src, alt }) => `<img alt="${alt}" src="${isSigned ? src : src.split('?')[0]}">`).join('')}</div>
      <code>&lt;img src="https://…/lake${isSigned ? '<mark>?exp=1790100000&amp;amp;sig=c8f8b26d…</mark>' : ''}"&gt;</code>
    </section>`;
  return `<!doctype html><style>
      body { margin: 0; }
      main { display: grid; grid-template-columns: 1fr 1fr; gap: 28px; padding: 28px; background: #f7f4ee; }
      h2 { display: flex; justify-content: space-between; margin: 0 0 14px; color: #211d1a; font: 600 24px system-ui, sans-serif; }
      b { padding: 3px 14px; border-radius: 99px; font: 600 18px ui-monospace, monospace; }
      .good { background: #dcefe2; color: #1c6b45; }
      .bad { background: #fbe2dc; color: #a2261b; }
      section { padding: 22px; border: 1px solid #e2dbcf; border-radius: 14px; background: #fffdf9; }
      div { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; }
      img { display: block; width: 100%; height: 190px; object-fit: cover; border-radius: 6px; background: #efe9de; color: #655d55; font: 16px system-ui, sans-serif; }
      code { display: block; margin-top: 16px; color: #211d1a; font: 17px ui-monospace, monospace; }
      mark { background: #ffe39a; color: inherit; }
    </style>
    <main>${half('What your app sends', '403', false)}${half('What the visitor gets', '200', true)}</main>`;
}

/** The first three refusals. */
async function takeForGuide(page: Page): Promise<void> {
  await open(page, '/refusals');
  const [first, , third] = await page.locator('.refused').all();
  const [top, end] = [await first?.boundingBox(), await third?.boundingBox()];
  if (!top || !end) throw new Error('The page shows fewer than three refusals.');
  const height = end.y + end.height - top.y + 24;
  const png = await page.screenshot({ clip: { x: 0, y: top.y, width: 1440, height }, fullPage: true });
  await writeSmall(png, guidePicture);
}

async function writeSmall(png: Buffer, file: string): Promise<void> {
  await sharp(png).resize(1200).png({ palette: true, quality: 82, effort: 9 }).toFile(file);
}

await main();
