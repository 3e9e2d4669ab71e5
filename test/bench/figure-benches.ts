/** The benchmarks, in the order in which the figures are measured: the longest last. */

export interface Bench {
  /** Of `test/bench/<name>.bench.ts`. */
  readonly name: string;
  readonly measures: string;
  /** Whether its figures are in `docs/figures.json`. */
  readonly hasFigures: boolean;
  /** The variable without which its figures would mean something else. */
  readonly needs?: string;
}

const bench = (name: string, measures: string, more: Partial<Bench> = {}): Bench => ({
  name,
  measures,
  hasFigures: true,
  ...more,
});

export const benches: readonly Bench[] = [
  bench('size', 'the packed package, and what apps bundle of it'),
  bench('sign', 'a signature beside a bare HMAC'),
  bench('start', 'the import and the first page of a fresh process'),
  bench('json', 'HTML in JSON beside HTML; signData beside JSON.parse and JSON.stringify'),
  bench('schemes', 'a URL of each scheme beside its bare digest'),
  bench('worker', 'the processor time of a page in workerd'),
  bench('streams', 'the memory of 10,000 open streams (STREAMS)'),
  bench('hostile', 'hostile pages of one size and of twice that size'),
  bench('html', 'the HTML engine beside others (ONLY, ENGINES)', { needs: 'CORPUS' }),
  bench('http', 'what a server, the proxy and the delivery still serve (ONLY)'),
  bench('client', 'the tasks of the client in Chromium (IMAGES)', { hasFigures: false }),
];

/** What a reader types to measure the same, in the folder of the project. */
export function commandOf({ name, needs }: Bench): string {
  return `${needs === undefined ? '' : `${needs}=<folder> `}npm run bench -- ${name}`;
}
