/**
 * Pages that stay open past the end of their tokens, with the client of the package. Their apps sign for the short ttl.
 *
 * A token lives 5 to 6.25 seconds, and the client asks for the next one at half of that life at the latest.
 */
import assert from 'node:assert/strict';
import type { Visit } from './visit.ts';
import type { Step } from './walk.ts';

/** For the environment of an app. */
export const shortTtl: Readonly<Record<'TTL', string>> = { TTL: '5s' };

/** In milliseconds: until each token that a page has now has ended. */
const past = 8000;

/** For tokens that end together: at most one request a margin, which is 2 seconds at least. */
const mostRequests = past / 2000;

/** Runs in the page. */
const allShown = 'Array.from(document.images).every(({ naturalWidth }) => naturalWidth > 0)';

/** What a step may cost. */
export interface Cost {
  /** Images that the delivery draws at most: a document shows again what it has loaded, by the same URL. */
  readonly drawn: number;
  /** Requests of scripts at most, which are those for new URLs in most steps. */
  readonly requests: number;
  /** Images that fail before they get a new URL: at least, and at most. @default none */
  readonly refused?: readonly [least: number, most: number];
}

/**
 * The page stays open while images below are not shown yet.
 * @param ends - at how many times their tokens end
 */
export async function stayOpen(visit: Visit, ends = 1): Promise<void> {
  visit.forget();
  await visit.page.waitForTimeout(past);
  assert.deepEqual(visit.drawn, [], 'fetched images');
  assert.deepEqual(visit.refused, [], 'refused images');
  const { length } = visit.fetched;
  assert.ok(length >= 1 && length <= mostRequests * ends, `requests: ${visit.fetched.join(' ')}`);
}

/** The page stays open, and all of its images are shown. */
export async function stayShown(visit: Visit): Promise<void> {
  visit.forget();
  await visit.page.waitForTimeout(past);
  await expectShown(visit, (await visit.images()).shown.length, { drawn: 0, requests: 0 });
}

/** Scrolls to where lazy images stand; a renewal may begin just before that. */
export async function scrollDown(visit: Visit): Promise<void> {
  visit.forget();
  await visit.page.evaluate('scrollTo(0, document.body.scrollHeight)');
  await visit.settled();
}

/** All images are shown in the end, none was drawn twice, and it did not cost more. */
export async function expectShown(
  visit: Visit,
  count: number,
  { drawn, requests, refused: [least, most] = [0, 0] }: Cost,
): Promise<void> {
  for (const end = Date.now() + 15_000; Date.now() < end && !(await visit.page.evaluate(allShown)); )
    await visit.page.waitForTimeout(50);
  const images = await visit.images();
  assert.deepEqual(images.dark, [], 'dark images');
  assert.equal(images.shown.length, count, 'shown images');
  const paths = visit.drawn.map((url) => url.split('?')[0]);
  assert.equal(new Set(paths).size, paths.length, `fetched twice: ${paths.join(' ')}`);
  assert.ok(paths.length <= drawn, `fetched images: ${paths.join(' ')}`);
  const { length } = visit.refused;
  assert.ok(length >= least && length <= most, `refused images: ${visit.refused.join(' ')}`);
  assert.ok(visit.fetched.length <= requests, `requests: ${visit.fetched.join(' ')}`);
  assert.deepEqual(visit.complaints, [], 'the console');
}

async function openAlbum(visit: Visit): Promise<void> {
  await visit.open('/album');
  await visit.hydrated();
}

/** The album of React and Vue, which asks for the page itself: one photo above, two lazy ones far below. */
export const openAlbumSteps: readonly Step[] = [
  {
    title: 'the page stays open past the end of its tokens: it is asked for again, and no image is',
    async walk(visit) {
      await openAlbum(visit);
      await stayOpen(visit);
    },
  },
  {
    title: 'scrolled then, each lazy image shows at its first request',
    async walk(visit) {
      await scrollDown(visit);
      await expectShown(visit, 3, { drawn: 2, requests: 1 });
    },
  },
  {
    title: 'with all images shown nothing is requested, also when they have ended',
    walk: stayShown,
  },
  {
    title: 'a link of the app renders state that has ended: every image shows, after one request',
    async walk(visit) {
      await visit.follow('Covers', 'Covers');
      await expectShown(visit, 3, { drawn: 3, requests: 1, refused: [3, 3] });
    },
  },
  {
    title: 'Back renders the ended state of the first page again: every image shows, after one request',
    async walk(visit) {
      await stayShown(visit);
      visit.forget();
      await visit.page.goBack();
      await visit.page.locator('h1', { hasText: 'Album' }).waitFor();
      await visit.settled();
      await visit.page.evaluate('scrollTo(0, document.body.scrollHeight)');
      await expectShown(visit, 3, { drawn: 3, requests: 1, refused: [1, 3] });
    },
  },
];

/** The same with photos that the page itself does not hold: JSON brings two more. */
export const fetchedAlbumSteps: readonly Step[] = [
  {
    title: 'the page stays open past the end of the tokens that JSON has brought',
    async walk(visit) {
      await openAlbum(visit);
      await visit.click('Further');
      await stayOpen(visit, 2);
    },
  },
  {
    title: 'scrolled then, each lazy image shows at its first request',
    async walk(visit) {
      await scrollDown(visit);
      await expectShown(visit, 5, { drawn: 4, requests: 2 });
      await stayShown(visit);
    },
  },
  {
    title: 'a state update brings an URL that has ended: the image shows after one request',
    async walk(visit) {
      visit.forget();
      await visit.click('Size');
      await expectShown(visit, 5, { drawn: 1, requests: 1, refused: [1, 1] });
    },
  },
  {
    title: 'state updates that go to and fro show the images each time',
    async walk(visit) {
      for (const _ of ['thumb', 'card', 'thumb']) {
        visit.forget();
        await visit.click('Size');
        await expectShown(visit, 5, { drawn: 1, requests: 1, refused: [0, 1] });
      }
    },
  },
  {
    title: 'a link of the app renders state that has ended: every image shows, after two requests at most',
    async walk(visit) {
      await stayShown(visit);
      await visit.follow('Covers', 'Covers');
      await expectShown(visit, 3, { drawn: 3, requests: 2, refused: [3, 3] });
    },
  },
];
