/** What the options of each factory come to: defaults, and what is beside a signer. Longer than most files: four factories. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseEndpoint, parseGuard, parseMiddleware, parseSigner } from '../../src/options/parse.ts';
import { coreOf } from '../../src/signer/core.ts';
import { accountHash, base, id, instant, otherAccount, signerWith, url } from '../support/samples.ts';

const aDay = 86_400;
const middleware = (options: object) => parseMiddleware('imageSigner', options, coreOf);
const guard = (options: object) => parseGuard('imageGuard', options, coreOf);
const endpoint = (options: object) =>
  parseEndpoint('signingEndpoint', { authorize: () => true, ...options }, coreOf);

describe('a signer', () => {
  test('has defaults', () => {
    const configuration = parseSigner('createSigner', { key: 'k', ttl: '1d', variants: ['thumb'] });
    expect(configuration).toMatchObject({
      schemes: [{ name: 'cloudflare-images', bases: [{ text: 'https://imagedelivery.net' }] }],
      stableFor: undefined,
      shortestTtl: aDay,
      access: { authorize: undefined, deniedVariant: undefined, report: expect.any(Function) }, // warnings
      now: Date.now,
    });
    expect([...configuration.variants.values()]).toMatchObject([
      { name: 'thumb', ttl: aDay, step: aDay / 4, alwaysPublic: false, width: undefined },
    ]);
    expect(Object.isFrozen(configuration)).toBe(true);
  });

  const open = { alwaysPublic: true, ttl: '1m' };

  test('gives each variant its own ttl, and a step of at most that', () => {
    const { variants, shortestTtl } = parseSigner('createSigner', {
      ...base,
      stableFor: '6h',
      variants: { long: { ttl: '7d', width: 320 }, short: { ttl: '1h' }, plain: {}, open },
    });
    expect([...variants.values()]).toMatchObject([
      { name: 'long', ttl: 7 * aDay, step: 21_600, alwaysPublic: false, width: 320 },
      { name: 'short', ttl: 3600, step: 3600, alwaysPublic: false, width: undefined },
      { name: 'plain', ttl: aDay, step: 21_600, alwaysPublic: false, width: undefined },
      { name: 'open', ttl: 60, step: 60, alwaysPublic: true, width: undefined },
    ]);
    // An always public variant has no token that could expire.
    expect(shortestTtl).toBe(3600);
  });

  test('of always public variants alone has the ttl of the option', () => {
    expect(parseSigner('createSigner', { ...base, variants: { open } }).shortestTtl).toBe(aDay);
  });

  test.each<[delivery: unknown, text: string, authority: string | undefined, path: string]>([
    ['https://imagedelivery.net/', 'https://imagedelivery.net', 'imagedelivery.net', ''],
    ['HTTP://Shop.Example:8080/Images/', 'HTTP://Shop.Example:8080/Images', 'shop.example:8080', '/Images'],
    ['/', '', undefined, ''],
    ['/images', '/images', undefined, '/images'],
    ['/a%20b/caf%C3%A9', '/a%20b/caf%C3%A9', undefined, '/a%20b/caf%C3%A9'],
    ['https://[::1]:8080', 'https://[::1]:8080', '[::1]:8080', ''],
    [{ base: 'https://a.example/x', accountHash: 'h' }, 'https://a.example/x', 'a.example', '/x'],
  ])('reads the base %j', (delivery, text, authority, path) => {
    const { bases } = parseSigner('createSigner', { ...base, delivery }).schemes[0]!;
    const account = typeof delivery === 'object' ? 'h' : undefined;
    expect(bases).toEqual([{ text, authority, path, accountHash: account }]);
  });

  test('serves ids by the account of its first base, else by the first of accountHash', () => {
    const both = { accountHash: [accountHash, otherAccount] };
    const delivery = [{ base: '/a', accountHash: otherAccount }, '/b'];
    expect(signerWith(both).signImage(id, 'thumb')).toContain(url());
    expect(signerWith({ ...both, delivery }).signImage(id, 'preview')).toBe(`/a/${id}/preview`);
    expect(signerWith({ ...both, delivery: delivery.toReversed() }).signImage(id, 'preview')).toBe(
      `/b/${accountHash}/${id}/preview`,
    );
  });

  test('takes a base whose account is one of accountHash, or any where no account is named', () => {
    const delivery = [{ base: '/a', accountHash: otherAccount }];
    expect(() => signerWith({ accountHash: [accountHash, otherAccount], delivery })).not.toThrow();
    expect(() => signerWith({ delivery })).not.toThrow();
    expect(() => signerWith({ accountHash, delivery })).toThrow(/add the account/);
  });

  test('takes a base in whose path the account is a part of a segment, or not the last one', () => {
    for (const delivery of ['/abcd', '/x-abc', '/abc/images', '/ABC'])
      expect(() => signerWith({ accountHash: 'abc', delivery })).not.toThrow();
    expect(() => signerWith({ accountHash: 'abc', delivery: '/images/abc' })).toThrow(/remove it here/);
  });

  test('has one fingerprint for options that come to the same, and others for others', () => {
    const of = (options: object): string => parseSigner('createSigner', { ...base, ...options }).fingerprint;
    const same = [{}, { ttl: aDay }, { delivery: 'https://imagedelivery.net/' }, { report: () => {} }];
    expect(new Set(same.map(of)).size).toBe(1);
    const others = [
      ...[{}, { key: 'another' }, { ttl: '2d' }, { stableFor: '1h' }, { stableFor: 0 }, { accountHash }],
      ...[{ accountHash: otherAccount }, { delivery: '/images' }, { variants: ['thumb'] }],
      ...[
        { delivery: ['https://imagedelivery.net', '/images'] },
        { variants: { thumb: { alwaysPublic: true } } },
      ],
    ];
    expect(new Set(others.map(of)).size).toBe(others.length);
    expect(of({ key: 'a-key-that-shows-nowhere' })).not.toContain('a-key-that-shows-nowhere');
  });
});

describe('the clock', () => {
  afterEach(() => void vi.unstubAllGlobals());
  const earliest = (now: number): number =>
    parseSigner('createSigner', { ...base, now: () => now }).earliestNow;

  test('may go back by a day before the process began, or before it stood when the signer was made', () => {
    expect(earliest(Date.now())).toBe(performance.timeOrigin - aDay * 1000);
    expect(earliest(5)).toBe(5 - aDay * 1000);
  });

  test.each([[{ timeOrigin: 0 }], [{}], [undefined]])('is believed where the process says %j', (process) => {
    vi.stubGlobal('performance', process);
    expect(earliest(instant)).toBe(-aDay * 1000);
  });
});

describe('the middleware', () => {
  test('has defaults', () => {
    expect(middleware(base)).toMatchObject({
      signer: undefined,
      own: { html: true, headers: true, locals: false, json: false, skip: undefined },
    });
    const { attributes, scripts, fields, customProperties } = middleware(base).own.extraTargets;
    expect([attributes.size, scripts.size, fields.size, customProperties.size]).toEqual([0, 0, 0, 0]);
  });

  test.each<[rewrite: unknown, html: boolean, headers: boolean, locals: boolean, json: boolean]>([
    [false, false, false, false, false],
    [{}, true, true, false, false],
    [{ html: false }, false, true, false, false],
    [{ headers: false }, true, false, false, false],
    [{ locals: true, json: true }, true, true, true, true],
    [Object.create(null), true, true, false, false],
  ])('rewrite %j', (rewrite, html, headers, locals, json) => {
    expect(middleware({ ...base, rewrite }).own).toMatchObject({ html, headers, locals, json });
  });

  test('takes what stands beside a signer, and the rest from it', () => {
    const [authorize, report] = [() => true, () => {}];
    const signer = signerWith({ authorize, report, deniedVariant: 'preview' });
    const own = { authorize, report, deniedVariant: 'preview' };
    expect(middleware({ signer })).toMatchObject({ signer: coreOf(signer), access: own });
    const others = { authorize: () => false, report: () => {} };
    expect(middleware({ signer, ...others }).access).toEqual({ ...others, deniedVariant: 'preview' });
    expect(middleware({ signer: signerWith(), ...own }).access).toEqual(own);
    expect(middleware({ ...base, ...own }).access).toEqual(own);
    const { own: beside } = middleware({ signer, rewrite: false, skip: authorize });
    expect(beside).toMatchObject({ html: false, skip: authorize });
  });

  test('refuses a denied variant beside a signer that is not public', () => {
    expect(() => middleware({ signer: signerWith(), deniedVariant: 'thumb' })).toThrow(/always public/);
  });

  test.each(['key', 'ttl', 'variants', 'accountHash', 'delivery', 'stableFor', 'now'])(
    'refuses %s beside a signer',
    (option) => {
      expect(() => middleware({ signer: signerWith(), [option]: undefined })).toThrow(/beside `signer`/);
    },
  );
});

test.each<[options: object, isReportOnly: boolean, sharedCache: boolean]>([
  [{}, false, false],
  [{ mode: 'enforce' }, false, false],
  [{ mode: 'report', sharedCache: true }, true, true],
])('the guard: %j', (options, isReportOnly, sharedCache) => {
  expect(guard({ ...base, ...options }).own).toEqual({ isReportOnly, sharedCache });
  expect(guard({ signer: signerWith(), ...options }).own).toEqual({ isReportOnly, sharedCache });
});

describe('the endpoint', () => {
  test.each<[options: object, path: string | undefined, origins: readonly string[] | undefined]>([
    [{}, undefined, undefined],
    [{ path: '/sign/' }, '/sign', undefined],
    [{ path: '/' }, '', undefined],
    [{ path: '/a%20b/sign' }, '/a%20b/sign', undefined],
    [{ origins: 'https://a.example' }, undefined, ['https://a.example']],
    [
      { origins: ['http://[::1]:5173', 'https://a.example'] },
      undefined,
      ['http://[::1]:5173', 'https://a.example'],
    ],
  ])('%j', (options, path, origins) => {
    const { own } = endpoint({ ...base, ...options });
    expect([own.path, own.origins && [...own.origins]]).toEqual([path, origins]);
  });

  test.each([
    ...['/sign?', '/sign#', '/sign\\', '/sign//', '/./sign', '/%2E/sign', '/é', '/a^b', 'x/sign', ' /sign'],
  ])('refuses the path %j', (path) => {
    expect(() => endpoint({ ...base, path })).toThrow(/^`path`: expected a path/);
  });

  test.each([
    ...['https://', 'https:///a', 'https://a.example?', 'https://a.example#', 'https://a.example\\'],
    ...['x https://a.example', 'https://a b', 'https://me@a.example', 'HTTPS://a.example'],
    ...['http://a.example:80', 'https://a.example:'],
  ])('refuses the origin %j', (origins) => {
    expect(() => endpoint({ ...base, origins })).toThrow(/^`origins`: expected an origin/);
  });
});

describe('what are no options', () => {
  test.each([undefined, null, () => signerWith()])('%s is no options', (input) => {
    expect(() => middleware(input as unknown as object)).toThrow(/imageSigner expected options, got/);
  });

  test('options with a signer that is inherited have none', () => {
    const inherited = Object.assign(Object.create({ signer: signerWith() }), base);
    expect(middleware(inherited).signer).toBeUndefined();
  });

  test('options with a header alone are no request', () => {
    expect(() => middleware({ ...base, headers: {} })).toThrow(/`headers`: is not an option/);
    expect(() => middleware({ ...base, method: 'GET' })).toThrow(/`method`: is not an option/);
  });
});

describe('a key that stands in another option as well', () => {
  test.each<[key: unknown, value: string, isHidden: boolean]>([
    ['thumbnail', 'thumbnail', true],
    [['another-key', 'thumbnail'], 'thumbnail', true],
    [' thumbnail ', 'thumbnail', true],
    ['category', 'category', true], // eight characters
    ['product', 'product', false], // seven
    ['product ', 'product', false],
    [['thumbnail', 5], 'thumbnail', true],
    [{ thumbnail: 1 }, 'thumbnail', false],
  ])('of %j, %s is hidden: %s', (key, value, isHidden) => {
    const shown = isHidden ? '…' : value;
    expect(() => parseSigner('createSigner', { ...base, key, [value]: 1 })).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        option: shown,
        message: expect.stringMatching(new RegExp(`^\`${shown}\`: is not an option of createSigner`)),
      }),
    );
  });
});

test('a throw that is no mistake of the options goes on as it is', () => {
  const error = new RangeError('from the app');
  const get = (): never => {
    throw error;
  };
  const options = Object.defineProperty({ ...base }, 'ttl', { get, enumerable: true });
  expect(() => parseSigner('createSigner', options)).toThrow(error);
});
