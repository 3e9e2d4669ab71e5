/**
 * Mutation tests: `npm run mutate`, or `npm run mutate -- --mutate 'src/http/*.ts'` for a part, and with `SAMPLE=3` three
 * of a hundred mutants. `SEED` chooses them.
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
const { SAMPLE: percent, SEED: seed = '1' } = process.env;

export default {
  mutate: ['src/{signing,url,options,guard,signer,pages,node,web,rewriting}/**/*.ts'],
  testRunner: 'vitest',
  // Which test reaches which mutant is a table of millions of cells.
  testRunnerNodeArgs: ['--max-old-space-size=10000'],
  // What a mutant concerns is known by its coverage: looking for what imports its file takes longer than the tests.
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  // Vitest checks no types, and a test reads a source as it stands.
  disableTypeChecks: false,
  dryRunTimeoutMinutes: 30,
  plugins: ['@stryker-mutator/*', './test/mutation/sample.mjs'],
  checkers: percent === undefined ? [] : ['sample'],
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // Long enough for a busy machine: a slow run is no mutant that a test has found.
  timeoutMS: 60_000,
  // What has been measured before, and whose source and tests are the same, is not measured again.
  incremental: true,
  incrementalFile:
    percent === undefined ? '.stryker/incremental.json' : `.stryker/sample-${percent}-${seed}.json`,
  tempDirName: '.stryker/sandbox',
  ignorePatterns: ['/.stryker', '/dist', '/docs', '/examples', '/coverage'],
  reporters: ['clear-text', 'html', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: '.stryker/report.html' },
  // Mutants that change no behaviour count: one in ten, and in `src/web` one in five.
  thresholds: { high: 95, low: 85, break: 75 },
};
