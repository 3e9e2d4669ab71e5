/** The recipes of the guide to data, with the libraries that they are for; and the URLs of Supabase's own library. */
import assert from 'node:assert/strict';
import type { Visit } from '../support/visit.ts';
import { expectAllShown, type Step, type Walk } from '../support/walk.ts';

const token = /[?&](?:exp|sig|token|X-Amz-\w+)=/;

interface Shown {
  readonly path: string;
  /** Of a `POST`. */
  readonly body?: object;
  readonly images: number;
}

/** Opens a page that shows every image of an answer. */
async function show(visit: Visit, { path, body }: Shown): Promise<void> {
  const query = new URLSearchParams({ path, ...(body && { body: JSON.stringify(body) }) });
  await visit.open(`/show?${query}`);
  await visit.hydrated();
}

function dark(title: string, shown: Shown): Step {
  return {
    title,
    async walk(visit) {
      await show(visit, shown);
      const images = await visit.images();
      assert.deepEqual([images.shown.length, images.dark.length], [0, shown.images]);
    },
  };
}

function refused(title: string, shown: Shown): Step {
  return {
    title: `${title}: whom authorize refuses gets plain URLs`,
    async walk(visit) {
      await show(visit, shown);
      const images = await visit.images();
      assert.equal(images.dark.length, shown.images, images.shown.join(' '));
      for (const url of images.dark) assert.doesNotMatch(url, token);
    },
  };
}

function signed(title: string, shown: Shown): Step {
  return {
    title: `${title}: every image is shown`,
    async walk(visit) {
      await show(visit, shown);
      await expectAllShown(visit, shown.images);
    },
  };
}

const posts = '{ posts { id cover thumb body } }';
const recipes: readonly (readonly [string, Shown])[] = [
  ['tRPC', { path: '/trpc/posts', images: 8 }],
  ['GraphQL Yoga', { path: '/yoga', body: { query: posts }, images: 8 }],
  [
    'what GraphQL Yoga defers',
    { path: '/yoga', body: { query: '{ posts { cover thumb ... on Post @defer { body } } }' }, images: 8 },
  ],
  [
    'a subscription of GraphQL Yoga',
    { path: '/yoga', body: { query: 'subscription { published { cover thumb body } }' }, images: 8 },
  ],
  ['Apollo Server', { path: '/apollo', body: { query: posts }, images: 8 }],
];

export const walks: readonly Walk[] = [
  {
    title: 'what was stored a year ago, in data',
    steps: [
      dark('as it is stored, no image is shown', { path: '/trpc/plain', images: 8 }),
      ...recipes.map(([title, shown]) => refused(title, shown)),
      {
        title: 'a visitor signs in',
        async walk(visit) {
          const { origin } = new URL(visit.page.url());
          await visit.page.context().addCookies([{ name: 'session', value: 'member', url: origin }]);
        },
      },
      ...recipes.map(([title, shown]) => signed(title, shown)),
    ],
  },
  {
    title: 'a queue and mail',
    steps: [
      {
        title: 'a job that waits holds no token, and no former host',
        async walk(visit) {
          const { origin } = new URL((await visit.fetch('/show')).url);
          const headers = { cookie: 'session=member' };
          assert.equal((await fetch(`${origin}/jobs`, { method: 'POST', headers })).status, 204);
          const jobs = await (await visit.fetch('/jobs')).text();
          assert.match(jobs, /"cover":"http:/);
          assert.doesNotMatch(jobs, token);
          assert.doesNotMatch(jobs, /minio/);
        },
      },
      {
        title: 'the mail shows every image, for 30 days',
        async walk(visit) {
          await visit.open('/mail', { scripts: false });
          await expectAllShown(visit, 2);
          const { shown } = await visit.images();
          const soonest = Date.now() / 1000 + 30 * 86_400 - 60;
          for (const url of shown) assert.ok(Number(new URL(url).searchParams.get('exp')) > soonest, url);
        },
      },
    ],
  },
  {
    title: "URLs of Supabase's library",
    steps: [
      dark('as they are stored, no image is shown', { path: '/supabase/stored', images: 9 }),
      signed('public and signed ones, of downloads and of transformed images', {
        path: '/supabase',
        images: 9,
      }),
      {
        title: 'what is saved has no token, and stands at the S3 endpoint',
        async walk(visit) {
          const saved = (await (await visit.fetch('/supabase/saved')).json()) as string[];
          assert.equal(saved.length, 9);
          for (const url of saved) {
            assert.match(url, /\/storage\/v1\/s3\/photos\/uploads\//);
            assert.doesNotMatch(url, token);
          }
        },
      },
    ],
  },
];
