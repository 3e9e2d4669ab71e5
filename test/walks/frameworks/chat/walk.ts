/** A chat whose messages hold images of a bucket, with the AI SDK: what is stored, what streams, and what is saved. */
import assert from 'node:assert/strict';
import { hydrate, shown, step, type Walk } from '../support/walk.ts';

const token = /X-Amz-|Signature=/;

export const walks: readonly Walk[] = [
  {
    title: 'a chat that streams line by line',
    steps: [
      step('as it is stored, no image is shown', hydrate('/plain'), async (visit) => {
        const images = await visit.images();
        assert.deepEqual([images.shown.length, images.dark.length], [0, 3]);
        assert.match(await (await visit.fetch('/database')).text(), token);
      }),
      step('messages that were stored a year ago show every image', hydrate('/'), shown(3)),
      step(
        'an answer that streams shows every image, and the model has got those that it was asked about',
        async (visit) => {
          await visit.click('Ask');
          await visit.page.getByText('Answered').waitFor();
          await visit.settled();
        },
        shown(7),
      ),
      step(
        'what is stored holds no token, also of what the visitor and the model have repeated',
        async (visit) => {
          const stored = await (await visit.fetch('/database')).text();
          assert.match(stored, /What is on .*Here they are/);
          assert.doesNotMatch(stored, token);
        },
      ),
      step('a chat that is read again shows every image', hydrate('/'), shown(7)),
    ],
  },
];
