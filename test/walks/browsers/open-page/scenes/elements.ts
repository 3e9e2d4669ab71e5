/** Every kind of element that shows an image, or will. */
import { expect } from 'vitest';
import {
  answersFor,
  clientTag,
  eachNever,
  eachOnce,
  imageTag,
  lazyTag,
  margin,
  pageOf,
  type Scene,
  ttl,
} from '../scene.ts';
import type { Stage } from '../stage.ts';

type UrlOf = (image: string) => string;

interface Kind {
  readonly title: string;
  /** What is in the page and does not load yet. */
  readonly body: (urlOf: UrlOf) => string;
  readonly policy?: string;
  /** Makes the page load it, or an app's script would: an expression. */
  readonly reveal: string;
  /** The image that loads then. */
  readonly image: string;
  /** Another that the page shows all the while. */
  readonly shown?: string;
}

const unhide = (id: string): string => `document.getElementById('${id}').hidden = false`;
const scroll = (selector: string): string => `visit.scrollTo('${selector}')`;

const kinds: readonly Kind[] = [
  {
    title: 'a background in a style attribute of an element that is shown later',
    body: (urlOf) =>
      `<div id="late" hidden style="width: 80px; height: 60px; background-image: url('${urlOf('back')}')"></div>`,
    reveal: unhide('late'),
    image: 'back',
  },
  {
    title: 'a background beside one that shows',
    body: (urlOf) =>
      `<div id="shown" style="width: 80px; height: 60px; background-image: url(${urlOf('shown')})"></div>
       <div id="late" hidden style="width: 80px; height: 60px; background: center / cover url(${urlOf('back')}) no-repeat"></div>`,
    reveal: unhide('late'),
    image: 'back',
    shown: 'shown',
  },
  {
    title: 'a picture with sources',
    body: (urlOf) =>
      `<div class="far"></div><picture><source media="(min-width: 1px)" srcset="${urlOf('source')} 1x, ${urlOf('source-2')} 2x"><img id="late" alt="" width="80" height="60" src="${urlOf('fallback')}" loading="lazy"></picture>`,
    reveal: scroll('#late'),
    image: 'source',
  },
  {
    title: 'candidates with sizes',
    body: (urlOf) =>
      `<div class="far"></div><img id="late" alt="" width="80" height="60" src="${urlOf('fallback')}" srcset="${urlOf('small')} 80w, ${urlOf('large')} 4000w" sizes="80px" loading="lazy">`,
    reveal: scroll('#late'),
    image: 'small',
  },
  {
    title: 'the data attributes of a lazy loader',
    body: (urlOf) =>
      `<div class="far"></div><img id="late" alt="" width="80" height="60" data-src="${urlOf('data')}">`,
    reveal: `void (late.src = late.dataset.src)`,
    image: 'data',
  },
  {
    title: 'the candidates in a data attribute of a lazy loader',
    body: (urlOf) =>
      `<img id="late" alt="" width="80" height="60" data-srcset="${urlOf('data')} 1x, ${urlOf('data-2')} 2x">`,
    reveal: `void (late.srcset = late.dataset.srcset)`,
    image: 'data',
  },
  {
    title: 'a background in a data attribute',
    body: (urlOf) =>
      `${imageTag(urlOf, 'shown')}<div id="late" style="width: 80px; height: 60px" data-bg="${urlOf('data')}"></div>`,
    reveal: `void (late.style.backgroundImage = 'url("' + late.dataset.bg + '")')`,
    image: 'data',
    shown: 'shown',
  },
  {
    title: 'the link to a larger image',
    body: (urlOf) =>
      `<a id="link" href="${urlOf('large')}">${imageTag(urlOf, 'shown')}</a><img id="late" alt="">`,
    reveal: `void (late.src = link.href)`,
    image: 'large',
    shown: 'shown',
  },
  {
    title: 'an image whose URL has a fragment and a query of its own',
    body: (urlOf) =>
      `<div class="far"></div><img id="late" alt="" width="80" height="60" loading="lazy" src="${urlOf('late')}?width=80&amp;fit=cover#view">`,
    reveal: scroll('#late'),
    image: 'late',
  },
  {
    title: 'one image in two places, of which one shows',
    body: (urlOf) =>
      `${imageTag(urlOf, 'shown')}<div class="far"></div><a id="link" href="${urlOf('shown')}">large</a><a id="other" href="${urlOf('other')}">other</a><img id="late" alt="">`,
    reveal: `void (late.src = other.href)`,
    image: 'other',
    shown: 'shown',
  },
];

const sceneOf = ({ title, body, policy, reveal, image, shown }: Kind): Scene => ({
  title: `${title}, after three lives of its token`,
  page: (urlOf) => pageOf(body(urlOf)),
  ...(policy ? { policy } : {}),
  async run(stage) {
    if (shown !== undefined) await stage.untilAnswered(shown);
    await stage.pass(3 * ttl);
    expect(answersFor(stage, [image]), 'the browser waits with it').toEqual(eachNever([image]));
    await stage.tab.evaluate(reveal);
    await stage.untilAnswered(image);
    expect(answersFor(stage, [image])).toEqual(eachOnce([image]));
    if (shown !== undefined) expect(answersFor(stage, [shown])).toEqual(eachOnce([shown]));
    const { violations, errors } = await stage.notes();
    expect({ violations, errors }).toEqual({ violations: [], errors: [] });
  },
});

