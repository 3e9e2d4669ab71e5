/** What a stranger may type as a URL, in a site that signs with helpers alone: a middleware would sign it anew. */
import { expect } from 'vitest';
import { clientTag, lazyTag, pageOf, type Scene, ttl } from '../scene.ts';
import type { Stage, StageOptions } from '../stage.ts';

/** The begin of a step of tokens: whenever the client asks, it gets those of the next. */
const begins = 1_800_000_000_000;
const life = 60;

const far = '9999999999';
const near = String(begins / 1000 + 100);
const mac = '0123456789abcdef'.repeat(4);

/** By the app's own URL, signed and plain. */
const texts: readonly ((signed: string, plain: string) => string)[] = [
  (signed) => signed,
  (signed) => signed.replace(/exp=\d+/, `exp=${far}`),
  (_, plain) => `${plain}?exp=${far}&sig=${mac}`,
  (_, plain) => `${plain}?exp=${near}&sig=${mac}`,
  (_, plain) => `${plain}?exp=1000000000&sig=${mac}`,
  (_, plain) => `${plain}?exp=${far}&sig=${'a'.repeat(2100)}`,
  (_, plain) => `${plain}?exp=${near}&sig=${'a'.repeat(2100)}`,
  (_, plain) => `${plain}?exp=${far}&sig=\u0001`,
  (_, plain) => `${plain}?exp=${far}&sig=a<`,
  (_, plain) => `${plain}?exp=${far}&sig=`,
  (_, plain) => `${plain}?exp=${far}`,
  (_, plain) => `${plain}?exp=${far}&sig=${mac.slice(1)}`,
  (_, plain) => `${plain}?exp=${far}&sig=${mac}0`,
  (_, plain) => `${plain}?exp=${far}&sig=${mac.toUpperCase()}`,
  (_, plain) => `${plain}?exp=${far}&sig=${mac.slice(3)}%61bc`,
  (_, plain) => `${plain}?exp=9${far}&sig=${mac}`,
  (_, plain) => `${plain}?exp=<0,10>&sig=<1,64>`,
  (_, plain) => `${plain}?sig=${mac}&exp=${far}`,
  (_, plain) => `${plain}?exp=${far}&exp=${far}&sig=${mac}`,
  (_, plain) => `${plain}?exp=${far}&sig=${mac}#there`,
  (_, plain) => `${plain}?exp=${far}&sig=),url(//thief.example/a`,
  (_, plain) => `${plain}?exp=${far}&sig=${mac} 1x, https://thief.example/a`,
  (_, plain) => `${plain}?exp=${far}&sig=\\a`,
  (_, plain) => `${plain.replace('http:', '')}?exp=${far}&sig=${mac}`,
  (_, plain) => `See ${plain}?exp=${far}&sig=${mac}`,
];
const attribute = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
const markups: readonly ((text: string) => string)[] = [
  (text) => `<a href="${attribute(text)}">a</a>`,
  (text) => `<img alt="" data-zoom="${attribute(text)}">`,
  (text) => `<p data-text="${attribute(text)}">a</p>`,
  (text) => `<img alt="" loading="lazy" src="${attribute(text)}">`,
  (text) => `<img alt="" loading="lazy" srcset="${attribute(text)} 1x">`,
  (text) => `<p hidden style="${attribute(`background-image: url(${text})`)}">a</p>`,
  (text) => `<p hidden style="${attribute(`color: red /* url(${text}) */`)}">a</p>`,
  (text) => `<p hidden style="${attribute(`content: 'url(${text})'`)}">a</p>`,
];
const vectors = texts.flatMap((text) =>
  markups.map((markup) => (signed: string, plain: string) => markup(text(signed, plain))),
);

/** What the site itself writes of an image, with places for what was typed. */
const block = (url: string, before = '', above = '', below = '', after = ''): string =>
  `<div>${before}</div><figure>${above}<a class="own" href="${url}">large</a>
   <img class="own" alt="" loading="lazy" src="${url}" data-zoom="${url}" srcset="${url} 1x">
   <p class="own" hidden style="background-image: url(${url})">a</p>${below}</figure><div>${after}</div>`;

type Typed = (
  vector: string,
  isRenewal: boolean,
) => Parameters<typeof block> extends [string, ...infer Rest] ? Rest : never;

