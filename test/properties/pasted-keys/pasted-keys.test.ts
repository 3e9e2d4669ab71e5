/**
 * Law: wherever a key is pasted by mistake, no eight characters of it show in a message, the name of an option, an
 * event, or what a log makes of any of them. An account, an image id and a host are as random as a key, and are what
 * messages are for: a key that is given as one of them shows.
 * Longer than most files: each option and each call is a place to paste into.
 */
import type { RequestListener } from 'node:http';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createSigner,
  type ImageSignerEvent,
  imageGuard,
  imageSigner,
  type Signer,
  signingEndpoint,
} from '../../../src/index.ts';
import { warningOf } from '../../../src/options/warnings.ts';
import { endOnFailure } from '../../support/generators/random.ts';
import { accountHash, base, id, signerWith, url } from '../../support/samples.ts';
import { runs } from '../../support/seed.ts';
import { exchangeLater } from '../../support/servers/in-memory.ts';
import { partThatShows, thrownBy, waysToPaste } from './pasted.ts';
import { pastedKeys } from './random-keys.ts';

const endpointBase = { ...base, authorize: () => true };
const correctKey = 'the-right-key-of-this-site';

type Factory = (options: never) => unknown;

/** Options with the text in one place of them. */
type Place = readonly [place: string, factory: Factory, options: (text: string) => unknown];

const nested = (option: string, factory: Factory = createSigner): Place[] =>
  waysToPaste.map(([how, value]) => [
    `${option}${how}`,
    factory,
    (text) => ({ ...(factory === signingEndpoint ? endpointBase : base), [option]: value(text, option) }),
  ]);

const places: readonly Place[] = [
  ['the options', createSigner, (text) => text],
  ['the name of an option', createSigner, (text) => ({ ...base, [text]: 1 })],
  ['the name of an option of the guard', imageGuard, (text) => ({ ...base, [text]: 1 })],
  ['the name of an option beside a signer', imageSigner, (text) => ({ signer: signerWith(), [text]: 1 })],
  ...[
    'ttl',
    'stableFor',
    'variants',
    'accountHash',
    'delivery',
    'authorize',
    'deniedVariant',
    'report',
  ].flatMap((option) => nested(option)),
  ...['now', 'secret'].flatMap((option) => nested(option)),
  ...['rewrite', 'skip', 'attributes', 'customProperties', 'signer'].flatMap((option) =>
    nested(option, imageSigner),
  ),
  ...['mode', 'sharedCache'].flatMap((option) => nested(option, imageGuard)),
  ...['path', 'origins'].flatMap((option) => nested(option, signingEndpoint)),
  ['a policy', createSigner, (text) => ({ ...base, variants: { thumb: text } })],
  ['a ttl of a policy', createSigner, (text) => ({ ...base, variants: { thumb: { ttl: text } } })],
  ['a width', createSigner, (text) => ({ ...base, variants: { thumb: { width: text } } })],
  ['alwaysPublic', createSigner, (text) => ({ ...base, variants: { thumb: { alwaysPublic: text } } })],
  ['a policy of a variant', createSigner, (text) => ({ ...base, variants: { [text]: { width: -1 } } })],
  ['a variant twice', createSigner, (text) => ({ ...base, variants: [text, text] })],
  [
    'a denied variant that is on the list',
    createSigner,
    (text) => ({ ...base, variants: [text], deniedVariant: text }),
  ],
  ['a base', createSigner, (text) => ({ ...base, delivery: { base: text, accountHash } })],
  [
    'an account of a base',
    createSigner,
    (text) => ({ ...base, delivery: { base: '/a', accountHash: `${text}/` } }),
  ],
  [
    'an account of a base that is not on the list',
    createSigner,
    (text) => ({
      ...base,
      accountHash,
      delivery: {
        base: `/${encodeURIComponent(text)}`,
        accountHash: encodeURIComponent(text).replaceAll('%', '-'),
      },
    }),
  ],
  [
    'an account in the path of a base',
    createSigner,
    (text) => {
      const account = encodeURIComponent(text).replaceAll('%', '-');
      return { ...base, accountHash: account, delivery: `https://shop.example/${account}` };
    },
  ],
  ['a clock', createSigner, (text) => ({ ...base, now: () => text })],
  ['a part of rewrite', imageSigner, (text) => ({ ...base, rewrite: { html: text } })],
  ['a kind of attribute', imageSigner, (text) => ({ ...base, attributes: { hero: text } })],
  ['an attribute', imageSigner, (text) => ({ ...base, attributes: { [text]: 'text' } })],
  ['an attribute of data', imageSigner, (text) => ({ ...base, attributes: { [`data-${text}`]: 'text' } })],
  [
    'an attribute twice',
    imageSigner,
    (text) => ({ ...base, attributes: { [text]: 'url', [` ${text}`.trim().toUpperCase()]: 'url' } }),
  ],
];

const widths = { thumb: { width: 320 }, card: { width: 640 }, preview: { alwaysPublic: true } } as const;
const image = url();

