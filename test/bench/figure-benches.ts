/** The benchmarks that `npm run figures` runs, in this order: the longest last. */

export interface Bench {
  /** `test/bench/<name>.bench.ts` */
  readonly name: string;
  /** What a reader types to measure the same. */
  readonly command: string;
  readonly env?: Readonly<Record<string, string>>;
  /** For a short run. */
  readonly short?: Readonly<Record<string, string>>;
  /** For a whole run. */
  readonly whole?: Readonly<Record<string, string>>;
  /** The variable without which its figures would mean something else. */
  readonly needs?: string;
}

const short = { ROUNDS: '1' };

export const benches: readonly Bench[] = [
  { name: 'size', command: 'npm run bench:size' },
  { name: 'sign', command: 'npm run bench', short },
  { name: 'start', command: 'npm run bench:start', short },
  { name: 'json', command: 'npm run bench:json', short },
  { name: 'schemes', command: 'npm run bench:schemes', short },
  { name: 'worker', command: 'npm run bench:worker', short },
  { name: 'streams', command: 'npm run bench:streams', short: { STREAMS: '100' } },
  { name: 'hostile', command: 'npm run bench:hostile', short },
  {
    name: 'html',
    command: 'CORPUS=<folder> npm run bench:html',
    short: { ...short, WARM_UP: '0' },
    whole: { CHART: 'docs/html-benchmark.svg' },
    needs: 'CORPUS',
  },
  { name: 'http', command: 'npm run bench:http', short },
];
