/** Which URLs a request wants signed, by its target or its body, and which clients get JSON. */

import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as requests from '../../src/endpoint/request.ts';
import { pick as pickOf, randoms } from '../support/generators/random.ts';
import { runs } from '../support/seed.ts';

const { isJsonType, maxBodyBytes, prefersJson, readUrls, routeOf, urlInQuery } = requests;
const image = (url: string): object => ({ kind: 'image', url });
const endpoint = (query: string): object => ({ kind: 'endpoint', query });

test.each<[target: string, expected: object | undefined]>([
  ['/', endpoint('')],
  ['/?url=x', endpoint('url=x')],
  ['/?url=/a?b', endpoint('url=/a?b')],
  ['/https://h/a/b/c', image('https://h/a/b/c')],
  ['/https:/h/a/b/c', image('https://h/a/b/c')],
  ['/http:/h/a/b/c?x=1', image('http://h/a/b/c?x=1')],
  ['/HTTPS://h/a/b/c', image('HTTPS://h/a/b/c')],
  ['/https:///h/a/b/c', image('/https:///h/a/b/c')],
  ['/https:h/a/b/c', image('/https:h/a/b/c')],
  ['//https://h/a/b/c', image('https://h/a/b/c')],
  ['//h/a/b/c', image('/h/a/b/c')],
  ['/images/a/b/c', image('/images/a/b/c')],
  ['/javascript:alert(1)', image('/javascript:alert(1)')],
  ['/https://h/a/b/c?', image('https://h/a/b/c?')],
  ['http://host/https://h/a/b/c', image('https://h/a/b/c')],
  ['http://host?url=x', endpoint('url=x')],
  ['http://host', endpoint('')],
  ['*', undefined],
  ['', undefined],
  ['https:/h/a/b/c', undefined],
])('without a mount: %s', (target, expected) => {
  expect(routeOf(target)).toEqual(expected);
});

test.each<[target: string, expected: object | undefined]>([
  ['/sign', endpoint('')],
  ['/sign?url=x', endpoint('url=x')],
  ['/sign/?url=x', endpoint('url=x')],
  ['/sign//?url=x', endpoint('url=x')],
  ['/sign/https://h/a/b/c?x=/sign', image('https://h/a/b/c?x=/sign')],
  ['/sign//h/a/b/c', image('/h/a/b/c')],
  ['http://host/sign/https://h/a/b/c', image('https://h/a/b/c')],
  ['/', undefined],
  ['/signs', undefined],
  ['/signhttps://h/a/b/c', undefined],
  ['/SIGN', undefined],
  ['/%73ign', undefined],
  ['//sign', undefined],
  ['/x/sign', undefined],
  ['/?/sign', undefined],
  ['*', undefined],
])('at /sign: %s', (target, expected) => {
  expect(routeOf(target, '/sign')).toEqual(expected);
});

test.each<[query: string, expected: string | undefined]>([
  ['url=https%3A%2F%2Fh%2Fa%3Fb%3D1%26c%3D2', 'https://h/a?b=1&c=2'],
  ['url=https://h/a?b=1', 'https://h/a?b=1'],
  ['url=a%20b+c', 'a b c'],
  ['%75rl=x', 'x'],
  ['url=', ''],
  ['url=https://h/a?b=1&c=2', undefined],
  ['url=x&url=y', undefined],
  ['url=x&%75rl=x', undefined],
  ['url=x&', 'x'],
  ['url[]=x', undefined],
  ['URL=x', undefined],
  ['?url=x', undefined],
  ['', undefined],
])('the url of a query: %s', (query, expected) => {
  expect(urlInQuery(query)).toBe(expected);
});

test.each<[accept: string]>([
  ['APPLICATION/JSON; charset=utf-8'],
  ['application/json, text/plain, */*'], // axios
  ['application/json, */*'],
  ['*/*, application/json'],
  ['application/json; q = 0.1'],
  ['text/plain;q=0.5, application/json'],
  ['application/json;q=0.8, */*;q=0.1'],
  ['text/plain;q=0.2, */*, application/json;q=0.3'],
  ['application/*, */*'],
  ['application/*, text/*;q=0.9'],
  ['text/*, application/json'],
  ['application/json;q=0, application/json'],
])('JSON for %s', (accept) => {
  expect(prefersJson(accept)).toBe(true);
});

