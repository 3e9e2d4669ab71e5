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
        title: 'the limit: client navigation brings plain URLs',
        async walk(visit) {
          await visit.follow('second', 'Second');
          await expectDark(visit, 1);
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
    title: 'the same with rewrite.json',
    environment: { REWRITE_JSON: '1' },
    steps: [
      hydration('/', 1),
      {
        title:
          'client navigation brings text/x-script, which is signed: every image is shown, also after a state update',
        async walk(visit) {
          await visit.follow('second', 'Second');
          await expectAllShown(visit, 1);
          await visit.click('Other');
          await expectAllShown(visit, 1);
          const answer = await visit.fetch('/second.data');
          assert.match(answer.headers.get('content-type') ?? '', /^text\/x-script/);
        },
      },
      {
        title: 'what Await waits for after a link is streamed in the data, and shown',
        async walk(visit) {
          await visit.follow('awaited', 'Awaited');
          await waitForLater(visit);
          await expectAllShown(visit, 2);
          await visit.click('Other');
          await expectAllShown(visit, 2);
        },
      },
      {
        title:
          'the limit: the data in the page itself is in plain scripts, so that a state update brings plain URLs',
        async walk(visit) {
          await visit.open('/');
          await visit.hydrated();
          await visit.click('Other');
          await expectDark(visit, 1);
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
      {
        title: 'no cache may keep the data with tokens for longer than the page: a week becomes half a ttl',
        async walk(visit) {
          for (const path of ['/signed', '/signed.data']) {
            const answer = await visit.fetch(path);
            await answer.text();
            assert.match(answer.headers.get('cache-control') ?? '', /^public, max-age=4\d{4}$/, path);
          }
        },
      },
    ],
  },
];
