/**
 * The helpers of views, called as templates and engines call them: with a template's own options, with the object
 * that Handlebars adds to each call, and with the one that Nunjucks makes of named arguments.
 */
import { describe, expect, test } from 'vitest';
import { coreOf, type SigningCore } from '../../src/signer/core.ts';
import { Reporter } from '../../src/signer/reporter.ts';
import { createViewHelpers } from '../../src/signer/view-helpers.ts';
import { accountHash, id, signerWith, url } from '../support/samples.ts';

const signer = signerWith({ accountHash });
const core = coreOf(signer) as SigningCore; // it is a signer
const inProgress = core.beginResponse(core.configuration.access, undefined, new Reporter(undefined));
const { signImage, signSrcset } = createViewHelpers(
  { begin: () => inProgress },
  core.configuration,
) as Readonly<Record<'signImage' | 'signSrcset', (...given: unknown[]) => unknown>>;

const brief = { ttl: '5m' } as const;
const candidates = { thumb: '1x', card: '2x' } as const;

const root = { signImage() {} };

/** As Handlebars 4 makes it; some of its versions and options leave a part of it out. */
const call = (hash: object = {}, rest: object = { data: { root }, loc: {} }): object => ({
  name: 'signImage',
  hash,
  ...rest,
});
const keywords = (named: object): object => ({ ...named, __keywords: true });

test('a plain object is options or candidates', () => {
  expect(signImage(id, 'card', brief)).toBe(signer.signImage(id, 'card', brief));
  expect(signSrcset(id, candidates, brief)).toBe(signer.signSrcset(id, candidates, brief));
  expect(() => signImage(id, 'card', { name: 'x' })).toThrow('is not an option of signImage');
  expect(() => signImage(id, 'card', { ...brief, hash: {} })).toThrow('is not an option of signImage');
  expect(() => signImage(id, 'card', { hash: {}, data: {} })).toThrow('is not an option of signImage');
  expect(() => signSrcset(id, { hash: '1x' })).toThrow('expected one of the variants');
});

test.each<[title: string, added: object]>([
  ['in a call', call()],
  ['in a block', call({}, { fn() {}, inverse() {}, data: {}, loc: {} })],
  ['without a place', call({}, { data: {} })],
  ['without data', call({}, { loc: {} })],
])('what Handlebars adds %s is no argument', (_title, added) => {
  expect(signImage(url(), added)).toBe(signer.signImage(url()));
  expect(signImage(id, 'card', added)).toBe(signer.signImage(id, 'card'));
  expect(signImage(id, 'card', brief, added)).toBe(signer.signImage(id, 'card', brief));
  expect(signSrcset(id, added)).toBe(signer.signSrcset(id));
  expect(signSrcset(id, candidates, brief, added)).toBe(signer.signSrcset(id, candidates, brief));
  expect(signImage(null, added)).toBeNull();
  expect(signImage(added)).toBeUndefined();
});

/** Refused by each helper, with an argument that a template has from a stranger. */
function expectRefusal(data: object, message: string): void {
  expect(() => signImage(url(), data)).toThrow(message);
  expect(() => signImage(id, 'card', data)).toThrow(message);
  expect(() => signSrcset(id, data)).toThrow(message);
}

test.each<[from: string, data: object]>([
  ['a query', { name: 'x', hash: { ttl: '366d' }, data: '1' }],
  ['stored data', call({ ttl: '366d' }, { data: { root: { signImage: 'text' } }, loc: {} })],
  ['a query that names a function', call({ ttl: '366d' }, { fn: 'function', data: '1' })],
])('an object of %s that looks like what Handlebars adds names no ttl', (_from, data) => {
  expectRefusal(data, 'expected named arguments from a Handlebars view');
});