test.each<[accept: string]>([
  [''],
  ['*/*'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
  ['text/*, */*'],
  ['text/*;q=0.5, */*'],
  ['text/plain;q=0.5, text/*;q=0, application/*;q=0.1'],
  ['application/json;q=0, application/*'],
  ['text/plain, application/*'],
  ['application/*, text/plain'],
  ['text/*;q=0, */*;q=0'],
  ['text/*;q=0, application/json;q=0, */*'],
  ['image/*'],
  ['application/json;q=0'],
  ['application/json;q=0.000, image/png'],
  ['application/json;q=yes'],
  ['application/json;q=-1'],
  ['text/plain, application/json'],
  ['text/plain;q=0.5, application/json;q=0.5'],
  ['application/json;q=0.5, text/plain'],
  ['application/json;q=0.5, */*'],
  ['application/ld+json'],
  ['xapplication/json'],
  [','],
])('text for %s', (accept) => {
  expect(prefersJson(accept)).toBe(false);
});

const require = createRequire(import.meta.url);
// Express has it; it is no dependency of this package, and brings no types.
const Negotiator = createRequire(require.resolve('express'))('negotiator') as new (request: {
  readonly headers: { readonly accept: string };
}) => { mediaTypes(available: string[]): string[] };

test('where only one of the two is acceptable to negotiator, the client gets that one', () => {
  const types = ['text/plain', 'text/*', '*/*', 'application/json', 'application/*', 'text/html', 'image/*'];
  const weights = ['', '', ';q=0', ';q=0.0', ';q=0.001', ';q=0.5', '; q=0.9', ';q=1.0'];
  const counts = { json: 0, text: 0 };
  fc.assert(
    fc.property(randoms, (random) => {
      const pick = <T>(of: readonly T[]): T => pickOf(random, of);
      const ranges = Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick(types) + pick(weights));
      const accept = ranges.join(pick([',', ', ']));
      const acceptable = new Negotiator({ headers: { accept } }).mediaTypes([
        'text/plain',
        'application/json',
      ]);
      if (acceptable.length !== 1) return;
      const isJson = acceptable[0] === 'application/json';
      counts[isJson ? 'json' : 'text']++;
      expect(prefersJson(accept), accept).toBe(isJson);
    }),
    { numRuns: runs(50) },
  );
  expect(Math.min(counts.json, counts.text)).toBeGreaterThan(runs(1));
});

test('a body is taken as an object, as text and as bytes', () => {
  const body = { urls: ['a', 'b', 'a'], more: 1 };
  const text = JSON.stringify(body);
  for (const value of [body, text, Buffer.from(text), new TextEncoder().encode(`\ufeff${text}`)]) {
    expect(readUrls(value)).toEqual(['a', 'b']);
  }
});

test('an empty list is one', () => {
  expect(readUrls({ urls: [] })).toEqual([]);
});

test.each<[title: string, value: unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['no text at all', ''],
  ['no JSON', '{"urls":["a"]'],
  ['a form', 'urls=a'],
  ['a list', ['a']],
  ['no urls', {}],
  ['one text', { urls: 'a' }],
  ['a number among them', { urls: ['a', 7] }],
  ['null among them', { urls: ['a', null] }],
  ['a hole among them', { urls: [['a']] }],
  ['urls of the prototype', Object.create({ urls: ['a'] })],
  ['urls under __proto__', '{"__proto__":{"urls":["a"]}}'],
  ['bytes that are not UTF-8', Buffer.from('{"urls":["\xff"]}', 'latin1')],
  ['UTF-16', Buffer.from('{"urls":["a"]}', 'utf16le')],
  ['brackets, very many', '['.repeat(60_000)],
])('refused with 400: %s', (_title, value) => {
  expect(readUrls(value)).toMatchObject({ status: 400 });
});

const urls = (count: number, length = 8): string[] =>
  Array.from({ length: count }, (_, index) => String(index).padStart(length, '/'));

test('100 URLs are taken, and 101 refused, twice the same or not', () => {
  expect(readUrls({ urls: urls(100) })).toHaveLength(100);
  expect(readUrls({ urls: urls(101) })).toMatchObject({ status: 413, line: expect.stringContaining('100') });
  expect(readUrls({ urls: Array(101).fill('a') })).toMatchObject({ status: 413 });
});

test('64 KiB are taken, and a byte more is refused, parsed or not', () => {
  const padded = (length: number): string => '{"urls":["a"]}'.padEnd(length);
  for (const form of [(text: string) => text, (text: string) => Buffer.from(text)]) {
    expect(readUrls(form(padded(maxBodyBytes)))).toEqual(['a']);
    expect(readUrls(form(padded(maxBodyBytes + 1)))).toMatchObject({ status: 413 });
  }
  expect(readUrls({ urls: urls(64, 1024) })).toHaveLength(64);
  expect(readUrls({ urls: urls(65, 1024) })).toMatchObject({ status: 413 });
});

test.each<readonly [type: string, isJson: boolean]>([
  ...[
    'application/json',
    'Application/JSON;charset=utf-8',
    ' application/json ',
    'application/problem+json',
  ].map((type) => [type, true] as const),
  ...['', 'text/plain', 'text/json', 'application/x-www-form-urlencoded', 'application/jsonp'].map(
    (type) => [type, false] as const,
  ),
  ['multipart/form-data; boundary=application/json', false],
  ['text/plain; application/json', false],
  ['text/plain, application/json', false],
  ['application/json, text/plain', false],
  ['application/+json', false],
  ['application/json-seq', false],
])('%j is JSON: %s', (type, isJson) => {
  expect(isJsonType(type)).toBe(isJson);
});
