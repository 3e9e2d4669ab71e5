/** The example gallery, started as a user starts it, in a real browser. Longer than most files: each page of it is visited. */
import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { drawings } from '../../../examples/gallery/pictures/catalogue.ts';
import { launchChromium } from '../../support/browsers/chromium.ts';
import {
  exceptions,
  expiryOf,
  imagesOf,
  inOtherVariant,
  loadAllImages,
  newVisit,
  signedUrlsIn,
  type Visit,
  withoutToken,
} from '../../support/generators/gallery-pages.ts';
import { type RunningGallery, startGallery } from '../../support/servers/gallery.ts';

const membersIds = drawings.flatMap(({ id, isForMembers }) => (isForMembers ? id : []));
const openId = drawings[0]?.id;
const pages = ['/', '/article', '/article/edit'];
const anatomies = [`/url/${openId}`, `/url/${membersIds[0]}?variant=hero`, `/url/${openId}?variant=preview`];
const viewers = ['guest', 'member'] as const;

let gallery: RunningGallery;
let browser: Browser;

beforeAll(async () => {
  [gallery, browser] = await Promise.all([startGallery(), launchChromium()]);
});
beforeEach(() => moveClock(0));
afterAll(async () => {
  await browser?.close();
  await gallery?.stop();
});

/** In seconds: how far the gallery's clock is ahead. */
let ahead = 0;

/** To the first second of a step of 15 minutes, so that no expiry moves while a test runs, and `more` seconds on. */
function moveClock(more: number): Promise<void> {
  return setClock(901 - (Math.floor(Date.now() / 1000) % 900) + more);
}

async function setClock(seconds: number): Promise<void> {
  ahead = seconds;
  const body = new URLSearchParams({ offset: String(ahead) });
  const { status } = await fetch(`${gallery.address}/clock`, { method: 'POST', body, redirect: 'manual' });
  expect(status).toBe(303);
}

async function enter(
  viewer: (typeof viewers)[number],
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: gallery.address, ...options });
  await context.addCookies([{ name: 'viewer', value: viewer, url: gallery.address }]);
  return context;
}

/** Every signed address that a visitor gets: in what the pages say, and in what the browser asked for. */
async function signedUrlsOf(visit: Visit): Promise<string[]> {
  let html = '';
  for (const path of pages) html += await visit.open(path);
  const requested = [...visit.requested].filter((url) => url.includes('?exp='));
  // These ask for forgeries on purpose, and name one that is over.
  for (const path of anatomies) html += await visit.open(path);
  const now = Date.now() / 1000 + ahead;
  const named = signedUrlsIn(html, gallery.address).filter((url) => expiryOf(url) > now);
  return [...new Set([...named, ...requested])];
}

describe.each(viewers)('a %s', (viewer) => {
  let context: BrowserContext;
  let visit: Visit;

  beforeEach(async () => {
    context = await enter(viewer, { viewport: { width: 1440, height: 900 } });
    visit = await newVisit(context);
    return () => context.close();
  });

  it.each([...pages, ...anatomies])('sees every picture of %s, and the console stays clean', async (path) => {
    await visit.open(path);
    const images = await imagesOf(visit.page);
    expect(images.length).toBeGreaterThan(0);
    expect(images.filter(({ isComplete, naturalWidth }) => !isComplete || naturalWidth === 0)).toEqual([]);
    if (path.startsWith('/url')) await visit.page.locator('[data-settled=yes]').waitFor();
    const unmeant = visit.complaints.filter(
      ({ text, url }) => !(path.startsWith('/url') && text.includes('403') && url.includes('/cdn-cgi/')),
    );
    expect(unmeant).toEqual([]);
  });

  it('gets addresses that are good as they are, and refused without token, in another variant, and too late', async () => {
    const urls = await signedUrlsOf(visit);
    const pictures = drawings.length - (viewer === 'member' ? 0 : membersIds.length);
    expect(urls.length).toBe(pictures * 3); // each in three sizes, and never with two tokens
    expect(await exceptions(urls, 200)).toEqual([]);
    expect(await exceptions(urls.map(withoutToken), 403)).toEqual([]);
    expect(await exceptions(urls.map(inOtherVariant), 403)).toEqual([]);

    await moveClock(2 * 3600);
    expect(await exceptions(urls, 403)).toEqual([]);

    const again = await newVisit(context);
    const renewed = await signedUrlsOf(again);
    expect(renewed.map(withoutToken).sort()).toEqual(urls.map(withoutToken).sort());
    expect(renewed.filter((url) => urls.includes(url))).toEqual([]);
    expect(await exceptions(renewed, 200)).toEqual([]);
    await again.open('/');
    expect((await imagesOf(again.page)).filter(({ naturalWidth }) => naturalWidth === 0)).toEqual([]);
  });

  it('is given tokens for crawlers, too, in og:image and JSON-LD, and in styles', async () => {
    await visit.open('/article');
    const { page } = visit;
    const image = await page.locator('meta[property="og:image"]').getAttribute('content');
    const data = JSON.parse((await page.locator('script[type="application/ld+json"]').textContent()) ?? '');
    expect(image).toMatch(/^http:\/\/localhost:\d+\/cdn-cgi\/imagedelivery\/.+\?exp=\d+&sig=[0-9a-f]{64}$/);
    expect(data.image).toEqual([image]);
    expect(await exceptions([image ?? ''], 200)).toEqual([]);
    const inStyles = [...visit.requested].filter((url) => /\/hero\?exp=/.test(url));
    expect(inStyles.length).toBeGreaterThanOrEqual(2);
  });
});

