/** The option `customProperties`: which names are taken, and what is found by them in CSS. */
import { describe, expect, test } from 'vitest';
import { imageSigner } from '../../src/index.ts';
import { noExtraTargets, serializeTargets } from '../../src/rewriting/options.ts';
import { base, countTokens, signerWith, url } from '../support/samples.ts';

const signedIn = (page: string, customProperties?: readonly string[]): number =>
  countTokens(signerWith().rewriteHtml(page, { customProperties }));

describe('a name in the option and in a style sheet', () => {
  test.each<[option: string, sheet: string, isFound: boolean]>([
    ['--hero', '--hero', true],
    ['--hero', '--Hero', false],
    ['--hero', '--hero2', false],
    ['--1', '--1', true],
    ['--größe', '--größe', true],
    ['--🖼', '--🖼', true],
    ['--🖼', '--\\1f5bc ', true],
  ])('%s and %s', (option, sheet, isFound) => {
    const count = isFound ? 1 : 0;
    expect(signedIn(`<style>a{${sheet}:"${url()}"}</style>`, [option])).toBe(count);
    expect(signedIn(`<p style="${sheet} : '${url()}'">`, [option])).toBe(count);
    expect(signedIn(`<svg><style>a{${sheet}:"${url()}"}</style></svg>`, [option])).toBe(count);
  });

  test('without the option, a string in a custom property is text', () => {
    expect(signedIn(`<style>a{--hero:"${url()}"}</style>`)).toBe(0);
    expect(signedIn(`<style>a{--hero:"${url()}"}</style>`, [])).toBe(0);
  });
});

test.each(['', '-', '--', 'hero', '-hero', ' --hero', '--he ro', '--a:b', '--a"b', 5, null])(
  '%j is no name of a custom property',
  (name) => {
    expect(() => signedIn('', [name as string])).toThrow(/expected the name of a CSS custom property, got/);
  },
);

test('one name without a list is refused', () => {
  expect(() => signedIn('', '--hero' as never)).toThrow(/customProperties.*expected a list of names/);
});

test('the middleware takes the option, and checks it', () => {
  expect(() => imageSigner({ ...base, customProperties: ['--hero'] })).not.toThrow();
  expect(() => imageSigner({ signer: signerWith(), customProperties: ['hero'] })).toThrow(
    /expected the name of a CSS custom property, got 'hero'/,
  );
});

test('two lists of names are two configurations', () => {
  const withNames = (...names: string[]): string =>
    serializeTargets({ ...noExtraTargets, customProperties: new Set(names) });
  expect(withNames('--a')).toBe(withNames('--a'));
  expect(withNames('--a')).not.toBe(withNames('--b'));
  expect(withNames('--a')).not.toBe(serializeTargets(noExtraTargets));
});
