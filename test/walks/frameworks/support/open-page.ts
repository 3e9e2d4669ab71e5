/**
 * Pages that stay open past the end of their tokens, with the client of the package. Their apps sign for the short ttl.
 *
 * A token lives 5 to 6.25 seconds, and the client asks for the next one at half of that life at the latest.
 */
import assert from 'node:assert/strict';
import { type Action, click, follow, forget, goBack, hydrate, type Step, step } from './walk.ts';

/** For the environment of an app. */
export const shortTtl: Readonly<Record<'TTL', string>> = { TTL: '5s' };

/** In milliseconds: until each token that a page has now has ended. */
const past = 8000;

/** What a step may cost. */
interface Cost {
  /** Images that the delivery draws at most: a document shows again what it has loaded, by the same URL. */
  readonly drawn: number;
  /** Requests of scripts at most, which are those for new URLs in most steps. */
  readonly requests: number;
  /** Images that fail before they get a new URL: at least, and at most. @default none */
  readonly refused?: readonly [least: number, most: number];
}

/**
 * The page stays open while images below are not shown yet. For tokens that end together there is at most one request a
 * margin, which is 2 seconds at least.
 * @param ends - at how many times their tokens end
 */
export function stayOpen(ends = 1): Action {
  return async (visit) => {
    visit.forget();
    await visit.page.waitForTimeout(past);
    assert.deepEqual(visit.drawn, [], 'fetched images');
    assert.deepEqual(visit.refused, [], 'refused images');
    const { length } = visit.fetched;
    assert.ok(length >= 1 && length <= (past / 2000) * ends, `requests: ${visit.fetched.join(' ')}`);
  };
}

/** The page stays open, and all of its images are shown. */
export const stayShown: Action = async (visit) => {
  visit.forget();
  await visit.page.waitForTimeout(past);
  await costs((await visit.images()).shown.length, { drawn: 0, requests: 0 })(visit);
};

/** Scrolls to where lazy images stand; a renewal may begin just before that. */
export const scrollDown: Action = async (visit) => {
  await visit.page.evaluate('scrollTo(0, document.body.scrollHeight)');
  await visit.settled();
};

/** All images are shown in the end, none was drawn twice, and it did not cost more. */
export function costs(count: number, { drawn, requests, refused: [least, most] = [0, 0] }: Cost): Action {
  return async (visit) => {
    const allShown = 'Array.from(document.images).every(({ naturalWidth }) => naturalWidth > 0)';
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
  };
}

/** The album of React and Vue, which asks for the page itself: one photo above, two lazy ones far below. */
export const openAlbumSteps: readonly Step[] = [
  step(
    'the page stays open past the end of its tokens: it is asked for again, and no image is',
    hydrate('/album'),
    stayOpen(),
  ),
  step(
    'scrolled then, each lazy image shows at its first request',
    ...[forget, scrollDown, costs(3, { drawn: 2, requests: 1 })],
  ),
  step('with all images shown nothing is requested, also when they have ended', stayShown),
  step(
    'a link of the app renders state that has ended: every image shows, after one request',
    ...[follow('Covers', 'Covers'), costs(3, { drawn: 3, requests: 1, refused: [3, 3] })],
  ),
  step(
    'Back renders the ended state of the first page again: every image shows, after one request',
    ...[stayShown, goBack('Album'), scrollDown, costs(3, { drawn: 3, requests: 1, refused: [1, 3] })],
  ),
];

const resized = (least: number): Action[] => [
  forget,
  click('Size'),
  costs(5, { drawn: 1, requests: 1, refused: [least, 1] }),
];

/** The same with photos that the page itself does not hold: JSON brings two more. */
export const fetchedAlbumSteps: readonly Step[] = [
  step(
    'the page stays open past the end of the tokens that JSON has brought',
    ...[hydrate('/album'), click('Further'), stayOpen(2)],
  ),
  step(
    'scrolled then, each lazy image shows at its first request',
    ...[forget, scrollDown, costs(5, { drawn: 4, requests: 2 }), stayShown],
  ),
  step('a state update brings an URL that has ended: the image shows after one request', ...resized(1)),
  step(
    'state updates that go to and fro show the images each time',
    ...[...resized(0), ...resized(0), ...resized(0)],
  ),
  step(
    'a link of the app renders state that has ended: every image shows, after two requests at most',
    ...[stayShown, follow('Covers', 'Covers'), costs(3, { drawn: 3, requests: 2, refused: [3, 3] })],
  ),
];
