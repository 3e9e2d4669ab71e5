import assert from 'node:assert/strict';
import {
  appears,
  bringing,
  click,
  dark,
  firstPaint,
  follow,
  hydrate,
  hydrated,
  hydration,
  open,
  reload,
  type Step,
  savedPlain,
  shown,
  step,
  type Walk,
} from '../support/walk.ts';

/** A page with four images of a post that was stored a year ago; a click shows those of another post. */
function storedPosts(path: string, heading: string): Step[] {
  const [images, other] = [shown(4), click('Other')];
  const arrive = follow(heading.toLowerCase(), heading);
  return [
    firstPaint(path, 4),
    step(
      `${path}: after hydration, a state update and a link every image is shown`,
      ...[hydrate(path), images, other, images],
      ...[hydrate('/'), arrive, images, other, images],
    ),
  ];
}

export const walks: readonly Walk[] = [
  {
    title: 'plain URLs in the data of load',
    steps: [
      firstPaint('/', 1),
      hydration('/', 1),
      step('the page has a tag, and a reload is answered 304', reload(304), hydrated, shown(1)),
      step(
        'the limit: the data is in a plain script, so that a state update brings plain URLs',
        ...[click('Other'), dark(1), click('Other'), dark(1)],
      ),
      step('the limit: client navigation brings plain URLs', follow('second', 'Second'), dark(1)),
      step(
        'the limit: hydration sets bound styles again, and requests their plain URLs',
        hydrate('/style'),
        (visit) => assert.equal(visit.refused.length, 2, visit.refused.join(' ')),
      ),
    ],
  },
  {
    title: "the same with rewrite.json and fields: { body: 'json', data: 'json' }",
    environment: { SIGN_DATA: '1' },
    steps: [
      hydration('/', 1),
      step('client navigation shows every image', follow('second', 'Second'), shown(1)),
      step('also after a state update', click('Other'), shown(1)),
      hydration('/fetched', 1),
      step('a state update shows another image', click('Other'), shown(1)),
      step(
        'client navigation to what a universal load fetches shows every image',
        ...[hydrate('/'), follow('fetched', 'Fetched'), click('Other'), shown(1)],
      ),
      step(
        'the result of a form action shows its image',
        ...[hydrate('/action'), click('Find'), appears('found'), shown(1)],
      ),
      step(
        'the limit: a streamed value is in a plain script, and dark',
        ...[open('/streamed'), appears('later'), dark(1)],
      ),
      step(
        'client navigation to data with a streamed value, which comes line by line, shows both images',
        hydrate('/'),
        bringing('__data.json', /^text\/sveltekit-data/, follow('streamed', 'Streamed')),
        appears('later'),
        shown(2),
      ),
    ],
  },
  {
    title: 'URLs that load signs with event.platform.req.signImage',
    steps: [
      step(
        '/signed: after hydration every image is shown, streamed ones as well, and none was refused',
        ...[hydrate('/signed'), appears('later'), shown(2)],
      ),
      step('a state update shows every image', click('Other'), shown(2)),
      step(
        'so does client navigation',
        ...[hydrate('/'), follow('signed', 'Signed'), appears('later'), click('Other'), shown(2)],
      ),
    ],
  },
  {
    title: 'posts that were stored a year ago, signed in load with signData',
    steps: [
      ...storedPosts('/posts', 'Posts'),
      ...storedPosts('/wrapped', 'Wrapped'),
      savedPlain('/edit', '/database'),
    ],
  },
];