/** Where it stands when the page comes, and when it is fetched again. */
const manners: Readonly<Record<string, Typed>> = {
  'around it': (vector) => [vector, '', '', vector],
  'beside it': (vector) => ['', vector, vector],
  'that come later': (vector, isRenewal) => (isRenewal ? [vector, '', '', vector] : []),
  'that come later, beside it': (vector, isRenewal) => {
    const typed = vector.includes(near) ? '' : vector;
    return isRenewal ? ['', typed, typed] : [];
  },
  'that move': (vector, isRenewal) => (isRenewal ? [vector] : ['', '', '', vector]),
  'that trade places with it': (vector, isRenewal) => {
    // What is typed stays as it was: nobody can type a token of the next step.
    const typed = new RegExp(`exp=${far}&(?:amp;)?sig=(?!${mac})[\\da-f]{64}`).test(vector) ? '' : vector;
    return isRenewal ? ['', '', typed] : ['', typed];
  },
};

/** What the app's own places have once its tokens were renewed. */
async function ownPlaces(open: (options: StageOptions) => Promise<Stage>, script: string, typed: Typed) {
  const stage = await open({
    begins,
    ttl: life,
    stableFor: life,
    signsItself: true,
    routes: (urlOf, sign) => ({
      '/': ({ isRenewal }) =>
        pageOf(
          `<div class="far"></div>${vectors
            .map((vector, index) => {
              const [signed, plain] = [sign(`own-${index}`), urlOf(`own-${index}`)];
              return block(attribute(signed), ...typed(vector(signed, plain), isRenewal));
            })
            .join('')}`,
          script,
        ),
    }),
  });
  await stage.visit('/');
  await stage.pass(life - 2);
  expect((await stage.notes()).errors).toEqual([]);
  return stage.tab.evaluate<string[]>(`[...document.querySelectorAll('.own')].flatMap((each) =>
    [each.href, each.src, each.srcset, each.dataset.zoom, each.style.backgroundImage].map((url) =>
      String(url).replaceAll(/http:[/][/]127[.]0[.]0[.]1:\\d+/g, '')))`);
}

const laws = Object.entries({
  page: clientTag,
  endpoint: '<script src="/client.global.js" data-endpoint="/sign"></script>',
}).flatMap(([asked, script]) =>
  Object.entries(manners).map(
    ([manner, typed]): Scene => ({
      title: `of the ${asked}, the app's own places get the same with ${vectors.length} typed URLs ${manner} as without`,
      async play(open) {
        const plain = await ownPlaces(open, script, () => []);
        expect(plain.filter((url) => url.includes(`exp=${begins / 1000 + 2 * life}`)).length).toBe(
          5 * vectors.length,
        );
        expect(await ownPlaces(open, script, typed)).toEqual(plain);
      },
    }),
  ),
);

const tokenUntil = (end: number): string =>
  `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify({ exp: end })).toString('base64url')}.${mac}`;

const noImages: Scene = {
  title: 'no token of a session, no code of a login, no reset link and no text is sent to the endpoint',
  async play(open) {
    const sent: string[] = [];
    const end = begins / 1000 + ttl;
    const stage = await open({
      begins,
      page: (urlOf) =>
        pageOf(
          `<body data-token="${tokenUntil(end)}" data-config='{"url":"${urlOf('late')}?exp=${end}&sig=${mac}"}'>
           <a href="https://login.example/callback?code=${tokenUntil(end)}&state=${mac}">in</a>
           <a href="/reset?token=${tokenUntil(end)}">reset</a><a href="/images-of-mine?exp=${end}&sig=${mac}">mine</a>
           <a href="mailto:a@b.example?body=exp=${end}">mail</a>
           <p data-text="See ${urlOf('late')}?exp=${end}&sig=${mac}">a</p>
           <p data-url="http:${urlOf('late').slice(7)}?exp=${end}&sig=${mac}">a</p>
           <img alt="" src="/logo.png"><div class="far"></div>${lazyTag(urlOf, 'late')}`,
          '<script src="/client.global.js" data-endpoint="/asked"></script>',
        ),
      routes: () => ({
        '/asked': ({ body }) => {
          const { urls } = JSON.parse(body) as { readonly urls: readonly string[] };
          sent.push(...urls);
          const signed = urls.map((url) => [url, { url: url.replace(/\?.*/, '') }]);
          return { type: 'application/json', body: JSON.stringify({ urls: Object.fromEntries(signed) }) };
        },
      }),
    });
    await stage.visit('/');
    await stage.pass(3 * ttl);
    const late = await stage.tab.evaluate<string>(`late.src`);
    const [path = ''] = late.split('?');
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.filter((url) => !url.startsWith(`${path}?`))).toEqual([]);
    await stage.see('#late');
  },
};

