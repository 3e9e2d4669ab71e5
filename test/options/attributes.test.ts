/** The option `attributes`: which names are taken, and what is found by them in pages. */
import { describe, expect, test } from 'vitest';
import { countTokens, signerWith, url } from '../support/samples.ts';

type Attributes = NonNullable<
  NonNullable<Parameters<ReturnType<typeof signerWith>['rewriteHtml']>[1]>['attributes']
>;

const signedIn = (page: string, attributes: Attributes): number =>
  countTokens(signerWith().rewriteHtml(page, { attributes }));

describe('a name in the option and in a page', () => {
  test.each<[option: string, page: string, isFound: boolean]>([
    ['hero', 'hero', true],
    ['Hero', 'hERO', true],
    ['hero', 'heros', false],
    ['x:y.z-1_2', 'X:Y.Z-1_2', true],
    ['größe', 'größe', true],
    ['GRöSSE', 'grösse', true],
    ['日本', '日本', true],
    ['🖼', '🖼', true],
    ['ÿ', 'ÿ', true],
    // HTML folds ASCII letters alone
    ['Über', 'Über', true],
    ['Über', 'über', false],
    ['über', 'Über', false],
    ['\u212a', 'k', false], // the Kelvin sign
    ['ſrc', 'ſrc', true],
  ])('%s and %s', (option, page, isFound) => {
    const count = isFound ? 1 : 0;
    expect(signedIn(`<img ${page}="${url()}">`, { [option]: 'url' })).toBe(count);
    expect(signedIn(`<img ${page}="${url()} 1x, ${url('card')} 2x">`, { [option]: 'srcset' })).toBe(
      2 * count,
    );
    expect(signedIn(`<p ${page}="a: url(${url()})">`, { [option]: 'css' })).toBe(count);
  });

  test('two names that differ in a letter beyond ASCII are two', () => {
    const page = `<img Ü="${url()}" ü="${url()} 1x">`;
    expect(signedIn(page, { Ü: 'url', ü: 'srcset' })).toBe(2);
  });

  test('a data-* is read as the option says', () => {
    expect(signedIn(`<p data-hero="${url()} 1x">`, {})).toBe(0);
    expect(signedIn(`<p data-hero="${url()} 1x">`, { 'DATA-hero': 'srcset' })).toBe(1);
  });
});

test.each(['', 'a b', 'a\tb', 'a"b', "a'b", 'a<b', 'a>b', 'a/b', 'a=b', ' a', 'a '])(
  '%j is no name',
  (name) => {
    expect(() => signedIn('', { [name]: 'url' })).toThrow(/expected the name of an attribute/);
  },
);

test.each(['src', 'SRC', 'srcset', 'style', 'srcdoc', 'xlink:href', 'value', 'Value'])(
  '%s is not the site’s to name',
  (name) => {
    expect(() => signedIn('', { [name]: 'url' })).toThrow(/\. (?:It is already read|The form would save)/);
  },
);
