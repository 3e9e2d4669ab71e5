/** What a stranger may write into a page, if its sanitizer lets the attribute through. */
import { expect } from 'vitest';
import {
  answersFor,
  clientTag,
  eachOnce,
  lazyTag,
  margin,
  mostAsked,
  pageOf,
  type Scene,
  ttl,
} from '../scene.ts';

interface Writing {
  readonly title: string;
  readonly body: string;
}

/** An image further down shows after three lives of its token, whatever stands before it. */
const writings: readonly Writing[] = [
  {
    title: 'fields and images that are named like properties of their form and of the document',
    body: `<form><input name="attributes"><input name="localName"><input name="querySelector">
      <source srcset="https://elsewhere.example/a.png?exp=1795943097"></form>
      <img name="hidden" alt="">`,
  },
  {
    title: 'links with tokens that do not end, or in centuries',
    body: `<a href="/reset?token=b24f">reset</a><a href="https://elsewhere.example/?exp=9999999999">far</a>`,
  },
  {
    title: 'links with tokens that have ended',
    body: `<a href="https://elsewhere.example/?exp=1000000000">1</a><a href="https://elsewhere.example/?se=0">2</a>`,
  },
  {
    title: 'half a megabyte of commas in srcset',
    body: `<img alt="" srcset="1w${','.repeat(500_000)}">`,
  },
];

const throwingEnd: Scene = {
  title: 'an `endOf` of the app that throws for what a stranger has typed keeps no image from being renewed',
  page: (urlOf) =>
    pageOf(
      `<a href="http://[">typed</a><div class="far"></div>${lazyTag(urlOf, 'late')}`,
      '<script type="module" src="/app.js"></script>',
    ),
  routes: () => ({
    '/app.js': `import { keepImagesFresh } from '/client.js';
          keepImagesFresh({ endOf: (url) => Number(new URL(url).searchParams.get('ends')) || undefined });`,
  }),
  async run(stage) {
    await stage.pass(3 * ttl);
    await stage.see('#late');
    expect(answersFor(stage, ['late'])).toEqual(eachOnce(['late']));
    expect((await stage.notes()).errors).toEqual([]);
  },
};

const renewedBeside = ({ title, body }: Writing): Scene => ({
  title: `${title} keep no image from being renewed`,
  page: (urlOf) => pageOf(`${body}<div class="far"></div>${lazyTag(urlOf, 'late')}`),
  async run(stage) {
    await stage.pass(3 * ttl);
    await stage.see('#late');
    expect(answersFor(stage, ['late'])).toEqual(eachOnce(['late']));
    expect(stage.renewals).toBeLessThanOrEqual(mostAsked(3 * ttl) + 1); // once for the stranger's
    expect((await stage.notes()).errors).toEqual([]);
  },
});

/** By what the URL's token is followed by: the endpoint would refuse the request, and with it all other URLs in it. */
const unsendable: Readonly<Record<string, string>> = {
  'longer than a request may be': 'x'.repeat(70_000),
  'with control characters, of six bytes each in JSON': '&#1;'.repeat(15_000),
};

const sentBeside = ([name, text]: [string, string]): Scene => ({
  title: `a URL ${name} is not sent to the endpoint, and the others are`,
  page: (urlOf) =>
    pageOf(
      `<a href="https://elsewhere.example/?exp=1000000000&amp;${text}">far</a><div class="far"></div>${lazyTag(urlOf, 'late')}`,
      '<script src="/client.global.js" data-endpoint="/sign"></script>',
    ),
  async run(stage) {
    await stage.pass(3 * ttl);
    await stage.see('#late');
    expect(answersFor(stage, ['late'])).toEqual(eachOnce(['late']));
    expect(stage.renewals).toBeLessThanOrEqual(mostAsked(3 * ttl));
  },
});

const scriptUrl: Scene = {
  title: "a script's URL that an endpoint gives is written nowhere",
  page: (urlOf) =>
    pageOf(
      `<a id="link" href="${urlOf('late')}">${lazyTag(urlOf, 'late')}</a>`,
      '<script type="module" src="/app.js"></script>',
    ),
  routes: () => ({
    '/app.js': `import { keepImagesFresh } from '/client.js'; window.asked = 0;
      const given = 'javascript:document.title="run"//?exp=9999999999';
      keepImagesFresh({ renew: async (urls) => (asked++, new Map(urls.map((url) => [url, given]))) });`,
  }),
  async run(stage) {
    await stage.until('asked > 0', ttl);
    await stage.pass(ttl);
    expect((await stage.notes()).writes.filter(({ value }) => value.startsWith('javascript:'))).toEqual([]);
  },
};

export const scenesOfStrangers: readonly Scene[] = [
  throwingEnd,
  scriptUrl,
  ...writings.map(renewedBeside),
  ...Object.entries(unsendable).map(sentBeside),
  {
    title: 'an image that is named like the script gives it no endpoint',
    page: (urlOf) =>
      pageOf(
        `<img name="currentScript" alt="" data-endpoint="/theirs">
             ${clientTag}<div class="far"></div>${lazyTag(urlOf, 'late')}`,
        '',
      ),
    routes: () => ({ '/theirs': { status: 200, type: 'application/json', body: '{}' } }),
    async run(stage) {
      await stage.pass(3 * ttl);
      expect(stage.site.requests.filter(({ target }) => target === '/theirs')).toEqual([]);
      await stage.see('#late', margin);
    },
  },
  {
    title: 'images of a scheme of an app whose paths have an equals sign stay apart',
    async play(open) {
      const names = ['a-cat-that-has-a-long-name.jpg', 'a-dog-that-has-a-long-name.jpg'];
      const ends = Math.floor(Date.now() / 1000) + ttl;
      const urlsAt = (end: number): string[] => names.map((name) => `/w=80,q=75/${name}?ends=${end}`);
      const stage = await open({
        routes: () => ({
          '/': ({ isRenewal }) =>
            pageOf(
              urlsAt(isRenewal ? ends + 100 : ends)
                .map((url) => `<img alt="" data-src="${url}">`)
                .join(''),
              '<script type="module" src="/app.js"></script>',
            ),
          '/app.js': `import { keepImagesFresh } from '/client.js';
            keepImagesFresh({ endOf: (url) => Number(/[?&]ends=(\\d+)/.exec(url)?.[1]) || undefined });`,
        }),
      });
      await stage.visit('/');
      await stage.pass(ttl);
      expect(await stage.tab.evaluate('[...document.images].map(({ dataset }) => dataset.src)')).toEqual(
        urlsAt(ends + 100),
      );
    },
  },
];
