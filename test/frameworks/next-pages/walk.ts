import assert from 'node:assert/strict';
import { expectOptimized } from '../support/optimizer.ts';
import { expectAllShown, expectDark, firstPaint, hydration, type Step, type Walk } from '../support/walk.ts';

const optimized: readonly Step[] = [
  firstPaint('/optimized/first', 2),
  {
    title:
      '/optimized/first: after hydration the optimizer delivers every image, and none was requested without a token',
    async walk(visit) {
      await visit.open('/optimized/first');
      await visit.hydrated();
      await expectOptimized(visit, 2);
    },
  },
  {
    title: 'a state update shows another variant through the optimizer',
    async walk(visit) {
      await visit.click('Larger');
      await expectOptimized(visit, 2);
      const { shown } = await visit.images();
      assert.equal(shown.filter((url) => url.includes('%2Fthumb%3F')).length, 0, shown.join(' '));
    },
  },
];

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
    title: '<Image> without unoptimized, with images.remotePatterns',
    steps: [
      ...optimized,
      {
        title: 'the optimizer gives nobody an image without a token',
        async walk(visit) {
          const url = (await visit.images()).shown[0]!.replace(/%3Fexp[^&]*/, '');
          assert.equal((await visit.page.request.get(url)).status(), 403);
        },
      },
      {
        title: 'the limit: the page after a link has plain URLs, and its images are dark',
        async walk(visit) {
          await visit.follow('Further', 'second');
          await expectDark(visit, 2);
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
      {
        title: 'a link leads to a page whose images the optimizer delivers',
        async walk(visit) {
          await visit.open('/optimized/first');
          await visit.hydrated();
          await visit.follow('Further', 'second');
          await expectOptimized(visit, 2);
        },
      },
    ],
  },
];
