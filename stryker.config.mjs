/**
 * Mutation tests: `npm run mutate`, or `npm run mutate -- --mutate 'src/http/*.ts'` for a part.
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: ['src/{signing,url,options,guard}/**/*.ts'],
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutation/vitest.config.ts' },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // Long enough for a busy machine: a slow run is no mutant that a test has found.
  timeoutMS: 60_000,
  // What has been measured before, and whose source and tests are the same, is not measured again.
  incremental: true,
  incrementalFile: '.stryker/incremental.json',
  tempDirName: '.stryker/sandbox',
  ignorePatterns: ['/.stryker', '/dist', '/docs', '/examples', '/coverage'],
  reporters: ['clear-text', 'html', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: '.stryker/report.html' },
  thresholds: { high: 95, low: 90, break: 90 },
};
