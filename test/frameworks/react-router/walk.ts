import assert from 'node:assert/strict';
import type { Visit } from '../support/visit.ts';
import { expectAllShown, expectDark, firstPaint, hydration, type Walk } from '../support/walk.ts';

async function waitForLater(visit: Visit): Promise<void> {
  await visit.page.getByAltText('later').waitFor();
  await visit.settled();
}

export const walks: readonly Walk[] = [
  {
    title: 'plain URLs in the data of loaders',
    steps: [
      firstPaint('/', 1),
      hydration('/', 1),
      {
        title: 'the limit: the data is in plain scripts, so that a state update brings plain URLs',
        async walk(visit) {
          await visit.click('Other');
          await expectDark(visit, 1);
        },
      },
      {
        title: 'the limit: client navigation brings text/x-script, which is no JSON, so that images are dark',
        async walk(visit) {
          await visit.follow('second', 'Second');
          await expectDark(visit, 1);
          const answer = await visit.fetch('/second.data');
          assert.match(answer.headers.get('content-type') ?? '', /^text\/x-script/);
        },
      },
      {
        title: 'what Await waits for is streamed as a page, and shown',
        async walk(visit) {
          await visit.open('/awaited');
          await visit.hydrated();
          await waitForLater(visit);
          await expectAllShown(visit, 2);
        },
      },
    ],
  },
  {
    title: 'URLs that loaders sign with the load context',
    steps: [
      {
        title: '/signed: after hydration every image is shown, also those that Await waits for',
        async walk(visit) {
          await visit.open('/signed');
          await visit.hydrated();
          await waitForLater(visit);
          await expectAllShown(visit, 2);
        },
      },
      {
        title: 'a state update, and client navigation, show every image',
        async walk(visit) {
          await visit.click('Other');
          await expectAllShown(visit, 2);
          await visit.open('/');
          await visit.hydrated();
          await visit.follow('signed', 'Signed');
          await waitForLater(visit);
          await visit.click('Other');
          await expectAllShown(visit, 2);
        },
      },
    ],
  },
];
