/** Pages that htmx changes in place, and brings back from its history cache, with the client as a script of its own. */
import assert from 'node:assert/strict';
import { costs, scrollDown, shortTtl, stayOpen, stayShown } from '../support/open-page.ts';
import { type Action, click, follow, forget, goBack, open, step, type Walk } from '../support/walk.ts';

/** To the album as it was left, and down to its end. */
const backDown = [goBack('Album'), scrollDown];
const fetched =
  (path: string): Action =>
  (visit) =>
    assert.ok(visit.fetched.includes(path));
const fetchedAlone =
  (path: string): Action =>
  (visit) =>
    assert.deepEqual(visit.fetched, [path]);

export const walks: readonly Walk[] = [
  {
    title: 'left open, with the page itself to ask',
    environment: shortTtl,
    steps: [
      step(
        'the page stays open past the end of its tokens: it is asked for again, and no image is',
        open('/'),
        stayOpen(),
      ),
      step(
        'scrolled then, each lazy image shows at its first request',
        ...[forget, scrollDown, costs(3, { drawn: 2, requests: 1 })],
      ),
      step('with all images shown nothing is requested, also when they have ended', stayShown),
      step(
        'boosted links bring fresh URLs: every image shows at its first request',
        ...[open('/covers'), follow('Album', 'Album'), follow('Covers', 'Covers')],
        // Chromium loads two lazy images of the copy that htmx keeps, although nobody sees it.
        costs(3, { drawn: 5, requests: 1 }),
        fetchedAlone('/covers'),
      ),
      step(
        'Back brings a page from the history cache after its tokens have ended: every image shows',
        ...[stayShown, ...backDown, costs(3, { drawn: 2, requests: 1, refused: [0, 2] })],
      ),
      step(
        'Back in a new document, which has loaded none of them: every image shows, after one request',
        follow('Covers', 'Covers'),
        async (visit) => void (await visit.reload()),
        ...[stayShown, ...backDown, costs(3, { drawn: 3, requests: 1, refused: [1, 3] })],
      ),
    ],
  },
  {
    title: 'left open, with an endpoint to ask for a list that grows',
    environment: { ...shortTtl, ENDPOINT: '/sign' },
    steps: [
      step(
        'the page stays open past the end of its tokens: the endpoint is asked, and no image is',
        open('/list'),
        stayOpen(),
      ),
      step(
        'scrolled, the list grows, and its images stay below past the end of their tokens',
        ...[forget, scrollDown, fetched('/list/1'), stayOpen()],
      ),
      step(
        'scrolled then, each lazy image shows at its first request',
        ...[forget, scrollDown, fetched('/list/2'), stayOpen()],
        ...[forget, scrollDown, costs(5, { drawn: 2, requests: 1 }), stayShown],
      ),
      step(
        'a part that a button brings shows at its first request',
        ...[forget, click('Choose'), costs(6, { drawn: 1, requests: 1 }), fetchedAlone('/photo')],
      ),
    ],
  },
];
