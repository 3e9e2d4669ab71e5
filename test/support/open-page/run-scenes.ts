/** Makes tests of the scenes, in one browser. They run side by side, each in a tab of its own. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { isQuickRun } from '../run-length.ts';
import type { TestBrowser } from './browser.ts';
import type { Scene } from './scene.ts';
import { scenesOfElements } from './scenes/elements.ts';
import { scenesOfTime } from './scenes/left-open.ts';
import { scenesOfLists } from './scenes/lists.ts';
import { scenesOfManners } from './scenes/manners.ts';
import { scenesOfStrangers } from './scenes/strangers.ts';
import { scenesOfTypedUrls } from './scenes/typed-urls.ts';
import { Stage } from './stage.ts';

const scenes: Readonly<Record<string, readonly Scene[]>> = {
  'a page that stays open': scenesOfTime,
  'what shows an image': scenesOfElements,
  'what comes later': scenesOfLists,
  'what the client does without': scenesOfManners,
  'what strangers write': scenesOfStrangers,
  'URLs that strangers write': scenesOfTypedUrls,
};

/** @param keepsPages - whether the browser keeps pages alive that were left (the back/forward cache) */
export function runScenes(
  openBrowser: () => Promise<TestBrowser>,
  { keepsPages }: { readonly keepsPages: boolean },
): void {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  for (const [name, ofGroup] of Object.entries(scenes))
    describe.concurrent(name, () => {
      for (const { title, isQuick, needsKeptPages, run } of ofGroup)
        if ((isQuick || !isQuickRun) && (keepsPages || !needsKeptPages))
          it(title, () => runScene(browser, run));
    });
}

async function runScene(browser: TestBrowser, run: Scene['run']): Promise<void> {
  const stages: Stage[] = [];
  try {
    await run(async (options) => {
      const stage = await Stage.open(browser, options);
      stages.push(stage);
      return stage;
    });
  } finally {
    await Promise.all(stages.map((stage) => stage.close()));
  }
}
