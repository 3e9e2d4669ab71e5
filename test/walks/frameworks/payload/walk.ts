import assert from 'node:assert/strict';
import { expectFresh, expectOld, stored } from '../support/tokens.ts';
import { hydration, open, shown, step, type Walk } from '../support/walk.ts';

const form = '/admin/collections/articles/1';

export const walks: readonly Walk[] = [
  {
    title: 'articles that were stored with tokens a year ago',
    steps: [
      hydration('/site.html', 6),
      step('/: a page signs what the Local API gives, and shows every image', open('/'), shown(6)),
      step(
        'text, uploads, rich text, Markdown, HTML and arrays have fresh tokens, and the rest is as it was',
        async (visit) => {
          const text = await (await visit.fetch('/api/articles')).text();
          expectFresh(text, 6);
          assert.match(text, /"notes":"# Markdown\\n\\n!\[\]\(http:[^()]+\/notes\/card\?/);
        },
      ),
      step('so do the answers of GraphQL', async (visit) => {
        const query = '{ Articles { docs { cover photo { url } body notes embed gallery { image } } } }';
        expectFresh(JSON.stringify(await visit.send('POST', '/api/graphql', { query })), 6);
      }),
      step(
        'skip keeps what the admin panel fetches as it is: no token is added to what it saves',
        async (visit) => {
          const { origin } = new URL(visit.page.url());
          const text = await (await visit.fetch('/api/articles', { referer: origin + form })).text();
          expectOld(text, 5);
        },
      ),
      step(
        'an editor saves the form of the admin panel: no token is stored, and the form shows none',
        stored(['articles', 'articles_gallery']),
        async (visit) => {
          const account = JSON.stringify({ email: 'editor@example.org', password: 'Only for this 1' });
          const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: account };
          await visit.page.evaluate(`fetch('/api/users/login', ${JSON.stringify(init)})`);
          await visit.open(form);
          await visit.page.locator('#field-title').fill('An article, edited');
          const saved = visit.page.waitForResponse((response) => response.request().method() === 'PATCH');
          await visit.page.locator('#action-save').click();
          assert.equal((await saved).status(), 200);
          await visit.settled();
          assert.match(await visit.page.locator('#field-cover').inputValue(), /\/cover\/card$/);
        },
        stored([]),
      ),
      step('a client saves what the REST API gave it, and no token is stored', async (visit) => {
        const { docs } = (await (await visit.fetch('/api/articles?depth=0')).json()) as {
          readonly docs: readonly { readonly id: number }[];
        };
        expectFresh(JSON.stringify(docs), 5);
        const { id, ...article } = docs[0]!;
        await visit.send('PATCH', `/api/articles/${id}`, article);
        await stored([])(visit);
      }),
      hydration('/site.html', 6),
    ],
  },
];