/** Calls with the text in one of their arguments. */
const calls: readonly (readonly [place: string, call: (signer: Signer, text: string) => unknown])[] = [
  ['the variant', (signer, text) => signer.signImage(image, text as 'thumb')],
  ['the variant, by id', (signer, text) => signer.signImage(id, text as 'thumb')],
  ['the variant of the URL', (signer, text) => signer.signImage(url(encodeURIComponent(text)))],
  [
    'the variant of a URL that is not canonical',
    (signer, text) => signer.signImage(url(encodeURIComponent(text), 'a%2Cb')),
  ],
  [
    'the variant of a URL of another account',
    (signer, text) => signer.signImage(url(encodeURIComponent(text), id, 'x')),
  ],
  [
    'the variant of a URL of another host',
    (signer, text) => signer.signImage(`https://a.example/b/${encodeURIComponent(text)}`),
  ],
  ['a parameter', (signer, text) => signer.signImage(`https://a.example/b?key=${encodeURIComponent(text)}`)],
  ['a parameter as it is', (signer, text) => signer.signImage(`https://a.example/b?key=${text}`)],
  ['the name of a parameter', (signer, text) => signer.signImage(`https://a.example/b?v=1&${text}`)],
  ['a fragment', (signer, text) => signer.signImage(`https://a.example/b#${text}`)],
  ['the options', (signer, text) => signer.signImage(image, 'thumb', text as never)],
  ['an option', (signer, text) => signer.signImage(image, 'thumb', { [text]: 1 } as never)],
  ['the ttl', (signer, text) => signer.signImage(image, 'thumb', { ttl: text } as never)],
  ['the expiry', (signer, text) => signer.signImage(image, 'thumb', { expiresAt: text } as never)],
  ['candidates', (signer, text) => signer.signSrcset(image, text as never)],
  ['a candidate', (signer, text) => signer.signSrcset(image, { [text]: '1x' })],
  ['a descriptor', (signer, text) => signer.signSrcset(image, { thumb: text })],
  ['a candidate with a wrong descriptor', (signer, text) => signer.signSrcset(image, { [text]: 1 } as never)],
  [
    'the options of signSrcset',
    (signer, text) => signer.signSrcset(image, undefined, { [text]: 1 } as never),
  ],
  ['the options of rewriteHtml', (signer, text) => signer.rewriteHtml('', text as never)],
  ['an option of rewriteHtml', (signer, text) => signer.rewriteHtml('', { [text]: 1 } as never)],
  ['the ttl of rewriteHtml', (signer, text) => signer.rewriteHtml('', { ttl: text } as never)],
  [
    'attributes of rewriteHtml',
    (signer, text) => signer.rewriteHtml('', { attributes: { a: text } as never }),
  ],
];

/** Pages and requests that make events. */
const requests: readonly (readonly [place: string, target: (text: string) => string])[] = [
  ['a variant', (text) => `/images/${accountHash}/${id}/${encodeURIComponent(text)}`],
  ['a variant with an extension', (text) => `/images/${accountHash}/${id}/${encodeURIComponent(text)}.jpg`],
  ['a variant with a slash behind it', (text) => `/images/${accountHash}/${id}/${encodeURIComponent(text)}/`],
  [
    'a variant with a parameter',
    (text) => `/images/${accountHash}/${id}/${encodeURIComponent(text)};v=1?v=1`,
  ],
  ['a parameter', (text) => `/images/${accountHash}/${id}/thumb?key=${encodeURIComponent(text)}`],
  ['a signature', (text) => `/images/${accountHash}/${id}/thumb?exp=1&sig=${encodeURIComponent(text)}`],
  [
    'the name of a parameter',
    (text) => `/images/${accountHash}/${id}/thumb?v=1&${encodeURIComponent(text)}=1`,
  ],
];

function expectHidden(text: string, value: unknown, where: string): void {
  const fault = partThatShows(text, value);
  if (fault !== undefined) expect.fail(`${where}: ${fault}`);
}

/** Each key is pasted everywhere: the first one that shows is enough. */
const few = { numRuns: runs(0.03), endOnFailure };

/** What is taken, as an account, say, shows in no message about something else. */
const otherMistakes: readonly (readonly [place: string, call: (signer: Signer) => unknown])[] = [
  ['another variant of a URL', (signer) => signer.signImage(url('another'))],
  ['another variant', (signer) => signer.signImage(url(), 'another' as never)],
  ['another host', (signer) => signer.signImage('https://a.example/b')],
  ['candidates', (signer) => signer.signSrcset(url(), { other: '1x' } as never)],
];

function expectHiddenFromOptions(text: string, [place, factory, options]: Place): void {
  const given = options(text);
  // And as the key as well, as it happens when a whole line of the environment is spread.
  const forms =
    typeof given === 'object' ? [given, { ...given, key: correctKey }, { ...given, key: text }] : [given];
  for (const form of forms) {
    if (place.startsWith('signer') || place.includes('beside a signer')) {
      const withSigner = { signer: signerWith(), ...(form as object) } as never;
      expectHidden(
        text,
        thrownBy(() => factory(withSigner)),
        place,
      );
    }
    let made: unknown;
    const error = thrownBy(() => {
      made = factory(form as never);
    });
    expectHidden(text, error ?? made, place);
    if (error !== undefined || factory !== createSigner) continue;
    for (const [other, call] of otherMistakes) {
      expectHidden(
        text,
        thrownBy(() => call(made as Signer)),
        `${place}: ${other}`,
      );
    }
  }
}

