import { expect, test } from 'vitest';
import { mapLinkHeader } from '../../src/rewriting/link-header.ts';

const toUpperCase = (url: string): string => url.toUpperCase();

test.each([
  ['<a>', '<A>'],
  ['<a>; rel=preload; as=image', '<A>; rel=preload; as=image'],
  ['<a,b;c>;rel="x, <y>; z", <d>', '<A,B;C>;rel="x, <y>; z", <D>'],
  ['<a>; rel="a\\"<b>", <c>', '<A>; rel="a\\"<b>", <C>'],
  ['<a>; imagesrcset="b 1x, c 2x"; imagesizes="50vw"', '<A>; imagesrcset="B 1x, C 2x"; imagesizes="50vw"'],
  ['<a>; ImageSrcset = "b 1x"', '<A>; ImageSrcset = "B 1x"'],
  // An escape would have to be taken off: such a value is left alone, and the links behind it are not.
  ['<a>; imagesrcset="b\\,c 1x"; x=y, <d>', '<A>; imagesrcset="b\\,c 1x"; x=y, <D>'],
  ['<a>; imagesrcset="b 1x, c 2\\x", <d>', '<A>; imagesrcset="b 1x, c 2\\x", <D>'],
  ['<a>; imagesrcset="b 1x\\", <c>', '<A>; imagesrcset="b 1x\\", <c>'],
  ['<a>; x="\\"; imagesrcset=\\""; imagesrcset="b 1x"', '<A>; x="\\"; imagesrcset=\\""; imagesrcset="B 1x"'],
  ['<a>; imagesrcset="b 1x', '<A>; imagesrcset="b 1x'],
  ['<a>; imagesrcset=b', '<A>; imagesrcset=b'],
  ['<a>; title="b 1x"', '<A>; title="b 1x"'],
  ['<a>; crossorigin ; rel = preload', '<A>; crossorigin ; rel = preload'],
  [' , <a> , , <b>', ' , <A> , , <B>'],
  ['a; rel=x', 'a; rel=x'],
  ['<a', '<a'],
  ['<a>; x="unclosed', '<A>; x="unclosed'],
  ['', ''],
])('%j becomes %j', (value, expected) => {
  expect(mapLinkHeader(value, toUpperCase)).toBe(expected);
});
