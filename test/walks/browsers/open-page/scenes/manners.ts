/** When the client asks no more, or less. */
import { expect } from 'vitest';
import {
  answersFor,
  clientTag,
  imageTag,
  lazyIds,
  longPage,
  margin,
  mostAsked,
  pageOf,
  type Scene,
  shownIds,
} from '../scene.ts';
import type { Answer, Request } from '../site.ts';
import type { Stage, StageOptions } from '../stage.ts';

/** By what the site answers, once the visitor is logged out. */
const endings: Readonly<Record<string, (away: string) => Answer>> = {
  '401': () => ({ status: 401, body: 'Who are you?' }),
  '403': () => ({ status: 403, body: 'Not for you.' }),
  'a login on another path': () => ({ status: 302, headers: { Location: '/login' } }),
  'a login on another origin': (away) => ({ status: 302, headers: { Location: `${away}/login` } }),
};

/** @param path - what the client asks */
async function expectEnd(stage: Stage, path: string): Promise<void> {
  // Once more, without its header, it looks for a redirection that it may not follow.
  const isAsked = ({ target, method, isRenewal }: Request): boolean =>
    target === path && (isRenewal || method === 'POST');
  await stage.visit('/');
  await stage.see('#shown-1, #shown-2');
  const before = stage.site.requests.filter(isAsked).length;
  await stage.pass(30);
  expect(stage.site.requests.filter(isAsked).length).toBe(before + 1);
  const { renewed, stopped } = await stage.notes();
  expect({ renewed, stopped: stopped.length }).toEqual({ renewed: [], stopped: 1 });
  // Images that fail, another tab, and time change nothing.
  await stage.tab.evaluate(`visit.scrollTo('img')`);
  await stage.tab.hide();
  await stage.tab.show();
  await stage.pass(30);
  expect(stage.site.requests.filter(isAsked).length).toBe(before + 1);
  expect((await stage.notes()).stopped.length).toBe(1);
}

const endOfLogin = Object.entries(endings).map(
  ([name, answer]): Scene => ({
    title: `a login that has ended (${name}) stops it after one request`,
    async play(open) {
      let hasEnded = false;
      const stage = await open({
        routes: (urlOf) => ({
          '/': ({ isRenewal }) => {
            hasEnded ||= isRenewal;
            return hasEnded ? answer(new URL(urlOf('x')).origin) : longPage(urlOf);
          },
          '/login': pageOf('<form>'),
        }),
      });
      await expectEnd(stage, '/');
    },
  }),
);

const long: StageOptions = { page: (urlOf) => longPage(urlOf) };

const ownNames = `Object.getOwnPropertyNames(window).join()`;

/** Wherever a page puts the script, it starts itself. */
const attributes = ['', 'defer', 'async', 'defer data-margin=20'].map(
  (each): Scene => ({
    title: `a script with the attributes "${each}" brings an image back, and leaves nothing on window`,
    page: (urlOf) => ({
      body: pageOf(
        imageTag(urlOf, 'late'),
        `<script ${each} data-endpoint="/sign" src="/client.global.js"></script>`,
      ),
      isOld: true,
    }),
    routes: (urlOf) => ({ '/bare': pageOf(imageTag(urlOf, 'late'), '') }),
    path: '/bare',
    async run(stage) {
      const names = await stage.tab.evaluate(ownNames);
      await stage.visit('/');
      await stage.see('img', margin);
      expect(await stage.tab.evaluate(ownNames)).toBe(names);
      const { violations, errors } = await stage.notes();
      expect({ violations, errors }).toEqual({ violations: [], errors: [] });
    },
  }),
);