it('shows the line before, which is refused, and the line after, which is answered, with the status', async () => {
  const context = await enter('guest');
  const { page } = await newVisit(context);
  await page.goto('/');
  const statuses: string[] = [];
  for (const column of await page.locator('.columns > div').all()) {
    const [, url = ''] = /^<img src="([^"]+)">$/.exec((await column.locator('.line').textContent())!)!;
    const response = await page.request.get(url.replaceAll('&amp;', '&'));
    statuses.push(`${response.status()} ${response.statusText()}`);
    expect(await column.locator('.answer').textContent()).toBe(statuses.at(-1));
  }
  expect(statuses).toEqual(['403 Forbidden', '200 OK']);
  await context.close();
});

it('shows a guest the previews of the members’ pictures, and nothing sharper', async () => {
  const context = await enter('guest');
  const visit = await newVisit(context);
  const urls = await signedUrlsOf(visit);
  const all = [...urls, ...visit.requested];
  const sharp = all.filter((url) => membersIds.some((id) => url.includes(id)) && url.includes('sig='));
  expect(sharp).toEqual([]);
  await visit.open('/');
  const shown = await imagesOf(visit.page, '[data-members]');
  expect(shown.map(({ url }) => new URL(url).pathname.split('/').slice(-2))).toEqual(
    membersIds.map((id) => [id, 'preview']),
  );

  await visit.page.getByRole('button', { name: 'Member', exact: true }).click();
  await loadAllImages(visit.page);
  const sharpNow = await imagesOf(visit.page, '[data-members]');
  expect(sharpNow.map(({ url }) => new URL(url).pathname.split('/').at(-2))).toEqual(membersIds);
  for (const { url } of sharpNow) expect(url).toMatch(/\/(?:thumb|card|hero)\?exp=\d+&sig=[0-9a-f]{64}$/);
  await context.close();
});

