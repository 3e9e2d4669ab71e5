/** Schemes that throw, or return what they must not: a page never breaks, nothing foreign gets into it, and it is reported. */
import { afterAll, describe, expect, test } from 'vitest';
import { createSigner, type ImageSignerEvent, type Signer } from '../../src/index.ts';
import { cloudflareImages, defineScheme, type SchemeDefinition } from '../../src/schemes.ts';
import { instant } from '../support/samples.ts';
import { errorOf } from '../support/schemes/calls.ts';

const url = 'https://cdn.example/private/a.jpg';
const other = '/img/b.jpg';
const page = `<img src="${url}"><img src="${other}"><a href="${url}?v=1#x">`;

const sound: SchemeDefinition = {
  name: 'my-cdn',
  url: 'https://cdn.example/private',
  match: () => ({ id: 'a' }),
  strip: (text) => text.replace(/[?&]t=1$/, ''),
  sign: (text) => `${text}${text.includes('?') ? '&' : '?'}t=1`,
  verify: (text, now) =>
    text.endsWith('t=1') && now < 2e9 ? { ok: true, expiresAt: 2e9 } : { ok: false, reason: 'expired' },
  fingerprint: 'my-cdn',
};
/** It has the other image. */
const second = defineScheme({ ...sound, name: 'second', url: '/img' });

function siteWith(change: object): { signer: Signer; events: ImageSignerEvent[] } {
  const events: ImageSignerEvent[] = [];
  const scheme = [defineScheme({ ...sound, ...change }), second];
  const report = (event: ImageSignerEvent): void => void events.push(event);
  return { signer: createSigner({ scheme, ttl: '1h', now: () => instant, report }), events };
}

const rejections: unknown[] = [];
const listener = (reason: unknown): void => void rejections.push(reason);
process.on('unhandledRejection', listener);
afterAll(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', listener);
  expect(rejections).toEqual([]);
});

const fail = (): never => {
  throw new TypeError('a mistake');
};
const failLater = (): Promise<never> => Promise.reject(new TypeError('a mistake'));

const nonsense: readonly (readonly [title: string, value: () => unknown])[] = [
  ['throws', fail],
  ['is rejected', failLater],
  ['returns a promise', () => Promise.resolve(`${url}?t=1`)],
  ['returns undefined', () => undefined],
  ['returns null', () => null],
  ['returns a number', () => 1],
  ['returns an object', () => ({ toString: () => url })],
  ['returns a symbol', () => Symbol('a')],
  ['returns a text that is no URL', () => 'a'],
  ['returns nothing', () => ''],
  ['returns the base alone', () => 'https://cdn.example/private'],
  ['returns a URL on another host', () => 'https://evil.example/private/a.jpg?t=1'],
  ['returns a URL with its host in the userinfo', () => 'https://cdn.example@evil.example/private/a.jpg'],
  ['returns a script', () => 'javascript:alert(1)'],
  ['returns markup', () => `${url}?t="><script>alert(1)</script>`],
  ['returns a line feed', () => `${url}?t=\n`],
  ['returns a backslash', () => `${url}?t=\\`],
  ['returns a space', () => `${url}?t= 1`],
  ['returns a fragment', () => `${url}?t=1#a`],
  ['returns other than ASCII', () => `${url}?t=\u00e9`],
];

describe.each(nonsense)('a function that %s', (title, value) => {
  test.each(['strip', 'sign'])('in the place of %s', (name) => {
    const { signer, events } = siteWith({ [name]: value });
    expect(signer.rewriteHtml(page)).toBe(page.replace(other, `${other}?t=1`));
    expect(events.map((event) => [event.type, 'reason' in event && event.reason])).toEqual([
      ['skipped', 'scheme-failed'],
      ['skipped', 'scheme-failed'],
    ]);
    const error = errorOf(() => signer.signImage(url));
    expect(error.code).toBe('SCHEME_FAILED');
    expect(error.cause).toEqual(
      title === 'throws' && name === 'sign' ? new TypeError('a mistake') : undefined,
    );
    if (name === 'strip') expect(signer.unsignImage(url)).toBe(url);
  });
});

describe('match', () => {
  const image = (id: unknown): object => ({ id });
  test.each<[title: string, value: () => unknown]>([
    ['throws', fail],
    ['is rejected', failLater],
    ['returns a promise', () => Promise.resolve(image('a'))],
    ['returns null', () => null],
    ['returns a text', () => 'a'],
    ['returns an id that is no text', () => image(1)],
    ['returns no id', () => ({})],
    [
      'returns an image that throws',
      () => ({
        id: 'a',
        get size() {
          return fail();
        },
      }),
    ],
  ])('that %s', (_title, value) => {
    const { signer, events } = siteWith({ match: value });
    expect(signer.rewriteHtml(page)).toBe(page.replace(other, `${other}?t=1`));
    expect(events).toMatchObject([
      { type: 'skipped', reason: 'scheme-failed', url },
      { type: 'skipped', reason: 'scheme-failed' },
    ]);
    expect(() => signer.signImage(url)).toThrow(expect.objectContaining({ code: 'SCHEME_FAILED' }));
    expect(signer.verifyImage(`${url}?t=1`)).toEqual({ ok: false, reason: 'not-a-delivery-url' });
  });

  test('gives `authorize` its own `url`, `base` and `scheme` never', () => {
    const asked: unknown[] = [];
    const scheme = defineScheme({
      ...sound,
      match: () => ({ id: 'a', url: '/x', base: '/y', scheme: 's3', size: 1 }) as { id: string },
    });
    const authorize = (given: unknown): boolean => asked.push(given) > 0;
    createSigner({ scheme, ttl: '1h', now: () => instant, authorize }).rewriteHtml(`<img src="${url}">`);
    expect(asked).toEqual([{ id: 'a', url, base: 'https://cdn.example/private', scheme: 'my-cdn', size: 1 }]);
  });
});

