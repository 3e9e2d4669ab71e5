import assert from 'node:assert/strict';
import { expectAllShown, expectDark, firstPaint, hydration, type Step, type Walk } from '../support/walk.ts';

const stateUpdate: Step = {
  title: 'a state update shows another image',
  async walk(visit) {
    await visit.click('Other');
    await expectAllShown(visit, 1);
  },
};

const tag: Step = {
  title: 'the page has a tag, and a reload is answered 304',
  async walk(visit) {
    assert.notEqual(await visit.header('etag'), null);
    assert.equal(await visit.reload(), 304);
    await visit.hydrated();
    await expectAllShown(visit, 1);
  },
};

const plainVisit: Step = {
  title: 'the limit: what a visit brings is JSON, and plain',
  async walk(visit) {
    await visit.follow('second', 'Second');
    await expectDark(visit, 1);
  },
};

const signedVisits: readonly Step[] = [
  {
    title: 'a visit, a partial reload and a state update show every image',
    async walk(visit) {
      await visit.follow('second', 'Second');
      await visit.click('Further');
      await expectAllShown(visit, 2);
      await visit.click('Other');
      await expectAllShown(visit, 2);
    },
  },
  {
    title: 'the back button brings the first page again, with its images',
    async walk(visit) {
      visit.forget();
      await visit.page.goBack();
      await visit.page.locator('h1', { hasText: 'Home' }).waitFor();
      await visit.settled();
      await expectAllShown(visit, 1);
    },
  },
  {
    title: 'a visit is answered as JSON of the right length, with the headers of the protocol',
    async walk(visit) {
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
    },
  },
];

export const walks: readonly Walk[] = [
  {
    title: 'Inertia 3, rendered on the server: the page object in a script',
    environment: { INERTIA: '3' },
    steps: [firstPaint('/', 1), hydration('/', 1), tag, stateUpdate, plainVisit],
  },
  {
    title: 'Inertia 3 with rewrite.json',
    environment: { INERTIA: '3', SIGN_DATA: '1' },
    steps: [hydration('/', 1), ...signedVisits],
  },
  {
    title: 'Inertia 2, rendered in the browser: the page object in data-page',
    environment: { INERTIA: '2' },
    steps: [hydration('/', 1), tag, stateUpdate, plainVisit],
  },
  {
    title: 'Inertia 2 with rewrite.json',
    environment: { INERTIA: '2', SIGN_DATA: '1' },
    steps: [hydration('/', 1), ...signedVisits],
  },
];