/** What a client may ask of its page, and of the window. */
const names =
  `addEventListener removeEventListener dispatchEvent querySelector querySelectorAll getElementById createElement
  createTreeWalker createNodeIterator currentScript hidden visibilityState body head documentElement defaultView baseURI location
  URL cookie images links forms scripts nodeType ownerDocument children attributes localName parentElement parentNode id style
  fetch setTimeout clearTimeout performance navigator history XMLHttpRequest CustomEvent Event EventTarget Element Document Node
  Reflect Object Promise Map Set WeakMap WeakSet Math Date JSON AbortController MutationObserver HTMLImageElement toString
  valueOf constructor then length next`.split(/\s+/);

const clobbered = Object.entries({
  img: (name: string) => `<img alt="" name="${name}" id="${name}" data-endpoint="/theirs">`,
  form: (name: string) => `<form name="${name}" id="${name}" style="color: red" data-a="b"></form>`,
  'form with fields': (name: string) =>
    `<form style="color: red" data-a="b"><input name="${name}"><input name="${name}"></form>`,
  object: (name: string) => `<object name="${name}" id="${name}"></object>`,
  embed: (name: string) => `<embed name="${name}" id="${name}">`,
  iframe: (name: string) => `<iframe name="${name}" id="${name}" loading="lazy"></iframe>`,
  link: (name: string) => `<a name="${name}" id="${name}">a</a>`,
}).map(
  ([tag, write]): Scene => ({
    title: `an element of the kind ${tag} may have the name of any method or property`,
    async play(open) {
      const typed = names.map(write).join('');
      const fields = names.map((name) => `<input name="${name}">`).join('');
      const page = (url: string, script: string): string =>
        pageOf(
          `<form>${fields}<p>${typed}</p><img id="late" alt="" data-src="${url}"></form>`,
          typed + script,
        );
      const stage = await open({
        page: (urlOf) =>
          page(urlOf('first'), '<script src="/client.global.js" data-endpoint="/sign"></script>'),
        routes: (urlOf) => ({ '/of-the-page': page(urlOf('second'), clientTag) }),
      });
      for (const [path, image] of [
        ['/', 'first'],
        ['/of-the-page', 'second'],
      ] as const) {
        await stage.visit(path);
        await stage.pass(3 * ttl);
        await stage.tab.evaluate('void (late.src = late.dataset.src)');
        await stage.untilAnswered(image);
        expect(stage.answersFor(image)).toEqual([200]);
      }
      const asked = new Set(
        stage.site.requests.filter(({ isRenewal }) => isRenewal).map(({ target }) => target),
      );
      expect([...asked]).toEqual(['/sign', '/of-the-page']);
      expect((await stage.notes()).errors).toEqual([]);
    },
  }),
);

/** A page with many long URLs, each renewed every minute. */
const remembered: Scene = {
  title:
    'what the client remembers of a page grows with what the page holds, and not from renewal to renewal',
  async play(open) {
    const images = Array.from({ length: 200 }, (_, index) => `/photos/${index}.jpg`);
    const token = (turn: number): string =>
      `?X-Amz-Security-Token=${String(turn).padStart(3, '0').repeat(200)}&exp=${begins / 1000 + 60 * turn}`;
    const stage = await open({
      begins,
      page: () =>
        pageOf(
          `<div class="far"></div><img alt="" loading="lazy" src="/photos/shown.jpg">${images.map((image) => `<a href="${image}${attribute(token(1))}">a</a>`).join('')}`,
          '<script src="/count.js"></script><script src="/client.global.js" data-endpoint="/asked"></script>',
        ),
      routes: () => ({
        '/count.js': `const kept = [];
          const counted = (Kind) => class extends Kind { constructor(...given) { super(...given); kept.push(this); } };
          window.Set = counted(Set);
          window.Map = counted(Map);
          const lengthOf = (all) => [...all].flat(2).reduce((sum, each) => sum + String(each).length, 0);
          window.largest = () => Math.max(...kept.map(lengthOf));`,
        '/asked': ({ body, turn }) => {
          const { urls } = JSON.parse(body) as { readonly urls: readonly string[] };
          const end = Math.floor(turn / 7) + 2; // by seven batches
          const signed = urls.map((url) => [url, { url: url.replace(/\?.*/, token(end)) }]);
          return { type: 'application/json', body: JSON.stringify({ urls: Object.fromEntries(signed) }) };
        },
      }),
    });
    await stage.visit('/');
    await stage.pass(150);
    const early = await stage.tab.evaluate<number>('largest()');
    await stage.pass(600);
    expect(stage.site.requests.filter(({ target }) => target === '/asked').length).toBeGreaterThan(50);
    expect(await stage.tab.evaluate<number>('largest()')).toBeLessThan(1.2 * early);
  },
};

export const scenesOfTypedUrls: readonly Scene[] = [...laws, noImages, ...clobbered, remembered];
