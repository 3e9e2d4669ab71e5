/**
 * A rewrite never changes the tree that a browser builds, and nothing but URLs: 32,000 pages in which a stranger has
 * chosen the URLs, in every place that is rewritten, and the site has escaped them correctly. Some sites have moved: most
 * of their images are stored under another base. `NUM_RUNS=5000` reads more.
 */
import { describe, expect, test } from 'vitest';
import { type Site, sites, treeFault } from '../support/generators/hostile-sites.ts';
import { hostilePage, textOf } from '../support/generators/hostile-urls.ts';
import { randomFrom } from '../support/generators/random.ts';
import { runs, seed } from '../support/seed.ts';

const perTest = runs(8);

test.each([0, 1, 2, 3])(`part %d of 4: ${perTest} pages`, { timeout: 600_000 }, (part) => {
  const random = randomFrom(seed + part);
  const first = seed + part * perTest;
  for (let at = first; at < first + perTest; at++) {
    const site = sites[at % sites.length]!;
    const page = hostilePage(at, site.heads);
    const places = at % 5 === 0 ? Array.from({ length: 4 }, () => Math.floor(random() * 2_000)) : undefined;
    const fault = treeFault(site, page, places);
    if (fault !== undefined) expect.fail(`page ${at}: ${fault}\n${textOf(page.parts)}`);
  }
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
