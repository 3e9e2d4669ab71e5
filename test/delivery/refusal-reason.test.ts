/** Why an image is refused, in one sentence: each kind of refusal, and no key in any of them. */
import { expect, test } from 'vitest';
import { wordsOf } from '../../src/delivery/draw-refusal.ts';
import { coreOf } from '../../src/signer/core.ts';
import { mistakes, type Sample } from '../support/generators/signing-mistakes.ts';
import { accountHash, clockAt, id, key, otherAccount, signerWith, url } from '../support/samples.ts';

const clock = clockAt();
const olderKey = 'an-older-key-for-tests-alone';
const signer = signerWith({ key: [key, olderKey], now: clock, accountHash });
const { configuration } = coreOf(signer)!;
const signed = signer.signImage(url());
const old = signer.signImage(url(), undefined, { expiresAt: Math.floor(clock() / 1000) - 7_200 });
const foreign = signerWith({ key: 'another-key-than-that-of-the-tests' }).signImage(url());

test.each([
  ['expired', old, 'Expired', 'The token expired 2 hours ago.'],
  ['key', foreign, 'Wrong key', 'It was signed with another key, or changed after it was signed.'],
  ['unsigned', url(), 'No token', 'The URL has no token: is the page signed?'],
  ['forbidden', url('hero'), 'Unknown variant', "The variant 'hero' is not in variants."],
  ['forbidden', url('w=400'), 'Flexible variant', /^The variant 'w=400' is flexible/],
  [
    'forbidden',
    url('thumb', undefined, otherAccount),
    'Other account',
    /^The account hash .* is not in accountHash\.$/,
  ],
  ['key', signed.slice(0, -3), 'Broken token', /^The signature has 61 of 64 digits/],
  ['missing', 'https://elsewhere.example/a.png', 'No image URL', /\.$/],
  ['forbidden', signed, 'Refused', 'The delivery refuses this image.'],
] as const)('%s: %s', (kind, address, title, sentence) => {
  const refusal = wordsOf(address, 403, configuration);
  expect([refusal.kind, refusal.title]).toEqual([kind, title]);
  if (typeof sentence === 'string') expect(refusal.sentence).toBe(sentence);
  else expect(refusal.sentence).toMatch(sentence);
});

test.each([
  [404, 'No such image'],
  [413, 'Too large'],
  [415, 'Not an image'],
  [501, 'Not made'],
])('%i is %s, of a URL that is in order', (status, name) => {
  const { kind, title, image } = wordsOf(signed, status, configuration);
  expect([kind, title]).toEqual(['missing', name]);
  expect(image).toMatch(/ · thumb$/);
});

test.each(mistakes)('has a title and one sentence for a program that $title', ({ url: make, codes }) => {
  const sample: Sample = {
    key,
    olderKey,
    account: accountHash,
    id,
    variant: 'thumb',
    otherVariant: 'card',
    expiry: Math.floor(clock() / 1000) + 3_600,
    parameters: [],
  };
  const target = make(sample);
  const { title, sentence } = wordsOf(target, 403, configuration);
  expect(title.split(' ').length).toBeLessThanOrEqual(3);
  // A delivery would take a path, which is what it is asked for, and a URL of which there is no more than a hint.
  const hints = ['custom-id', 'token-on-public-variant', 'older-key'];
  const isTaken = target.startsWith('/') || codes.every((code) => hints.includes(code));
  expect(title === 'Refused').toBe(isTaken);
  expect(sentence).toMatch(/^(?:[A-Z]|exp ).*[.?]$/);
  expect(sentence).not.toMatch(/[.?!] [A-Z]/);
  expect(sentence.length).toBeLessThanOrEqual(160);
});

test('a key that was pasted into the URL is not shown', () => {
  for (const address of [url('thumb', key), url(key), `${url()}?exp=${key}`, `${url()}?sig=${key}&exp=1`])
    expect(JSON.stringify(wordsOf(address, 403, configuration))).not.toContain(key);
});
