/** What comes over a connection that stays open, or in parts: htmx, Turbo, GraphQL, and a script of one's own. */

import type { Visit } from '../support/visit.ts';
import { expectAllShown, expectDark, type Step, type Walk } from '../support/walk.ts';

/** Opens a page that puts so many images on itself, and waits for them. */
async function openUntil(visit: Visit, path: string, images: number): Promise<void> {
  await visit.open(path);
  await visit.page
    .locator('img')
    .nth(images - 1)
    .waitFor({ state: 'attached' });
  await visit.settled();
}

function shown(title: string, path: string, images: number): Step {
  return {
    title: `${path}: ${title}`,
    async walk(visit) {
      await openUntil(visit, path, images);
      await expectAllShown(visit, images);
    },
  };
}

function dark(title: string, path: string, images: number): Step {
  return {
    title: `the limit, ${path}: ${title}`,
    async walk(visit) {
      await openUntil(visit, path, images);
      await expectDark(visit, images);
    },
  };
}

export const walks: readonly Walk[] = [
  {
    title: "with rewrite: { json: true, events: 'html' }",
    environment: { REWRITE: JSON.stringify({ json: true, events: 'html' }) },
    steps: [
      shown('htmx swaps in the HTML of events, over several lines too', '/htmx', 2),
      shown('Turbo takes streams from events', '/turbo', 1),
      {
        title: '/turbo: Turbo takes the stream that answers a form',
        async walk(visit) {
          await visit.click('Add');
          await expectAllShown(visit, 2);
        },
      },
      shown('GraphQL sends a part at once, and defers another', '/graphql-page', 2),
      shown('a script takes URLs from the JSON of events', '/chat', 1),
    ],
  },
  {
    title: 'without',
    steps: [
      dark('events with HTML are plain', '/htmx', 2),
      dark('and the deferred parts of GraphQL', '/graphql-page', 2),
      dark('and events with JSON', '/chat', 1),
    ],
  },
];
