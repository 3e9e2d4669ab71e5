import assert from 'node:assert/strict';
import { expectAllShown, expectDark, firstPaint, hydration, type Step, type Walk } from '../support/walk.ts';

const follow = (link: string, heading: string, count: number): Step => ({
  title: `the ClientRouter follows the link to ${link}, and every image is shown`,
  async walk(visit) {
    await visit.follow(link, heading);
    await expectAllShown(visit, count);
  },
});

export const walks: readonly Walk[] = [
  {
    title: 'pages, server islands and islands, without an option',
    steps: [
      firstPaint('/', 1),
      {
        title: '/: every image is shown, also after a reload, which is answered 200: the page has no tag',
        async walk(visit) {
          await visit.open('/');
          await expectAllShown(visit, 1);
          assert.equal(await visit.header('etag'), null);
          assert.equal(await visit.reload(), 200);
          await expectAllShown(visit, 1);
        },
      },
      {
        title: '/second: a server island (server:defer) is a page of its own, and signed',
        async walk(visit) {
          await visit.open('/second');
          await visit.page.getByAltText('deferred').waitFor();
          await visit.settled();
          await expectAllShown(visit, 2);
        },
      },
      firstPaint('/island', 1),
      hydration('/island', 1),
      {
        title: 'the limit: the props of an island are plain, so that a state update brings plain URLs',
        async walk(visit) {
          await visit.click('Other');
          await expectDark(visit, 1);
        },
      },
      {
        title: 'the limit: a value of define:vars is in a plain script. Astro.locals.signImage signs it',
        async walk(visit) {
          await visit.open('/script');
          const { shown } = await visit.images();
          assert.equal(shown.length, 1, shown.join(' '));
          await expectDark(visit, 1);
        },
      },
    ],
  },
  {
    title: "with attributes: { props: 'json' }",
    environment: { SIGN_PROPS: '1' },
    steps: [
      hydration('/island', 1),
      {
        title: 'a state update shows another image',
        async walk(visit) {
          await visit.click('Other');
          await expectAllShown(visit, 1);
        },
      },
      follow('home', 'Home', 1),
      follow('second', 'Second', 2),
      follow('island', 'Island', 1),
      {
        title: 'a state update after that shows another image',
        async walk(visit) {
          await visit.click('Other');
          await expectAllShown(visit, 1);
        },
      },
    ],
  },
];
