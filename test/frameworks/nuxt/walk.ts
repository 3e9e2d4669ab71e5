import assert from 'node:assert/strict';
import { expectAllShown, expectDark, firstPaint, hydration, type Walk } from '../support/walk.ts';

export const walks: readonly Walk[] = [
  {
    title: 'as it is',
    steps: [
      firstPaint('/', 2),
      hydration('/', 2),
      {
        title: 'a state update shows other variants: the data of useFetch was signed in the page',
        async walk(visit) {
          await visit.click('Larger');
          await expectAllShown(visit, 2);
          const { shown } = await visit.images();
          assert.equal(shown.filter((url) => url.includes('/thumb?')).length, 0, shown.join(' '));
        },
      },
      {
        title: 'the limit: the page after a link fetches plain URLs, and its images are dark',
        async walk(visit) {
          await visit.follow('Further', 'Second');
          await expectDark(visit, 2);
        },
      },
      firstPaint('/async', 2),
      hydration('/async', 2),
      {
        title: 'a state update shows other variants: the data of useAsyncData was signed in the page',
        async walk(visit) {
          await visit.click('Larger');
          await expectAllShown(visit, 2);
          const { shown } = await visit.images();
          assert.equal(shown.filter((url) => url.includes('/thumb?')).length, 0, shown.join(' '));
        },
      },
      firstPaint('/constant', 3),
      {
        title:
          'the limit: hydration writes the plain URL that a component composes, and that image becomes dark',
        async walk(visit) {
          await visit.open('/constant');
          await visit.hydrated();
          await expectDark(visit, 1);
        },
      },
      firstPaint('/recipe', 3),
      hydration('/recipe', 3),
      {
        title: 'a page has no tag, so that a reload is answered 200',
        async walk(visit) {
          assert.equal(await visit.header('etag'), null);
          assert.equal(await visit.reload(), 200);
          await visit.hydrated();
          await expectAllShown(visit, 3);
        },
      },
    ],
  },
  {
    title: 'with rewrite.json',
    environment: { REWRITE_JSON: '1' },
    steps: [
      firstPaint('/', 2),
      hydration('/', 2),
      {
        title: 'links lead to pages whose images are shown, there and back',
        async walk(visit) {
          await visit.follow('Further', 'Second');
          await expectAllShown(visit, 2);
          await visit.follow('Back', 'First');
          await expectAllShown(visit, 2);
        },
      },
      {
        title: 'a link leads to a page with useAsyncData whose images are shown, also after a state update',
        async walk(visit) {
          await visit.open('/other');
          await visit.hydrated();
          await visit.follow('Third', 'Third');
          await expectAllShown(visit, 2);
          await visit.click('Larger');
          await expectAllShown(visit, 2);
        },
      },
    ],
  },
];
