/** Names of files that are not asked for on any system. */
import { expect, test } from 'vitest';
import { namesOf } from '../../src/delivery/picture-folder.ts';

test.each([
  '',
  ...'/ a/ /a a//b . .. ../a.jpg a/../b.jpg .env .git/config a/.secret/b.jpg ... a\\b.jpg ..\\a.jpg'.split(
    ' ',
  ),
  ...'C:/a.jpg c:a.jpg a.jpg:stream a.jpg::$DATA a.jpg. folder./a.jpg con CON.jpg nul.tar.gz'.split(' '),
  ...'a/Aux.png com1 LPT9.jpg com¹ conin$ a\0.jpg a.jpg\0.png a\nb.jpg a\x7f.jpg'.split(' '),
  ...['a.jpg ', 'folder /a.jpg'],
])('%j is no file', (id) => {
  expect(namesOf(id)).toBeUndefined();
});

test.each([...'a a.jpg a/b/c.jpg console.jpg com10.jpg nullable a..jpg %2e%2e ~'.split(' '), 'é ü.jpg'])(
  '%j is one',
  (id) => expect(namesOf(id)).toEqual(id.split('/')),
);
