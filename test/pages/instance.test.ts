import { describe, expect, test } from 'vitest';
import { markdown } from '../../src/markdown.ts';
import { createInstance, isSameInstance } from '../../src/pages/instance.ts';
import { s3 } from '../../src/schemes.ts';
import { epochSeconds } from '../../src/signing/expiry.ts';
import { base, instant } from '../support/samples.ts';

test('open encoded pages hold 256 MiB at most, and what one gives back twice is there once', () => {
  const { beginTranscoding } = createInstance(base);
  const half = 128 * 1024 * 1024;
  const giveBack = beginTranscoding(half)!;
  expect(beginTranscoding(half + 1)).toBeUndefined();
  expect(beginTranscoding(half)).toBeDefined();
  expect(beginTranscoding(1)).toBeUndefined();
  giveBack();
  giveBack();
  expect(beginTranscoding(half + 1)).toBeUndefined();
  expect(beginTranscoding(half)).toBeDefined();
});

const prefixes = 'a/';
const [url, other] = ['https://a.example', 'https://b.example'];
const bucket = {
  url: 'https://photos.s3.eu-central-1.amazonaws.com',
  region: 'eu-central-1',
  credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'a-secret-key' },
};

describe('the same options in another order give the same entity tag', () => {
  const now = epochSeconds(instant);
  const instanceOf = (options: object) => createInstance({ ...base, report: false, ...options });
  const tagsOf = (options: object) => instanceOf(options).tagSuffixesAt(now);

  test.each<[what: string, one: object, another: object]>([
    [
      'variants',
      { variants: { thumb: { width: 1 }, card: { ttl: '1h' }, big: { ttl: '2h' } } },
      { variants: { big: { ttl: '2h' }, card: { ttl: '1h' }, thumb: { width: 1 } } },
    ],
    ['names of variants', { variants: ['thumb', 'card'] }, { variants: ['card', 'thumb'] }],
    ['accounts but the first', { accountHash: ['a', 'b', 'c'] }, { accountHash: ['a', 'c', 'b'] }],
    ['deliveries but the first', { delivery: [url, '/i', other] }, { delivery: [url, other, '/i'] }],
    ['from', { from: [url, '/old'] }, { from: ['/old', url] }],
    ['attributes', { attributes: { a: 'url', b: 'css' } }, { attributes: { b: 'css', a: 'url' } }],
    ['fields', { fields: { a: 'html', b: markdown } }, { fields: { b: markdown, a: 'html' } }],
    ['properties', { customProperties: ['--a', '--b'] }, { customProperties: ['--b', '--a'] }],
  ])('%s', (_what, one, another) => {
    expect(tagsOf(another)).toEqual(tagsOf(one));
    expect(isSameInstance(instanceOf(one), instanceOf(another))).toBe(true);
  });

  test.each<[what: string, one: object, another: object]>([
    ['prefixes', { prefixes: ['a/', 'b/'] }, { prefixes: ['b/', 'a/'] }],
    ['parameters', { prefixes, parameters: ['v', 'w'] }, { prefixes, parameters: ['w', 'v'] }],
  ])('%s of a scheme', (_what, one, another) => {
    const tags = (options: object) =>
      createInstance({ scheme: s3({ ...bucket, ...options }), ttl: '1h', now: base.now }).tagSuffixesAt(now);
    expect(tags(another)).toEqual(tags(one));
  });

  test.each<[what: string, one: object, another: object]>([
    ['the first account', { accountHash: ['a', 'b'] }, { accountHash: ['b', 'a'] }],
    ['the first delivery', { delivery: [url, other] }, { delivery: [other, url] }],
    ['the first key', { key: ['a key of it', 'an older one'] }, { key: ['an older one', 'a key of it'] }],
    ['the kind of an attribute', { attributes: { 'data-a': 'url' } }, { attributes: { 'data-a': 'css' } }],
  ])('but not %s, which decides', (_what, one, another) => {
    expect(tagsOf(another)).not.toEqual(tagsOf(one));
  });
});
