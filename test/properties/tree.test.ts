/**
 * A rewrite never changes the tree that a browser builds, and nothing but URLs: pages in which a stranger has
 * chosen the URLs, in every place that is rewritten, and the site has escaped them correctly. Some sites have moved: most
 * of their images are stored under another base. `NUM_RUNS=5000` reads more.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Site, sites, treeFault } from '../support/generators/hostile-sites.ts';
import { hostilePage, textOf } from '../support/generators/hostile-urls.ts';
import { runs } from '../support/seed.ts';

const pages = runs(32);

test(`${pages} pages`, { timeout: 600_000 }, () => {
  const cuts = fc.option(fc.array(fc.nat(2_000), { minLength: 4, maxLength: 4 }), {
    freq: 1,
    nil: undefined,
  });
  fc.assert(
    fc.property(fc.constantFrom(...sites), fc.nat(), cuts, (site, at, places) => {
      const page = hostilePage(at, site.heads);
      const fault = treeFault(site, page, places);
      if (fault !== undefined) expect.fail(`page ${at}: ${fault}\n${textOf(page.parts)}`);
    }),
    { numRuns: pages },
  );
});

describe('the property itself', () => {
  const [strict] = sites as readonly [Site];
  const parts = [
    { text: '<style>a{b:url("', role: 'around' },
    { text: 'https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/b/preview?', role: 'stays' },
    { text: 'exp&', role: 'goes' },
    { text: '\\3c /style>\\3c img src=x onerror=alert(1)>', role: 'stays' },
    { text: '")}</style>', role: 'around' },
  ] as const;

  test.each<[title: string, fault: string, rewrite: (page: string) => string]>([
    [
      'markup that is set free',
      'the tree changes',
      (page) => page.replace('exp&', '').replace(/\\3c /g, '<'),
    ],
    [
      'an escape that is written in another way',
      'more than the token',
      (page) => page.replace('exp&', '').replace('\\3c ', '\\00003c'),
    ],
    ['a token that is left', 'more than the token', (page) => page],
    [
      'a byte that is lost around a URL',
      'what is around',
      (page) => page.replace('exp&', '').replace('url("', 'url( "'),
    ],
    ['the end that is lost', 'the end of the page', (page) => page.replace('exp&', '').replace(/$/, '</b>')],
  ])('finds %s', (_title, fault, rewrite) => {
    const lying = {
      ...strict.signer,
      rewriteHtml: (page: Uint8Array) => Buffer.from(rewrite(Buffer.from(page).toString())),
    };
    const page = { parts, isClosed: true };
    expect(treeFault(strict, page, undefined)).toBeUndefined();
    expect(treeFault({ ...strict, signer: lying as unknown as Site['signer'] }, page, undefined)).toContain(
      fault,
    );
  });
});
