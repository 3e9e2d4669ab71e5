/** What a `walk.ts` says of its framework, and the actions and expectations of which most of its steps consist. */
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

export type Action = (visit: Visit) => Promise<void> | void;

export function step(title: string, ...actions: readonly Action[]): Step {
  return {
    title,
    async walk(visit) {
      for (const action of actions) await action(visit);
    },
  };
}

/** The page as the server has sent it. */
export function openPlain(path: string): Action {
  return (visit) => visit.open(path, { scripts: false });
}

export function open(path: string): Action {
  return (visit) => visit.open(path);
}

/** Opens a page, and waits for its scripts. */
export function hydrate(path: string): Action {
  return async (visit) => {
    await visit.open(path);
    await visit.hydrated();
  };
}

export function hydrated(visit: Visit): Promise<void> {
  return visit.hydrated();
}

/** Clicks what has these texts, one after another. */
export function click(...texts: readonly string[]): Action {
  return async (visit) => {
    for (const text of texts) await visit.click(text);
  };
}

export function follow(link: string, heading: string): Action {
  return (visit) => visit.follow(link, heading);
}

/** As the button of a browser does, to a page that is not a new document. */
export function goBack(heading: string): Action {
  return async (visit) => {
    visit.forget();
    await visit.page.goBack();
    await visit.page.locator('h1', { hasText: heading }).waitFor();
    await visit.settled();
  };
}

export function forget(visit: Visit): void {
  visit.forget();
}

/** What a reload is answered on the wire, and whether the page has a tag. */
export function reload(status: 200 | 304): Action {
  return async (visit) => {
    assert.equal((await visit.header('etag')) === null, status === 200, 'the tag');
    assert.equal(await visit.reload(), status);
  };
}

/** What the action requests under an address with this part has this type. */
export function bringing(part: string, type: RegExp, action: Action): Action {
  return async (visit) => {
    const answer = visit.page.waitForResponse((response) => response.url().includes(part));
    await action(visit);
    assert.match((await (await answer).headerValue('content-type')) ?? '', type);
  };
}

/** Waits until an image with this text is there, and the page has settled after that. */
export function appears(alt: string): Action {
  return async (visit) => {
    await visit.page.getByAltText(alt).waitFor();
    await visit.settled();
  };
}

/**
 * All images are shown, none was refused on the way, and nothing complained.
 * @param url - what each URL is like
 */
export function shown(count: number, url?: RegExp): Action {
  return async (visit) => {
    const images = await visit.images();
    assert.deepEqual(images.dark, [], 'dark images');
    assert.equal(images.shown.length, count, 'shown images');
    assert.deepEqual(visit.refused, [], 'refused images');
    assert.deepEqual(visit.complaints, [], 'the console');
    for (const each of url === undefined ? [] : images.shown) assert.match(each, url!);
  };
}

/**
 * The limitation of a framework: so many images are dark, each since its URL came without a token.
 * @param others - how many are shown, where that is known
 */
export function dark(count: number, others?: number): Action {
  return async (visit) => {
    const images = await visit.images();
    assert.equal(images.dark.length, count, `dark images: ${images.dark.join(' ')}`);
    for (const url of images.dark) assert.doesNotMatch(url, /[?&]sig=/);
    assert.notDeepEqual(visit.refused, [], 'refused images');
    if (others !== undefined) assert.equal(images.shown.length, others, images.shown.join(' '));
  };
}

/** In development, the package warns once of URLs in a plain script. */
export function scriptWarning(path: string): Step {
  return step(`${path}: the package warns once that a script keeps plain URLs`, async (visit) => {
    await visit.open(path);
    await visit.reload();
    const warnings = visit.printed.match(/\[script-state\] ImageSignerWarning: /g);
    assert.equal(warnings?.length, 1, visit.printed);
  });
}

/** The same address is opened with and without scripts: what the server sent is whole, and stays so. */
export function firstPaint(path: string, count: number): Step {
  return step(`${path}: the page as it was sent shows every image`, openPlain(path), shown(count));
}

export function hydration(path: string, count: number, url?: RegExp): Step {
  const title =
    'after hydration every image is shown, none was requested without a token, the console is clean';
  return step(`${path}: ${title}`, hydrate(path), shown(count, url));
}

/** @param database - where the app gives what it holds: the cover has a token until an editor has saved it */
export function savedPlain(form: string, database: string): Step {
  const read = async (visit: Visit): Promise<string> => (await visit.fetch(database)).text();
  return step(`${form}: what a form sends back has tokens, and is stored without`, async (visit) => {
    assert.match(await read(visit), /one-cover[^"]*sig=/);
    await visit.open(form);
    assert.match(await visit.page.locator('[name=cover]').inputValue(), /sig=/);
    assert.match(await visit.page.locator('[name=body]').inputValue(), /sig=/);
    const saved = visit.page.waitForResponse((response) => response.request().method() === 'POST');
    await visit.click('Save');
    await saved;
    const post = (await read(visit)).split('"id":"two"')[0]!;
    assert.match(post, /one-cover\/card"/);
    assert.doesNotMatch(post.replace(/"thumb":"[^"]*"/, ''), /sig=|minio/);
  });
}
