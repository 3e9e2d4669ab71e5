/** What `npm run test:walks` runs: tests of the package in browsers, in Workers, beside stores, and as npm packs it. */
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const reports = process.env['REPORTS'];

const config: ViteUserConfig = defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    include: ['test/walks/**/*.test.ts'],
    globalSetup: 'test/walks/set-up.ts',
    setupFiles: 'test/support/seed.ts',
    execArgv: ['--no-warnings'],
    // Scenes run side by side, each in a tab of its own.
    maxConcurrency: 12,
    // A site and a Chromium are started.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: '100%',
    silent: 'passed-only',
    reporters: reports === undefined ? ['default'] : ['dot', 'json'],
    outputFile: `${reports}/${process.pid}.json`,
    expect: { poll: { timeout: 30_000 } },
  },
});

export default config;
