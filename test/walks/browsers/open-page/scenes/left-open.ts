/** Pages that are left open, hidden, left and come back to. */
import { expect } from 'vitest';
import {
  answersFor,
  clientTag,
  eachNever,
  eachOnce,
  imageTag,
  lazyIds,
  longPage,
  margin,
  mostAsked,
  pageOf,
  type Scene,
  shownIds,
  ttl,
} from '../scene.ts';
import type { Stage, StageOptions } from '../stage.ts';

const all = [...shownIds, ...lazyIds];
const long: StageOptions = { page: (urlOf) => longPage(urlOf) };

/** Nothing of what shows has moved, has been painted again, or was written to. */
async function expectCalm(stage: Stage): Promise<void> {
  const { violations, errors, shift, writes, painted } = await stage.notes();
  expect({ violations, errors, shift }).toEqual({ violations: [], errors: [], shift: 0 });
  expect(writes.filter(({ id }) => shownIds.includes(id))).toEqual([]);
  expect(painted.length).toBe(new Set(painted).size);
  expect(answersFor(stage, shownIds)).toEqual(eachOnce(shownIds));
}

/** Leaves a page open for so many seconds in which nobody looks at it, and scrolls through it then. */
async function leaveOpen(stage: Stage, seconds: number): Promise<void> {
  await stage.see('#shown-1, #shown-2');
  await stage.pass(seconds);
  // With fewer some token would have ended; and there is one at most each margin.
  expect(stage.renewals).toBeGreaterThanOrEqual(Math.floor(seconds / ttl) - 1);
  expect(stage.renewals).toBeLessThanOrEqual(mostAsked(seconds));
  expect(answersFor(stage, lazyIds)).toEqual(eachNever(lazyIds));
  await expectCalm(stage);

  await stage.see();
  // Of a lazy image no script can tell whether it is on its way: where time goes on, one may get a new URL just then.
  if (!stage.isRealTime) expect(answersFor(stage, lazyIds)).toEqual(eachOnce(lazyIds));
  const asked = stage.renewals;
  await stage.pass(2 * ttl);
  expect(stage.renewals, 'everything shows, so nothing is asked for').toBe(asked);
  await expectCalm(stage);
}

const list = (urlOf: (image: string) => string, head: string): string =>
  longPage(urlOf, `${clientTag}${head}`).replace('<p>', '<p><a id="away" href="/away">Away</a></p><p>');

/** Goes to another page, and back when all tokens have ended. */
async function comeBack(stage: Stage): Promise<void> {
  await stage.see('#shown-1, #shown-2');
  await stage.visit('/away');
  await stage.pass(3 * ttl);
  await stage.goBack();
}

const photo = `/photo.jpg?verify=1700000000-${'a'.repeat(43)}%3D`;
const tokenWithoutEnd = `<p><a href="${photo}">a</a></p><div class="far">`;

