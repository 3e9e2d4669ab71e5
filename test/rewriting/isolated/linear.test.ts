/** Twice the page, about twice the steps. */
import { runInThisContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { Options } from '../../support/samples.ts';
import { growthOf } from '../../support/steps.ts';

const { inChunksOf } = await import('../../support/generators/chunks.ts');
const { markdown } = await import('../../../src/markdown.ts');
const { hostilePages } = await import('../../support/generators/hostile-pages.ts');
const { shareOf } = await import('../../support/seed.ts');
const { signerWith } = await import('../../support/samples.ts');
const { takeScratch } = await import('../../../src/simd/scratch.ts');

// As in `properties/isolated/budgets`: what runs in WebAssembly is not counted.
takeScratch(Buffer.alloc(0), 0, Buffer.alloc(1));

/** Room for what does not grow evenly: the last, unfinished token, a table that is grown. */
const most = 2.1;

describe('the meter', () => {
  const toy = (body: string): ((bytes: Buffer) => number) =>
    runInThisContext(`(bytes) => { let n = 0; ${body} return n; }`, { filename: '/src/toy.js' });
  const ratioOf = (run: (bytes: Buffer) => number): number =>
    growthOf(5_000, (size) => {
      const page = Buffer.alloc(size, `${'a'.repeat(99)}<`);
      return () => void run(page);
    });

  test.each([
    ['a loop', 'for (const byte of bytes) if (byte === 60) n++;'],
    ['a native search that goes on', 'for (let at = -1; (at = bytes.indexOf(60, at + 1)) >= 0; ) n++;'],
  ])('finds %s linear', (_title, body) => {
    expect(ratioOf(toy(body))).toBeLessThan(most);
  });

  test.each([
    ['a loop in a loop', 'for (const byte of bytes) if (byte === 60) for (const other of bytes) n += other;'],
    ['a native search for each', 'for (const byte of bytes) if (byte === 60) n += bytes.indexOf(62);'],
    [
      'a copy for each',
      'for (const byte of bytes) if (byte === 60) n += bytes.copy(Buffer.alloc(bytes.length));',
    ],
    [
      'a regular expression for each',
      "const text = bytes.toString('latin1'); for (const each of text) if (each === '<') n += text.replace(/b/, '').length;",
    ],
  ])('finds %s quadratic', (_title, body) => {
    expect(ratioOf(toy(body))).toBeGreaterThan(3);
  });
});

/** The pages name the middle one alone: a search for the others must not begin anew at each mark. */
const delivery = ['https://shop.example/images', 'https://imagedelivery.net', 'https://pictures.test'];

const fields = { content: 'html', body: markdown, nested: 'json' } as const;

const ways: readonly [title: string, size: number, chunkSize: number, options: Options][] = [
  // A token is held up to 64 KiB, and a URL is read up to 16 KiB: what is quadratic within shows below that alone. No
  // pair of sizes lies on both sides of a bound.
  ['short enough for one URL, in one write', 7_000, Infinity, {}],
  ['long, in one write', 66_000, Infinity, {}],
  ['short, with three bases and an `authorize`', 7_000, Infinity, { delivery, authorize: () => true }],
  ['long, with every event heard', 66_000, Infinity, { report: () => {} }],
  ['short enough for one token, in chunks of 512 bytes', 10_000, 512, {}],
  ['long, in chunks of 4 KiB', 66_000, 4_096, {}],
  ['byte by byte', 1_000, 1, {}],
];

const pages = Object.entries(hostilePages);

describe.each(ways)('%s', (title, size, chunkSize, options) => {
  const rewrite = (page: Buffer): (() => void) => {
    const chunks = inChunksOf(Math.min(chunkSize, page.length), page);
    // A URL that is reported costs more, and a longer one may be reported for its length alone.
    const rewriter = signerWith({ report: false, ...options }).htmlRewriter({ fields });
    return () => {
      for (const chunk of chunks) rewriter.write(chunk);
      rewriter.end();
    };
  };

  test.each(shareOf(pages, title === 'byte by byte' ? 10 : 40))('%s', (_name, pageOf) => {
    expect(growthOf(size, (length) => rewrite(pageOf(length)))).toBeLessThanOrEqual(most);
  });
});