test.each([false, true])(
  "data that looks like named arguments of Nunjucks does not decide in `authorize`'s place: %s",
  (authorize) => {
    const data = JSON.parse(JSON.stringify({ __keywords: true, authorize }));
    expectRefusal(data, 'expected it in an object in the template');
    expect(signImage(id, 'card', { authorize: false })).toBe(signer.signImage(id, 'card'));
  },
);

test("data that looks like named arguments of Nunjucks gets no token that lives longer than the signer's", () => {
  const stored = (named: object): object => JSON.parse(JSON.stringify(keywords(named)));
  const tooLong = [{ ttl: '366d' }, { ttl: 86_401 }, { expiresAt: core.now() + 86_401 }] as const;
  for (const named of tooLong) {
    const message = 'expected at most the shortest ttl of the signer, 86400 seconds';
    expectRefusal(stored(named), message);
    expect(() => signImage(null, stored(named))).toThrow(message);
    expect(signImage(id, 'card', named)).toBe(signer.signImage(id, 'card', named));
    expect(signImage(id, 'card', call(named))).toBe(signer.signImage(id, 'card', named));
  }
  expect(signImage(id, 'card', stored({ ttl: '1d' }))).toBe(signer.signImage(id, 'card', { ttl: '1d' }));
  expect(() =>
    signImage(id, 'card', keywords({ expiresAt: new Date((core.now() + 86_401) * 1000) })),
  ).toThrow("For a longer one, write signImage(image, 'card', { expiresAt })");
});

describe.each<[engine: string, name: (named: object) => object]>([
  ['Handlebars', call],
  ['Nunjucks', keywords],
])('named arguments of %s', (_engine, name) => {
  test('are the options of signImage, wherever the template stops', () => {
    expect(signImage(url(), name(brief))).toBe(signer.signImage(url(), undefined, brief));
    expect(signImage(id, 'card', name(brief))).toBe(signer.signImage(id, 'card', brief));
  });

  test('are the candidates of signSrcset, and its options', () => {
    expect(signSrcset(id, name(candidates))).toBe(signer.signSrcset(id, candidates));
    expect(signSrcset(id, name(brief))).toBe(signer.signSrcset(id, undefined, brief));
    expect(signSrcset(id, name({ ...candidates, ...brief }))).toBe(signer.signSrcset(id, candidates, brief));
    const expiresAt = core.now() + 60;
    expect(signSrcset(id, candidates, name({ expiresAt }))).toBe(
      signer.signSrcset(id, candidates, { expiresAt }),
    );
  });

  test('go on top of what is given in their place', () => {
    expect(signImage(id, 'card', { ttl: '1h' }, name(brief))).toBe(signer.signImage(id, 'card', brief));
    expect(signSrcset(id, { thumb: '3x' }, { ttl: '1h' }, name({ ...candidates, ...brief }))).toBe(
      signer.signSrcset(id, candidates, brief),
    );
  });

  test('are refused where they are wrong, and where what they go on top of is', () => {
    for (const image of [id, null, 'https://www.gravatar.com/avatar/0']) {
      expect(() => signImage(image, 'card', name({ ttl: '1 day' }))).toThrow('`ttl`');
      expect(() => signImage(image, name({ variant: 'card' }))).toThrow('is not an option of signImage');
      expect(() => signImage(image, 'card', 5, name(brief))).toThrow('`options`');
      expect(() => signImage(image, 'card', null, name(brief))).toThrow('`options`');
      expect(() => signSrcset(image, name({ typo: '1x' }))).toThrow('expected one of the variants');
      expect(() => signSrcset(image, name({ thumb: undefined }))).toThrow('candidates.thumb');
      expect(() => signSrcset(image, candidates, name({ ttl: 0 }))).toThrow('`ttl`');
    }
  });

  test('change nothing that the template holds', () => {
    const given = Object.freeze({ ttl: '1h' });
    const added = Object.freeze(name(Object.freeze({ ...brief })));
    signImage(id, 'card', given, added);
    expect(given).toEqual({ ttl: '1h' });
    expect(added).toEqual(name(brief));
  });
});
