/** Images that come later than the page, and frameworks that render them. */
import { expect } from 'vitest';
import {
  answersFor,
  clientTag,
  eachOnce,
  imageTag,
  lazyIds,
  longPage,
  margin,
  mostAsked,
  pageOf,
  type Scene,
  ttl,
} from '../scene.ts';
import type { Stage, StageOptions } from '../stage.ts';

const moreIds: readonly string[] = Array.from({ length: 12 }, (_, i) => `more-${i}`);

/** An app that adds to its list what `/more.json` has. */
const grow = `window.grow = async () => {
  const { images } = await (await fetch('/more.json')).json();
  for (const [id, src] of images)
    list.append(Object.assign(new Image(80, 60), { id, alt: '', loading: 'lazy', src }));
};`;

function growing(head: string, files: Readonly<Record<string, string>> = {}): StageOptions {
  return {
    page: (urlOf) =>
      pageOf(
        `${imageTag(urlOf, 'shown-1')}<div class="far"></div><div id="list"></div>`,
        `${head}<script src="/grow.js"></script>`,
      ),
    routes: (urlOf) => ({
      '/grow.js': grow,
      '/more.json': JSON.stringify({ images: moreIds.map((id) => [id, urlOf(id)]) }),
      ...files,
    }),
  };
}

/** The list grows, and after so many seconds the visitor comes to its end. */
async function growAndLeave(stage: Stage, seconds: number): Promise<void> {
  await stage.see('#shown-1');
  await stage.tab.evaluate('grow()');
  await stage.pass(seconds);
}

async function expectWholeList(stage: Stage): Promise<void> {
  await stage.see();
  expect(answersFor(stage, moreIds)).toEqual(eachOnce(moreIds));
  const { violations, errors } = await stage.notes();
  expect({ violations, errors }).toEqual({ violations: [], errors: [] });
}

const own = (options: string): string =>
  `import { keepImagesFresh } from '/client.js'; window.client = keepImagesFresh(${options});`;

/** A component whose state has two URLs, as old as the page, and which shows one of them. */
const component: StageOptions = {
  ttl: 60,
  page: () =>
    pageOf('<img alt="" width="80" height="60">', '<script type="module" src="/component.js"></script>'),
  routes: (urlOf) => ({
    '/component.js': `const { urls } = await (await fetch('/state.json')).json();
      window.show = (index) => { document.querySelector('img').src = urls[index]; };
      window.showInNewElement = (index) => {
        document.querySelector('img').replaceWith(Object.assign(new Image(80, 60), { src: urls[index] }));
      };
      ${own("{ endpoint: '/sign' }")}`,
    '/state.json': JSON.stringify({ urls: ['one', 'two'].map(urlOf) }),
  }),
};

/** Before any token can be due. */
async function expectShown(stage: Stage): Promise<void> {
  await stage.until(`document.images[0].complete && document.images[0].naturalWidth`, 1);
}

