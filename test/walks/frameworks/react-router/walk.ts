import assert from 'node:assert/strict';
import {
  type Action,
  appears,
  bringing,
  click,
  dark,
  firstPaint,
  follow,
  hydrate,
  hydration,
  type Step,
  savedPlain,
  shown,
  step,
  type Walk,
} from '../support/walk.ts';

/** Old tokens and a former host: nothing of it reaches the browser. */
const fresh: Action = async (visit) => {
  const soonest = Date.now() / 1000 + 86_000;
  for (const url of (await visit.images()).shown)
    assert.ok(Number(new URL(url).searchParams.get('exp')) > soonest, url);
};

const scriptType = /^text\/x-script/;

/** A page with four images of a post that was stored a year ago; a click shows those of another post. */
function storedPosts(path: string, heading: string): Step[] {
  const update = [shown(4), click('Other'), shown(4), fresh];
  const arrive = bringing(`${path}.data`, scriptType, follow(heading.toLowerCase(), heading));
  return [
    firstPaint(path, 4),
    step(`${path}: after hydration every image is shown, also after an update`, hydrate(path), ...update),
    step(
      `${path}: client navigation, whose data is no JSON, shows every image`,
      ...[hydrate('/'), arrive, ...update],
    ),
  ];
}

export const walks: readonly Walk[] = [
  {
    title: 'plain URLs in the data of loaders',
    steps: [
      firstPaint('/', 1),
      hydration('/', 1),
      step(
        'the limit: the data is in plain scripts, so that a state update brings plain URLs',
        click('Other'),
        dark(1),
      ),
      step('the limit: client navigation brings plain URLs', follow('second', 'Second'), dark(1)),
      step(
        'what Await waits for is streamed as a page, and shown',
        ...[hydrate('/awaited'), appears('later'), shown(2)],
      ),
    ],
  },
  {
    title: 'the same with rewrite.json',
    environment: { REWRITE_JSON: '1' },
    steps: [
      hydration('/', 1),
      step(
        'client navigation brings text/x-script, which is signed: every image is shown, also after an update',
        bringing('/second.data', scriptType, follow('second', 'Second')),
        ...[shown(1), click('Other'), shown(1)],
      ),
      step(
        'what Await waits for after a link is streamed in the data, and shown',
        follow('awaited', 'Awaited'),
        ...[appears('later'), shown(2), click('Other'), shown(2)],
      ),
      step(
        'the limit: the data in the page itself is in plain scripts, so that an update brings plain URLs',
        ...[hydrate('/'), click('Other'), dark(1)],
      ),
    ],
  },
  {
    title: 'URLs that loaders sign with the load context',
    steps: [
      step(
        '/signed: after hydration every image is shown, also those that Await waits for',
        ...[hydrate('/signed'), appears('later'), shown(2)],
      ),
      step('a state update shows every image', click('Other'), shown(2)),
      step(
        'so does client navigation',
        ...[hydrate('/'), follow('signed', 'Signed'), appears('later'), click('Other'), shown(2)],
      ),
      step(
        'no cache may keep the data with tokens for longer than the page: a week becomes half a ttl',
        async (visit) => {
          for (const path of ['/signed', '/signed.data']) {
            const answer = await visit.fetch(path);
            await answer.text();
            assert.match(answer.headers.get('cache-control') ?? '', /^public, max-age=4\d{4}$/, path);
          }
        },
      ),
    ],
  },
  {
    title: 'posts that were stored a year ago, signed in loaders with signData',
    steps: [
      firstPaint('/stored', 4),
      step(
        'the limit, without signData: client navigation brings what is stored, and every image is dark',
        hydrate('/'),
        follow('stored', 'Stored'),
        async (visit) => assert.equal((await visit.images()).dark.length, 4),
      ),
      ...storedPosts('/wrapped', 'Wrapped'),
      step(
        '/posts: so does signData of the request, and what Await waits for is signed as well',
        ...[hydrate('/posts'), appears('later'), click('Other'), shown(5)],
      ),
      step(
        '/posts: so it is after client navigation',
        ...[hydrate('/'), follow('posts', 'Posts'), appears('later')],
        ...[shown(5), click('Other'), shown(5), fresh],
      ),
      savedPlain('/edit/one', '/database'),
    ],
  },
];
