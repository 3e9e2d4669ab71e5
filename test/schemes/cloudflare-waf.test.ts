/** `cloudflareWaf` against the rule that Cloudflare documents, written a second time. No published token recomputes. */
import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createSigner } from '../../src/index.ts';
import { type CloudflareWafOptions, cloudflareWaf } from '../../src/schemes.ts';
import { callsOf, termsFrom } from '../support/definition-calls.ts';
import { randomFrom } from '../support/random.ts';
import { pick, randomKey, randomParameters, randomText } from '../support/random-objects.ts';
import { atLength, seed } from '../support/seed.ts';

const url = 'https://photos.example/private';
const key = 'mysecrettoken-of-the-rule';
const issuedAt = 1_484_063_787;
const scheme = callsOf(cloudflareWaf({ url, key }));

interface Rule {
  readonly key: string;
  readonly lifetime: number;
  readonly separator: number;
  readonly isUrlSafe: boolean;
}

/**
 * `is_timed_hmac_valid_v0`, as its reference page describes it: `(.+)(.*)(\d{10})-(.{43,})`, with a separator of a fixed
 * length before the ten digits.
 */
function passes(uri: string, now: number, rule: Rule): boolean {
  const [, before, issued, mac] = rule.isUrlSafe
    ? (/^(.+)(\d{10})-([\w-]{43})$/.exec(uri) ?? [])
    : (/^(.+)(\d{10})-([\w%]{43,})$/.exec(uri) ?? []);
  if (before === undefined) return false;
  const message = before.slice(0, before.length - rule.separator);
  const base64 = rule.isUrlSafe ? mac!.replaceAll('-', '+').replaceAll('_', '/') : decodeURIComponent(mac!);
  const right = createHmac('sha256', rule.key)
    .update(message + issued)
    .digest();
  return right.equals(Buffer.from(atob(base64), 'latin1')) && now < Number(issued) + rule.lifetime;
}

