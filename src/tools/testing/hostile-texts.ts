/** Texts that trip code which reads URLs. */

/** Names that every object has. A lookup in a plain object finds them. */
export const prototypeNames: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
];

/** Endings of a path, in ASCII, as a browser sends them: invalid escapes, and bytes that are not UTF-8. */
export const hostilePaths: readonly string[] = [
  '%',
  '%2',
  '%zz.jpg',
  '%00.jpg',
  '%ff%fe.jpg',
  '%ed%a0%80.jpg',
  '%c0%af.jpg',
  'a%2fb.jpg',
  'a%2520b.jpg',
  "(a)'*!.jpg",
  'a,b;c=d@e:f.jpg',
  '[a]|^`{}.jpg',
  '$&$1$$.jpg', // what `replace` reads in its second argument
  'https://other.example/a.jpg',
  ...prototypeNames,
];

/** Queries, in the same way. */
export const hostileQueries: readonly string[] = [
  '?',
  '?&&',
  '?=',
  '?%',
  '?%zz=%zz',
  '?a?b?c',
  '?v=%ff',
  '?v=$&$1',
  '?u=https://other.example/?a=b&c',
  ...prototypeNames.map((name) => `?${name}=1`),
];

/** Anything that somebody may send in place of a URL. */
export const hostileTexts: readonly string[] = [
  '',
  ' ',
  '/',
  '//',
  '?',
  '&',
  '%',
  '\0',
  '\u{d800}',
  '\u{dfff}a',
  '\u{1f600}',
  'é',
  'https://',
  'https://[::1',
  'data:,',
  'javascript:alert(1)',
  '\\\\host\\a',
  'a'.repeat(100_000),
  '%'.repeat(10_000),
  '&'.repeat(10_000),
  '/'.repeat(10_000),
  ...prototypeNames,
];
