/** A site, and a page of Chromium whose requests for images of other hosts are noted, and not sent. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchChromium } from '../../support/browsers/chromium.ts';

export interface WatchedPage {
  /** Of the site, with a slash behind it. */
  readonly address: string;
  readonly page: Page;
  /** What Chromium asked other hosts for. */
  readonly requested: string[];
}

/** For all tests of a file. */
export function watchPage(listener: RequestListener): WatchedPage {
  const requested: string[] = [];
  let server: Server;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await launchChromium();
    page = await browser.newPage();
    await page.route(/^https:/, (route) => {
      requested.push(route.request().url());
      return route.abort();
    });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close().closeAllConnections();
  });
  return {
    get address() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    },
    get page() {
      return page;
    },
    requested,
  };
}
