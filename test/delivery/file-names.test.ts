/** Names of files that are not asked for on any system. */
import { expect, test } from 'vitest';
import { namesOf } from '../../src/delivery/picture-folder.ts';

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