/** The URL as Cloudflare normalizes it (RFC 3986) before rules see it. */
function normalized(uri: string): string {
  return uri
    .replaceAll(/%[\da-f]{2}/gi, (escaped) => {
      const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
      return /[\w.~-]/.test(character) ? character : escaped.toUpperCase();
    })
    .replaceAll(/[^\w.~%:/?#[\]@!$&'()*+,;=-]/g, (character) => encodeURIComponent(character));
}

test('tokens pass the rule, whether Cloudflare normalizes URLs or not, until its lifetime is over', () => {
  const random = randomFrom(seed);
  for (let i = 0; i < atLength(4_000); i++) {
    const isUrlSafe = random() < 0.5;
    const parameter = pick(random, ['verify', 't', 'access-token']);
    const rule = {
      key: randomText(random, 1 + Math.floor(random() * 80)),
      lifetime: 1 + Math.floor(random() * 100_000),
      separator: parameter.length + 2,
      isUrlSafe,
    };
    const { sign } = callsOf(cloudflareWaf({ url, key: rule.key, token: parameter, urlSafe: isUrlSafe }));
    const image = new URL(`${url}/${randomKey(random)}`.replaceAll(/[?#%]/g, '_'));
    for (const [name, value] of randomParameters(random)) image.searchParams.append(name, value);
    if (random() < 0.2) image.search += `${image.search === '' ? '?' : '&'}q=%e9%7e|{}`;
    const issued = 1_000_000_000 + Math.floor(random() * 1_000_000_000);
    const step = Math.floor(random() * rule.lifetime);
    const terms = { exp: issued + rule.lifetime, ttl: rule.lifetime - step, step };
    const signed = sign(image.href, terms);
    const uri = signed.slice('https://photos.example'.length);
    expect(normalized(uri), `seed ${seed}`).toBe(uri);
    expect(passes(uri, terms.exp - 1, rule), `seed ${seed}, ${signed}`).toBe(true);
    expect(passes(uri, terms.exp, rule)).toBe(false);
    expect(passes(uri.replace('/private/', '/privatf/'), issued, rule)).toBe(false);
  }
}, 60_000);

describe('the token', () => {
  test('is the last parameter, with the time of issue', () => {
    const terms = { exp: issuedAt + 4_500, ttl: 3_600, step: 900 };
    expect(scheme.sign(`${url}/cat.jpg`, terms)).toMatch(
      /^https:\/\/photos\.example\/private\/cat\.jpg\?verify=1484063787-(?:[A-Za-z\d]|%2B|%2F){43}%3D$/,
    );
    expect(scheme.sign(`${url}/cat.jpg?v=3`, terms)).toMatch(/\/cat\.jpg\?v=3&verify=1484063787-[\w%]+%3D$/);
    const urlSafe = callsOf(cloudflareWaf({ url, key, urlSafe: true, token: 't' }));
    expect(urlSafe.sign(`${url}/cat.jpg`, terms)).toMatch(/\?t=1484063787-[\w-]{43}$/);
  });

  test('is made for a path alone as well', () => {
    const relative = callsOf(cloudflareWaf({ url: '/private', key }));
    const terms = termsFrom(issuedAt, 60);
    expect(`https://photos.example${relative.sign('/private/a.jpg', terms)}`).toBe(
      scheme.sign(`${url}/a.jpg`, terms),
    );
  });

  test('has ten digits at any time', () => {
    expect(scheme.sign(`${url}/a.jpg`, termsFrom(60, 0))).toContain('?verify=0000000060-');
    expect(scheme.sign(`${url}/a.jpg`, { exp: 0, ttl: 60, step: 0 })).toContain('?verify=0000000000-');
  });

  test('is taken off in any spelling of its name', () => {
    const signed = scheme.sign(`${url}/a.jpg?v=3`, termsFrom(issuedAt, 60));
    expect(scheme.strip(signed)).toBe(`${url}/a.jpg?v=3`);
    expect(scheme.strip(`${url}/a.jpg?%76erify=1&V=%7e&verify`)).toBe(`${url}/a.jpg?V=%7e`);
  });

  test('cannot be verified, since it does not say how long it is valid', () => {
    expect(scheme.verdict(scheme.sign(`${url}/a.jpg`, termsFrom(issuedAt, 60)), issuedAt)).toBeUndefined();
  });
});

test('prefixes limit what is signed', () => {
  const limited = callsOf(cloudflareWaf({ url, key, prefixes: 'uploads/' }));
  expect([limited.definition.isLimited, scheme.definition.isLimited]).toEqual([true, false]);
  expect(limited.id(`${url}/uploads/%C3%A9.jpg`)).toBe('uploads/é.jpg');
  expect(limited.id(`${url}/a.jpg`)).toBeUndefined();
});

test.each<[string, object, string, string]>([
  ['no key', { key: undefined }, 'key', 'is the variable set?'],
  ['a key in quotes', { key: `"${key}"` }, 'key', 'without quotes'],
  ['a separator for the parameter', { token: '?verify=' }, 'token', 'letters, digits, _ and -'],
  ['the key for the token', { token: `${key}${key}` }, 'token', 'got text of 50 characters'],
  ['the flag as text', { urlSafe: 's' }, 'urlSafe', 'true or false'],
  ['a path that Cloudflare rewrites', { url: '/a|b' }, 'url', 'without |'],
])('%s is told', (_name, options, option, message) => {
  const make = (): unknown => cloudflareWaf({ url, key, ...options } as CloudflareWafOptions);
  expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', option }));
  expect(make).toThrow(message);
  expect(make).not.toThrow(key);
});

test('the fingerprint differs where tokens do, and shows no key', () => {
  const schemes = [
    cloudflareWaf({ url, key }),
    cloudflareWaf({ url: `${url}/a`, key }),
    cloudflareWaf({ url, key: 'another' }),
    cloudflareWaf({ url, key, token: 't' }),
    cloudflareWaf({ url, key, urlSafe: true }),
    cloudflareWaf({ url, key, prefixes: 'a/' }),
  ];
  expect(new Set(schemes.map((each) => callsOf(each).fingerprint)).size).toBe(schemes.length);
  const shown = schemes
    .map((each) => inspect(each, { depth: 20, showHidden: true }) + callsOf(each).fingerprint)
    .join();
  expect(shown).not.toContain(key);
});

test('a call may ask for a shorter life, and not for a longer one than the rule has', () => {
  const signer = createSigner({
    scheme: cloudflareWaf({ url, key, prefixes: 'uploads/' }),
    ttl: '3h',
    stableFor: '1h',
    now: () => issuedAt * 1000,
  });
  const issueTimeOf = (ttl: number): number => {
    const signed = signer.signImage('uploads/cat.jpg', undefined, { ttl });
    return Number(/verify=(\d{10})-/.exec(signed)![1]);
  };
  const validUntil = issueTimeOf(600) + 14_400;
  expect(validUntil).toBeGreaterThanOrEqual(issuedAt + 600);
  expect(validUntil).toBeLessThanOrEqual(issuedAt + 1_200);
  expect(() => issueTimeOf(18_000)).toThrow(/at most 14400 seconds/);
});
