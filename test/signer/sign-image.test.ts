import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createSigner, type SignOptions } from '../../src/index.ts';
import {
  accountHash,
  clockAt,
  id,
  instant,
  key,
  type Options,
  otherAccount,
  signerWith,
  url,
  withoutTokens,
} from '../support/samples.ts';
import { errorOf } from '../support/schemes/calls.ts';

const nowSeconds = instant / 1000;

const codeOf = (run: () => unknown): string => errorOf(run).code;

function expOf(signed: string): number {
  return Number(/exp=(\d+)/.exec(signed)?.[1]);
}

describe('what is signed', () => {
  const signer = signerWith({ accountHash });

  const asWritten = `//ImageDelivery.NET/${accountHash}/${id}/thumb?b=2&a=1#top`;

  test.each<[title: string, image: string, variant: string | undefined, plain: string]>([
    ['a delivery URL', url('thumb'), undefined, url('thumb')],
    ['another variant of it', url('thumb'), 'card', url('card')],
    ['another variant of one that is not on the list', url('original'), 'card', url('card')],
    ['an image id', id, 'thumb', url('thumb')],
    ['an id, which is plain text', 'a b/100%/é!', 'thumb', url('thumb', 'a%20b/100%25/%C3%A9!')],
    ['an id with colons', 'it:has:colons', 'thumb', url('thumb', 'it:has:colons')],
    ['scheme, host, fragment and order of parameters, which stay', asWritten, undefined, asWritten],
    ['a URL with a token, which goes', `${url()}?exp=1&sig=2`, undefined, url()],
    ['a token between parameters', `${url()}?sig=2&v=1&%65xp=3`, undefined, `${url()}?v=1`],
    ['a URL that is signed', signer.signImage(url()), undefined, url()],
  ])('%s', (_title, image, variant, plain) => {
    const signed = signer.signImage(image, variant as 'thumb');
    expect(withoutTokens(signed)).toBe(plain);
    expect(signed).toMatch(/\?(?:.*&)?exp=\d{10}&sig=[0-9a-f]{64}(?:#top)?$/);
    expect(signed).toBe(signer.signImage(plain));
  });

  test.each<[title: string, image: string, variant: string | undefined, given: string]>([
    ['a URL', url('preview'), undefined, url('preview')],
    ['one with an old token', `${url('preview')}?exp=1&sig=2`, undefined, url('preview')],
    ['another variant', url('thumb'), 'preview', url('preview')],
    ['an id', id, 'preview', url('preview')],
    [
      'the one spelling of its path, as it would be signed',
      `${url('preview', 'my photo/é')}?a=%7E&exp=1#x`,
      undefined,
      `${url('preview', 'my%20photo/%C3%A9')}?a=%7E#x`,
    ],
  ])('an always public variant comes back without a token: %s', (_title, image, variant, given) => {
    expect(signer.signImage(image, variant as 'thumb')).toBe(given);
    expect(signer.verifyImage(given)).toMatchObject({ ok: true, alwaysPublic: true });
  });

  test('under the first base, by id', () => {
    const bases = ['https://shop.example/cdn-cgi/imagedelivery', 'https://imagedelivery.net'];
    const many = signerWith({ accountHash: [accountHash, otherAccount], delivery: bases });
    expect(withoutTokens(many.signImage(id, 'thumb'))).toBe(`${bases[0]}/${accountHash}/${id}/thumb`);
  });

  test('a base that leaves the account out: the hash is signed, and not in the URL', () => {
    const delivery = { base: 'https://img.example', accountHash };
    const short = signerWith({ delivery });
    const signed = short.signImage(id, 'thumb');
    expect(withoutTokens(signed)).toBe(`https://img.example/${id}/thumb`);
    expect(signed.split('?')[1]).toBe(signer.signImage(url()).split('?')[1]);
    expect(short.verifyImage(signed)).toMatchObject({ ok: true, image: { accountHash, id } });
  });
});

describe('when it expires', () => {
  test('at the end of a step: ttl at least, ttl and a step at most, and the same within the step', () => {
    const clock = clockAt();
    const signer = signerWith({ ttl: '1d', now: clock });
    const first = signer.signImage(url());
    const step = 6 * 3600;
    expect(expOf(first) % step).toBe(0);
    for (let second = 0; second < step; second += 97) {
      const exp = expOf(signer.signImage(url()));
      const now = Math.floor(clock() / 1000);
      expect(exp).toBeGreaterThanOrEqual(now + 86_400);
      expect(exp).toBeLessThanOrEqual(now + 86_400 + step);
      clock.advance(97);
    }
    expect(signer.signImage(url())).not.toBe(first);
  });

  /** The end of the step in which a ttl ends. */
  const endOf = (ttl: number, step: number): number => Math.ceil((nowSeconds + ttl) / step) * step;
  const ofThumb = (ttl: number): Options => ({ ttl: '1d', variants: { thumb: { ttl } } });

  test.each<[title: string, options: Options, call: SignOptions | undefined, exp: number]>([
    ['a quarter of the ttl by default', { ttl: 100 }, undefined, endOf(100, 25)],
    ['rounded down', { ttl: 7 }, undefined, nowSeconds + 7],
    ['no steps', { ttl: 100, stableFor: 0 }, undefined, nowSeconds + 100],
    ['the step of the option', { ttl: '1d', stableFor: '1h' }, undefined, endOf(86_400, 3600)],
    ["a step above the variant's ttl", { ...ofThumb(60), stableFor: '1h' }, undefined, endOf(60, 60)],
    ["the variant's own ttl", ofThumb(100), undefined, endOf(100, 25)],
    ["the call's ttl", { ttl: '1d' }, { ttl: 100 }, endOf(100, 25)],
    ["the call's ttl with the option's step", { ttl: '1d', stableFor: 10 }, { ttl: 101 }, endOf(101, 10)],
    ['an exact second', {}, { expiresAt: 1_790_000_001 }, 1_790_000_001],
    ['a Date, rounded down', {}, { expiresAt: new Date(1_790_000_001_999) }, 1_790_000_001],
    ['a second that has passed', {}, { expiresAt: 1 }, 1],
    ['the last second that a token can name', {}, { expiresAt: 99_999_999_999 }, 99_999_999_999],
    [
      'a clock between two seconds, rounded down',
      { ttl: 100, stableFor: 0, now: () => instant + 999 },
      undefined,
      nowSeconds + 100,
    ],
  ])('%s', (_title, options, call, exp) => {
    expect(expOf(signerWith(options).signImage(url(), undefined, call))).toBe(exp);
  });
});

describe('what is refused', () => {
  const signer = signerWith({ accountHash });

  test.each<[title: string, code: string, image: unknown, variant?: unknown, options?: unknown]>([
    ['another host', 'NOT_A_DELIVERY_URL', 'https://example.com/a.png'],
    ['a path', 'NOT_A_DELIVERY_URL', '/a.png'],
    ['nothing', 'NOT_A_DELIVERY_URL', ''],
    ['undefined', 'NOT_A_DELIVERY_URL', undefined],
    ['null', 'NOT_A_DELIVERY_URL', null],
    ['a number', 'NOT_A_DELIVERY_URL', 42],
    ['an object', 'NOT_A_DELIVERY_URL', { toString: () => url() }],
    ['a path that is not canonical', 'NOT_A_DELIVERY_URL', url('thumb', 'a%2Cb')],
    ['an id with an empty segment', 'NOT_A_DELIVERY_URL', 'a//b', 'thumb'],
    ['an id with a dot segment', 'NOT_A_DELIVERY_URL', 'a/../b', 'thumb'],
    ['an id with a control character', 'NOT_A_DELIVERY_URL', 'a\u0007', 'thumb'],
    ['an id with half a surrogate pair', 'NOT_A_DELIVERY_URL', 'a\ud800', 'thumb'],
    ['an inline image', 'NOT_A_DELIVERY_URL', 'data:image/gif;base64,R0lGODlhAQABAAAAACw=', 'thumb'],
    ['a URL that no server reads', 'NOT_A_DELIVERY_URL', url('thumb', 'a'.repeat(20_000))],
    ['another account', 'ACCOUNT_NOT_ALLOWED', url('thumb', id, otherAccount)],
    ['an id without a variant', 'VARIANT_REQUIRED', id],
    ['a variant of the URL that is not on the list', 'VARIANT_NOT_ALLOWED', url('original')],
    ['a variant that is not on the list', 'VARIANT_NOT_ALLOWED', url(), 'original'],
    ['a variant of the prototype', 'VARIANT_NOT_ALLOWED', url(), 'constructor'],
    ['a variant of the prototype in the URL', 'VARIANT_NOT_ALLOWED', url('__proto__')],
    ['a variant in other case', 'VARIANT_NOT_ALLOWED', url('Thumb')],
    ['a variant that is no text', 'VARIANT_NOT_ALLOWED', url(), 1],
    ['a variant that is a symbol', 'VARIANT_NOT_ALLOWED', url(), Symbol('thumb')],
    ['options in the place of a variant', 'VARIANT_NOT_ALLOWED', url(), { ttl: '5m' }],
    ['options that are none', 'INVALID_OPTION', url(), 'thumb', 60],
    ['an unknown option', 'INVALID_OPTION', url(), 'thumb', { expires: 60 }],
    ['a ttl of nothing', 'INVALID_OPTION', url(), 'thumb', { ttl: 0 }],
    ['a ttl in words', 'INVALID_OPTION', url(), 'thumb', { ttl: '1 day' }],
    ['an expiry in milliseconds', 'INVALID_OPTION', url(), 'thumb', { expiresAt: instant }],
    ['an expiry between two seconds', 'INVALID_OPTION', url(), 'thumb', { expiresAt: 1.5 }],
    ['an expiry before 1970', 'INVALID_OPTION', url(), 'thumb', { expiresAt: -1 }],
    ['an invalid Date', 'INVALID_OPTION', url(), 'thumb', { expiresAt: new Date(Number.NaN) }],
    ['ttl and expiry together', 'INVALID_OPTION', url(), 'thumb', { ttl: 60, expiresAt: 1 }],
  ])('%s', (_title, code, image, variant, options) => {
    const call = () => signer.signImage(image as string, variant as 'thumb', options as SignOptions);
    expect(codeOf(call)).toBe(code);
  });

  test('an id, where no account is known', () => {
    expect(codeOf(() => signerWith().signImage(id, 'thumb'))).toBe('ACCOUNT_REQUIRED');
  });

  test.each<[title: string, expected: string, image: unknown, variant?: unknown]>([
    ['options in the place of a variant', 'signImage(image, undefined, ', url(), { ttl: '5m' }],
    ['null', 'got null, which is not a string', null],
    ['a number', 'got 42, which is not a string', 42],
    ['another host', "got 'https://e.example/a?v=1', which is under", 'https://e.example/a?v=1&exp=1&sig=2'],
    ['a line of a log', "got 'https://example.com/a\\u{a}b', which is under", 'https://example.com/a\nb'],
    ['an id that is none', "got 'a//b', which a path cannot hold", 'a//b', 'thumb'],
    [
      'a URL without an end',
      `got 'https://example.com/${'x'.repeat(236)}…', which`,
      `https://example.com/${'x'.repeat(300)}/y`,
    ],
    [
      'another account',
      `got '${url('thumb', id, otherAccount)}'. Add the account`,
      `${url('thumb', id, otherAccount)}?exp=1&sig=${'a'.repeat(64)}`,
    ],
    ['a variant of the URL', "thumb, card, preview in the URL, got 'original'. Add", url('original')],
    ['a variant of the URL that may be a key', 'got text of 90 characters. Add', url('x'.repeat(90))],
    ['a long variant of known words', "got 'productCardLarge'. Add", url('productCardLarge')],
    ['a variant', "thumb, card, preview, got 'original'. Add", url(), 'original'],
    ['a variant of an id', 'or pass one of these.', id, 'original'],
    ['a variant of a URL', "or leave it out to keep the URL's own.", url(), 'original'],
    ['a variant with a line end', 'got text of 4 characters. Add', url(), 'a\nbc'],
    ['a variant that is no text', 'got 1. Add', url(), 1],
  ])('what came is told: %s', (_title, expected, image, variant) => {
    expect(() => signer.signImage(image as string, variant as 'thumb')).toThrow(expected);
    expect(() => signer.signImage(image as string, variant as 'thumb')).toThrow(/^signImage expected /);
  });

  test('milliseconds are told as such', () => {
    expect(() => signer.signImage(url(), undefined, { expiresAt: instant })).toThrow(/milliseconds/);
  });
});

describe('signSrcset', () => {
  const signer = signerWith({
    accountHash,
    variants: {
      large: { width: 1280 },
      thumb: { width: 320 },
      square: {},
      preview: { width: 40, alwaysPublic: true },
    },
  });

  test('the variants that have a width and are signed, by width', () => {
    expect(signer.signSrcset(url('square'))).toBe(
      `${signer.signImage(url('thumb'))} 320w, ${signer.signImage(url('large'))} 1280w`,
    );
    expect(signer.signSrcset(id)).toBe(signer.signSrcset(url('square')));
  });

  test('the candidates that are named, in their order', () => {
    expect(signer.signSrcset(url(), { large: '2x', square: '1x' })).toBe(
      `${signer.signImage(url('large'))} 2x, ${signer.signImage(url('square'))} 1x`,
    );
    expect(signer.signSrcset(url(), { preview: '1.5x' })).toBe(`${url('preview')} 1.5x`);
    expect(signer.signSrcset(url(), { thumb: '320w' }, { expiresAt: 5 })).toContain('exp=5&');
  });

  test('nothing of a URL ends its candidate', () => {
    const srcset = signer.signSrcset(`${url('thumb', 'my photo')}?a=b c#d, e,`, {
      preview: '1x',
      thumb: '2x',
    });
    expect(srcset.split(' ')).toHaveLength(4);
    expect(srcset).toMatch(
      /^https:[^ ]+\/my%20photo\/preview\?a=b%20c#d,%20e%2C 1x, https:[^ ]+#d,%20e%2C 2x$/,
    );
  });

  test.each<[title: string, candidates: unknown, code: string]>([
    ['widths and densities', { thumb: '320w', large: '2x' }, 'INVALID_OPTION'],
    ['a number', { thumb: 320 }, 'INVALID_OPTION'],
    ['no unit', { thumb: '320' }, 'INVALID_OPTION'],
    ['a height', { thumb: '320h' }, 'INVALID_OPTION'],
    ['nothing', { thumb: '' }, 'INVALID_OPTION'],
    ['a width of nothing', { thumb: '0w' }, 'INVALID_OPTION'],
    ['a density of nothing', { thumb: '0.0x' }, 'INVALID_OPTION'],
    ['a fraction of a width', { thumb: '1.5w' }, 'INVALID_OPTION'],
    ['a descriptor that carries on', { thumb: '1x, https://evil.example/ 2x' }, 'INVALID_OPTION'],
    ['no candidates', {}, 'INVALID_OPTION'],
    ['a list', ['thumb'], 'INVALID_OPTION'],
    ['text', 'thumb 320w', 'INVALID_OPTION'],
    ['a variant that is not on the list', { original: '1x' }, 'VARIANT_NOT_ALLOWED'],
  ])('%s is refused', (_title, candidates, code) => {
    expect(codeOf(() => signer.signSrcset(url(), candidates as never))).toBe(code);
  });

  test.each<[title: string, image: unknown, candidates?: unknown, options?: unknown]>([
    ['a foreign URL', 'https://example.com/a'],
    ['null', null],
    ['another account', url('thumb', id, otherAccount)],
    ['a variant that is not on the list', url(), { original: '1x' }],
    ['an id that is none', 'a//b'],
    ['an unknown option', url(), undefined, { expires: 1 }],
  ])('its errors name it: %s', (_title, image, candidates, options) => {
    const call = (): string => signer.signSrcset(image as string, candidates as never, options as never);
    expect(call).toThrow(/signSrcset/);
    expect(call).not.toThrow(/signImage/);
  });

  test('without a variant that has a width', () => {
    expect(codeOf(() => signerWith({ variants: ['thumb'] }).signSrcset(url()))).toBe('VARIANT_REQUIRED');
  });
});

describe('unsignImage', () => {
  const signer = signerWith();

  test('takes the token off a delivery URL of whatever variant, and leaves the rest as written', () => {
    expect(signer.unsignImage(signer.signImage(url()))).toBe(url());
    expect(signer.unsignImage(`${url('original')}?a=%7E&exp=1&sig=2#x`)).toBe(`${url('original')}?a=%7E#x`);
    expect(signer.unsignImage(`${url('thumb', 'café')}?exp=9&sig=0`)).toBe(url('thumb', 'café'));
  });

  test.each([
    'https://example.com/a?exp=1&sig=2',
    'not a URL',
    '',
    null,
    undefined,
    7,
    `${url('thumb', 'a%2Cb')}?exp=1`,
  ])('%j comes back as it is', (value) => {
    expect(signer.unsignImage(value as string)).toBe(value);
  });
});

test('a key shows nowhere', () => {
  const signer = createSigner({ key: [key, 'older-key-of-the-tests'], ttl: '1d', variants: ['thumb'] });
  const shown = inspect(signer, { depth: 20, showHidden: true }) + JSON.stringify(signer) + String(signer);
  for (const text of [key, 'older-key-of-the-tests']) {
    for (const encoding of ['utf8', 'hex', 'base64'] as const) {
      expect(shown).not.toContain(Buffer.from(text).toString(encoding));
    }
  }
});
