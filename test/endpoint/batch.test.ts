/** What a body asks for, and which are refused before anything is done. */
import { expect, test } from 'vitest';
import { isJsonType, maxBodyBytes, readUrls } from '../../src/endpoint/batch.ts';

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

test.each([
  'application/json',
  'Application/JSON;charset=utf-8',
  ' application/json ',
  'application/problem+json',
])('JSON: %s', (type) => {
  expect(isJsonType(type)).toBe(true);
});

test.each([
  '',
  'text/plain',
  'text/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=application/json',
  'text/plain; application/json',
  'text/plain, application/json',
  'application/json, text/plain',
  'application/jsonp',
  'application/+json',
  'application/json-seq',
])('no JSON: %s', (type) => {
  expect(isJsonType(type)).toBe(false);
});
