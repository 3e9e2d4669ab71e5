/**
 * `npm run bench:hostile`: pages that are written to keep a server busy, each at one size and at twice that, and each beside
 * an ordinary page where stack traces are deep, as tools that watch an app make them. Ratios of one run; nothing is
 * asserted, for that the steps and the exceptions are counted (`rewriting/linear`, `properties/budgets`). `ROUNDS` sets how
 * many.
 */
import { cpus } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { inChunksOf } from '../support/chunks.ts';
import { type HostilePage, hostileLongUrls, hostilePages } from '../support/hostile-pages.ts';
import { ordinaryPage } from '../support/ordinary-page.ts';
import { instant, key } from '../support/samples.ts';
import { createSigner, markdown } from './built.ts';
import { giveFigure } from './give-figure.ts';
import { table } from './rounds.ts';

const goal = 2.3;
const rounds = Number(process.env['ROUNDS'] ?? 9);
const warmUp = 2;

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

/** Milliseconds; a signer of its own, so that none knows the page. */
function timeOf(page: Buffer, chunkSize: number, delivery: readonly string[]): number {
  const chunks = inChunksOf(Math.min(chunkSize, page.length), page);
  const signer = createSigner({ key, ttl: '1d', variants: { thumb: {} }, delivery, now: () => instant });
  const rewriter = signer.htmlRewriter();
  collectGarbage({ type: 'minor' }); // of the pages before
  const start = process.hrtime.bigint();
  for (const chunk of chunks) rewriter.write(chunk);
  rewriter.end();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

const median = (samples: number[]): number => samples.sort((a, b) => a - b)[samples.length >> 1]!;

/** Both sizes in turn, so that a slow moment of the machine meets both. */
function measure(
  pageOf: HostilePage,
  size: number,
  chunkSize: number,
  delivery: readonly string[],
): [number, number] {
  const pages = [pageOf(size), pageOf(2 * size)] as const;
  const samples: [number[], number[]] = [[], []];
  for (let round = -warmUp; round < rounds; round++) {
    for (const [index, page] of pages.entries()) {
      const milliseconds = timeOf(page, chunkSize, delivery);
      if (round >= 0) samples[index]!.push(milliseconds);
    }
  }
  return [median(samples[0]), median(samples[1])];
}

/** As many frames as a request has under a framework and a few middlewares. */
const frames = 60;
const deepSize = 65_536;
const fields = { content: 'html', body: markdown, nested: 'json' } as const;

/** Milliseconds of processor time, under `frames` frames of which a stack trace holds all. */
function deepTimeOf(page: Buffer, depth: number = frames): number {
  if (depth > 0) return deepTimeOf(page, depth - 1);
  const signer = createSigner({ key, ttl: '1d', variants: { thumb: {}, card: {} }, now: () => instant });
  const rewriter = signer.htmlRewriter({ fields });
  collectGarbage({ type: 'minor' });
  const start = process.cpuUsage();
  rewriter.write(page);
  rewriter.end();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

function measureDeep(): string[][] {
  const ordinary = ordinaryPage(deepSize);
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 100;
  const measured = Object.entries({ ...hostilePages, ...hostileLongUrls }).map(([name, pageOf]) => {
    const page = pageOf(deepSize);
    const samples: [number[], number[]] = [[], []];
    for (let round = -warmUp; round < rounds; round++) {
      const times = [deepTimeOf(page), deepTimeOf(ordinary)] as const;
      if (round >= 0) for (const index of [0, 1] as const) samples[index].push(times[index]);
    }
    const [hostile, beside] = samples.map(median) as [number, number];
    return { name, hostile, times: hostile / beside };
  });
  Error.stackTraceLimit = limit;
  measured.sort((a, b) => b.times - a.times);
  return measured
    .slice(0, 10)
    .map(({ name, hostile, times }) => [name, hostile.toFixed(2), times.toFixed(2)]);
}

console.log(
  `pages of ${deepSize} bytes, under ${frames} frames with Error.stackTraceLimit = 100: the ten that take most processor time\n`,
);
console.log(table([['page', 'ms', 'times an ordinary page'], ...measureDeep()]), '\n');

const above: string[] = [];
let slowest = 0;
const ratios: number[] = [];
const rows = Object.entries(hostilePages).map(([name, pageOf]) => [
  name,
  ...ways.flatMap(([way, size, chunkSize, delivery]) => {
    const [once, twice] = measure(pageOf, size, chunkSize, delivery);
    const ratio = twice / once;
    if (size > 100_000) slowest = Math.max(slowest, twice);
    if (twice > 1) ratios.push(ratio);
    // Below a millisecond it is the machine that is measured.
    if (ratio > goal && twice > 1) above.push(`${name}, ${way}: ${ratio.toFixed(2)}`);
    return [twice.toFixed(2), ratio.toFixed(2)];
  }),
]);

const head = ['page', ...ways.flatMap(([way]) => [`${way}, ms`, 'ratio'])];
console.log(`a page and one of twice its size, median of ${rounds}; goal: ratio ${goal} at most`);
console.log(ways.map(([way, size]) => `${way}: ${size} and ${2 * size} bytes`).join('; '));
console.log(`Node ${process.version}, ${cpus()[0]?.model}\n`);
console.log(table([head, ...rows]));
console.log(above.length === 0 ? '\nnone is above the goal' : `\nabove the goal:\n${above.join('\n')}`);
giveFigure(['hostile', 'slowest'], slowest, 0, 'ms');
giveFigure(['hostile', 'ratio'], median(ratios), 1, 'times');
giveFigure(['hostile', 'ratio', 'largest'], Math.max(...ratios), 1, 'times');
