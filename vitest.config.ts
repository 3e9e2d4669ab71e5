import { defineConfig, type ViteUserConfig } from 'vitest/config';
import LongestFirst from './test/support/longest-first.ts';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/closing-line.ts'],
    // By default vitest leaves one core to itself: on two cores that is one worker, and half of the machine idle.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    // The middlewares of most tests have no `report`, and so warn of what a test does to them.
    execArgv: ['--no-warnings'],
    // For a machine that runs other things: the browser tests start a site and a Chromium.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

export default config;
