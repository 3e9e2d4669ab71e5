import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accountHash, clockAt, id, key, otherAccount, signerWith, url } from '../support/samples.ts';
import { runs } from '../support/seed.ts';

const signer = signerWith({ accountHash });
const signed = signer.signImage(url());

/** A token that is right for whatever path and query it is put on. */
function forge(path: string, query: string, secret: string = key): string {
  return `https://imagedelivery.net${path}?${query}&sig=${createHmac('sha256', secret).update(`${path}?${query}`).digest('hex')}`;
}

const imageOf = (variant: string) => ({
  image: {
    url: url(variant),
    base: 'https://imagedelivery.net',
    scheme: 'cloudflare-images',
    accountHash,
    id,
    variant,
  },
  path: `/${accountHash}/${id}/${variant}`,
});

test('what signImage gives out is verified', () => {
  const expiresAt = Number(/exp=(\d+)/.exec(signed)![1]);
  expect(signer.verifyImage(signed)).toEqual({ ok: true, ...imageOf('thumb'), expiresAt, keyIndex: 0 });
});

test.each(['', '?exp=1&sig=2'])('an always public variant needs no token, and "%s" does no harm', (token) => {
  expect(signer.verifyImage(url('preview') + token)).toEqual({
    ok: true,
    ...imageOf('preview'),
    alwaysPublic: true,
  });
});

const exp = 1_790_000_000;
const trap = new Proxy(new Date(0), {
  getPrototypeOf() {
    throw new Error('a trap');
  },
});

test.each<[now: unknown, isValid: boolean]>([
  [(exp - 1) * 1000, true],
  [exp * 1000 - 1, true],
  [new Date(exp * 1000 - 1), true],
  [undefined, true],
  [exp * 1000, false],
  [(exp + 1) * 1000, false],
  [new Date(exp * 1000), false],
  ...[new Date('no date'), '2020-01-01', null, true, 0n, {}, Symbol('now'), [0], trap].map(
    (now): [unknown, boolean] => [now, false],
  ),
  [Number.NaN, false],
  [Number.POSITIVE_INFINITY, false],
  [Number.NEGATIVE_INFINITY, false],
])('a token is valid while now < exp, and what is no time lets nothing through: %#', (now, isValid) => {
  const token = now === undefined ? signed : signer.signImage(url(), undefined, { expiresAt: exp });
  const expected = isValid ? { ok: true } : { ok: false, reason: 'expired' };
  expect(signer.verifyImage(token, now as never)).toMatchObject(expected);
});

test("the signer's clock is asked where no time is given", () => {
  const clock = clockAt();
  const ticking = signerWith({ now: clock });
  const token = ticking.signImage(url());
  clock.advance(86_399);
  expect(ticking.verifyImage(token)).toMatchObject({ ok: true });
  clock.advance(86_400);
  expect(ticking.verifyImage(token)).toEqual({ ok: false, reason: 'expired' });
});

test('any key of the list verifies, and is named', () => {
  const rotated = signerWith({ key: ['a newer one', key], accountHash });
  expect(rotated.verifyImage(signed)).toMatchObject({ ok: true, keyIndex: 1 });
  expect(rotated.verifyImage(rotated.signImage(url()))).toMatchObject({ ok: true, keyIndex: 0 });
  expect(signerWith({ key: 'a newer one' }).verifyImage(signed)).toEqual({
    ok: false,
    reason: 'bad-signature',
  });
});

describe('the first reason that holds', () => {
  const past = 'exp=1';
  test.each<[title: string, url: unknown, reason: string]>([
    ['no text', undefined, 'not-a-delivery-url'],
    ['an object', { href: signed }, 'not-a-delivery-url'],
    ['another host', signed.replace('imagedelivery.net', 'example.com'), 'not-a-delivery-url'],
    ['a path that is not canonical', url('original', '%61', otherAccount), 'not-a-delivery-url'],
    ['a path that URL would have to write', url('original', 'é', otherAccount), 'not-a-delivery-url'],
    ['half of a surrogate pair', url('thumb', '\ud800'), 'not-a-delivery-url'],
    ['a megabyte', `${url()}?${'a'.repeat(1 << 20)}`, 'not-a-delivery-url'],
    ['another account and variant', `${url('original', 'a', otherAccount)}?${past}`, 'account-not-allowed'],
    ['a variant that is not on the list', `${url('original')}?${past}`, 'variant-not-allowed'],
    ['a variant of the prototype', url('constructor'), 'variant-not-allowed'],
    ['no token', url(), 'missing-signature'],
    ['an expiry alone', `${url()}?${past}`, 'missing-signature'],
    ['a signature that is none', `${url()}?${past}&sig=abc`, 'malformed-signature'],
    ['a signature without an expiry', `${url()}?sig=${'a'.repeat(64)}`, 'malformed-signature'],
    ['a forged one that has expired', `${url()}?${past}&sig=${'a'.repeat(64)}`, 'bad-signature'],
    ['one that has expired', forge(`/${accountHash}/${id}/thumb`, past), 'expired'],
  ])('%s', (_title, given, reason) => {
    expect(signer.verifyImage(given as string)).toEqual({ ok: false, reason });
  });
});

