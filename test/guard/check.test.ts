/** What the guard decides of a request's target, as plain values: no server, no response. */
import { describe, expect, test } from 'vitest';
import { checkImages, type GuardResult, resolveTarget } from '../../src/guard/check.ts';
import { parseSigner } from '../../src/options/parse.ts';
import { accountHash, base, id, instant, type Options, signerWith } from '../support/samples.ts';

const path = `/${accountHash}/${id}/thumb`;

function check(target: string, options: Options = {}, now: number = instant): GuardResult {
  const configuration = parseSigner('imageGuard', { ...base, ...options });
  return checkImages(resolveTarget(target, configuration), configuration, now);
}

/** A target of the default base, signed for a day from `instant`. */
function signed(options: Options = {}, target = path): string {
  const url = signerWith(options).signImage(`https://imagedelivery.net${target}`);
  return url.replace('https://imagedelivery.net', '');
}

const preview = path.replace('thumb', 'preview');

test('an always public variant passes without a token, and without a clock', () => {
  expect(check(preview, {}, Number.NaN)).toMatchObject({ pass: { alwaysPublic: true } });
});

// A handler may cut off what begins with a #.
test.each([
  '',
  `${path}#`,
  `${signed()}#`,
  `${signed()}#top`,
  `${preview}#top`,
  `${preview}?v=1#`,
  `#${signed()}`,
])('%j is no image', (target) => {
  expect(check(target)).toEqual({ refuse: 404, reason: 'not-a-delivery-url' });
});

describe('the clock', () => {
  const aDay = 86_400_000;

  test.each([Number.NaN, 0, instant - 1000 * aDay, Number.POSITIVE_INFINITY])(
    'a time of %d lets no token through, and says that the clock is wrong',
    (now) => {
      expect(check(signed(), {}, now)).toEqual({ refuse: 403, reason: 'untrusted-clock' });
    },
  );

  test('a wrong clock does not hide another reason', () => {
    expect(check(path, {}, Number.NaN)).toEqual({ refuse: 403, reason: 'missing-signature' });
    expect(check('/', {}, Number.NaN)).toEqual({ refuse: 404, reason: 'not-a-delivery-url' });
  });
});

describe('several bases with one path', () => {
  const delivery = [
    { base: 'https://a.example', accountHash: 'hash-a' },
    { base: 'https://b.example', accountHash: 'hash-b' },
    'https://imagedelivery.net',
    'https://c.example',
  ];

  test.each(['https://a.example/photo/thumb', 'https://b.example/photo/thumb', `https://c.example${path}`])(
    'the target of %s passes, whichever host it came to',
    (url) => {
      const target = signerWith({ delivery })
        .signImage(url)
        .replace(/^https:\/\/[^/]+/, '');
      expect(check(target, { delivery })).toHaveProperty('pass');
    },
  );

  test('of those that fit, the reason is that of the one which comes furthest', () => {
    const options: Options = { delivery: ['https://imagedelivery.net', '/images'] };
    expect(check(`/images/${accountHash}/thumb`, options)).toMatchObject({ reason: 'missing-signature' });
    // As `/<account>/<id>` under the second, it has no account that is allowed.
    const accounts: Options = {
      accountHash: ['images'],
      delivery: [{ base: '/', accountHash: 'images' }, '/x'],
    };
    expect(check('/x/other/photo/thumb', accounts)).toMatchObject({ reason: 'missing-signature' });
  });

  test('each path is asked once for each account', () => {
    const [scheme] = parseSigner('imageGuard', { ...base, delivery }).schemes;
    expect(scheme!.resolveTarget('/x/hash/photo/thumb')).toHaveLength(3);
  });
});