/** By kind, what loads at once in every browser: it can only fail, and be fixed. */
const failing: Readonly<Record<string, (urlOf: UrlOf) => string>> = {
  'an image': (urlOf) => `<img id="failed" alt="" src="${urlOf('failed')}">`,
  'an image button': (urlOf) => `<input id="failed" type="image" alt="" src="${urlOf('failed')}">`,
  'an SVG image': (urlOf) =>
    `<svg width="80" height="60"><image id="failed" width="80" height="60" href="${urlOf('failed')}"/></svg>`,
  'an SVG image with xlink:href': (urlOf) =>
    `<svg width="80" height="60"><image id="failed" width="80" height="60" xlink:href="${urlOf('failed')}"/></svg>`,
  'the poster of a video': (urlOf) =>
    `<video width="80" height="60" preload="none" poster="${urlOf('failed')}"></video>`,
  'a background in a style attribute': (urlOf) =>
    `<div style="width: 80px; height: 60px; background-image: url(${urlOf('failed')})"></div>`,
  'a picture': (urlOf) =>
    `<picture><source srcset="${urlOf('failed')}"><img id="failed" alt="" src="${urlOf('fallback')}"></picture>`,
  'an image with candidates': (urlOf) =>
    `<img id="failed" alt="" src="${urlOf('fallback')}" sizes="80px" srcset="${urlOf('failed')} 80w, ${urlOf('large')} 4000w">`,
};

/** The page comes out of a cache in which its tokens have ended; what the client asks for is fresh. */
async function openOldPage(stage: Stage): Promise<void> {
  await stage.until(`visit.renewed.length > 0`, margin);
  await stage.untilAnswered('failed', 200);
  await stage.pass(ttl);
}

const oldScenes = Object.entries(failing).map(
  ([name, body]): Scene => ({
    title: `${name} whose token has ended before the page came is fixed with one request`,
    routes: (urlOf) => ({
      '/': ({ isRenewal }) => ({ body: pageOf(body(urlOf)), isOld: !isRenewal }),
    }),
    async run(stage) {
      await openOldPage(stage);
      expect(stage.answersFor('failed').filter((status) => status === 200)).toEqual([200]);
      expect(stage.renewals).toBe(1);
    },
  }),
);

export const scenesOfElements: readonly Scene[] = [
  ...kinds.map(sceneOf),
  ...oldScenes,
  {
    title: 'images that failed before the script came are fixed when it starts',
    routes: (urlOf) => ({
      '/': ({ isRenewal }) => ({
        body: pageOf(
          imageTag(urlOf, 'failed') + imageTag(urlOf, 'failed-2'),
          '<script src="/late.js"></script>',
        ),
        isOld: !isRenewal,
      }),
      '/late.js': `window.start = () => {
            document.head.append(Object.assign(document.createElement('script'), { src: '/client.global.js' }));
          };`,
    }),
    async run(stage) {
      await stage.until(
        `[...document.images].every(({ complete, naturalWidth }) => complete && !naturalWidth)`,
      );
      expect(stage.renewals).toBe(0);
      await stage.tab.evaluate('start()');
      await stage.see('img', margin);
      expect(stage.renewals).toBe(1);
      expect(answersFor(stage, ['failed', 'failed-2'])).toEqual({
        failed: [403, 200],
        'failed-2': [403, 200],
      });
    },
  },
  {
    title: 'nothing that shows is written to or fetched again, whatever shows it',
    async play(open) {
      const ids = ['img', 'button', 'svg', 'poster', 'back', 'source', 'candidate', 'icon', 'preload'];
      const stage = await open({
        page: (urlOf) =>
          pageOf(
            `<img id="a" alt="" src="${urlOf('img')}">
             <input id="b" type="image" alt="" src="${urlOf('button')}">
             <svg width="80" height="60"><image id="c" width="80" height="60" href="${urlOf('svg')}"/></svg>
             <video id="d" width="80" height="60" preload="none" poster="${urlOf('poster')}"></video>
             <div id="e" style="width: 80px; height: 60px; background: url(${urlOf('back')})"></div>
             <picture><source id="f" srcset="${urlOf('source')}"><img id="g" alt="" src="${urlOf('fallback')}"></picture>
             <img id="h" alt="" sizes="80px" srcset="${urlOf('candidate')} 80w, ${urlOf('large')} 4000w">
             <img id="preloaded" alt="" src="${urlOf('preload')}">
             <div class="far"></div>${lazyTag(urlOf, 'late')}`,
            `<link id="i" rel="icon" href="${urlOf('icon')}">
             <link id="j" rel="preload" as="image" href="${urlOf('preload')}">${clientTag}`,
          ),
      });
      await stage.visit('/');
      const shown = ids.filter((id) => id !== 'icon'); // headless browsers have no place for it
      for (const id of shown) await stage.untilAnswered(id);
      await stage.pass(6 * ttl);
      const { writes } = await stage.notes();
      expect([...new Set(writes.map(({ id }) => id))]).toEqual(['late']);
      expect(answersFor(stage, shown)).toEqual(eachOnce(shown));
      expect(stage.answersFor('icon').length).toBeLessThanOrEqual(1);
    },
  },
  {
    title: 'a background that a script has set through the CSSOM, where style attributes are forbidden',
    stylePolicy: `'self'`,
    page: (urlOf) =>
      pageOf(
        `<div id="late" hidden data-back="${urlOf('back')}"></div>`,
        `${clientTag}<script defer src="/app.js"></script>`,
      ),
    routes: () => ({
      '/app.js': `late.style.width = late.style.height = '60px';
            late.style.backgroundImage = 'url("' + late.dataset.back + '")';`,
    }),
    async run(stage) {
      await stage.pass(3 * ttl);
      await stage.tab.evaluate(unhide('late'));
      await stage.untilAnswered('back');
      expect(answersFor(stage, ['back'])).toEqual(eachOnce(['back']));
      expect((await stage.notes()).violations).toEqual([]);
    },
  },
];
