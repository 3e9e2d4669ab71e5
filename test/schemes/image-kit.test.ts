/** `imageKit` against ImageKit's own library, and what a stranger may not ask it for. */
import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { explainUrl } from '../../src/diagnosis.ts';
import { createSigner } from '../../src/index.ts';
import { definitionOf } from '../../src/schemes/definition.ts';
import { type ImageKitOptions, imageKit } from '../../src/schemes.ts';
import { callsOf, fingerprintOf, termsFrom } from '../support/definition-calls.ts';
import { imageKitKey, imageKitUrl, signImageKit } from '../support/oracles/image-kit.ts';
import { randomFrom } from '../support/random.ts';
import { randomKey, randomParameters } from '../support/random-objects.ts';
import { atLength, seed } from '../support/seed.ts';

const start = 1_790_000_000;
const given = { url: imageKitUrl, key: imageKitKey };
const scheme = callsOf(imageKit(given));
const url = `${imageKitUrl}/uploads/a.jpg`;
const signer = createSigner({
  scheme: imageKit({ ...given, prefixes: 'uploads/' }),
  ttl: '1h',
  now: () => start * 1_000,
});

test("random URLs are signed as ImageKit's library signs them, and verify until they expire", () => {
  const random = randomFrom(seed);
  for (let left = atLength(2_500); left > 0; left--) {
    const image = new URL(`${imageKitUrl}/${randomKey(random).split('/').map(encodeURIComponent).join('/')}`);
    for (const [name, value] of randomParameters(random)) image.searchParams.append(name, value);
    const exp = start + 1 + Math.floor(random() * 10_000_000);
    const signed = scheme.sign(image.href, termsFrom(start, exp - start));
    const verdicts = [exp - 1, exp].map((now) => scheme.verdict(signed, now));
    const wanted = [signImageKit(image.href, { exp, issuedAt: start }), 'ok', 'expired'];
    expect([signed, ...verdicts], `seed ${seed}`).toEqual(wanted);
  }
}, 60_000);

test("every printable character of a path and of a query is signed as by ImageKit's library", () => {
  const exp = start + 60;
  for (let code = 0x20; code < 0x7f; code++) {
    const character = encodeURIComponent(String.fromCharCode(code));
    for (const each of [`${imageKitUrl}/a${character}b.jpg`, `${url}?tr=a${character}b&${character}=x&h`])
      expect(scheme.sign(each, termsFrom(start, 60)), each).toBe(
        signImageKit(each, { exp, issuedAt: start }),
      );
  }
});

test('what follows the endpoint is signed, whichever of a list it is', () => {
  const own = 'https://images.example';
  const { sign } = callsOf(imageKit({ ...given, url: [own, imageKitUrl] }));
  const text = `uploads/a.jpg${start + 60}`;
  const mac = createHmac('sha1', imageKitKey).update(text).digest('hex');
  for (const base of [own, imageKitUrl])
    expect(sign(`${base}/uploads/a.jpg`, termsFrom(start, 60))).toContain(`ik-s=${mac}`);
});

describe('a URL that ends with a digit', () => {
  test.each([
    'a.jpg?tr=w-300',
    'clip.mp4',
    '123',
    'a.jpg?v=2',
    'a.jpg?foo=x&v=2&bar=x',
    'tr:w-300/1',
    ...['a.jpg?v=a)', "a.jpg?v='", 'a.jpg?v=!', 'a.jpg?v=%28', 'a.jpg?v=2&', 'a.jpg?v=%D9%A1', 'a%31'],
  ])('is not signed, and explained: %s', (path) => {
    expect(() => signer.signImage(`${imageKitUrl}/uploads/${path}`)).toThrow(
      expect.objectContaining({ code: 'NOT_A_DELIVERY_URL' }),
    );
    const { findings } = explainUrl(`${imageKitUrl}/uploads/${path}`, { signer });
    expect(findings).toMatchObject([{ code: 'object-name' }]);
    expect(findings[0]!.fix).toContain('into the path');
  });

  test.each(['a.jpg?v=2x', 'a.jpg?foo=1', 'a.jpg?v=2&tr=w-300,f-webp'])('in the end is: %s', (path) => {
    expect(signer.signImage(`${imageKitUrl}/uploads/${path}`)).toContain('ik-s=');
  });

  test('has transformations in its path instead', () => {
    const signed = signer.signImage(`${imageKitUrl}/tr:w-300/uploads/a.jpg`);
    expect(signer.verifyImage(signed)).toMatchObject({ ok: true, image: { id: 'uploads/a.jpg' } });
  });
});

test('no expiry comes near that of a URL that never expires', () => {
  expect(() =>
    createSigner({ scheme: imageKit({ ...given, prefixes: 'a/' }), ttl: 6_000_000_000 as never }),
  ).toThrow();
  expect(start + definitionOf(imageKit(given))!.longestLife!).toBeLessThan(9_999_999_999);
  const signed = scheme.sign(url, termsFrom(start, 60));
  expect(scheme.verdict(signed.replace(/ik-t=\d+&/, ''), start)).toBe('malformed-signature');
});