test.each([
  ...['0x7fffffff', '1e12', ' 4000000000', '+4000000000', '4000000000.5', 'NaN', 'Infinity'],
  ...['04000000000', '400000000000', ''],
])('the expiry %j is malformed, though its signature is right', (exp) => {
  expect(signer.verifyImage(forge(`/${accountHash}/${id}/thumb`, `exp=${exp}`))).toEqual({
    ok: false,
    reason: 'malformed-signature',
  });
});

test('a signature over a query that another signer has ordered otherwise is good: the whole query is signed', () => {
  expect(signer.verifyImage(forge(`/${accountHash}/${id}/thumb`, 'exp=4000000000&v=1'))).toMatchObject({
    ok: true,
  });
});

test('every neighbour of a token is refused', () => {
  const alphabet = '0123456789abcdefABCDEFghz-_.~%&=?#/ ';
  const others = [`${signed}0`, `${signed}&v=1`, signed.replace('?', '?v=1&')];
  for (let at = signed.indexOf('/', 10) + 1; at < signed.length; at++) {
    const [before, behind] = [signed.slice(0, at), signed.slice(at + 1)];
    for (const character of ['', ...alphabet]) others.push(before + character + behind);
  }
  for (const changed of others)
    if (changed !== signed) expect(signer.verifyImage(changed), changed).toMatchObject({ ok: false });
});

test('property: whatever signImage gives out, verifyImage accepts, and not after a change of path or query', () => {
  const open = signerWith({
    variants: ['thumb', 'größe'],
    delivery: ['/images', 'https://imagedelivery.net'],
    accountHash,
  });
  const segment = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      fc.array(segment, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('thumb' as const, 'größe' as const),
      fc.option(fc.webQueryParameters(), { nil: undefined }),
      fc.nat(),
      (segments, variant, query, place) => {
        let token: string;
        try {
          token = open.signImage(segments.join('/'), variant);
          if (query !== undefined) token = open.signImage(`${open.unsignImage(token)}?${query}`);
        } catch (error) {
          expect(error).toMatchObject({ code: 'NOT_A_DELIVERY_URL' });
          return;
        }
        expect(open.verifyImage(token)).toMatchObject({
          ok: true,
          image: { id: segments.join('/'), variant },
        });
        const from = '/images/'.length;
        const at = from + (place % (token.length - from));
        const other = token[at] === 'x' ? 'y' : 'x';
        expect(open.verifyImage(token.slice(0, at) + other + token.slice(at + 1))).toMatchObject({
          ok: false,
        });
      },
    ),
    { numRuns: runs(5) },
  );
});

test('property: it never throws, whatever it is given', () => {
  const pieces = [
    ...['https://', '//', 'imagedelivery.net', '/', accountHash, id, 'thumb', '?', 'exp=1', '&'],
    ...[`sig=${'0'.repeat(64)}`, '%', '%2f', '\\', '\ud800', '#', '.', '\u0000'],
  ];
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((list) => list.join('')),
        fc.anything(),
      ),
      fc.oneof(fc.double(), fc.anything()),
      (given, now) => {
        expect(signer.verifyImage(given as string, now as number).ok).toBeTypeOf('boolean');
      },
    ),
    { numRuns: runs(20) },
  );
});

test('property: keys rotate without a gap: nothing is refused before its key is taken out, and nothing accepted after', () => {
  const step = fc.constantFrom('add', 'promote', 'remove', 'sign');
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let keys = ['key-0'];
      let made = 1;
      const issued: { readonly token: string; readonly by: string }[] = [];
      for (const each of steps) {
        if (each === 'add') keys = [...keys, `key-${made++}`];
        else if (each === 'promote') keys = [keys.at(-1)!, ...keys.slice(0, -1)];
        else if (each === 'remove' && keys.length > 1) keys = keys.slice(0, -1);
        const current = signerWith({ key: keys });
        if (each === 'sign') issued.push({ token: current.signImage(url()), by: keys[0]! });
        for (const { token, by } of issued) {
          const index = keys.indexOf(by);
          const expected = index < 0 ? { ok: false, reason: 'bad-signature' } : { ok: true, keyIndex: index };
          expect(current.verifyImage(token)).toMatchObject(expected);
        }
      }
    }),
    { numRuns: 200 },
  );
});
