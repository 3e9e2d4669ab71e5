/**
 * Pages that are written to keep a server busy, each at one size and at twice that, whole, in chunks, and short with three
 * bases. Ratios of one run; nothing is asserted, for that the steps are counted (`rewriting/isolated/linear`, `properties/isolated/budgets`).
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { inChunksOf } from '../support/generators/chunks.ts';
import { hostilePages } from '../support/generators/hostile-pages.ts';
import { instant, key } from '../support/samples.ts';
import { median } from '../support/statistics.ts';
import { createSigner, load } from './built.ts';
import { giveFigure } from './give-figure.ts';
import { print, rounds } from './rounds.ts';

const one = ['https://imagedelivery.net'];
/** The pages name the middle one alone. */
const three = ['https://shop.example/images', ...one, 'https://pictures.test'];
const ways = [
  ['whole', 131_072, Infinity, one],
  ['in 16K', 131_072, 16_384, one],
  // No longer than a URL may be: what is quadratic within one shows here alone.
  ['short, 3 bases', 7_500, Infinity, three],
] as const;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as (options: { type: 'minor' }) => void;
const { markdown } = await load<typeof import('../../src/markdown.ts')>('markdown');
const fields = { content: 'html', body: markdown, nested: 'json' } as const;

/** Milliseconds of processor time; a signer of its own, so that none knows the page. */
function timeOf(page: Buffer, chunkSize: number, delivery: readonly string[]): number {
  const chunks = inChunksOf(Math.min(chunkSize, page.length), page);
  const options = { key, ttl: '1d', variants: { thumb: {}, card: {} }, delivery, now: () => instant };
  const rewriter = createSigner(options).htmlRewriter({ fields });
  collectGarbage({ type: 'minor' }); // of the pages before
  const start = process.cpuUsage();
  for (const chunk of chunks) rewriter.write(chunk);
  rewriter.end();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

/** The medians of two, in turn, so that a slow moment of the machine meets both. */
function measure(pages: readonly [Buffer, Buffer], ...rest: [number, readonly string[]]): number[] {
  const samples: [number[], number[]] = [[], []];
  for (let round = -2; round < rounds; round++)
    for (const [index, page] of pages.entries()) {
      const time = timeOf(page, ...rest);
      if (round >= 0) samples[index]!.push(time); // the first ones warm up
    }
  return samples.map(median);
}

let slowest = 0;
const ratios: number[] = [];
print(`a page and one of twice its size: ${ways.map(([way, size]) => `${way}, ${size} bytes`).join('; ')}`, [
  ['page', ...ways.flatMap(([way]) => [`${way}, ms`, 'ratio'])],
  ...Object.entries(hostilePages).map(([name, pageOf]) => [
    name,
    ...ways.flatMap(([, size, chunkSize, delivery]) => {
      const [once, twice] = measure([pageOf(size), pageOf(2 * size)], chunkSize, delivery) as [
        number,
        number,
      ];
      if (size > 100_000) slowest = Math.max(slowest, twice);
      if (twice > 1) ratios.push(twice / once); // below a millisecond it is the machine that is measured
      return [twice.toFixed(2), (twice / once).toFixed(2)];
    }),
  ]),
]);
giveFigure(['hostile', 'slowest'], slowest, 0, 'ms');
giveFigure(['hostile', 'ratio'], median(ratios), 1, 'times');
giveFigure(['hostile', 'ratio', 'largest'], Math.max(...ratios), 1, 'times');
