/** A chat whose messages hold images of a bucket, with the AI SDK: what is stored, what streams, and what is saved. */
import assert from 'node:assert/strict';
import type { Visit } from '../support/visit.ts';
import { expectAllShown, type Walk } from '../support/walk.ts';

const token = /X-Amz-|Signature=/;

async function open(visit: Visit, path = '/'): Promise<void> {
  await visit.open(path);
  await visit.hydrated();
}

async function ask(visit: Visit): Promise<void> {
  await visit.click('Ask');
  await visit.page.getByText('Answered').waitFor();
  await visit.settled();
}

export const walks: readonly Walk[] = [
  {
    title: 'a chat that streams line by line',
    steps: [
      {
        title: 'as it is stored, no image is shown',
        async walk(visit) {
          await open(visit, '/plain');
          const { shown, dark } = await visit.images();
          assert.deepEqual([shown.length, dark.length], [0, 3]);
        },
      },
      {
        title: 'messages that were stored a year ago show every image',
        async walk(visit) {
          assert.match(await (await visit.fetch('/database')).text(), token);
          await open(visit);
          await expectAllShown(visit, 3);
        },
      },
      {
        title:
          'an answer that streams shows every image, and the model has got those that it was asked about',
        async walk(visit) {
          await ask(visit);
          await expectAllShown(visit, 7);
        },
      },
      {
        title: 'what is stored holds no token, also of what the visitor and the model have repeated',
        async walk(visit) {
          const stored = await (await visit.fetch('/database')).text();
          assert.match(stored, /What is on .*Here they are/);
          assert.doesNotMatch(stored, token);
        },
      },
      {
        title: 'a chat that is read again shows every image',
        async walk(visit) {
          await open(visit);
          await expectAllShown(visit, 7);
        },
      },
    ],
  },
];
