import assert from 'node:assert/strict';
import { expectOptimized } from '../support/optimizer.ts';
import { expectAllShown, expectDark, firstPaint, hydration, type Walk } from '../support/walk.ts';

export const walks: readonly Walk[] = [
  {
    title: 'with plain URLs in Server Components',
    steps: [
      firstPaint('/', 5),
      {
        title:
          'the limit: after hydration every image is shown, but flight data preloads one with its plain URL',
        async walk(visit) {
          await visit.open('/');
          await visit.hydrated();
          const { shown, dark } = await visit.images();
          assert.deepEqual([shown.length, dark.length], [5, 0]);
          assert.equal(visit.refused.length, 1, visit.refused.join(' '));
          assert.deepEqual(visit.complaints, []);
        },
      },
      {
        title: 'the limit: URLs that a state update brings are plain, and those images dark',
        async walk(visit) {
          await visit.click('Larger');
          await expectDark(visit, 2);
        },
      },
      {
        title: 'the limit: the page after a link has plain URLs, and its images are dark',
        async walk(visit) {
          await visit.open('/');
          await visit.hydrated();
          await visit.follow('Further', 'Second');
          await expectDark(visit, 5);
        },
      },
    ],
  },
  {
    title: '<Image> without unoptimized, with images.remotePatterns, and plain URLs in Server Components',
    steps: [
      firstPaint('/optimized/first', 3),
      {
        title:
          'the limit: after hydration every image is shown, but flight data preloads one with its plain URL',
        async walk(visit) {
          await visit.open('/optimized/first');
          await visit.hydrated();
          const { shown, dark } = await visit.images();
          assert.deepEqual([shown.length, dark.length], [3, 0]);
          assert.equal(visit.refused.length, 1, visit.refused.join(' '));
          assert.deepEqual(visit.complaints, []);
        },
      },
      {
        title: 'the limit: the URL that a state update brings is plain, and the image dark',
        async walk(visit) {
          await visit.click('Larger');
          await expectDark(visit, 1);
        },
      },
      {
        title: 'the limit: the page after a link has plain URLs, and its images are dark',
        async walk(visit) {
          await visit.open('/optimized/first');
          await visit.hydrated();
          await visit.follow('Further', 'second');
          await expectDark(visit, 3);
        },
      },
    ],
  },
  {
    title: 'the same, signed in Server Components',
    steps: [
      firstPaint('/recipe/optimized/first', 3),
      {
        title:
          '/recipe/optimized/first: after hydration the optimizer delivers every image, and none was requested without a token',
        async walk(visit) {
          await visit.open('/recipe/optimized/first');
          await visit.hydrated();
          await expectOptimized(visit, 3);
        },
      },
      {
        title: 'a state update and a link show every image',
        async walk(visit) {
          await visit.click('Larger');
          await expectOptimized(visit, 3);
          await visit.follow('Further', 'second');
          await expectOptimized(visit, 3);
        },
      },
    ],
  },
  {
    title: 'signed in Server Components',
    steps: [
      firstPaint('/recipe', 5),
      hydration('/recipe', 5),
      {
        title: 'a state update shows other variants',
        async walk(visit) {
          await visit.click('Larger');
          await expectAllShown(visit, 5);
          const { shown } = await visit.images();
          assert.equal(shown.filter((url) => url.includes('/thumb?')).length, 0, shown.join(' '));
        },
      },
      {
        title: 'a link leads to a page whose images are shown',
        async walk(visit) {
          await visit.follow('Further', 'Second');
          await expectAllShown(visit, 5);
        },
      },
      {
        title:
          'so does a link to a page that is kept for a while, and no cache may keep it for more than half a ttl',
        async walk(visit) {
          const data = visit.page.waitForResponse((response) => response.url().includes('/recipe/isr?_rsc='));
          await visit.follow('Further', 'Third');
          await expectAllShown(visit, 5);
          const headers = await (await data).allHeaders();
          assert.match(headers['content-type'] ?? '', /^text\/x-component/);
          assert.equal(headers['cache-control'], 's-maxage=3600, stale-while-revalidate=39600');
        },
      },
      firstPaint('/recipe/isr', 5),
      {
        title: 'a reload of a page that is kept for a while is answered 304, and every image is shown',
        async walk(visit) {
          await visit.open('/recipe/isr');
          await visit.hydrated();
          assert.equal(await visit.reload(), 304);
          await visit.hydrated();
          await expectAllShown(visit, 5);
        },
      },
    ],
  },
  {
    title: 'posts that were stored a year ago, signed with signData',
    steps: [
      firstPaint('/recipe/stored', 4),
      hydration('/recipe/stored', 4),
      {
        title: 'a state update, and what the route handler answers, show every image',
        async walk(visit) {
          await visit.click('Another');
          await expectAllShown(visit, 4);
          const answer = visit.page.waitForResponse((response) => response.url().endsWith('/stored/posts'));
          await visit.click('Again');
          await expectAllShown(visit, 4);
          assert.doesNotMatch(await (await answer).text(), /minio/);
        },
      },
      {
        title: 'a link leads to a page whose images are shown, and back',
        async walk(visit) {
          await visit.follow('Further', 'More');
          await expectAllShown(visit, 4);
          await visit.follow('Further', 'Stored');
          await expectAllShown(visit, 4);
        },
      },
      {
        title: 'what a form sends back to a server action has tokens, and is stored without',
        async walk(visit) {
          const stored = async (): Promise<string> => (await visit.fetch('/recipe/stored/database')).text();
          assert.match(await stored(), /one-cover[^"]*sig=/);
          await visit.open('/recipe/stored/edit');
          assert.match(await visit.page.locator('[name=cover]').inputValue(), /sig=/);
          assert.match(await visit.page.locator('[name=body]').inputValue(), /sig=/);
          const saved = visit.page.waitForResponse((response) => response.request().method() === 'POST');
          await visit.click('Save');
          await saved;
          const post = (await stored()).split('"id":"two"')[0]!;
          assert.match(post, /one-cover\/card"/);
          assert.doesNotMatch(post.replace(/"thumb":"[^"]*"/, ''), /sig=|minio/);
        },
      },
    ],
  },
];
