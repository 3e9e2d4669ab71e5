/** Names of files that are not asked for on any system. */
import { expect, test } from 'vitest';
import { isWithin, namesOf, stemOf } from '../../src/delivery/file-names.ts';

test.each([
  '',
  '/',
  'a/',
  '/a',
  'a//b',
  '.',
  '..',
  '../a.jpg',
  'a/../b.jpg',
  '.env',
  '.git/config',
  'a/.secret/b.jpg',
  '...',
  'a\0.jpg',
  'a.jpg\0.png',
  'a\\b.jpg',
  '..\\a.jpg',
  'C:/a.jpg',
  'c:a.jpg',
  'a.jpg:stream',
  'a.jpg::$DATA',
  'a.jpg.',
  'a.jpg ',
  'folder./a.jpg',
  'folder /a.jpg',
  'con',
  'CON.jpg',
  'nul.tar.gz',
  'a/Aux.png',
  'com1',
  'LPT9.jpg',
  'com¹',
  'conin$',
  'a\nb.jpg',
  'a\x7f.jpg',
])('%j is no file', (id) => {
  expect(namesOf(id)).toBeUndefined();
});

test.each([
  'a',
  'a.jpg',
  'a/b/c.jpg',
  'console.jpg',
  'com10.jpg',
  'nullable',
  'é ü.jpg',
  'a..jpg',
  '%2e%2e',
  '~',
])('%j is one', (id) => expect(namesOf(id)).toEqual(id.split('/')));

test('the stem is what stands before the last dot', () => {
  expect(stemOf('a.jpg')).toBe('a');
  expect(stemOf('a.b.jpg')).toBe('a.b');
  expect(stemOf('a')).toBeUndefined();
  expect(stemOf('.jpg')).toBeUndefined();
});

test('a folder whose name begins alike is another one', () => {
  expect(isWithin('/pictures', '/pictures/a')).toBe(true);
  expect(isWithin('/pictures', '/pictures')).toBe(true);
  expect(isWithin('/pictures', '/pictures-private/a')).toBe(false);
  expect(isWithin('/pictures', '/')).toBe(false);
  expect(isWithin('/pictures', '/pictures/..a')).toBe(true);
});
