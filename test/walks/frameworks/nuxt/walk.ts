import {
  click,
  dark,
  firstPaint,
  follow,
  hydrate,
  hydrated,
  hydration,
  reload,
  shown,
  step,
  type Walk,
} from '../support/walk.ts';

export const walks: readonly Walk[] = [
  {
    title: 'as it is',
    steps: [
      firstPaint('/', 2),
      hydration('/', 2),
      step(
        'a state update shows other variants: the data of useFetch was signed in the page',
        click('Larger'),
        shown(2, /\/card\?/),
      ),
      step(
        'the limit: the page after a link fetches plain URLs, and its images are dark',
        follow('Further', 'Second'),
        dark(2),
      ),
      firstPaint('/async', 2),
      hydration('/async', 2),
      step('so it is with the data of useAsyncData', click('Larger'), shown(2, /\/card\?/)),
      firstPaint('/constant', 3),
      step(
        'the limit: hydration writes the plain URL that a component composes, and that image becomes dark',
        hydrate('/constant'),
        dark(1),
      ),
      firstPaint('/recipe', 3),
      hydration('/recipe', 3),
      step('a page has no tag, so that a reload is answered 200', reload(200), hydrated, shown(3)),
    ],
  },
  {
    title: 'with rewrite.json',
    environment: { REWRITE_JSON: '1' },
    steps: [
      firstPaint('/', 2),
      hydration('/', 2),
      step('a link leads to a page whose images are shown', follow('Further', 'Second'), shown(2)),
      step('and back', follow('Back', 'First'), shown(2)),
      step(
        'a link leads to a page with useAsyncData whose images are shown, also after a state update',
        hydrate('/other'),
        follow('Third', 'Third'),
        shown(2),
        click('Larger'),
        shown(2),
      ),
    ],
  },
];
