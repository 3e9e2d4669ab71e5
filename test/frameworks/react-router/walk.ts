import assert from 'node:assert/strict';
import type { Images, Visit } from '../support/visit.ts';
import { expectAllShown, expectDark, firstPaint, hydration, type Step, type Walk } from '../support/walk.ts';

async function waitForLater(visit: Visit): Promise<void> {
  await visit.page.getByAltText('later').waitFor();
  await visit.settled();
}

/** Old tokens and a former host: nothing of it reaches the browser. */
function expectFresh({ shown }: Images): void {
  const soonest = Date.now() / 1000 + 86_000;
  for (const url of shown) assert.ok(Number(new URL(url).searchParams.get('exp')) > soonest, url);
}

/** A page with four images of a post that was stored a year ago; a click shows those of another post. */
function storedPosts(path: string, heading: string): Step[] {
  return [
    firstPaint(path, 4),
    {
      title: `${path}: after hydration every image is shown, also after a state update`,
      async walk(visit) {
        await visit.open(path);
        await visit.hydrated();
        await expectAllShown(visit, 4);
        await visit.click('Other');
        await expectAllShown(visit, 4);
        expectFresh(await visit.images());
      },
    },
    {
      title: `${path}: client navigation, whose data is no JSON, shows every image`,
      async walk(visit) {
        await visit.open('/');
        await visit.hydrated();
        const data = visit.page.waitForResponse((response) => response.url().includes(`${path}.data`));
        await visit.follow(heading.toLowerCase(), heading);
        await expectAllShown(visit, 4);
        assert.match((await (await data).headerValue('content-type')) ?? '', /^text\/x-script/);
        await visit.click('Other');
        await expectAllShown(visit, 4);
        expectFresh(await visit.images());
      },
    },
  ];
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
  {
    title: 'posts that were stored a year ago, signed in loaders with signData',
    steps: [
      firstPaint('/stored', 4),
      {
        title:
          'the limit, without signData: client navigation brings what is stored, and every image is dark',
        async walk(visit) {
          await visit.open('/');
          await visit.hydrated();
          await visit.follow('stored', 'Stored');
          assert.equal((await visit.images()).dark.length, 4);
        },
      },
      ...storedPosts('/wrapped', 'Wrapped'),
      {
        title: '/posts: so does signData of the request, and what Await waits for is signed as well',
        async walk(visit) {
          await visit.open('/posts');
          await visit.hydrated();
          await waitForLater(visit);
          await visit.click('Other');
          await expectAllShown(visit, 5);
          await visit.open('/');
          await visit.hydrated();
          await visit.follow('posts', 'Posts');
          await waitForLater(visit);
          await expectAllShown(visit, 5);
          await visit.click('Other');
          await expectAllShown(visit, 5);
          expectFresh(await visit.images());
        },
      },
      {
        title: '/edit: what a form sends back has tokens, and is stored without',
        async walk(visit) {
          const stored = async (): Promise<string> => (await visit.fetch('/database')).text();
          assert.match(await stored(), /one-cover[^"]*sig=/);
          await visit.open('/edit/one');
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
