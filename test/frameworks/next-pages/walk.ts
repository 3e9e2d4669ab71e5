import assert from 'node:assert/strict';
import { expectAllShown, expectDark, firstPaint, hydration, type Walk } from '../support/walk.ts';

export const walks: readonly Walk[] = [
  {
    title: 'as it is',
    steps: [
      firstPaint('/', 4),
      hydration('/', 4),
      {
        title: 'a state update shows other variants: __NEXT_DATA__ was signed in the page',
        async walk(visit) {
          await visit.click('Larger');
          await expectAllShown(visit, 4);
          const { shown } = await visit.images();
          assert.equal(shown.filter((url) => url.includes('/thumb?')).length, 0, shown.join(' '));
        },
      },
      {
        title: 'the limit: the page after a link has plain URLs, and its images are dark',
        async walk(visit) {
          await visit.follow('Further', 'Second');
          await expectDark(visit, 4);
        },
      },
      firstPaint('/static', 4),
      hydration('/static', 4),
      {
        title: 'a reload of a page that was rendered by the build is answered 304, and every image is shown',
        async walk(visit) {
          assert.equal(await visit.reload(), 304);
          await visit.hydrated();
          await expectAllShown(visit, 4);
        },
      },
    ],
  },
  {
    title: 'with rewrite.json',
    environment: { REWRITE_JSON: '1' },
    steps: [
      hydration('/', 4),
      {
        title: 'links lead to pages whose images are shown, rendered for the request or by the build',
        async walk(visit) {
          await visit.follow('Further', 'Second');
          await expectAllShown(visit, 4);
          await visit.follow('Further', 'Third');
          await expectAllShown(visit, 4);
        },
      },
      {
        title: 'the way back shows every image',
        async walk(visit) {
          visit.forget();
          await visit.page.goBack();
          await visit.page.locator('h1', { hasText: 'Second' }).waitFor();
          await visit.settled();
          await expectAllShown(visit, 4);
        },
      },
    ],
  },
];
