import assert from 'node:assert/strict';
import { expectAllShown, expectDark, firstPaint, hydration, type Step, type Walk } from '../support/walk.ts';

const stateUpdate: Step = {
  title: 'a state update shows another image',
  async walk(visit) {
    await visit.click('Other');
    await expectAllShown(visit, 1);
  },
};

/** A page with four images of a post that was stored a year ago; a click shows those of another post. */
function storedPosts(path: string, heading: string): Step[] {
  return [
    firstPaint(path, 4),
    {
      title: `${path}: after hydration, a state update and a link every image is shown`,
      async walk(visit) {
        await visit.open(path);
        await visit.hydrated();
        await expectAllShown(visit, 4);
        await visit.click('Other');
        await expectAllShown(visit, 4);
        await visit.open('/');
        await visit.hydrated();
        await visit.follow(heading.toLowerCase(), heading);
        await expectAllShown(visit, 4);
        await visit.click('Other');
        await expectAllShown(visit, 4);
      },
    },
  ];
}

export const walks: readonly Walk[] = [
  {
    title: 'plain URLs in the data of load',
    steps: [
      firstPaint('/', 1),
      hydration('/', 1),
      {
        title: 'the page has a tag, and a reload is answered 304',
        async walk(visit) {
          assert.notEqual(await visit.header('etag'), null);
          assert.equal(await visit.reload(), 304);
          await visit.hydrated();
          await expectAllShown(visit, 1);
        },
      },
      {
        title: 'the limit: the data is in a plain script, so that a state update brings plain URLs',
        async walk(visit) {
          await visit.click('Other');
          await expectDark(visit, 1);
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
        title: 'the limit: hydration sets bound styles again, and requests their plain URLs',
        async walk(visit) {
          await visit.open('/style');
          await visit.hydrated();
          assert.equal(visit.refused.length, 2, visit.refused.join(' '));
        },
      },
    ],
  },
  {
    title: "the same with rewrite.json and fields: { body: 'json', data: 'json' }",
    environment: { SIGN_DATA: '1' },
    steps: [
      hydration('/', 1),
      {
        title: 'client navigation shows every image, also after a state update',
        async walk(visit) {
          await visit.follow('second', 'Second');
          await expectAllShown(visit, 1);
          await visit.click('Other');
          await expectAllShown(visit, 1);
        },
      },
      hydration('/fetched', 1),
      stateUpdate,
      {
        title: 'client navigation to what a universal load fetches shows every image',
        async walk(visit) {
          await visit.open('/');
          await visit.hydrated();
          await visit.follow('fetched', 'Fetched');
          await visit.click('Other');
          await expectAllShown(visit, 1);
        },
      },
      {
        title: 'the result of a form action shows its image',
        async walk(visit) {
          await visit.open('/action');
          await visit.hydrated();
          await visit.click('Find');
          await visit.page.getByAltText('found').waitFor();
          await visit.settled();
          await expectAllShown(visit, 1);
        },
      },
      {
        title: 'the limit: a streamed value is in a plain script, and dark',
        async walk(visit) {
          await visit.open('/streamed');
          await visit.page.getByAltText('later').waitFor();
          await visit.settled();
          await expectDark(visit, 1);
        },
      },
      {
        title: 'client navigation to data with a streamed value, which comes line by line, shows both images',
        async walk(visit) {
          await visit.open('/');
          await visit.hydrated();
          const data = visit.page.waitForResponse((response) => response.url().includes('__data.json'));
          await visit.follow('streamed', 'Streamed');
          assert.match((await (await data).headerValue('content-type')) ?? '', /^text\/sveltekit-data/);
          await visit.page.getByAltText('later').waitFor();
          await visit.settled();
          await expectAllShown(visit, 2);
        },
      },
    ],
  },
  {
    title: 'URLs that load signs with event.platform.req.signImage',
    steps: [
      {
        title: '/signed: after hydration every image is shown, streamed ones as well, and none was refused',
        async walk(visit) {
          await visit.open('/signed');
          await visit.hydrated();
          await visit.page.getByAltText('later').waitFor();
          await visit.settled();
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
          await visit.page.getByAltText('later').waitFor();
          await visit.click('Other');
          await expectAllShown(visit, 2);
        },
      },
    ],
  },
  {
    title: 'posts that were stored a year ago, signed in load with signData',
    steps: [
      ...storedPosts('/posts', 'Posts'),
      ...storedPosts('/wrapped', 'Wrapped'),
      {
        title: '/edit: what a form sends back has tokens, and is stored without',
        async walk(visit) {
          const stored = async (): Promise<string> => (await visit.fetch('/database')).text();
          assert.match(await stored(), /one-cover[^"]*sig=/);
          await visit.open('/edit');
          await visit.hydrated();
          assert.match(await visit.page.locator('[name=cover]').inputValue(), /sig=/);
          assert.match(await visit.page.locator('[name=body]').inputValue(), /sig=/);
          await visit.click('Save');
          await visit.page.getByText('Saved').waitFor();
          const post = (await stored()).split('"id":"two"')[0]!;
          assert.match(post, /one-cover\/card"/);
          assert.doesNotMatch(post.replace(/"thumb":"[^"]*"/, ''), /sig=|minio/);
        },
      },
    ],
  },
];
