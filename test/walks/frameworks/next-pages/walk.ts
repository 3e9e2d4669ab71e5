import assert from 'node:assert/strict';
import {
  click,
  dark,
  firstPaint,
  follow,
  goBack,
  hydrate,
  hydrated,
  hydration,
  reload,
  shown,
  step,
  type Walk,
} from '../support/walk.ts';

/** From the optimizer, which has got it from the delivery. */
const optimized = /\/_next\/image\?url=http[^&]+&w=\d+&q=75$/;

export const walks: readonly Walk[] = [
  {
    title: 'as it is',
    steps: [
      firstPaint('/', 4),
      hydration('/', 4),
      step(
        'a state update shows other variants: __NEXT_DATA__ was signed in the page',
        click('Larger'),
        shown(4, /\/card\?/),
      ),
      step(
        'the limit: the page after a link has plain URLs, and its images are dark',
        follow('Further', 'Second'),
        dark(4),
      ),
      firstPaint('/static', 4),
      hydration('/static', 4),
      step(
        'a reload of a page that was rendered by the build is answered 304, and every image is shown',
        ...[reload(304), hydrated, shown(4)],
      ),
    ],
  },
  {
    title: '<Image> without unoptimized, with images.remotePatterns',
    steps: [
      firstPaint('/optimized/first', 2),
      hydration('/optimized/first', 2, optimized),
      step(
        'a state update shows another variant through the optimizer',
        ...[click('Larger'), shown(2, optimized), shown(2, /%2Fcard%3F/)],
      ),
      step('the optimizer gives nobody an image without a token', async (visit) => {
        const url = (await visit.images()).shown[0]!.replace(/%3Fexp[^&]*/, '');
        assert.equal((await visit.page.request.get(url)).status(), 403);
      }),
      step(
        'the limit: the page after a link has plain URLs, and its images are dark',
        follow('Further', 'second'),
        dark(2),
      ),
    ],
  },
  {
    title: 'with rewrite.json',
    environment: { REWRITE_JSON: '1' },
    steps: [
      hydration('/', 4),
      step('a link leads to a page whose images are shown', follow('Further', 'Second'), shown(4)),
      step('so does one to a page that was rendered by the build', follow('Further', 'Third'), shown(4)),
      step('the way back shows every image', goBack('Second'), shown(4)),
      step(
        'a link leads to a page whose images the optimizer delivers',
        ...[hydrate('/optimized/first'), follow('Further', 'second'), shown(2, optimized)],
      ),
    ],
  },
];
