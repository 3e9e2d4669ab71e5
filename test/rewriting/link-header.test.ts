import { expect, test } from 'vitest';
import { findLinkUrls, mapLinkHeader } from '../../src/rewriting/link.ts';

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
  ['<a>; imagesrcset=b', '<A>; imagesrcset=B'],
  ['<a>; ImageSrcset = b 1x ; x=y, <c>', '<A>; ImageSrcset = B 1x ; x=y, <C>'],
  ['<a>;imagesrcset=b;imagesrcset=,<c>', '<A>;imagesrcset=B;imagesrcset=,<C>'],
  ['<a>; imagesrcset=', '<A>; imagesrcset='],
  ['< a >, <\tb>', '< A >, <\tB>'],
  ['<>, < >', '<>, < >'],
  ['<a>; title="b 1x"', '<A>; title="b 1x"'],
  ['<a>; crossorigin ; rel = preload', '<A>; crossorigin ; rel = preload'],
  [' , <a> , , <b>', ' , <A> , , <B>'],
  ['a; rel=x', 'a; rel=x'],
  // Behind a malformed link come others.
  ['a; rel=x, <b>', 'a; rel=x, <B>'],
  ['; rel=x, <a>', '; rel=x, <A>'],
  ['x <a,b>, <c>', 'x <a,b>, <C>'],
  ['x "a, <b>", <c>', 'x "a, <b>", <C>'],
  ['x "a\\", <b>", <c>', 'x "a\\", <b>", <C>'],
  ['<a> b; imagesrcset="c 1x", <d>', '<A> b; imagesrcset="c 1x", <D>'],
  ['<a>; x="y" z, <b>', '<A>; x="y" z, <B>'],
  ['<a>; x="y"z"b, <c>", <d>', '<A>; x="y"z"b, <c>", <D>'],
  ['x "a, <b>', 'x "a, <b>'],
  ['x <a, "b", c', 'x <a, "b", c'],
  ['<a', '<a'],
  ['<a>; x="unclosed', '<A>; x="unclosed'],
  ['', ''],
])('%j becomes %j', (value, expected) => {
  expect(mapLinkHeader(value, toUpperCase)).toBe(expected);
});

test.each([';', ',', ' ', '\t', '"', '\\', '<', '>'])(
  'what would end a bare value is not written: %j',
  (end) => {
    expect(mapLinkHeader('<a>; imagesrcset=b, <c>', (url) => (url === 'b' ? `b${end}d` : url))).toBe(
      '<a>; imagesrcset=b, <c>',
    );
  },
);

test.each(['<', '"', '\\', 'x "', 'x <', ';', '<a>;', '<a> x,', '<a>; imagesrcset=b,'])(
  'a value of many %j takes time in proportion to its length',
  (part) => {
    let characters = 0;
    const counted = new Proxy(Object(part.repeat(2_000)) as object, {
      get(target, key) {
        if (typeof key === 'string' && /^\d+$/.test(key)) characters++;
        const member: unknown = Reflect.get(target, key, target);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    findLinkUrls(counted as unknown as string);
    expect(characters).toBeLessThan(20 * part.length * 2_000);
  },
);
