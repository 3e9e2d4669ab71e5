/** Chromium for the scenes. */
import { launchChromium } from '../../../support/browsers/chromium.ts';
import type { TestBrowser } from './stage.ts';

export async function openChromium(): Promise<TestBrowser> {
  const browser = await launchChromium();
  return {
    async open(script) {
      const context = await browser.newContext({ viewport: { width: 800, height: 600 } });
      await context.addInitScript(script);
      const page = await context.newPage();
      return {
        goTo: async (url) => void (await page.goto(url)),
        evaluate: (expression) => page.evaluate(expression),
        goBack: async () => void (await page.goBack()),
        // It shows all its tabs at once.
        hide: () => page.evaluate('visit.pretendHidden(true)'),
        show: () => page.evaluate('visit.pretendHidden(false)'),
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
