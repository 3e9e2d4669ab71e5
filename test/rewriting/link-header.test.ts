import { expect, test } from 'vitest';
import { findLinkUrls, mapLinkHeader } from '../../src/rewriting/link.ts';
import link from '../vectors/link.json' with { type: 'json' };

const toUpperCase = (url: string): string => url.toUpperCase();

test.each(link.cases as [value: string, expected: string][])('%j becomes %j', (value, expected) => {
  expect(mapLinkHeader(value, toUpperCase)).toBe(expected);
});

test.each([';', ',', ' ', '\t', '"', '\\', '<', '>'])('nothing is written that ends it: %j', (end) => {
  expect(mapLinkHeader('<a>; imagesrcset=b, <c>', (url) => (url === 'b' ? `b${end}d` : url))).toBe(
    '<a>; imagesrcset=b, <c>',
  );
});

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