export const scenesOfLists: readonly Scene[] = [
  {
    title: 'a list that grows is renewed by the endpoint, in one request at most each margin',
    ...growing('<script src="/client.global.js" data-endpoint="/sign"></script>'),
    async run(stage) {
      await growAndLeave(stage, 30);
      const asked = stage.site.requests.filter(({ isRenewal }) => isRenewal);
      expect(asked.every(({ target }) => target === '/sign')).toBe(true);
      expect(asked.length).toBeLessThanOrEqual(mostAsked(30));
      expect(asked.every(({ urls }) => urls! <= moreIds.length)).toBe(true);
      await expectWholeList(stage);
    },
  },
  {
    title: 'a list of 250 images is asked of the endpoint by hundreds, one request after another',
    async play(open) {
      const ids = Array.from({ length: 250 }, (_, i) => `many-${i}`);
      const stage = await open({
        page: (urlOf) =>
          pageOf(
            `<div class="far"></div>${ids.map((id) => `<img id="${id}" alt="" width="80" height="60" loading="lazy" src="${urlOf(id)}">`).join('')}`,
            '<script src="/client.global.js" data-endpoint="/sign"></script>',
          ),
      });
      await stage.visit('/');
      await stage.pass(3 * ttl);
      const sizes = stage.site.requests.flatMap(({ urls }) => urls ?? []);
      expect(Math.max(...sizes)).toBe(100);
      expect(stage.site.mostAtOnce, 'one at a time').toBe(1);
      const urls = await stage.tab.evaluate<string[]>(`[...document.images].map(({ src }) => src)`);
      const statuses = await Promise.all(urls.map((url) => stage.site.statusOf(url)));
      expect(statuses.filter((status) => status !== 200)).toEqual([]);
    },
  },
  {
    title: 'a list that grows is renewed by the app’s own way',
    ...growing('<script type="module" src="/app.js"></script>', {
      '/app.js': `const plain = (url) => url.replace(/[?].*/, '');
            window.asked = [];
            ${own(`{
              renew: async (urls) => {
                asked.push(urls);
                const { images } = await (await fetch('/more.json')).json();
                const fresh = new Map(images.map(([, url]) => [plain(url), url]));
                return new Map(urls.map((url) => [url, fresh.get(plain(url))]));
              },
            }`)}`,
    }),
    async run(stage) {
      await growAndLeave(stage, 30);
      const asked = await stage.tab.evaluate<string[][]>('asked');
      expect(asked.length).toBeGreaterThanOrEqual(30 / ttl - 1);
      expect(asked.length).toBeLessThanOrEqual(mostAsked(30));
      expect(stage.renewals, 'the page is not asked').toBe(0);
      // Each URL once, as it stands in the page.
      for (const urls of asked) expect(new Set(urls).size).toBe(urls.length);
      expect(asked[0]!.every((url) => /\?exp=\d+&sig=[0-9a-f]{64}$/.test(url))).toBe(true);
      await expectWholeList(stage);
    },
  },
  {
    title: 'a list that grows and that only its own script knows is left alone after one request',
    ...growing(clientTag),
    async run(stage) {
      await growAndLeave(stage, 30);
      expect(stage.renewals).toBeLessThanOrEqual(1);
      await stage.tab.evaluate(`visit.scrollTo('#list img')`);
      await stage.pass(30);
      // Those that fail are one more reason to ask, once.
      expect(stage.renewals).toBeLessThanOrEqual(2);
      const refused = Object.fromEntries(moreIds.map((id) => [id, [403]]));
      expect(answersFor(stage, moreIds)).toEqual(refused);
    },
  },
  {
    title:
      'images that fail one after another make a page that holds none of them be asked for once in ten seconds',
    page: () =>
      pageOf('<div class="far"></div><div id="list"></div>', `${clientTag}<script src="/grow.js"></script>`),
    routes: (urlOf) => ({
      '/grow.js': grow,
      '/more.json': JSON.stringify({ images: moreIds.map((id) => [id, urlOf(id)]) }),
    }),
    async run(stage) {
      await stage.tab.evaluate('grow()');
      await stage.pass(3 * ttl);
      const before = stage.renewals;
      for (const id of moreIds) {
        await stage.tab.evaluate(`document.getElementById('${id}').loading = 'eager'`);
        await stage.untilAnswered(id);
        await stage.pass(1);
      }
      expect(stage.renewals - before).toBeLessThanOrEqual(2);
    },
  },
  {
    title: 'nodes that an app keeps outside of the page are renewed with `observe`, when they come back',
    page: (urlOf) =>
      pageOf(
        `<div id="list">${imageTag(urlOf, 'kept')}</div>`,
        '<script type="module" src="/app.js"></script>',
      ).replace('<img ', '<img loading="lazy" hidden '),
    routes: () => ({
      '/app.js': `window.kept = document.getElementById('list'); kept.remove(); ${own('{ observe: true }')}`,
    }),
    async run(stage) {
      await stage.pass(3 * ttl);
      await stage.tab.evaluate(`document.body.append(kept); kept.querySelector('img').hidden = false`);
      await stage.see('img', margin);
    },
  },
  {
    title: 'images of a shadow root are renewed where it is the root',
    page: (urlOf) =>
      pageOf(
        `<div class="far"></div><div id="host" data-kept="${urlOf('inner')}"></div>`,
        '<script type="module" src="/app.js"></script>',
      ),
    routes: () => ({
      '/app.js': `const root = host.attachShadow({ mode: 'open' });
            root.append(Object.assign(new Image(80, 60), { id: 'inner', loading: 'lazy', src: host.dataset.kept }));
            ${own('{ root }')}`,
    }),
    async run(stage) {
      await stage.pass(3 * ttl);
      await stage.tab.evaluate(`host.scrollIntoView()`);
      await stage.untilAnswered('inner');
      expect(stage.answersFor('inner')).toEqual([200]);
    },
  },
  {
    title: 'a framework that puts an old URL back is written against once a token',
    page: (urlOf) => longPage(urlOf, `${clientTag}<script defer src="/framework.js"></script>`),
    routes: () => ({
      '/framework.js': `window.writes = 0;
            for (const image of document.querySelectorAll('[loading=lazy]')) {
              const { src } = image;
              new MutationObserver(() => {
                if (image.src === src) return;
                writes++;
                image.src = src;
              }).observe(image, { attributes: true, attributeFilter: ['src'] });
            }`,
    }),
    async run(stage) {
      await stage.pass(30);
      expect(stage.renewals).toBeLessThanOrEqual(mostAsked(30));
      const writes = await stage.tab.evaluate<number>('writes');
      expect(writes).toBeLessThanOrEqual(lazyIds.length * Math.max(stage.renewals, 1));
      await stage.tab.evaluate(`visit.scrollTo('img')`);
      await stage.pass(30);
      expect(stage.renewals).toBeLessThanOrEqual(mostAsked(60));
      expect(await stage.tab.evaluate<number>('writes')).toBeLessThanOrEqual(
        lazyIds.length * (stage.renewals + 1),
      );
    },
  },
  {
    title: 'a framework that renders once more with old URLs loses against the renewed ones',
    page: (urlOf) => longPage(urlOf, `${clientTag}<script defer src="/framework.js"></script>`),
    routes: () => ({
      '/framework.js': `const old = [...document.querySelectorAll('[loading=lazy]')].map((image) => [image, image.src]);
            window.render = () => { for (const [image, src] of old) image.src = src; };`,
    }),
    async run(stage) {
      await stage.pass(2 * ttl);
      await stage.tab.evaluate('render()');
      await stage.pass(2 * ttl);
      await stage.see();
      expect(answersFor(stage, lazyIds)).toEqual(eachOnce(lazyIds));
    },
  },
  {
    title: 'a component that changes to and fro between two old URLs shows each, with one request for each',
    ...component,
    async run(stage) {
      await stage.pass(120);
      for (const index of [0, 1, 0, 1, 0]) {
        await stage.tab.evaluate(`show(${index})`);
        await expectShown(stage);
      }
      expect(stage.renewals).toBe(2);
    },
  },
  {
    title: 'state that is as old as the page is renewed each time that a component brings it back',
    ...component,
    async run(stage) {
      for (const renewals of [1, 2, 3]) {
        await stage.pass(120);
        await stage.tab.evaluate('showInNewElement(0)');
        await expectShown(stage);
        expect(stage.renewals).toBe(renewals);
      }
    },
  },
];
