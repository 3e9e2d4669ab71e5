import {
  appears,
  click,
  dark,
  firstPaint,
  follow,
  hydration,
  open,
  reload,
  shown,
  step,
  type Walk,
} from '../support/walk.ts';

export const walks: readonly Walk[] = [
  {
    title: 'pages, server islands and islands, without an option',
    steps: [
      firstPaint('/', 1),
      step('/: every image is shown', open('/'), shown(1)),
      step('the page has no tag, so that a reload is answered 200', reload(200), shown(1)),
      step(
        '/second: a server island (server:defer) is a page of its own, and signed',
        open('/second'),
        appears('deferred'),
        shown(2),
      ),
      firstPaint('/island', 1),
      hydration('/island', 1),
      step(
        'the limit: the props of an island are plain, so that a state update brings plain URLs',
        click('Other'),
        dark(1),
      ),
      step(
        'the limit: a value of define:vars is in a plain script. Astro.locals.signImage signs it',
        open('/script'),
        dark(1, 1),
      ),
    ],
  },
  {
    title: "with attributes: { props: 'json' }",
    environment: { SIGN_PROPS: '1' },
    steps: [
      hydration('/island', 1),
      step('a state update shows another image', click('Other'), shown(1)),
      step('the ClientRouter follows a link, and every image is shown', follow('home', 'Home'), shown(1)),
      step('so it does to a server island', follow('second', 'Second'), shown(2)),
      step('and to an island', follow('island', 'Island'), shown(1)),
      step('a state update after that shows another image', click('Other'), shown(1)),
    ],
  },
];
