/** What goes out of header fields that name a lifetime. That no cache reads more of them, `properties/cache/cache.test.ts` holds. */
import { describe, expect, test } from 'vitest';
import { type FreshnessLimit, limitFreshness } from '../../src/http/freshness.ts';
import type { HeaderFields } from '../../src/http/header-fields.ts';
import vectors from '../vectors/cache-control.json' with { type: 'json' };

type Row = [given: string, expected: string];

const now = 1_790_000_000;
const date = (seconds: number): string => new Date((now + seconds) * 1000).toUTCString();

function fieldsOf(
  given: Readonly<Record<string, string>>,
): HeaderFields & { readonly all: Map<string, string> } {
  const all = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    all,
    get: (name) => all.get(name.toLowerCase()),
    list: (name) => [all.get(name.toLowerCase())].filter((value) => value !== undefined),
    names: () => [...all.keys()],
    set: (name, value) => void all.set(name.toLowerCase(), String(value)),
    remove: (name) => void all.delete(name.toLowerCase()),
  };
}

function cut(
  given: Readonly<Record<string, string>>,
  more: Partial<FreshnessLimit> = {},
): Record<string, string> {
  const fields = fieldsOf(given);
  limitFreshness(fields, { lifetime: 100, otherwise: 'no-cache', scope: undefined, now, ...more });
  return Object.fromEntries(fields.all);
}

describe('Cache-Control of a page', () => {
  test.each(vectors.pages as Row[])('%j becomes %j', (given, expected) => {
    expect(cut(given === '' ? {} : { 'Cache-Control': given })).toEqual({ 'cache-control': expected });
  });
});

describe('Cache-Control of what is personal', () => {
  test.each(vectors.personal as Row[])('%j becomes %j', (given, expected) => {
    expect(cut({ 'Cache-Control': given }, { scope: 'private' })['cache-control']).toBe(expected);
  });

  test('the fields for CDNs go', () => {
    const given = {
      'CDN-Cache-Control': 'max-age=9',
      'Cloudflare-CDN-Cache-Control': 'max-age=9',
      'Surrogate-Control': 'max-age=9',
      'X-Accel-Expires': '9',
    };
    expect(cut(given, { scope: 'private' })).toEqual({ 'cache-control': 'private, no-cache' });
  });
});