describe('verify', () => {
  test.each<[title: string, value: () => unknown]>([
    ['throws', fail],
    ['is rejected', failLater],
    ['returns a promise', () => Promise.resolve({ ok: true, expiresAt: 2e9 })],
    ['returns true', () => true],
    ['returns undefined', () => undefined],
    ['returns null', () => null],
    ['says ok by a text', () => ({ ok: 'yes', expiresAt: 2e9 })],
    ['says no expiry', () => ({ ok: true })],
    ['says an expiry that is a text', () => ({ ok: true, expiresAt: '2000000000' })],
    ['says an expiry that never comes', () => ({ ok: true, expiresAt: Infinity })],
    ['says an expiry that has passed', () => ({ ok: true, expiresAt: 1 })],
    ['gives a reason that is none', () => ({ ok: false, reason: 'toString' })],
    ['gives no reason', () => ({ ok: false })],
  ])('that %s lets nothing through', (_title, value) => {
    const { signer } = siteWith({ verify: value });
    expect(signer.verifyImage(`${url}?t=1`)).toEqual({ ok: false, reason: 'bad-signature' });
    expect(signer.rewriteHtml(`<img src="${url}?t=1">`)).toBe(`<img src="${url}?t=1">`);
  });
});

describe('a scheme whose token is in the query', () => {
  const byToken = {
    name: 'my-cdn',
    url: 'https://cdn.example/private',
    token: ['expires', 'mac'],
    secret: 'a-secret-that-nobody-else-has',
    sign: (_parts: unknown, { exp }: { readonly exp: number }) => ({ expires: exp, mac: 'made' }),
  } as const;
  const signerOf = (change: object): Signer =>
    createSigner({
      scheme: defineScheme({ ...byToken, ...change }),
      ttl: '1h',
      now: () => instant,
      report: false,
    });
  const answers: readonly (readonly [title: string, value: () => unknown])[] = [
    ['is rejected', failLater],
    ['returns a promise', () => Promise.resolve({})],
  ];

  test.each([
    ...answers,
    ['throws', fail] as const,
    ['returns true', () => true] as const,
    ['returns a text', () => 'no'] as const,
    ['returns null', () => null] as const,
  ])('a `match` that %s allows nothing', (_title, match) => {
    const signer = signerOf({ match });
    expect(errorOf(() => signer.signImage(url)).code).toBe('SCHEME_FAILED');
    expect(signer.rewriteHtml(page)).toBe(page);
    expect(signer.verifyImage(`${url}?expires=2000000000&mac=made`).ok).toBe(false);
  });

  test.each([...answers, ['throws', fail] as const])('a `sign` that %s signs nothing', (_title, sign) => {
    const signer = signerOf({ sign, prefixes: 'a/' });
    const image = 'https://cdn.example/private/a/b.jpg';
    expect(errorOf(() => signer.signImage(image)).code).toBe('SCHEME_FAILED');
    expect(signer.rewriteHtml(`<img src="${image}">`)).toBe(`<img src="${image}">`);
    expect(signer.verifyImage(`${image}?expires=2000000000&mac=made`).ok).toBe(false);
  });

  test.each(answers)('`readExpiry` that %s verifies nothing', (_title, readExpiry) => {
    const signer = signerOf({ readExpiry, prefixes: 'a/' });
    const image = 'https://cdn.example/private/a/b.jpg';
    expect(signer.verifyImage(`${image}?expires=2000000000&mac=made`)).toEqual({
      ok: false,
      reason: 'bad-signature',
    });
  });

  test.each([...answers, ['throws', fail] as const])(
    'with `parameters` that %s no parameter is signed',
    (_title, parameters) => {
      const signer = signerOf({ parameters, prefixes: 'a/' });
      const image = 'https://cdn.example/private/a/b.jpg';
      expect(errorOf(() => signer.signImage(`${image}?download=1`)).code).toBe('SCHEME_FAILED');
      expect(signer.signImage(image)).toContain('b.jpg?expires=');
    },
  );

  test('of `parameters` only `true` keeps one', () => {
    const signer = signerOf({ parameters: (name: string) => name === 'v' || 'yes', prefixes: 'a/' });
    expect(signer.signImage('https://cdn.example/private/a/b.jpg?download=1&v=2')).toContain('b.jpg?v=2&exp');
  });
});

test('two schemes do not share the decisions of `authorize`, whatever their URLs look like', () => {
  const own = defineScheme({ ...sound, url: '/hash' });
  const images = cloudflareImages({ key: 'a-key-that-nobody-else-has', variants: ['thumb'] });
  const signer = createSigner({
    scheme: [images, own],
    ttl: '1h',
    now: () => instant,
    report: false,
    authorize: ({ base }: { readonly base: string }) => base !== '/hash',
  });
  const [open, closed] = ['https://imagedelivery.net/hash/a/thumb', '/hash/a/thumb'];
  expect(signer.rewriteHtml(`<img src="${open}"><img src="${closed}">`)).toMatch(
    /thumb\?exp=\d+&amp;sig=[\da-f]{64}"><img src="\/hash\/a\/thumb">$/,
  );
});
