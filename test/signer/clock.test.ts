/** A clock that goes wrong while the site runs: no expired token comes back to life, and nothing is signed by it. */
import { describe, expect, test, vi } from 'vitest';
import { createSigner } from '../../src/index.ts';
import { base, instant, signerWith, url } from '../support/samples.ts';
import { errorOf } from '../support/schemes/calls.ts';

const aDay = 86_400_000;
const inProcess = Math.floor(performance.timeOrigin);

/** A signer whose clock a test sets. */
function withClock(start: number): { signer: ReturnType<typeof signerWith>; set(time: unknown): void } {
  let time: unknown = start;
  const signer = signerWith({ now: () => time as number });
  const set = (value: unknown): void => {
    time = value;
  };
  return { signer, set };
}

const wrong: readonly (readonly [what: string, time: unknown])[] = [
  ['0', 0],
  ['the seconds of now', Math.floor(Date.now() / 1000)],
  ['a time before 1970', -aDay],
  ['no number', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['infinity before all time', Number.NEGATIVE_INFINITY],
  ['two days before the process', inProcess - 2 * aDay],
  ['a date', new Date()],
  ['text', String(Date.now())],
  ['nothing', undefined],
  ['a bigint', BigInt(Date.now())],
];

describe.each(wrong)('a clock that says %s', (_what, time) => {
  test('signs nothing, and says why', () => {
    const { signer, set } = withClock(Date.now());
    const page = `<img src="${url()}">`;
    const signed = signer.signImage(url());
    set(time);
    for (const call of [
      () => signer.signImage(url()),
      () => signer.signImage(url('card'), undefined, { ttl: 60 }),
      () => signer.signImage(url(), undefined, { expiresAt: 4_000_000_000 }),
      () => signer.signSrcset(url()),
      () => signer.rewriteHtml(page),
      () => signer.htmlRewriter(),
    ]) {
      const message = expect.stringMatching(
        /^`now`: expected the current time in milliseconds, as Date\.now\(\) returns it, got .+\. Correct the clock\. A test must turn it back before it creates the signer\.$/,
      );
      expect(errorOf(call)).toMatchObject({ code: 'INVALID_OPTION', option: 'now', message });
    }
    set(Date.now());
    expect(signer.signImage(url())).toBe(signed);
  });

  test('lets no token through, fresh or expired, whichever way it is asked', () => {
    const { signer, set } = withClock(Date.now());
    const fresh = signer.signImage(url());
    const expired = signer.signImage(url(), undefined, { expiresAt: Math.floor(Date.now() / 1000) - 60 });
    set(time);
    for (const token of [fresh, expired]) {
      expect(signer.verifyImage(token)).toEqual({ ok: false, reason: 'expired' });
      if (time === undefined || time instanceof Date) continue; // the signer's own clock is asked; a time
      const { verifyImage } = signerWith({ now: Date.now });
      expect(verifyImage(token, time as number)).toEqual({ ok: false, reason: 'expired' });
    }
    expect(signer.verifyImage(fresh.replace('sig=', 'sig=0').slice(0, -1))).toEqual({
      ok: false,
      reason: 'bad-signature',
    });
    expect(signer.verifyImage(url('preview'))).toMatchObject({ ok: true, alwaysPublic: true });
  });
});

test('a clock that throws signs nothing, lets nothing through, and does not say what it threw', () => {
  let fails = false;
  const signer = signerWith({
    now() {
      if (fails) throw new Error('the secret of the clock');
      return Date.now();
    },
  });
  const token = signer.signImage(url());
  fails = true;
  expect(() => signer.signImage(url())).toThrow(/^`now`: .* got one that throws\. Correct/);
  expect(signer.verifyImage(token)).toEqual({ ok: false, reason: 'expired' });
});

test('what a clock says that has gone back is told', () => {
  const { signer, set } = withClock(Date.now());
  set(0);
  expect(() => signer.signImage(url())).toThrow(
    'got 0, which is more than a day before this process began. Correct',
  );
  set(Number.NaN);
  expect(() => signer.signImage(url())).toThrow('got NaN. Correct');
});

describe('is believed', () => {
  test.each<[what: string, start: number, later: number]>([
    ['that goes back by less than a day', Date.now(), inProcess - aDay + 60_000],
    ['that goes on', Date.now(), Date.now() + 1_000 * aDay],
    ['that stood in the past when the signer was made', instant, instant],
    ['that stood there, and goes back by less than a day', instant, instant - aDay + 1],
    ['that stood at 0 when the signer was made, as in a Worker', 0, 0],
    ['that stood at 0, and tells the time later', 0, Date.now()],
    ['that began in the future, and is put right', Date.now() + 1_000 * aDay, Date.now()],
  ])('a clock %s', (_what, start, later) => {
    const { signer, set } = withClock(start);
    set(later);
    const token = signer.signImage(url());
    expect(signer.verifyImage(token)).toMatchObject({ ok: true });
  });

  test('no clock that stood in the past, and goes back by more than a day', () => {
    const { signer, set } = withClock(instant);
    set(instant - aDay - 1);
    expect(() => signer.signImage(url())).toThrow('`now`');
  });
});

test('set back by hours, the clock decides: what was signed before is signed anew, for as long as by a new signer', () => {
  const { signer, set } = withClock(instant);
  const early = instant - aDay / 2;
  const before = signer.signImage(url());
  set(early);
  const after = signer.signImage(url());
  expect(after).toBe(signerWith({ now: () => early }).signImage(url()));
  expect(after).not.toBe(before);
});

test('the clock is read once when a signer is made', () => {
  const now = vi.fn(() => instant);
  createSigner({ ...base, now });
  expect(now).toHaveBeenCalledTimes(1);
});
