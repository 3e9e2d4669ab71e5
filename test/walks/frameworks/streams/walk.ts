/** What comes over a connection that stays open, or in parts: htmx, Turbo and GraphQL. The app `chat` has JSON in events. */
import { type Action, click, dark, open, shown, step, type Walk } from '../support/walk.ts';

/** Waits for the last of so many images. */
function has(images: number): Action {
  return async (visit) => {
    const last = visit.page.locator('img').nth(images - 1);
    await last.waitFor({ state: 'attached' });
    await visit.settled();
  };
}

export const walks: readonly Walk[] = [
  {
    title: "with rewrite: { json: true, events: 'html' }",
    environment: { REWRITE: JSON.stringify({ json: true, events: 'html' }) },
    steps: [
      step('htmx swaps in the HTML of events, over several lines too', open('/htmx'), has(2), shown(2)),
      step('Turbo takes streams from events', open('/turbo'), has(1), shown(1)),
      step('Turbo takes the stream that answers a form', click('Add'), shown(2)),
      step('GraphQL sends a part at once, and defers another', open('/graphql-page'), has(2), shown(2)),
    ],
  },
  {
    title: 'without',
    steps: [
      step('the limit: events with HTML are plain', open('/htmx'), has(2), dark(2)),
      step('and the deferred parts of GraphQL', open('/graphql-page'), has(2), dark(2)),
    ],
  },
];
