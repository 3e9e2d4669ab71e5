import assert from 'node:assert/strict';
import { fetchedAlbumSteps, openAlbumSteps, shortTtl } from '../support/open-page.ts';
import {
  expectAllShown,
  expectDark,
  firstPaint,
  hydration,
  type Step,
  scriptWarning,
  type Walk,
} from '../support/walk.ts';

const island: readonly Step[] = [
  firstPaint('/', 3),
  hydration('/', 3),
  {
    title: 'a state update shows other variants and a further image: the state was signed in the page',
    async walk(visit) {
      await visit.click('Larger');
      await visit.click('More');
      await expectAllShown(visit, 4);
      const { shown } = await visit.images();
      assert.equal(shown.filter((url) => url.includes('/card?')).length, 2, shown.join(' '));
    },
  },
  {
    title: 'a streamed page has no tag, so that a reload is answered 200',
    async walk(visit) {
      assert.equal(await visit.header('etag'), null);
      assert.equal(await visit.reload(), 200);
      await expectAllShown(visit, 3);
    },
  },
];

export const walks: readonly Walk[] = [
  { title: 'state in a script of type application/json', steps: island },
  {
    title: 'the same in development, where React compares every attribute',
    environment: { NODE_ENV: 'development' },
    steps: island,
  },
  {
    title: 'state in a plain script',
    steps: [
      firstPaint('/script', 3),
      hydration('/script', 3),
      {
        title: 'the limit: URLs that a state update brings are plain, and those images dark',
        async walk(visit) {
          await visit.click('Larger');
          await visit.click('More');
          await expectDark(visit, 3);
        },
      },
    ],
  },
  {
    title: 'the same in development',
    environment: { NODE_ENV: 'development' },
    steps: [scriptWarning('/script')],
  },
  { title: 'left open, with the page itself to ask', environment: shortTtl, steps: openAlbumSteps },
  {
    title: 'left open, with an endpoint to ask',
    environment: { ...shortTtl, ENDPOINT: '/sign' },
    steps: fetchedAlbumSteps,
  },
];