export const scenesOfTime: readonly Scene[] = [
  {
    title: 'a page that was left open for half a minute shows each lazy image, and nothing twice',
    ...long,
    run: (stage) => leaveOpen(stage, 30),
  },
  {
    title: 'so does one in real time',
    ...long,
    isRealTime: true,
    run: (stage) => leaveOpen(stage, 13),
  },
  {
    title: 'so does one that forbids to make documents of texts',
    ...long,
    policy: "require-trusted-types-for 'script'",
    run: (stage) => leaveOpen(stage, 30),
  },
  {
    title: 'so does one that links to an image whose token does not say when it ends',
    page: (urlOf) => longPage(urlOf).replace('<div class="far">', tokenWithoutEnd),
    run: (stage) => leaveOpen(stage, 30),
  },
  {
    title: 'so does one that imports the module',
    page: (urlOf) => longPage(urlOf, '<script type="module" src="/app.js"></script>'),
    routes: () => ({ '/app.js': `import { keepImagesFresh } from '/client.js'; keepImagesFresh();` }),
    run: (stage) => leaveOpen(stage, 30),
  },
  {
    title: 'tokens of an hour take a request each hour, over six',
    ...long,
    ttl: 3600,
    async run(stage) {
      await stage.pass(6 * 3600);
      // A tenth of an hour before the end at the latest, and not twice as early.
      expect(stage.renewals).toBeGreaterThanOrEqual(5);
      expect(stage.renewals).toBeLessThanOrEqual(6 / 0.8);
      await stage.see();
      expect(answersFor(stage, all)).toEqual(eachOnce(all));
    },
  },
  {
    title: 'the page itself is asked as it was asked before, without a copy of a cache',
    routes: (urlOf) => ({ '/list': longPage(urlOf) }),
    path: '/list?page=2&sort=new#top',
    async run(stage) {
      await stage.pass(ttl);
      const { requests } = stage.site;
      expect(requests.length).toBeGreaterThan(1);
      expect([...new Set(requests.map(({ target }) => target))]).toEqual(['/list?page=2&sort=new']);
      expect(requests.slice(1).every(({ headers }) => headers['cache-control'] === 'no-cache')).toBe(true);
    },
  },
  {
    title: 'Back to a page that the browser made anew from old HTML shows all',
    page: (urlOf) => list(urlOf, '<script src="/unload.js"></script>'),
    routes: () => ({ '/unload.js': `addEventListener('unload', () => {});`, '/away': pageOf('<p>away') }),
    async run(stage) {
      await comeBack(stage);
      const asked = stage.site.requests.filter(({ target, isRenewal }) => target === '/' && !isRenewal);
      expect(asked.length, 'the HTML came from the cache of the browser').toBe(1);
      expect((await stage.notes()).wasKept).toBe(false);
      await stage.see('img', margin);
      await stage.pass(3 * ttl);
      await stage.see('img');
    },
  },
  {
    title: 'Back to a page that the browser has kept alive shows all',
    needsKeptPages: true,
    page: (urlOf) => list(urlOf, ''),
    routes: () => ({ '/away': pageOf('<p>away') }),
    async run(stage) {
      await comeBack(stage);
      expect((await stage.notes()).wasKept).toBe(true);
      await stage.until('visit.renewed.length > 0', 1);
      await stage.see();
      await expectCalm(stage);
      expect(answersFor(stage, lazyIds)).toEqual(eachOnce(lazyIds));
    },
  },
  {
    title: 'a page that is hidden for a minute asks for nothing, and shows all when it is shown',
    ...long,
    async run(stage) {
      await stage.see('#shown-1, #shown-2');
      await stage.tab.hide();
      await stage.pass(60);
      expect(stage.renewals).toBe(0);
      await stage.tab.show();
      await stage.until('visit.renewed.length > 0', 1);
      expect(stage.renewals).toBe(1);
      await stage.see();
      await expectCalm(stage);
      expect(answersFor(stage, lazyIds)).toEqual(eachOnce(lazyIds));
    },
  },
  {
    title: 'a page that is hidden and shown again and again asks at most once a margin',
    ...long,
    async run(stage) {
      for (let turn = 0; turn < 20; turn++) {
        await stage.tab.hide();
        await stage.tab.show();
        await stage.pass(0.5);
      }
      expect(stage.renewals).toBeLessThanOrEqual(mostAsked(10));
      await stage.see();
      expect(answersFor(stage, lazyIds)).toEqual(eachOnce(lazyIds));
    },
  },
  {
    title: 'a laptop that slept for an hour shows all',
    ...long,
    async run(stage) {
      await stage.sleep(3600);
      await stage.see('img', margin);
    },
  },
  ...[3600, -3600].map(
    (ahead): Scene => ({
      title: `a clock of the visitor an hour ${ahead > 0 ? 'fast' : 'slow'} does no harm`,
      ...long,
      ahead,
      async run(stage) {
        await stage.see('#shown-1, #shown-2');
        await stage.pass(30);
        expect(stage.renewals).toBeLessThanOrEqual(mostAsked(30) + 1);
        await stage.see('img', margin);
        await stage.pass(30);
        await expectCalm(stage);
      },
    }),
  ),
  {
    title: 'what is said of what was renewed, and the end that `stop` makes',
    page: (urlOf) => longPage(urlOf, '<script type="module" src="/app.js"></script>'),
    routes: () => ({
      '/app.js': `import { keepImagesFresh } from '/client.js'; window.client = keepImagesFresh();`,
    }),
    async run(stage) {
      await stage.until('visit.renewed.length > 0', ttl);
      await stage.tab.evaluate('void client.stop()');
      const { renewed, stopped } = await stage.notes();
      expect({ renewed, stopped }).toMatchObject({ renewed: [{}], stopped: [] });
      const { renewals } = stage;
      await stage.pass(30);
      await stage.tab.hide();
      await stage.tab.show();
      await stage.tab.evaluate(`visit.scrollTo('img')`);
      await stage.pass(30);
      expect(stage.renewals).toBe(renewals);
      expect(await stage.tab.evaluate('visit.nextTimer()')).toBe(null);
      expect(answersFor(stage, lazyIds)).toEqual(Object.fromEntries(lazyIds.map((id) => [id, [403]])));
    },
  },
  {
    title: 'a page whose images all show is never asked again',
    page: (urlOf) => pageOf(imageTag(urlOf, 'shown-1')),
    async run(stage) {
      await stage.see();
      await stage.pass(60);
      expect(stage.renewals).toBe(0);
    },
  },
];
