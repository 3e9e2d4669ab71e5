import assert from 'node:assert/strict';
import {
  type Action,
  click,
  dark,
  firstPaint,
  follow,
  hydrate,
  hydrated,
  hydration,
  reload,
  type Step,
  savedPlain,
  shown,
  step,
  type Walk,
} from '../support/walk.ts';

/** From the optimizer, which has got it from the delivery. */
const optimized = /\/_next\/image\?url=http[^&]+&w=\d+&q=75$/;

/** @param changed - how many images a state update changes */
function plainSteps(path: string, count: number, changed: number, second: string): Step[] {
  const preloaded: Action = async (visit) => {
    const images = await visit.images();
    assert.deepEqual([images.shown.length, images.dark.length], [count, 0]);
    assert.equal(visit.refused.length, 1, visit.refused.join(' '));
    assert.deepEqual(visit.complaints, []);
  };
  return [
    firstPaint(path, count),
    step(
      'the limit: after hydration every image is shown, but flight data preloads one with its plain URL',
      hydrate(path),
      preloaded,
    ),
    step(
      'the limit: URLs that a state update brings are plain, and those images dark',
      click('Larger'),
      dark(changed),
    ),
    step(
      'the limit: the page after a link has plain URLs, and its images are dark',
      ...[hydrate(path), follow('Further', second), dark(count)],
    ),
  ];
}

export const walks: readonly Walk[] = [
  { title: 'with plain URLs in Server Components', steps: plainSteps('/', 5, 2, 'Second') },
  {
    title: '<Image> without unoptimized, with images.remotePatterns, and plain URLs in Server Components',
    steps: plainSteps('/optimized/first', 3, 1, 'second'),
  },
  {
    title: 'the same, signed in Server Components',
    steps: [
      firstPaint('/recipe/optimized/first', 3),
      hydration('/recipe/optimized/first', 3, optimized),
      step('a state update shows every image', click('Larger'), shown(3, optimized)),
      step('so does a link', follow('Further', 'second'), shown(3, optimized)),
    ],
  },
  {
    title: 'signed in Server Components',
    steps: [
      firstPaint('/recipe', 5),
      hydration('/recipe', 5),
      step('a state update shows other variants', click('Larger'), shown(5, /\/card\?/)),
      step('a link leads to a page whose images are shown', follow('Further', 'Second'), shown(5)),
      step(
        'so does a link to a page that is kept for a while, and no cache may keep it for more than half a ttl',
        async (visit) => {
          const data = visit.page.waitForResponse((response) => response.url().includes('/recipe/isr?_rsc='));
          await visit.follow('Further', 'Third');
          const headers = await (await data).allHeaders();
          assert.match(headers['content-type'] ?? '', /^text\/x-component/);
          assert.equal(headers['cache-control'], 's-maxage=3600, stale-while-revalidate=39600');
        },
        shown(5),
      ),
      firstPaint('/recipe/isr', 5),
      step(
        'a reload of a page that is kept for a while is answered 304, and every image is shown',
        ...[hydrate('/recipe/isr'), reload(304), hydrated, shown(5)],
      ),
    ],
  },
  {
    title: 'posts that were stored a year ago, signed with signData',
    steps: [
      firstPaint('/recipe/stored', 4),
      hydration('/recipe/stored', 4),
      step('a state update shows every image', click('Another'), shown(4)),
      step('so does what the route handler answers', click('Again'), shown(4), async (visit) =>
        assert.doesNotMatch(await (await visit.fetch('/recipe/stored/posts')).text(), /minio/),
      ),
      step('a link leads to a page whose images are shown', follow('Further', 'More'), shown(4)),
      step('and back', follow('Further', 'Stored'), shown(4)),
      savedPlain('/recipe/stored/edit', '/recipe/stored/database'),
    ],
  },
];
