/** imgproxy: against its own library, which source a URL names, and what of it is token. */
import { generateImageUrl } from '@imgproxy/imgproxy-node';
import { describe, expect, test } from 'vitest';
import { definitionOf } from '../../src/schemes/definition.ts';
import { imgproxy } from '../../src/schemes.ts';
import { Secret } from '../../src/signing/digests.ts';
import { randomFrom } from '../support/random.ts';
import { everything, pick, randomPath, randomText } from '../support/random-urls.ts';
import { callsOf, expectToken } from '../support/scheme-calls.ts';
import { atLength, seed } from '../support/seed.ts';

const [key, salt] = ['736563726574', '68656C6C6F'];
const base = 'https://img.example';
const calls = callsOf(imgproxy({ url: base, key, salt }));
const source = 'https://photos.example/uploads/a.jpg';
const encoded = Buffer.from(source).toString('base64url');
const url = `${base}/insecure/rs:fill:300:400/g:sm/${encoded}`;

test('the signature in the documentation of imgproxy is right', () => {
  const path = '/rs:fill:300:400:0/g:sm/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png';
  const mac = new Secret(Buffer.from(key, 'hex')).macBytes('sha256', Buffer.from(`hello${path}`));
  expect(mac.toString('base64url')).toBe('oKfUtW34Dvo2BGQehJFR4Nr0_rIjOtdtzJ3QFsUcXH8');
  expect(calls.match(`${base}/insecure${path}`)).toEqual({
    id: 'http://example.com/images/curiosity.jpg',
    options: 'rs:fill:300:400:0/g:sm',
  });
});

test('random URLs are signed as @imgproxy/imgproxy-node signs them', () => {
  const random = randomFrom(seed);
  const randomHex = () => randomText(random, '0123456789abcdef', 32).replaceAll(/./g, '$&$&');
  for (let left = atLength(4_000); left > 0; left--) {
    const secret = { key: randomHex(), salt: randomHex() };
    const scheme = callsOf(imgproxy({ url: base, ...secret }));
    // imgproxy takes a source with `:/` for one whose `://` a proxy has shortened.
    const path = randomPath(random, everything.replace('@', '')).replaceAll(':/', '_/');
    const value = `https://photos.example/${path}`;
    const displayAs = pick(random, ['base64', 'plain'] as const);
    const exp = Math.floor(random() * 2 ** 32) + 1;
    const generate = (expiry: object, by: object): string =>
      // The library sorts options by name: these come after `exp`.
      generateImageUrl({
        endpoint: base,
        url: { value, displayAs },
        options: { ...expiry, quality: 80, width: 1 + Math.floor(exp / 2 ** 22) },
        ...by,
      });
    const [given, wanted] = [generate({}, {}), generate({ expires: exp }, secret)];
    const id = displayAs === 'plain' ? decodeURIComponent(value) : value;
    expectToken(scheme, given, wanted, { id, exp, changed: wanted.replace('/q:80', '/q:81') });
  }
});

describe('the source', () => {
  const idOf = (path: string): string | undefined => calls.match(`${base}/insecure/${path}`)?.id;
  const base64 = (text: string): string => Buffer.from(text).toString('base64url');

  test.each<[path: string, id: string]>([
    ['plain/https%3A%2F%2Fphotos.example%2Fa%20b.jpg', 'https://photos.example/a b.jpg'],
    ['plain/https://photos.example/caf%C3%A9.jpg@png', 'https://photos.example/café.jpg'],
    ['w:5/plain/photos/a%40b.jpg', 'photos/a@b.jpg'],
    ['w:5/plain/local:///a.jpg', 'local:///a.jpg'],
    [`w:5/${encoded}.png`, source],
    [`${encoded.slice(0, 9)}/${encoded.slice(9)}`, source],
    [Buffer.from('https://a.example/é').toString('base64url'), 'https://a.example/é'],
    [`${base64('https://a.example')}=`, 'https://a.example'],
  ])('of %s is decoded', (path, id) => {
    expect(idOf(path)).toBe(id);
  });

  test.each([
    '',
    'w:5',
    'plain',
    'w:5/plain/',
    `enc/${encoded}`,
    `-/w:5/${encoded}`,
    'plain/a@png@webp',
    `${encoded}.png.webp`,
    `${encoded}+`,
    'aHR0c',
    base64('a\nb'),
    Buffer.from([0x61, 0xff, 0xfe]).toString('base64url'),
    'plain/https:/photos.example/uploads/a.jpg',
    'plain/https://photos.example/uploads/../private/a.jpg',
    'plain/https%3A%2F%2Fphotos.example%2Fuploads%2F..%2Fprivate',
    'plain/https://photos.example/uploads/%252e%252E/private/a.jpg',
    'plain/https://photos.example/uploads/..%255cprivate',
    'plain/https://photos.example/uploads%5c..%5cprivate',
    base64('https://photos.example/uploads/../private/a.jpg'),
    base64('https://photos.example/uploads/%2e./private/a.jpg'),
    base64('https://photos.example/uploads/..%2fprivate/a.jpg'),
  ])('of %s is not plainly one place, so that it is not signed', (path) => {
    expect(idOf(path)).toBeUndefined();
  });

  test('is compared with prefixes once it is decoded', () => {
    const scheme = imgproxy({ url: base, key, salt, prefixes: 'https://photos.example/uploads/' });
    expect(definitionOf(scheme)!).toMatchObject({ isLimited: true, hasFreePath: true });
    const limited = callsOf(scheme);
    expect(limited.match(url)).toEqual({ id: source, options: 'rs:fill:300:400/g:sm' });
    expect(limited.match(`${base}/_/plain/https%3A%2F%2Fphotos.example%2Fuploads%2Fa.jpg`)).toMatchObject({
      id: source,
    });
    for (const other of [
      'https://photos.example/private/a.jpg',
      'https://photos.example.evil.example/uploads/a.jpg',
      'http://photos.example/uploads/a.jpg',
      'https://me@photos.example/uploads/a.jpg',
    ])
      expect(limited.match(`${base}/insecure/${base64(other)}`), other).toBeUndefined();
  });
});

