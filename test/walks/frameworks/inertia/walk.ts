import assert from 'node:assert/strict';
import {
  click,
  dark,
  firstPaint,
  follow,
  goBack,
  hydrated,
  hydration,
  reload,
  type Step,
  shown,
  step,
  type Walk,
} from '../support/walk.ts';

const withoutJson: readonly Step[] = [
  hydration('/', 1),
  step('the page has a tag, and a reload is answered 304', reload(304), hydrated, shown(1)),
  step('a state update shows another image', click('Other'), shown(1)),
  step('the limit: what a visit brings is JSON, and plain', follow('second', 'Second'), dark(1)),
];

const withJson: readonly Step[] = [
  hydration('/', 1),
  step(
    'a visit and a partial reload show every image',
    follow('second', 'Second'),
    click('Further'),
    shown(2),
  ),
  step('so does a state update', click('Other'), shown(2)),
  step('the back button brings the first page again, with its images', goBack('Home'), shown(1)),
  step('a visit is answered as JSON of the right length, with the headers of the protocol', async (visit) => {
    const answer = await visit.fetch('/second', {
      'X-Inertia': 'true',
      'X-Inertia-Version': '1',
      Accept: 'text/html, application/xhtml+xml',
    });
    const text = await answer.text();
    assert.equal(answer.headers.get('content-length'), String(Buffer.byteLength(text)));
    assert.equal(answer.headers.get('x-inertia'), 'true');
    assert.match(answer.headers.get('vary') ?? '', /X-Inertia/);
    assert.equal((JSON.parse(text) as { readonly component: string }).component, 'Second');
  }),
];

export const walks: readonly Walk[] = [
  {
    title: 'Inertia 3, rendered on the server: the page object in a script',
    environment: { INERTIA: '3' },
    steps: [firstPaint('/', 1), ...withoutJson],
  },
  {
    title: 'Inertia 3 with rewrite.json',
    environment: { INERTIA: '3', SIGN_DATA: '1' },
    steps: withJson,
  },
  {
    title: 'Inertia 2, rendered in the browser: the page object in data-page',
    environment: { INERTIA: '2' },
    steps: withoutJson,
  },
  {
    title: 'Inertia 2 with rewrite.json',
    environment: { INERTIA: '2', SIGN_DATA: '1' },
    steps: withJson,
  },
];
