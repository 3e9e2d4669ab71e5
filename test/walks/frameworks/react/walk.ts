import assert from 'node:assert/strict';
import { fetchedAlbumSteps, openAlbumSteps, shortTtl } from '../support/open-page.ts';
import {
  click,
  dark,
  firstPaint,
  hydration,
  reload,
  type Step,
  scriptWarning,
  shown,
  step,
  type Walk,
} from '../support/walk.ts';

const island: readonly Step[] = [
  firstPaint('/', 3),
  hydration('/', 3),
  step(
    'a state update shows other variants and a further image: the state was signed in the page',
    click('Larger', 'More'),
    shown(4),
    async (visit) => {
      const images = await visit.images();
      assert.equal(images.shown.filter((url) => url.includes('/card?')).length, 2, images.shown.join(' '));
    },
  ),
  step('a streamed page has no tag, so that a reload is answered 200', reload(200), shown(3)),
];

export const walks: readonly Walk[] = [
  { title: 'state in a script of type application/json', steps: island },
  {
    title: 'the same in development, where React compares every attribute',
    environment: { NODE_ENV: 'development' },
    steps: island,
  },
  {
    title: 'state in a plain script',
    steps: [
      firstPaint('/script', 3),
      hydration('/script', 3),
      step(
        'the limit: URLs that a state update brings are plain, and those images dark',
        click('Larger', 'More'),
        dark(3),
      ),
    ],
  },
  {
    title: 'the same in development',
    environment: { NODE_ENV: 'development' },
    steps: [scriptWarning('/script')],
  },
  { title: 'left open, with the page itself to ask', environment: shortTtl, steps: openAlbumSteps },
  {
    title: 'left open, with an endpoint to ask',
    environment: { ...shortTtl, ENDPOINT: '/sign' },
    steps: fetchedAlbumSteps,
  },
];