it('keeps tokens out of the edit form and of the store, even those that are pasted in', async () => {
  const context = await enter('member');
  const { page, open } = await newVisit(context);
  await open('/article/edit');
  const fields = { hero: page.getByLabel('Hero picture'), body: page.getByLabel('The article’s HTML') };
  const formText = async (): Promise<string> =>
    (await fields.hero.inputValue()) + (await fields.body.inputValue());
  const before = await formText();
  expect(before.match(/\/cdn-cgi\/imagedelivery\//g)?.length).toBeGreaterThanOrEqual(8);
  expect(before).not.toMatch(/exp=|sig=/);

  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').waitFor();
  expect(await formText()).toBe(before);

  const signed = (await page.locator('.preview figure img').first().getAttribute('src')) ?? '';
  expect(signed).toContain('sig=');
  const body = `<p><img alt="" src="${signed.replaceAll('&', '&amp;')}"> <a href='${signed}'>it</a>, ${signed}, and</p>`;
  await fields.hero.fill(signed);
  await fields.body.fill(body);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').waitFor();
  const bare = withoutToken(signed);
  expect(await fields.hero.inputValue()).toBe(bare);
  expect(await fields.body.inputValue()).toBe(
    `<p><img alt="" src="${bare}"> <a href='${bare}'>it</a>, ${bare}, and</p>`,
  );

  const article = await open('/article');
  expect(article).toContain(`<img alt="" src="${bare}?exp=`);
  await open('/article/edit');
  await page.getByRole('button', { name: 'Restore the original' }).click();
  await page.getByRole('status').waitFor();
  expect(await formText()).toBe(before);
  await context.close();
});

it('takes an address apart, probes it, and watches it end when the clock is moved', async () => {
  const context = await enter('member');
  const { page, open } = await newVisit(context);
  await open(`/url/${openId}`);
  const settled = page.locator('[data-settled=yes]');
  const answers = async (): Promise<string[]> => {
    await settled.waitFor();
    return page.locator('[data-probe] output').allTextContents();
  };
  const refused = Array(4).fill('403 Forbidden');
  expect(await answers()).toEqual(['200 OK', ...refused]);
  const first = await page.locator('.address').textContent();
  expect(first).toMatch(
    /^http:\/\/localhost:\d+\/cdn-cgi\/imagedelivery\/.+\/card\?exp=\d+&sig=[0-9a-f]{64}$/,
  );
  await expect.poll(() => page.locator('[data-countdown]').textContent()).toMatch(/^(?:1:)?\d?\d:\d\d$/);

  await page.getByRole('button', { name: '+ 1 hour' }).click();
  await page.locator('[data-clock-notice]').waitFor(); // the page has been loaded again
  await page.getByRole('button', { name: '+ 1 hour' }).click();
  await page.locator('[data-over]').waitFor();
  expect(await page.locator('[data-countdown]').textContent()).toBe('Expired');
  expect(await answers()).toEqual(['403 Forbidden', ...refused]);

  await page.getByRole('link', { name: 'Get a new URL' }).click();
  await page.waitForURL(/\/url\//);
  await page.locator('[data-clock-notice]').waitFor();
  expect(await answers()).toEqual(['200 OK', ...refused]);
  expect(await page.locator('.address').textContent()).not.toBe(first);
  await context.close();
});

it('has an icon and a title of its own on every page, and says where it is refused on purpose', async () => {
  await setClock(0); // a clock that is ahead has a notice of its own on `/open`
  const titles = new Set<string>();
  for (const path of [...pages, ...anatomies, '/open', '/open?script=no', '/refusals', '/nothing']) {
    const context = await enter('guest');
    const { page, open, complaints } = await newVisit(context);
    await open(path);
    if (path.startsWith('/url')) await page.locator('[data-settled=yes]').waitFor();
    const title = await page.title();
    expect(title).toMatch(/ · image-signer gallery$/);
    titles.add(title);
    const icon = await page.locator('link[rel=icon]').getAttribute('href');
    for (const url of [icon!, '/favicon.ico']) {
      const response = await page.request.get(url);
      expect([response.status(), response.headers()['content-type']]).toEqual([200, 'image/svg+xml']);
    }
    const notes = (await page.getByRole('note').allTextContents()).join('\n');
    const refused = complaints.filter(({ url }) => !url.endsWith('/nothing'));
    for (const { text } of refused) expect(notes, path).toContain(/status of (\d+)/.exec(text)![1]);
    const isStaged = refused.length > 0 || path.endsWith('script=no'); // which is refused later
    expect(notes.includes('Refused on purpose.'), path).toBe(isStaged);
    await context.close();
  }
  expect(titles.size).toBe(8); // with and without the script it is one page; two pages take one picture's URL apart
});

describe('the page that stays open', () => {
  let context: BrowserContext;
  let visit: Visit;

  beforeEach(async () => {
    await setClock(0);
    context = await enter('member', { viewport: { width: 1440, height: 900 } });
    visit = await newVisit(context);
    await visit.page.clock.install();
    return () => context.close();
  });

  /** Leaves the page open until so long after it came: the visitor's clock moves with the gallery's. */
  async function wait(seconds: number): Promise<void> {
    const more = seconds - ahead;
    await setClock(seconds);
    await visit.page.clock.runFor(more * 1000);
  }

  async function countDark(): Promise<number> {
    await loadAllImages(visit.page);
    return (await imagesOf(visit.page)).filter(({ naturalWidth }) => naturalWidth === 0).length;
  }

  it('shows every picture after a minute and a half, says what it waits for, and logs what it did', async () => {
    const { page, complaints } = visit;
    const count = (name: string): Promise<string | null> =>
      page.locator(`[data-count=${name}]`).textContent();
    await page.goto('/open');
    const log = page.getByRole('log');
    await expect.poll(() => log.textContent()).toContain('” loaded.');
    const [now, next, seen] = ['now', 'next', 'seen'].map((name) => page.locator(`[data-plan=${name}]`));
    expect(await now!.textContent()).toMatch(/^\d+ of 15 pictures loaded\./);
    expect(await next!.textContent()).toMatch(
      /^The script fetches new URLs between [\d:]{8} and [\d:]{8}\.$/,
    );
    expect(await seen!.textContent()).toBe('Every picture, however late you scroll to it.');
    expect(await count('asked')).toBe('0');

    await wait(65);
    await expect
      .poll(() => log.textContent())
      .toMatch(/The script fetched this page for new URLs.+ replaced/);
    expect(await count('asked')).toBe('1');
    await wait(90);
    expect(await countDark()).toBe(0);
    expect(await log.textContent()).not.toContain('was refused');
    expect(complaints).toEqual([]);
  });

  it('fills its width, and the height of the window beside the pictures', async () => {
    const { page } = visit;
    await page.goto('/open');
    const [main, start, stay] = ['main', '.beginning', '.stay'].map((name) =>
      page.locator(name).boundingBox(),
    );
    const inner = (await main!)!.width - 2 * 56; // its padding
    expect([(await start!)!.width, (await stay!)!.width].map(Math.round)).toEqual(
      [inner, inner].map(Math.round),
    );
    await page.mouse.wheel(0, 2000);
    await expect.poll(async () => (await page.locator('.side').boundingBox())!.y).toBe(24);
    const side = await page.locator('.side').boundingBox();
    expect(Math.round(side!.height)).toBe(900 - 2 * 24);
  });

  it('goes dark without the script', async () => {
    const { page } = visit;
    await page.goto('/open?script=no');
    await wait(90);
    expect(await page.getByRole('timer').textContent()).toBe('Expired');
    expect(await page.locator('.plan').textContent()).toMatch(
      /Nothing\. No script.+Broken pictures further down\./s,
    );
    expect(await countDark()).toBeGreaterThan(0);
    expect(await page.getByRole('log').textContent()).toContain('was refused: its URL had expired.');
  });
});