test('a key shows from no option', () => {
  fc.assert(
    fc.property(pastedKeys, (text) => {
      for (const place of places) expectHiddenFromOptions(text, place);
    }),
    few,
  );
});

test('a key shows from no argument of a call', () => {
  fc.assert(
    fc.property(pastedKeys, fc.boolean(), (text, isTheKey) => {
      const key = isTheKey ? text : correctKey;
      const signer = createSigner({ ...base, key, accountHash, variants: widths } as never) as Signer;
      for (const [place, call] of calls) {
        const error = thrownBy(() => call(signer, text));
        expect(error, `${place} of ${text}`).toBeInstanceOf(Error);
        expectHidden(text, error, place);
      }
    }),
  );
});

async function expectHiddenInEvents(text: string): Promise<void> {
  const events: ImageSignerEvent[] = [];
  const report = (event: ImageSignerEvent): void => void events.push(event);
  const authorize = (): boolean => false;
  const options = { ...base, key: text, accountHash, delivery: '/images', report, authorize };
  const signer = createSigner(options);
  const guard = imageGuard({ signer });
  const endpoint = signingEndpoint({ signer, authorize });
  const middleware = imageSigner({ signer });
  /** Every event so far, and what a developer would read of it. */
  const expectEvents = (count: number, where: string): void => {
    expect(events.length, where).toBe(count);
    const warnings = events.map((event) => warningOf(event, { hasCloudflareImages: true, hasOthers: true }));
    expectHidden(text, [...events.splice(0), ...warnings], where);
  };
  for (const [place, target] of requests) {
    const image = target(text);
    await exchangeLater((request, response) => guard(request, response, () => response.end()), image);
    expectEvents(1, `${place} of a request`);
    for (const path of [`/sign${image}`, `/?url=${encodeURIComponent(image)}`]) {
      await exchangeLater((request, response) => endpoint(request, response), path);
      expectEvents(1, `${place} of a URL for the endpoint`);
    }
    const page = `<img src="${image.replace('/thumb', '/large')}">`;
    signer.rewriteHtml(page);
    expectEvents(1, `${place} of a page`);
    const respond: RequestListener = (request, response) =>
      middleware(request, response, () => {
        response.setHeader('Content-Type', 'text/html');
        response.end(page);
      });
    await exchangeLater(respond, `/page?key=${encodeURIComponent(text)}#${text}`, {}, text);
    expectEvents(2, `${place} of a page, whose request holds the key as well`);
  }
}

test('a key shows in no event, and in no warning', async () => {
  await fc.assert(fc.asyncProperty(pastedKeys, expectHiddenInEvents), few);
});

test.each<[mistake: string, run: () => unknown, shown: string]>([
  ['a mode', () => imageGuard({ ...base, mode: 'enforced' as never }), "'enforced'"],
  ['a variant', () => signerWith().signImage(url(), 'thumbnail' as never), "'thumbnail'"],
  ['a long variant', () => signerWith().signImage(url('productCardLarge')), "'productCardLarge'"],
  ['a flexible variant', () => signerWith().signImage(url('width=400,fit=crop')), "'width=400,fit=crop'"],
  [
    'a base',
    () => signerWith({ delivery: 'https://shop.example/cdn-cgi/imagedelivery?' }),
    "'https://shop.example/…'",
  ],
  [
    'a base of a path',
    () => signerWith({ delivery: 'ftp://shop.example/cdn-cgi/imagedelivery' }),
    "'ftp://shop.example/cdn-cgi/imagedelivery'",
  ],
  ['a bare host', () => signerWith({ delivery: 'imagedelivery.net' }), "'imagedelivery.net'"],
  [
    'an attribute',
    () => imageSigner({ ...base, attributes: { 'data-hero-image-large': 'text' as never } }),
    "'data-hero-image-large'",
  ],
  ['the name of an option', () => createSigner({ ...base, stableFors: 1 } as never), '`stableFors`'],
])('%s that is a mistake of its own shows', (_mistake, run, shown) => {
  expect((thrownBy(run) as Error).message).toContain(shown);
});

test('an image is named in messages and events, however random its id is', () => {
  const hash = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
  const events: ImageSignerEvent[] = [];
  const signer = signerWith({ accountHash, report: (event) => void events.push(event) });
  for (const image of [id, hash, `media/${id}`, `${hash}.webp`]) {
    signer.rewriteHtml(`<img src="${url('large', image)}">`);
    expect(events.splice(0)).toEqual([
      { type: 'skipped', url: url('large', image), reason: 'variant-not-allowed' },
    ]);
    expect((thrownBy(() => signer.signImage(url('thumb', image, 'x'))) as Error).message).toContain(image);
  }
});
