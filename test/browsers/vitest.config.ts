/** What `npm run test:browsers` runs. */
import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/browsers/firefox.ts', 'test/client/open-page-browser.test.ts'],
    globalSetup: './test/support/set-up.ts',
    // One browser after the other: each has many tabs.
    fileParallelism: false,
    maxConcurrency: 8,
    execArgv: ['--no-warnings'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

export default config;
