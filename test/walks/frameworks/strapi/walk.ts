import assert from 'node:assert/strict';
import { expectFresh, expectOld, expiriesIn, stored } from '../support/tokens.ts';
import type { Visit } from '../support/visit.ts';
import { type Action, hydrate, hydration, step, type Walk } from '../support/walk.ts';

const articles = '/api/articles?populate[photo]=true&populate[sections][populate]=*';
const editors = '/content-manager/collection-types/api::article.article';

type Headers = Readonly<Record<string, string>>;

interface Article {
  readonly documentId: string;
  readonly body: string;
  readonly photo: { readonly url: string };
  readonly sections: readonly { readonly body: string }[];
}

/** Makes the administrator, or logs in as the one that is there. */
async function asEditor(visit: Visit): Promise<Headers> {
  const account = { email: 'editor@example.org', password: 'Only for this 1' };
  const { data } = (await visit
    .send('POST', '/admin/register-admin', { ...account, firstname: 'An', lastname: 'Editor' })
    .catch(() => visit.send('POST', '/admin/login', account))) as { data: { token: string } };
  return { Authorization: `Bearer ${data.token}` };
}

/** A program with a token for the content API. */
async function asClient(visit: Visit): Promise<Headers> {
  const kind = { name: `client ${performance.now()}`, description: '', type: 'full-access', lifespan: null };
  const answer = await visit.send('POST', '/admin/api-tokens', kind, await asEditor(visit));
  return { Authorization: `Bearer ${(answer as { data: { accessKey: string } }).data.accessKey}` };
}

/** As the form of the admin panel does. */
async function readAsEditor(visit: Visit, headers: Headers): Promise<Article> {
  const { results } = (await (await visit.fetch(editors, headers)).json()) as { results: readonly Article[] };
  const response = await visit.fetch(`${editors}/${results[0]!.documentId}`, headers);
  return ((await response.json()) as { data: Article }).data;
}

/** What a client saves of an answer. */
function formOf(article: Article): object {
  const { cover, blocks, body, embed } = article as unknown as Record<string, unknown>;
  const sections = article.sections.map((section) => ({ __component: 'shared.text', body: section.body }));
  return { cover, blocks, body, embed, sections };
}

const tables = (...names: readonly string[]): Action => stored(names, 'better-sqlite3');

export const walks: readonly Walk[] = [
  {
    title: 'articles that were stored with tokens a year ago, on the REST API, without an option',
    steps: [
      step(
        'the limit: Strapi signs the media library, by its upload provider, and every other image of a site is dark',
        hydrate('/site.html'),
        async (visit) => {
          const { shown, dark } = await visit.images();
          const names = shown.map((url) => /[^/]+\/[^/]+(?=\?)/.exec(url)?.[0]);
          assert.deepEqual(names, ['photo/card', 'thumbnail/thumb']);
          assert.equal(dark.length, 5);
        },
      ),
    ],
  },
  {
    title: 'with rewrite.json, and fields for Markdown and HTML',
    environment: { SIGN_DATA: '1' },
    steps: [
      hydration('/site.html', 7),
      step(
        'text fields, the media library, blocks, Markdown, HTML and dynamic zones have fresh tokens, and the rest is as it was',
        async (visit) => {
          const text = await (await visit.fetch(articles)).text();
          expectFresh(text, 7);
          const plain = text.replaceAll(/\?exp=\d+&(?:amp;)?sig=[0-9a-f]{64}/g, '');
          assert.doesNotMatch(plain, /sig=/);
          const [article] = (JSON.parse(plain) as { readonly data: readonly Article[] }).data;
          assert.match(article!.body, /^# Markdown\n\n!\[body\]\(http:[^()?]+\/body\/card\)$/);
        },
      ),
      step('so do the answers of GraphQL', async (visit) => {
        const query =
          '{ articles { cover blocks body embed photo { url formats } sections { ... on ComponentSharedText { body } } } }';
        const answer = await visit.send('POST', '/graphql', { query }, await asClient(visit));
        expectFresh(JSON.stringify(answer), 7);
      }),
      step('skip keeps the API of the editor as it is: no token is added to what it saves', async (visit) => {
        const { body } = await readAsEditor(visit, await asEditor(visit));
        assert.match(body, /\/body\/card/);
        expectOld(body, 1);
      }),
      step('a client saves what the REST API gave it, and no token is stored', async (visit) => {
        await tables('articles', 'components_shared_texts', 'files')(visit);
        const { data } = (await (await visit.fetch(articles)).json()) as { data: readonly Article[] };
        const [article] = data;
        const path = `/api/articles/${article!.documentId}`;
        await visit.send('PUT', path, { data: formOf(article!) }, await asClient(visit));
        await tables('files')(visit);
      }),
      step(
        'an editor puts a signed preview of the media library into rich text, and no token is stored',
        async (visit) => {
          const headers = await asEditor(visit);
          const { photo, ...article } = await readAsEditor(visit, headers);
          assert.match(article.body, /\/body\/card\)$/);
          assert.ok(expiriesIn(photo.url)[0]! > Date.now() / 1000, photo.url);
          const body = `${article.body}\n\n![](${photo.url})`;
          await visit.send('PUT', `${editors}/${article.documentId}`, { ...article, body }, headers);
          assert.match((await readAsEditor(visit, headers)).body, /\/photo\/card\)$/);
          await tables('files')(visit);
        },
      ),
      hydration('/site.html', 7),
    ],
  },
  {
    title: 'after every row has been cleaned once',
    environment: { SIGN_DATA: '1', CLEAN: '1' },
    steps: [hydration('/site.html', 7), step('the database holds no token', tables())],
  },
];
