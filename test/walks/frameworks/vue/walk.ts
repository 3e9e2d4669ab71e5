import assert from 'node:assert/strict';
import { fetchedAlbumSteps, openAlbumSteps, shortTtl } from '../support/open-page.ts';
import {
  click,
  dark,
  firstPaint,
  hydrate,
  hydrated,
  hydration,
  open,
  reload,
  scriptWarning,
  shown,
  step,
  type Walk,
} from '../support/walk.ts';

export const walks: readonly Walk[] = [
  {
    title: 'state in a script of type application/json',
    steps: [
      firstPaint('/', 3),
      hydration('/', 3),
      step(
        'a state update shows other variants: the state was signed in the page',
        click('Larger'),
        shown(3),
        async (visit) => {
          const images = await visit.images();
          assert.equal(images.shown.filter((url) => url.includes('/card?')).length, 2);
        },
      ),
      step('a reload is answered 304, and every image is shown', open('/'), reload(304), hydrated, shown(3)),
      step(
        'the limit: an image that stands in a template is dark when it is made anew',
        click('Logo', 'Logo'),
        dark(1),
      ),
      step(
        'the limit: URLs that fetch() brings are plain, and those images dark',
        hydrate('/'),
        click('Fetch'),
        dark(2),
      ),
    ],
  },
  {
    title: 'with rewrite.json',
    environment: { REWRITE_JSON: '1' },
    steps: [step('images whose URLs fetch() brings are shown', hydrate('/'), click('Fetch'), shown(5))],
  },
  {
    title: 'state in a plain script',
    steps: [
      firstPaint('/script', 3),
      step(
        'the limit: hydration writes the plain URL of every bound src, and those images become dark',
        hydrate('/script'),
        dark(2),
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
    title: 'left open, with the loader of the app to ask',
    environment: { ...shortTtl, REWRITE_JSON: '1' },
    steps: fetchedAlbumSteps,
  },
];
