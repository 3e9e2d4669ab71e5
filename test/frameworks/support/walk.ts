/** What a `walk.ts` says of its framework, and the expectations that most steps share. */
import assert from 'node:assert/strict';
import type { Visit } from './visit.ts';

export interface Step {
  /** A sentence that holds: it is printed, and so is why it does not. */
  readonly title: string;
  walk(visit: Visit): Promise<void>;
}

/** The app is started anew for each walk. */
export interface Walk {
  readonly title: string;
  /** For the app's start, beside `PORT`, `DELIVERY`, `IMAGES_KEY` and `ACCOUNT_HASH`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** In order, by one visitor. */
  readonly steps: readonly Step[];
}

/** All images are shown, none was refused on the way, and nothing complained. */
export async function expectAllShown(visit: Visit, count: number): Promise<void> {
  const { shown, dark } = await visit.images();
  assert.deepEqual(dark, [], 'dark images');
  assert.equal(shown.length, count, 'shown images');
  assert.deepEqual(visit.refused, [], 'refused images');
  assert.deepEqual(visit.complaints, [], 'the console');
}

/** The limitation of a framework: so many images are dark, each since its URL came without a token. */
export async function expectDark(visit: Visit, count: number): Promise<void> {
  const { dark } = await visit.images();
  assert.equal(dark.length, count, `dark images: ${dark.join(' ')}`);
  for (const url of dark) assert.doesNotMatch(url, /[?&]sig=/);
  assert.notDeepEqual(visit.refused, [], 'refused images');
}

/** The warning in development about URLs in a plain script. */
export function scriptWarning(path: string): Step {
  return {
    title: `${path}: in development, the package warns once that a script keeps plain URLs`,
    async walk(visit) {
      await visit.open(path);
      await visit.reload();
      const warnings = visit.printed.match(/\[script-state\] ImageSignerWarning: /g);
      assert.equal(warnings?.length, 1, visit.printed);
    },
  };
}

/** The same address is opened with and without scripts: what the server sent is whole, and stays so. */
export function firstPaint(path: string, count: number): Step {
  return {
    title: `${path}: the page as it was sent shows every image`,
    async walk(visit) {
      await visit.open(path, { scripts: false });
      await expectAllShown(visit, count);
    },
  };
}

export function hydration(path: string, count: number): Step {
  return {
    title: `${path}: after hydration every image is shown, none was requested without a token, the console is clean`,
    async walk(visit) {
      await visit.open(path);
      await visit.hydrated();
      await expectAllShown(visit, count);
    },
  };
}
