/** A character that is escaped in CSS stays so when what stands behind it is taken away, or put there. */
import { describe, expect, test } from 'vitest';
import { readCss } from '../support/oracles/browser-reading.ts';
import { signerWith, url } from '../support/samples.ts';

const characters = ['"', "'", '(', ')', ' ', '<', '>', ']', 'a', '5', 'é', '~'];

const places: readonly (readonly [name: string, open: string, close: string])[] = [
  ['bare', 'url(', ')'],
  ['in quotes', 'url("', '")'],
  ['in apostrophes', "url('", "')"],
];

const rewritten = (css: string, variants?: readonly string[]): string =>
  signerWith(variants === undefined ? {} : { variants })
    .rewriteHtml(`<style>a{b:${css}}</style>`)
    .slice('<style>a{b:'.length, -'}</style>'.length);

describe.each(places)('%s', (_name, open, close) => {
  test.each(characters)('before an old token that is taken off: %s', (character) => {
    const [code = ''] = Array.from(character, (each) => each.codePointAt(0)!.toString(16));
    const bare = url('preview');
    for (const written of [`\\${code} `, `\\${code.padStart(6, '0')}`]) {
      const css = rewritten(`${open}${bare}?v=${written}&exp=1&sig=2${close}`);
      expect(readCss(css)).toEqual([`${bare}?v=${character === ' ' ? '%20' : character}`]);
      expect(css).not.toMatch(/<|>|\]/);
    }
  });

  test.each(["it's", '(x)', 'a)', 'x]', "'", 'thum5'])(
    'at the end of a variant, before a new token: %s',
    (variant) => {
      const last = variant.at(-1)!;
      const written = `${url(variant.slice(0, -1))}\\${last.charCodeAt(0).toString(16)} `;
      const css = rewritten(`${open}${written.replace(/['()](?=.)/g, '\\$&')}${close}`, [variant]);
      const expected = signerWith({ variants: [variant] }).signImage(url(variant));
      expect(readCss(css)).toEqual([expected]);
    },
  );
});
