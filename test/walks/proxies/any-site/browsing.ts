/** A visitor, and an editor, in Chromium: private pictures show behind the proxy, and what is saved has no tokens. */
import type { Browser, Page } from 'playwright-core';
import { imagesOf, newVisit, type SeenImage } from '../../../support/generators/gallery-pages.ts';
import type { Account } from '../account.ts';
import type { OpenSite } from '../sites/site.ts';
import { exchange } from './exchange.ts';

export async function judgeBrowsing(
  account: Account,
  { address, pages, edit, stored }: OpenSite,
  proxy: string,
  delivery: string,
  browser: Browser,
): Promise<void> {
  const context = await browser.newContext({ baseURL: proxy });
  const visit = await newVisit(context);
  const darkOn = async (path: string): Promise<string[]> => {
    await visit.open(path);
    return dark(visit.page, delivery);
  };
  const imagesWithout = async (page: Page, path: string): Promise<SeenImage[]> => {
    const { body } = await exchange(address, { path }, new URL(proxy).host);
    const url = `${proxy}${path}`;
    await page.route(url, (route) => route.fulfill({ body, contentType: 'text/html; charset=utf-8' }));
    await visit.open(path);
    await page.unroute(url);
    return imagesOf(page);
  };
  for (const path of pages) {
    const seen = await darkOn(path);
    account.check(
      `${path} shows all its private pictures in Chromium, and the console stays clean`,
      seen.length === 0 && visit.complaints.length === 0,
      [...seen, ...visit.complaints.map(({ text, url }) => `${text} ${url}`)],
    );
    const without = await imagesWithout(visit.page, path);
    account.check(
      'and none as the site sends it',
      without.length > 0 && without.every(({ naturalWidth }) => naturalWidth === 0),
      without.map(({ url }) => url),
    );
    visit.complaints.length = 0;
  }
  if (edit !== undefined) {
    const title = `Edited: “${Math.random().toString(36).slice(2)}” & saved`;
    await edit(visit.page, title);
    await visit.page.reload(); // the browser may keep the page as it was before
    const [host, text] = [new URL(visit.page.url()).host, await visit.page.locator('body').textContent()];
    account.check(
      'an article is edited and saved, and shown on the proxy’s address with its pictures',
      host === new URL(proxy).host &&
        text?.includes(title) === true &&
        (await dark(visit.page, delivery)).length === 0,
      [visit.page.url(), String(text).slice(0, 200)],
    );
    const all = await stored();
    account.check(
      'what was saved is in the database, without a token',
      all.includes('saved') && !/[?&;]sig=/.test(all),
    );
  }
  await context.close();
}

/** The addresses of the delivery's pictures that cannot be seen. */
async function dark(page: Page, delivery: string): Promise<string[]> {
  const images = (await imagesOf(page)).filter(({ url }) => url.startsWith(delivery));
  if (images.length === 0) return ['no pictures at all'];
  return images.flatMap(({ url, isComplete, naturalWidth }) => (isComplete && naturalWidth > 0 ? [] : url));
}
