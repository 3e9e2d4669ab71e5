/** Pages that htmx changes in place, and brings back from its history cache, with the client as a script of its own. */
import assert from 'node:assert/strict';
import { expectShown, scrollDown, shortTtl, stayOpen, stayShown } from '../support/open-page.ts';
import type { Visit } from '../support/visit.ts';
import type { Walk } from '../support/walk.ts';

export const walks: readonly Walk[] = [
  {
    title: 'left open, with the page itself to ask',
    environment: shortTtl,
    steps: [
      {
        title: 'the page stays open past the end of its tokens: it is asked for again, and no image is',
        async walk(visit) {
          await visit.open('/');
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
        title: 'boosted links bring fresh URLs: every image shows at its first request',
        async walk(visit) {
          await visit.open('/covers');
          await visit.follow('Album', 'Album');
          await visit.follow('Covers', 'Covers');
          // Chromium loads two lazy images of the copy that htmx keeps, although nobody sees it.
          await expectShown(visit, 3, { drawn: 5, requests: 1 });
          assert.deepEqual(visit.fetched, ['/covers']);
        },
      },
      {
        title: 'Back brings a page from the history cache after its tokens have ended: every image shows',
        async walk(visit) {
          await stayShown(visit);
          await goBack(visit);
          await expectShown(visit, 3, { drawn: 2, requests: 1, refused: [0, 2] });
        },
      },
      {
        title: 'Back in a new document, which has loaded none of them: every image shows, after one request',
        async walk(visit) {
          await visit.follow('Covers', 'Covers');
          await visit.reload();
          await stayShown(visit);
          await goBack(visit);
          await expectShown(visit, 3, { drawn: 3, requests: 1, refused: [1, 3] });
        },
      },
    ],
  },
  {
    title: 'left open, with an endpoint to ask for a list that grows',
    environment: { ...shortTtl, ENDPOINT: '/sign' },
    steps: [
      {
        title: 'the page stays open past the end of its tokens: the endpoint is asked, and no image is',
        async walk(visit) {
          await visit.open('/list');
          await stayOpen(visit);
        },
      },
      {
        title: 'scrolled, the list grows, and its images stay below past the end of their tokens',
        async walk(visit) {
          await scrollDown(visit);
          assert.ok(visit.fetched.includes('/list/1'));
          await stayOpen(visit);
        },
      },
      {
        title: 'scrolled then, each lazy image shows at its first request',
        async walk(visit) {
          await scrollDown(visit);
          assert.ok(visit.fetched.includes('/list/2'));
          await stayOpen(visit);
          await scrollDown(visit);
          await expectShown(visit, 5, { drawn: 2, requests: 1 });
          await stayShown(visit);
        },
      },
      {
        title: 'a part that a button brings shows at its first request',
        async walk(visit) {
          visit.forget();
          await visit.click('Choose');
          await expectShown(visit, 6, { drawn: 1, requests: 1 });
          assert.deepEqual(visit.fetched, ['/photo']);
        },
      },
    ],
  },
];

/** To the album as it was left, and down to its end. */
async function goBack(visit: Visit): Promise<void> {
  visit.forget();
  await visit.page.goBack();
  await visit.page.locator('h1', { hasText: 'Album' }).waitFor();
  await visit.settled();
  await visit.page.evaluate('scrollTo(0, document.body.scrollHeight)');
  await visit.settled();
}