describe('the other fields', () => {
  const [control, surrogate] = ['cache-control', 'surrogate-control'];
  const [stale, ifError] = ['stale-while-revalidate', 'stale-if-error'];

  test.each([
    ['Expires', date(50), date(50)],
    ['Expires', date(5000), date(100)],
    ['Expires', date(-50), date(-50)],
    ['Expires', '0', '0'],
    ['Expires', 'soon', '0'],
    // What is no date of HTTP means expired for every reader.
    ['Expires', 'Friday, 15-Jan-27 09:00:00 GMT', date(100)],
    ['Expires', 'Fri Jan 15 09:00:00 2027', date(100)],
    ['Expires', 'Friday, 15-Jan-70 09:00:00 GMT', date(100)], // 2070, for all but those who say 1970
    ['Expires', 'Friday, 15-Jan-99 09:00:00 GMT', 'Friday, 15-Jan-99 09:00:00 GMT'], // 1999
    ['Expires', '3600', '0'],
    ['Expires', '2099', '0'],
    ['Expires', '2099-01-01T00:00:00Z', '0'],
    ['Expires', 'Thu, 01 Jan 2099 00:00:00', '0'],
    ['Expires', 'Thu, 01 Jan 2099 00:00:00 +0000', '0'],
    ['Expires', 'Xyz, 01 Jan 2099 00:00:00 GMT', '0'],
    ['CDN-Cache-Control', 'max-age="50"', 'max-age=50'],
    ['CDN-Cache-Control', 'no-cache="Set-Cookie"', 'no-cache'],
    ['CDN-Cache-Control', ',', undefined],
    ['CDN-Cache-Control', 'max-age=999', 'max-age=100'],
    ['CDN-Cache-Control', 'public', 'public, no-cache'],
    ['CDN-Cache-Control', 'no-store', 'no-store'],
    ['Cloudflare-CDN-Cache-Control', 'max-age=999, stale-while-revalidate=9', 'max-age=100'],
    ['Surrogate-Control', 'max-age=600+300', 'max-age=100'],
    ['Surrogate-Control', 'max-age=60+30', 'max-age=60+30'],
    ['Surrogate-Control', 'max-age=60+300', 'max-age=60'],
    ['Surrogate-Control', 'content="ESI/1.0", max-age=600', 'content="ESI/1.0", max-age=100'],
    ['Surrogate-Control', 'max-age=long', 'max-age=0'],
    ['Surrogate-Control', 'no-store', 'no-store'],
    ['Surrogate-Control', 'content="ESI/1.0, max-age=600', 'no-store'],
    ['Surrogate-Control', 'max-age=60, s-maxage=600', 'max-age=60, s-maxage=100'],
    ['Edge-Control', 'cache-maxage=1d, !no-store', 'cache-maxage=100s, !no-store'],
    ['Edge-Control', 'max-age=1m', 'max-age=1m'],
    ['Edge-Control', 'max-age=50, downstream-ttl=1w', 'max-age=50, downstream-ttl=0s'],
    ['X-Accel-Expires', '999', '100'],
    ['X-Accel-Expires', '50', '50'],
    ['X-Accel-Expires', '0', '0'],
    ['X-Accel-Expires', 'off', 'off'],
    ['X-Accel-Expires', `@${now + 50}`, `@${now + 50}`],
    ['X-Accel-Expires', `@${now + 5000}`, '100'],
    ['X-Accel-Expires', 'later', '0'],
  ])('%s: %j becomes %j', (name, given, expected) => {
    expect(cut({ [name]: given, 'Cache-Control': 'max-age=1' })[name.toLowerCase()]).toBe(expected);
  });

  test.each<[date: string, lines: readonly string[], expected: string]>([
    // Beside Date some caches take the difference.
    [date(0), [date(5000)], date(100)],
    [date(50), [date(5000)], date(100)],
    [date(-30), [date(5000)], date(70)],
    [date(-86_400), [date(5000)], date(100 - 86_400)],
    ['Friday, 15-Jan-70 09:00:00 GMT', [date(5000)], 'Thu, 15 Jan 1970 09:01:40 GMT'],
    ['yesterday', [date(5000)], '0'],
    // Of several lines the earliest holds.
    ['', [date(5000), date(9000)], date(100)],
    ['', [date(5000), date(50)], date(50)],
    ['', [date(5000), '0'], '0'],
  ])('beside Date: %j Expires of the lines %j becomes %j', (given, lines, expected) => {
    const fields = fieldsOf(given === '' ? { Expires: 'x' } : { Date: given, Expires: lines[0]! });
    const list = (name: string): string[] => (name === 'Expires' ? [...lines] : []);
    limitFreshness({ ...fields, list }, { lifetime: 100, otherwise: 'no-cache', scope: undefined, now });
    expect(fields.all.get('expires')).toBe(expected);
  });

  test.each<[given: Readonly<Record<string, string>>, name: string, expected: string]>([
    // What is stale counts on top of whatever names the lifetime.
    [{ Expires: date(80), [control]: 'stale-while-revalidate=86400' }, control, `${stale}=20`],
    [
      { [surrogate]: 'max-age=60+30', [control]: `max-age=5, ${ifError}=50` },
      control,
      'max-age=5, stale-if-error=10',
    ],
    [
      { [surrogate]: 'stale-while-revalidate=50', [control]: 'max-age=80' },
      surrogate,
      'stale-while-revalidate=20',
    ],
    [
      { [surrogate]: 'stale-while-revalidate=0', [control]: 'max-age=80' },
      surrogate,
      'stale-while-revalidate=0',
    ],
    [{ Expires: date(5000), [control]: 'public, stale-while-revalidate=86400' }, control, 'public'],
    [{ 'X-Accel-Expires': '90', [control]: `max-age=0, ${stale}=86400` }, control, `max-age=0, ${stale}=10`],
    [
      { [surrogate]: `max-age=60, ${stale}=60, ${ifError}=86400` },
      surrogate,
      `max-age=60, ${stale}=40, ${ifError}=40`,
    ],
    // No default lifetime of Varnish applies, which stores in spite of no-cache.
    [{ [surrogate]: 'content="ESI/1.0"' }, control, 'no-cache, max-age=0'],
    [{ [surrogate]: 'max-age=60', [control]: 'public' }, control, 'public, no-cache, max-age=0'],
    [{ [surrogate]: 'max-age=60', [control]: 'max-age=80' }, control, 'max-age=80'],
    [{ [surrogate]: 'max-age=60', Expires: date(80) }, control, ''],
    // Pragma counts where there was no Cache-Control, and stays so where there is one now.
    [{ Pragma: 'no-cache', [control]: 'max-age=50' }, control, 'max-age=50'],
  ])('beside each other: %o: %s becomes %j', (given, name, expected) => {
    expect(cut(given)[name] ?? '').toBe(expected);
  });

  test('Pragma counts where what is personal is kept', () => {
    const fields = cut({ Pragma: 'no-cache', Expires: date(50) }, { scope: 'private' });
    expect(fields).toMatchObject({ [control]: 'private, no-cache' });
  });

  test('every field of a CDN that is named so is cut, and goes with what is personal', () => {
    const given = {
      'Vercel-CDN-Cache-Control': 'max-age=999',
      'Netlify-CDN-Cache-Control': 'public',
      'Edge-Control': 'cache-maxage=1d',
      'Cache-Control': 'max-age=5',
    };
    expect(cut(given)).toMatchObject({
      'vercel-cdn-cache-control': 'max-age=100',
      'netlify-cdn-cache-control': 'public, no-cache',
    });
    expect(cut(given, { scope: 'private' })).toEqual({ 'cache-control': 'private, max-age=5' });
  });

  test('Expires is a lifetime: nothing is added, and no empty field is left', () => {
    expect(cut({ Expires: date(50) })).toEqual({ expires: date(50) });
    expect(cut({ Expires: date(50), 'Cache-Control': 'immutable' })).toEqual({ expires: date(50) });
  });
});

test("Pragma is heeded where nothing is left of the app's Cache-Control, at once and not only when the headers are limited again", () => {
  const given = { 'cache-control': 'immutable, stale-if-error=99', expires: date(100), pragma: 'no-cache' };
  const once = cut(given);
  expect(once['cache-control']).toBe('no-cache');
  expect(cut(once)).toEqual(once);
});
