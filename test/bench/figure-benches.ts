/** The benchmarks, in the order in which the figures are measured: the longest last. */

export interface Bench {
  /** Of `test/bench/<name>.bench.ts`. */
  readonly name: string;
  readonly measures: string;
  /** The variable without which its figures would mean something else. */
  readonly needs?: string;
}

export const benches: readonly Bench[] = [
  { name: 'size', measures: 'the packed package, and what apps bundle of it' },
  { name: 'sign', measures: 'a signature beside a bare HMAC' },
  { name: 'start', measures: 'the import and the first page of a fresh process' },
  { name: 'json', measures: 'HTML in JSON beside HTML; signData beside JSON.parse and JSON.stringify' },
  { name: 'schemes', measures: 'a URL of each scheme beside its bare digest' },
  { name: 'worker', measures: 'the processor time of a page in workerd' },
  { name: 'streams', measures: 'the memory of 10,000 open streams (STREAMS)' },
  { name: 'hostile', measures: 'hostile pages of one size and of twice that size' },
  { name: 'html', measures: 'the HTML engine beside others (ONLY, ENGINES)', needs: 'CORPUS' },
  { name: 'http', measures: 'what a server still serves (ONLY)' },
];

/** What a reader types to measure the same, in the folder of the project. */
export function commandOf({ name, needs }: Bench): string {
  return `${needs === undefined ? '' : `${needs}=<folder> `}npm run bench -- ${name}`;
}