describe('what is read as a transformation', () => {
  const places = (steps: string): readonly string[] => [
    `tr:${steps}/uploads/a.jpg`,
    `uploads/tr:${steps}/a.jpg`,
    `uploads/tr%3a${encodeURIComponent(steps)}/a.jpg`,
    `uploads/a.jpg?tr=${encodeURIComponent(steps)}&v=x`,
    `uploads/a.jpg?%74r=${steps}&v=x`,
    `uploads/a.jpg?tr=w-10&tr=${steps}&v=x`,
  ];
  test.each([
    'l-image,i-private@@a.png,l-end',
    'w-300:l-image,ie-cHJpdmF0ZS9hLnBuZw,l-end',
    'l-text,i-free%20money,l-end',
    'l-video,i-private@@a.mp4,l-end',
    'L-IMAGE,i-private@@a.png,l-end',
    'oi-private@@a.png',
    'w-300,di-private@@a.png',
    'ot-hello',
    'md-true',
    'orig-true',
    'e-bgremove',
    'e-removedotbg',
    'e-changebg-prompt-beach',
    'e-genvar',
    'bg-genfill-prompt-beach,w-300',
    'bg-GenFill,w-300',
    'w-300,',
    ':',
    '',
    'w-300, l-image',
  ])('no harm is signed: %s', (steps) => {
    for (const path of places(steps))
      expect(() => signer.signImage(`${imageKitUrl}/${path}`), path).toThrow(
        expect.objectContaining({ code: 'NOT_A_DELIVERY_URL' }),
      );
  });

  test.each([
    'w-300,h-200:rt-N40',
    'ar-4-3,w-iw_div_2',
    'n-watermark',
    'e-sharpen-10,f-auto',
    'bg-blurred_25_N15',
  ])('of the image itself is signed: %s', (steps) => {
    for (const path of places(steps).filter((each) => each.startsWith('tr:') || each.includes('?')))
      expect(signer.signImage(`${imageKitUrl}/${path}`)).toContain('ik-s=');
  });

  test('hides no folder', () => {
    for (const path of ['tr:w-300/private/a.jpg', 'tr:w-300/tr:w-300/uploads/a.jpg', 'tr:w-300'])
      expect(() => signer.signImage(`${imageKitUrl}/${path}`)).toThrow();
  });
});

test('downloads, old versions and old tokens come off', () => {
  const signed = signer.signImage(`${url}?ik-attachment=true&ik-obj-version=abc&ik-t=9&ik-s=00&tr=f-webp`);
  expect(signed).toBe(
    signImageKit(`${url}?tr=f-webp`, { exp: Number(/ik-t=(\d+)/.exec(signed)![1]), issuedAt: start }),
  );
  expect(signer.unsignImage(signed)).toBe(`${url}?tr=f-webp`);
});

test('no part of a signed URL can be changed', () => {
  const signed = scheme.sign(`${url}?tr=f-webp`, termsFrom(start, 60));
  for (const changed of [
    signed.replace('a.jpg', 'b.jpg'),
    signed.replace('f-webp', 'f-avif'),
    signed.replace(String(start + 60), String(start + 61)),
    signed.replace('ik-t=', 'ik-t=0'),
    signed.slice(0, -1),
    `${signed}&ik-t=${start + 60}`,
    `${signed}&v=x`,
  ])
    expect(scheme.verdict(changed, start), changed).toMatch(/^(?:mal|bad)/);
});

test.each<[string, object, string, string]>([
  ['no key', { key: undefined }, 'key', 'is the variable set?'],
  ['a key with a line end', { key: `${imageKitKey}\n` }, 'key', 'trim it'],
  ['a key in quotes', { key: `"${imageKitKey}"` }, 'key', 'without quotes'],
  ['the public key', { key: 'public_abcdefgh' }, 'key', 'private API key'],
  ['a path', { url: '/shop' }, 'url', 'got a path'],
  ['a token among the parameters', { parameters: 'ik-t' }, 'parameters', 'belongs to no token'],
])('%s is told', (_name, options, option, message) => {
  const make = (): unknown => imageKit({ ...given, ...options } as ImageKitOptions);
  expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', option }));
  expect(make).toThrow(message);
  expect(make).not.toThrow(imageKitKey);
});

test('the fingerprint differs where tokens do, and nothing shows the key', () => {
  const schemes = [
    imageKit(given),
    imageKit({ ...given, key: 'private_another' }),
    imageKit({ ...given, prefixes: 'a/' }),
    imageKit({ ...given, parameters: 'tr' }),
  ];
  expect(new Set(schemes.map(fingerprintOf)).size).toBe(schemes.length);
  const shown = schemes.map((each) => inspect(definitionOf(each), { depth: 20, showHidden: true }));
  expect(shown.join()).not.toContain(imageKitKey);
});
