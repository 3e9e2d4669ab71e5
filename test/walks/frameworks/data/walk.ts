/** The recipes of the guide to data, with the libraries that they are for; and the URLs of Supabase's own library. */
import assert from 'node:assert/strict';
import { type Action, hydrate, openPlain, shown, step, type Walk } from '../support/walk.ts';

const token = /[?&](?:exp|sig|token|X-Amz-\w+)=/;

/** Opens a page that shows every image of an answer. @param query - of a `POST` of GraphQL */
function show(path: string, query?: string): Action {
  const asked = new URLSearchParams({ path, ...(query && { body: JSON.stringify({ query }) }) });
  return hydrate(`/show?${asked}`);
}

function allDark(count: number, isPlain: boolean): Action {
  return async (visit) => {
    const images = await visit.images();
    assert.deepEqual([images.shown.length, images.dark.length], [0, count]);
    for (const url of isPlain ? images.dark : []) assert.doesNotMatch(url, token);
  };
}

const recipes: readonly (readonly [title: string, path: string, query?: string])[] = [
  ['tRPC', '/trpc/posts'],
  ['GraphQL Yoga', '/yoga', '{ posts { id cover thumb body } }'],
  ['what GraphQL Yoga defers', '/yoga', '{ posts { cover thumb ... on Post @defer { body } } }'],
  ['a subscription of GraphQL Yoga', '/yoga', 'subscription { published { cover thumb body } }'],
  ['Apollo Server', '/apollo', '{ posts { id cover thumb body } }'],
];

export const walks: readonly Walk[] = [
  {
    title: 'what was stored a year ago, in data',
    steps: [
      step('as it is stored, no image is shown', show('/trpc/plain'), allDark(8, false)),
      ...recipes.map(([title, ...asked]) =>
        step(`${title}: whom authorize refuses gets plain URLs`, show(...asked), allDark(8, true)),
      ),
      step('a visitor signs in', async (visit) => {
        const { origin } = new URL(visit.page.url());
        await visit.page.context().addCookies([{ name: 'session', value: 'member', url: origin }]);
      }),
      ...recipes.map(([title, ...asked]) => step(`${title}: every image is shown`, show(...asked), shown(8))),
    ],
  },
  {
    title: 'a queue and mail',
    steps: [
      step('a job that waits holds no token, and no former host', async (visit) => {
        const { origin } = new URL((await visit.fetch('/show')).url);
        const headers = { cookie: 'session=member' };
        assert.equal((await fetch(`${origin}/jobs`, { method: 'POST', headers })).status, 204);
        const jobs = await (await visit.fetch('/jobs')).text();
        assert.match(jobs, /"cover":"http:/);
        assert.doesNotMatch(jobs, token);
        assert.doesNotMatch(jobs, /minio/);
      }),
      step('the mail shows every image, for 30 days', openPlain('/mail'), shown(2), async (visit) => {
        const soonest = Date.now() / 1000 + 30 * 86_400 - 60;
        for (const url of (await visit.images()).shown)
          assert.ok(Number(new URL(url).searchParams.get('exp')) > soonest, url);
      }),
    ],
  },
  {
    title: "URLs of Supabase's library",
    steps: [
      step('as they are stored, no image is shown', show('/supabase/stored'), allDark(9, false)),
      step('public and signed ones, of downloads and of transformed images', show('/supabase'), shown(9)),
      step('what is saved has no token, and stands at the S3 endpoint', async (visit) => {
        const saved = (await (await visit.fetch('/supabase/saved')).json()) as string[];
        assert.equal(saved.length, 9);
        for (const url of saved) {
          assert.match(url, /\/storage\/v1\/s3\/photos\/uploads\//);
          assert.doesNotMatch(url, token);
        }
      }),
    ],
  },
];
