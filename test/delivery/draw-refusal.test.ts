/** What a browser gets in the place of a refused image, where the delivery explains, and where it does not. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountHash, instant, key, signerWith } from '../support/samples.ts';
import {
  closeSites,
  type DeliverySite,
  deliverySite,
  newFolder,
  photo,
  signed,
  targetOf,
  variants,
  writeFiles,
} from '../support/servers/delivery-site.ts';

/** What Chromium sends for an `<img>`. */
const accept = 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8';
const browser = { headers: { accept } };

let folder: string;
let site: DeliverySite;

beforeAll(async () => {
  folder = newFolder();
  writeFiles(folder, { 'sunset.jpg': await photo(), 'broken.jpg': (await photo()).subarray(0, 100) });
  site = await deliverySite(folder, { explain: true });
});
afterAll(closeSites);

const otherSigner = signerWith({ key: 'another-key-for-tests-alone-1234', variants, accountHash });
const signer = signerWith({ variants, accountHash });
const anHourAgo = { expiresAt: Math.floor(instant / 1000) - 3_600 };
const expired = targetOf(signer.signImage('sunset', 'thumb', anHourAgo));

const refusals: readonly (readonly [title: string, target: string, status: number, sentence: RegExp])[] = [
  ['no token', `/${accountHash}/sunset/thumb`, 403, /no token: is the page signed\?/],
  ['an expired token', expired, 403, /expired 1 hour ago/],
  ['another key', targetOf(otherSigner.signImage('sunset', 'thumb')), 403, /another key/],
  ['another variant', `/${accountHash}/sunset/hero`, 403, /The variant &#39;hero&#39; is not in variants/],
  ['another account', '/other-account/sunset/thumb', 403, /other-account/],
  ['no such image', signed('nothing'), 404, /no image with this name/],
  ['a custom domain', `/cdn-cgi/imagedelivery/${accountHash}/sunset/thumb`, 403, /no token/],
  ['no URL of an image', '/favicon.ico', 404, /<p class="title">No image URL/],
];

test.each(refusals)('%s is drawn for a browser, with the headers of its refusal', async (_, ...refusal) => {
  const [target, status, sentence] = refusal;
  const drawn = await site.ask(target, browser);
  const plain = await site.ask(target);
  expect(drawn.status).toBe(status);
  expect(drawn.text).toMatch(sentence);
  expect(drawn.header('content-type')).toBe('image/svg+xml');
  const policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
  expect(drawn.header('content-security-policy')).toBe(policy);
  expect(drawn.header('cache-control')).toBe('no-store');
  expect(drawn.header('x-content-type-options')).toBe('nosniff');
  expect(drawn.header('cf-images')).toBe(plain.header('cf-images'));
  expect(plain.status).toBe(status);
  expect(plain.header('content-type')).toBe('text/plain; charset=utf-8');
  expect(drawn.text).not.toContain(key);
});

test.each([
  ['image/svg+xml', true],
  ['image/*', true],
  ['text/html, IMAGE/*;q=0.5', true],
  ['image/svg+xml;q=0.1, */*', true],
  ['*/*', false],
  ['image/avif,image/webp,*/*;q=0.8', false],
  ['image/svg+xml;q=0, */*', false],
  ['image/*;q=0.000', false],
  ['ximage/*, image/*x', false],
  ['', false],
])('a client that accepts %s gets a drawing: %s', async (value, isDrawn) => {
  const answer = await site.ask(`/${accountHash}/sunset/thumb`, { headers: { accept: value } });
  expect(answer.status).toBe(403);
  expect(answer.header('content-type') === 'image/svg+xml').toBe(isDrawn);
});

test('a HEAD request gets the headers of the drawing, and no body', async () => {
  const answer = await site.ask(`/${accountHash}/sunset/thumb`, { ...browser, method: 'HEAD' });
  const whole = await site.ask(`/${accountHash}/sunset/thumb`, browser);
  expect([answer.status, answer.body.length]).toEqual([403, 0]);
  expect(answer.header('content-length')).toBe(String(whole.body.length));
});

test('a delivery that does not explain never draws, whatever NODE_ENV says', async () => {
  const silent = await deliverySite(folder);
  for (const [, target, status] of refusals) {
    const answer = await silent.ask(target, browser);
    expect([answer.status, answer.header('content-type')]).toEqual([status, 'text/plain; charset=utf-8']);
  }
});

test('a placeholder is drawn for a missing picture alone, with or without explanations', async () => {
  for (const explain of [true, false]) {
    const drawing = await deliverySite(folder, { placeholder: true, explain });
    const drawn = await drawing.ask(signed('not/there', 'card'), browser);
    expect([drawn.status, drawn.header('content-type')]).toEqual([200, 'image/svg+xml']);
    expect(drawn.text).toContain('card · 640 × 400');
    expect(drawn.header('cf-images')).toBeUndefined();
    expect(drawn.header('cache-control')).toBe('no-store');
    expect(drawn.header('content-security-policy')).toContain('sandbox');
    expect((await drawing.ask(signed('not/there', 'card'))).status).toBe(404);
    expect((await drawing.ask(`/${accountHash}/not/there/card`, browser)).status).toBe(403);
    const broken = await drawing.ask(signed('broken'), browser);
    expect([broken.status, broken.text.includes('<svg')]).toEqual([415, explain]);
  }
});