test.each(['wmu:aHR0', 'watermark_url:aHR0', 'fiu:aHR0', 'fallback_image_url:aHR0', 'wm%75:aHR0', 'w%3A5'])(
  'the option %s, which shows another image or is signed in another spelling, is refused',
  (option) => {
    expect(calls.match(`${base}/insecure/${option}/${encoded}`)).toBeUndefined();
    expect(calls.match(`${base}/insecure/w:5/${option}/${encoded}`)).toBeUndefined();
  },
);

test('an expiry is taken off, and the word before it becomes insecure', () => {
  for (const word of ['insecure', 'unsafe', '_', 'A'.repeat(43)])
    expect(calls.strip(url.replace('insecure', `${word}/exp:9`))).toBe(url);
});

describe('what is not signed yet', () => {
  test.each(['insecure', 'unsafe', '_'])('has %s for a signature, and is stripped already', (word) => {
    const given = url.replace('insecure', word);
    expect(calls.match(given)).toEqual(calls.match(url));
    expect(calls.strip(given)).toBe(given);
    expect(calls.sign(given, 9)).toBe(calls.sign(url, 9));
    expect(calls.verify(given, 0)).toEqual({ ok: false, reason: 'missing-signature' });
  });

  test.each(['health', 'info', '', 'INSECURE', '__proto__', 'constructor'])(
    '%j in its place is no image',
    (word) => {
      const other = url.replace('insecure', word);
      expect(calls.match(other)).toBeUndefined();
      expect(calls.strip(other)).toBe(other);
      expect(calls.strip(`${base}/${word}`)).toBe(`${base}/${word}`);
    },
  );
});

test('a query is no part of what is signed, and stays', () => {
  const signed = calls.sign(`${url}?v=1`, 9);
  expect(signed).toBe(`${calls.sign(url, 9)}?v=1`);
  expect(calls.strip(signed)).toBe(`${url}?v=1`);
  expect(calls.verify(signed, 8)).toEqual({ ok: true, expiresAt: 9 });
});

test('the base is not signed, and the inner one of two has the URL', () => {
  const path = url.slice(base.length);
  const scheme = callsOf(imgproxy({ url: [base, `${base}/sub`, '/images'], key, salt }));
  for (const each of [`${base}/sub`, '/images', 'https://IMG.example', '//img.example']) {
    const signed = scheme.sign(`${each}${path}`, 9);
    expect(signed).toBe(calls.sign(url, 9).replace(base, each));
    expect(scheme.verify(signed, 8)).toEqual({ ok: true, expiresAt: 9 });
    expect(scheme.strip(signed)).toBe(`${each}${path}`);
  }
});

describe('an expiry', () => {
  test.each(['exp:1', 'expires:1', 'e%78p:1', 'exp%3A1', 'expires%3a1', 'exp:', 'exp:1/w:5/expires:2'])(
    'that is there, %s, is token',
    (option) => {
      const given = `${base}/insecure/q:80/${option}/${encoded}`;
      const bare = `${base}/insecure/q:80/${option.includes('w:5') ? 'w:5/' : ''}${encoded}`;
      expect(calls.strip(given)).toBe(bare);
      expect(calls.sign(given, 9)).toBe(calls.sign(bare, 9));
      expect(JSON.stringify(calls.match(given) ?? {})).not.toContain('exp');
    },
  );

  test('in the source is none', () => {
    const given = `${base}/insecure/plain/a/exp:1/b.jpg`;
    expect(calls.strip(given)).toBe(given);
    expect(calls.match(given)).toEqual({ id: 'a/exp:1/b.jpg', options: '' });
  });

  test('has one spelling and one place in a signed URL', () => {
    const path = calls.sign(url, 9).slice(base.length);
    const mac = path.slice(1, 44);
    for (const other of [
      path.replace('exp:9', 'exp:09'),
      path.replace('exp:9/', ''),
      path.replace('exp:9/rs:fill:300:400', 'rs:fill:300:400/exp:9'),
    ])
      expect(calls.verify(base + other, 0), other).toEqual({ ok: false, reason: 'malformed-signature' });
    for (const other of [
      path.replace('exp:9', 'exp:10'),
      path.replace('exp:9', 'exp:9/exp:99'),
      path.replace(mac, 'A'.repeat(43)),
    ])
      expect(calls.verify(base + other, 0), other).toEqual({ ok: false, reason: 'bad-signature' });
    expect(calls.verify(base + path.replace(mac, `${mac}=`), 0)).toMatchObject({ ok: false });
    expect(calls.verify(base + path, Number.NaN)).toEqual({ ok: false, reason: 'expired' });
  });
});
