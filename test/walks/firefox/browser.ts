/** Firefox for the scenes: the one that `FIREFOX_PATH` names, or Debian's. It is driven by WebDriver BiDi. */
import { existsSync } from 'node:fs';
import { launch } from 'puppeteer-core';
import type { Tab, TestBrowser } from '../browsers/open-page/stage.ts';

const path = process.env['FIREFOX_PATH'] ?? '/usr/bin/firefox-esr';

export async function openFirefox(): Promise<TestBrowser> {
  if (!existsSync(path))
    throw new Error(`No Firefox was found at ${path}: apt-get install firefox-esr, or set FIREFOX_PATH.`);
  const browser = await launch({ browser: 'firefox', executablePath: path, headless: true });
  return {
    async open(script): Promise<Tab> {
      const context = await browser.createBrowserContext();
      // Only the front tab of a window is visible, so each has a window of its own.
      const page = await context.newPage({ type: 'window' });
      await page.evaluateOnNewDocument(script);
      return {
        goTo: async (url) => void (await page.goto(url)),
        evaluate: async <Value>(expression: string) => (await page.evaluate(expression)) as Value,
        async goBack() {
          // A page that was kept alive has no `load` event, which `page.goBack` waits for.
          const from = await page.evaluate('location.href');
          await page.evaluate('void history.back()');
          while ((await page.evaluate('location.href').catch(() => from)) === from);
          await page.waitForFunction('document.readyState === "complete"');
        },
        async hide() {
          await page.evaluate('void (visit.front = open("about:blank"))');
          await page.waitForFunction('document.hidden', { polling: 20 });
        },
        async show() {
          await page.evaluate('void visit.front.close()');
          await page.waitForFunction('!document.hidden', { polling: 20 });
        },
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
