import assert from 'node:assert/strict';
import { fetchedAlbumSteps, openAlbumSteps, shortTtl } from '../support/open-page.ts';
import {
  expectAllShown,
  expectDark,
  firstPaint,
  hydration,
  scriptWarning,
  type Walk,
} from '../support/walk.ts';

export const walks: readonly Walk[] = [
  {
    title: 'state in a script of type application/json',
    steps: [
      firstPaint('/', 3),
      hydration('/', 3),
      {
        title: 'a state update shows other variants: the state was signed in the page',
        async walk(visit) {
          await visit.click('Larger');
          await expectAllShown(visit, 3);
          const { shown } = await visit.images();
          assert.equal(shown.filter((url) => url.includes('/card?')).length, 2, shown.join(' '));
        },
      },
      {
        title: 'a reload is answered 304, and every image is shown',
        async walk(visit) {
          await visit.open('/');
          assert.equal(await visit.reload(), 304);
          await visit.hydrated();
          await expectAllShown(visit, 3);
        },
      },
      {
        title: 'the limit: an image that stands in a template is dark when it is made anew',
        async walk(visit) {
          await visit.click('Logo');
          await visit.click('Logo');
          await expectDark(visit, 1);
        },
      },
      {
        title: 'the limit: URLs that fetch() brings are plain, and those images dark',
        async walk(visit) {
          await visit.open('/');
          await visit.hydrated();
          await visit.click('Fetch');
          await expectDark(visit, 2);
        },
      },
    ],
  },
  {
    title: 'with rewrite.json',
    environment: { REWRITE_JSON: '1' },
    steps: [
      {
        title: 'images whose URLs fetch() brings are shown',
        async walk(visit) {
          await visit.open('/');
          await visit.hydrated();
          await visit.click('Fetch');
          await expectAllShown(visit, 5);
        },
      },
    ],
  },
  {
    title: 'state in a plain script',
    steps: [
      firstPaint('/script', 3),
      {
        title: 'the limit: hydration writes the plain URL of every bound src, and those images become dark',
        async walk(visit) {
          await visit.open('/script');
          await visit.hydrated();
          await expectDark(visit, 2);
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
    title: 'left open, with the loader of the app to ask',
    environment: { ...shortTtl, REWRITE_JSON: '1' },
    steps: fetchedAlbumSteps,
  },
];
