import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/closing-line.ts'],
    maxWorkers: 2,
    // The browser test starts a site and a Chromium; nothing here waits for a clock.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

export default config;
