/** A text of a person goes out to the last byte, wherever a value may be a URL or a text, in every scheme. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pickFrom, randoms } from '../../support/generators/random.ts';
import { textSites } from '../../support/generators/text-schemes.ts';
import { mayBeUrl, trimmed } from '../../support/one-url.ts';
import { runs } from '../../support/seed.ts';
import { gluedText, mayBeSrcset, randomText, textEntries } from './entries.ts';

const perScheme = runs(0.06);

describe.each(textSites)('$name', (site) => {
  test.each(textEntries)('%# $name keeps texts', { timeout: 60_000 }, ({ send, isSrcset }) => {
    fc.assert(
      fc.property(randoms, (random) => {
        const pick = pickFrom(random);
        const text = randomText(site, pick, random);
        if (mayBeUrl(trimmed(text)) || (isSrcset && mayBeSrcset(text))) return;
        expect(send(text, site.signer)).toBe(text);
      }),
      { numRuns: perScheme },
    );
  });

  test.each(textEntries)('%# $name keeps words right behind a token', { timeout: 60_000 }, (entry) => {
    const { send, isSrcset } = entry;
    fc.assert(
      fc.property(randoms, (random) => {
        const pick = pickFrom(random);
        const text = gluedText(site, pick, random);
        if (isSrcset && /,$/.test(text)) return; // a list of one candidate
        expect(send(text, site.signer)).toBe(text);
      }),
      { numRuns: perScheme },
    );
  });

  test.each(textEntries)('%# $name keeps a value with one character of a text', ({ send, isSrcset }) => {
    for (const character of [
      '<',
      '>',
      '"',
      '`',
      '\u007f',
      '\u0085',
      '\u00a0',
      '\u2028',
      '\u3000',
      '\ufeff',
    ]) {
      if (isSrcset) continue; // a candidate may hold it
      for (const text of [`${site.url}?x=a${character}b`, `${site.url}#a${character}b`])
        expect(send(text, site.signer)).toBe(text);
    }
  });

  test.each(textEntries)('%# $name signs a URL, and one whose token is over', ({ send }) => {
    for (const url of [site.url, site.stale, site.signed]) expect(send(url, site.signer)).toBe(site.signed);
  });
});
