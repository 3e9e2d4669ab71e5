import assert from 'node:assert/strict';
import { expectFresh, expectOld, stored } from '../support/tokens.ts';
import type { Visit } from '../support/visit.ts';
import { hydrate, hydration, step, type Walk } from '../support/walk.ts';

interface Article {
  readonly id: number;
  readonly body: string;
}

const account = { email: 'editor@example.org', password: 'Only for this 1' };

async function asEditor(visit: Visit): Promise<Readonly<Record<string, string>>> {
  const { data } = (await visit.send('POST', '/auth/login', account)) as { data: { access_token: string } };
  return { Authorization: `Bearer ${data.access_token}` };
}

async function articleOf(response: Response): Promise<Article> {
  const { data } = (await response.json()) as { readonly data: readonly Article[] };
  return data[0]!;
}

/** Sends back what was given, as a form does. */
async function save(visit: Visit, { id, ...article }: Article, headers = {}): Promise<void> {
  await visit.send('PATCH', `/items/articles/${id}`, article, headers);
}

export const walks: readonly Walk[] = [
  {
    title: 'articles that were stored with tokens a year ago, without the middleware',
    steps: [
      step(
        'the limit: the API gives what is stored, so that every image of a site on it is dark',
        hydrate('/site'),
        async (visit) => {
          const images = await visit.images();
          assert.deepEqual([images.shown.length, images.dark.length], [0, 4]);
        },
      ),
    ],
  },
  {
    title: 'with rewrite.json, and fields for Markdown and HTML',
    environment: { SIGN_DATA: '1' },
    steps: [
      hydration('/site', 4),
      step('strings, HTML, Markdown and JSON have fresh tokens, and the rest is as it was', async (visit) => {
        const text = await (await visit.fetch('/items/articles')).text();
        expectFresh(text, 4);
        assert.match(text, /"notes":"# Markdown\\n\\n!\[\]\(http:[^()]+\/notes\/card\?/);
      }),
      step('so do the answers of GraphQL', async (visit) => {
        const query = '{ articles { cover body notes gallery } }';
        expectFresh(JSON.stringify(await visit.send('POST', '/graphql', { query })), 4);
      }),
      step(
        'skip keeps what an editor gets as it is: no token is added to what the Studio saves',
        async (visit) => {
          const text = await (await visit.fetch('/items/articles', await asEditor(visit))).text();
          assert.match(text, /\/body\/card/);
          expectOld(text, 4);
        },
      ),
      step('so it is in the browser, where the Studio opens the form of the article', async (visit) => {
        const login = JSON.stringify({ ...account, mode: 'session' });
        const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: login };
        await visit.page.evaluate(`fetch('/auth/login', ${JSON.stringify(init)})`);
        const read = visit.page.waitForResponse((response) => response.url().includes('/items/articles/1'));
        await visit.open('/admin/content/articles/1');
        const text = await (await read).text();
        expectOld(text, 4);
        await visit.page.context().clearCookies();
      }),
      step('a client saves what the API gave it, and no token is stored', async (visit) => {
        await stored(['archive', 'articles'])(visit);
        await save(visit, await articleOf(await visit.fetch('/items/articles')));
        await stored(['archive'])(visit);
      }),
      step('the editor gets no token any more, and saves none', async (visit) => {
        const headers = await asEditor(visit);
        const article = await articleOf(await visit.fetch('/items/articles', headers));
        assert.match(article.body, /\/body\/card"/);
        await save(visit, article, headers);
        await stored(['archive'])(visit);
      }),
      hydration('/site', 4),
    ],
  },
  {
    title: 'after every row has been cleaned once',
    environment: { SIGN_DATA: '1', CLEAN: '1' },
    steps: [hydration('/site', 4), step('the database holds no token', stored([]))],
  },
];
