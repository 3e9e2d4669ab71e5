/** Makes tests of the scenes, in one browser. They run side by side, each in a tab of its own. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Scene } from './scene.ts';
import { scenesOfElements } from './scenes/elements.ts';
import { scenesOfTime } from './scenes/left-open.ts';
import { scenesOfLists } from './scenes/lists.ts';
import { scenesOfManners } from './scenes/manners.ts';
import { scenesOfStrangers } from './scenes/strangers.ts';
import { scenesOfTypedUrls } from './scenes/typed-urls.ts';
import type { TestBrowser } from './stage.ts';
import { Stage, type StageOptions } from './stage.ts';

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
      for (const scene of ofGroup)
        if (keepsPages || !scene.needsKeptPages) it(scene.title, () => runScene(browser, scene));
    });
}

async function runScene(browser: TestBrowser, scene: Scene): Promise<void> {
  const stages: Stage[] = [];
  const open = async (options: StageOptions): Promise<Stage> => {
    stages.push(await Stage.open(browser, options));
    return stages.at(-1)!;
  };
  try {
    await scene.play?.(open);
    if (scene.run === undefined) return;
    const stage = await open(scene as StageOptions);
    await stage.visit(scene.path ?? '/');
    await scene.run(stage);
  } finally {
    await Promise.all(stages.map((stage) => stage.close()));
  }
}