export const scenesOfManners: readonly Scene[] = [
  ...attributes,
  {
    title: 'an endpoint of another site does as well',
    page: (urlOf) => ({
      body: pageOf(imageTag(urlOf, 'late'), '<script defer src="/add.js"></script>'),
      isOld: true,
    }),
    routes: () => ({
      '/add.js': `const script = Object.assign(document.createElement('script'), { src: '/client.global.js' });
        script.dataset.endpoint = location.origin.replace('127.0.0.1', 'localhost') + '/sign';
        document.head.append(script);`,
    }),
    async run(stage) {
      await stage.see('img', margin);
      expect(stage.site.requests.filter(({ isRenewal }) => isRenewal)[0]).toMatchObject({ target: '/sign' });
    },
  },
  ...endOfLogin,
  {
    title: 'an endpoint that answers 401 stops it after one request',
    page: (urlOf) => longPage(urlOf, '<script src="/client.global.js" data-endpoint="/refuse"></script>'),
    routes: () => ({ '/refuse': { status: 401 } }),
    run: (stage) => expectEnd(stage, '/refuse'),
  },
  {
    title: 'a network that is down is tried less and less, and all shows once it is back',
    ...long,
    async run(stage) {
      await stage.see('#shown-1, #shown-2');
      await stage.site.goDown();
      await stage.pass(120);
      const tries = await stage.tab.evaluate<number>('visit.tries');
      expect(tries).toBeGreaterThan(1);
      expect(tries).toBeLessThan(120 / margin / 2);
      expect((await stage.notes()).stopped).toEqual([]);
      await stage.site.comeBack();
      await stage.pass(120);
      await stage.see('img', margin);
      expect(answersFor(stage, shownIds)).toEqual({ 'shown-1': [200], 'shown-2': [200] });
    },
  },
  ...[500, 503, 429].map(
    (status): Scene => ({
      title: `a site that answers ${status} for a while is asked less, and all shows once it is well`,
      async play(open) {
        let isIll = true;
        const stage = await open({
          routes: (urlOf) => ({
            '/': ({ isRenewal }) => (isRenewal && isIll ? { status, body: 'ill' } : longPage(urlOf)),
          }),
        });
        await stage.visit('/');
        await stage.pass(60);
        expect(stage.renewals).toBeGreaterThanOrEqual(1);
        expect(stage.renewals).toBeLessThanOrEqual(mostAsked(60));
        isIll = false;
        await stage.pass(120);
        await stage.see('img', margin);
      },
    }),
  ),
  {
    title: 'an endpoint behind a proxy that answers 502 with a page is asked again later',
    async play(open) {
      let isIll = true;
      const stage = await open({
        page: (urlOf) =>
          longPage(urlOf, '<script src="/client.global.js" data-endpoint="/proxied"></script>'),
        routes: () => ({
          '/proxied': ({ body }) => {
            if (isIll) return { status: 502, body: '<h1>Bad Gateway</h1>' };
            const { urls } = JSON.parse(body) as { readonly urls: readonly string[] };
            const signed = urls.map((url) => [url, { url: url.replace(/\?.*/, '') }]);
            return { type: 'application/json', body: JSON.stringify({ urls: Object.fromEntries(signed) }) };
          },
        }),
      });
      await stage.visit('/');
      await stage.pass(60);
      expect((await stage.notes()).stopped).toEqual([]);
      isIll = false;
      await stage.pass(120);
      await stage.see('img', margin);
    },
  },
  {
    title: "new URLs that have all expired by the visitor's clock are asked for less and less",
    page: (urlOf) => longPage(urlOf, '<script type="module" src="/app.js"></script>'),
    routes: () => ({
      // Each answer has another token: nothing has stayed the same.
      '/app.js': `import { keepImagesFresh } from '/client.js'; window.asked = 0;
        keepImagesFresh({ renew: async (urls) => (asked++, new Map(urls.map((url) => [url, url + asked]))) });`,
    }),
    async run(stage) {
      await stage.pass(600);
      const asked = await stage.tab.evaluate<number>('asked');
      expect(asked).toBeGreaterThan(1);
      expect(asked).toBeLessThanOrEqual(10);
    },
  },
  {
    title: 'a visitor who saves data is spared requests until images fail',
    ...long,
    savesData: true,
    async run(stage) {
      await stage.pass(60);
      expect(stage.renewals).toBe(0);
      await stage.see('img', 2 * margin);
      expect(stage.renewals).toBeLessThanOrEqual(lazyIds.length);
      expect(answersFor(stage, lazyIds.slice(0, 1))).toEqual({ 'lazy-1': [403, 200] });
    },
  },
  {
    title: 'URLs that come back unchanged are not written, and not asked for more than once a margin',
    ...long,
    ttl: 60,
    stableFor: 60,
    page: (urlOf) => ({ body: longPage(urlOf), isOld: true }),
    async run(stage) {
      await stage.pass(60);
      expect(stage.renewals).toBeLessThanOrEqual(60 / 10);
      expect((await stage.notes()).writes).toEqual([]);
    },
  },
  {
    title: 'images that are missing are asked for again once at most',
    page: (urlOf) => pageOf(imageTag(urlOf, 'missing-1') + imageTag(urlOf, 'missing-2')),
    async run(stage) {
      await stage.until(`[...document.images].every(({ complete }) => complete)`);
      await stage.pass(60);
      // Each token of an image that fails is renewed once.
      for (const id of ['missing-1', 'missing-2']) expect(stage.answersFor(id).length).toBeLessThanOrEqual(2);
      expect(stage.renewals).toBeLessThanOrEqual(2);
    },
  },
  {
    title: 'images that fail one after another are asked for once a margin, and not each by itself',
    page: () => pageOf('', `${clientTag}<script src="/add.js"></script>`),
    routes: (urlOf) => ({
      '/add.js': `window.add = async (index) => {
            const images = await (await fetch('/images.json')).json();
            document.body.append(Object.assign(new Image(), { id: 'i' + index, src: images[index] }));
          };`,
      '/images.json': JSON.stringify(Array.from({ length: 20 }, (_, i) => urlOf(`missing-${i}`))),
    }),
    async run(stage) {
      for (let index = 0; index < 20; index++) {
        await stage.tab.evaluate(`add(${index})`);
        await stage.untilAnswered(`missing-${index}`);
        await stage.pass(0.25);
      }
      expect(stage.renewals).toBeGreaterThanOrEqual(1);
      // The first at once; without images of its own the page names no margin, and a second is the least.
      expect(stage.renewals).toBeLessThanOrEqual(20 * 0.25 + 1);
    },
  },
  {
    title: 'an image of another site that fails is no reason to ask',
    page: (urlOf) =>
      pageOf(
        `${imageTag(urlOf, 'shown-1')}<img id="other" alt="" src="https://elsewhere.example/a.png?v=1795943097">`,
      ),
    async run(stage) {
      await stage.until(`other.complete`);
      await stage.pass(30);
      expect(stage.renewals).toBe(0);
    },
  },
  {
    title: 'an image of another site whose URL looks like one with a token is asked for once at most',
    page: () => pageOf('<img id="other" alt="" src="https://elsewhere.example/a.png?exp=1795943097&sig=00">'),
    async run(stage) {
      await stage.until(`other.complete`);
      await stage.pass(60);
      expect(stage.renewals).toBeLessThanOrEqual(1);
    },
  },
  {
    title: 'a page without images of the site asks for nothing',
    page: () => pageOf('<p>text'),
    async run(stage) {
      await stage.pass(3600);
      expect(stage.renewals).toBe(0);
    },
  },
];
