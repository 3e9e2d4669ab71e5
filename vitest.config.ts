import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** One seed for all files of a run: `SEED` tries the same again. */
if (process.env['SEED'] === undefined) {
  process.env['SEED'] = String(Math.floor(Math.random() * 2 ** 31));
  console.log(`SEED=${process.env['SEED']}`);
}
/** A folder for vitest's JSON reports. */
const reports = process.env['REPORTS'];

const include = ['test/**/*.test.ts'];
const walks = ['**/node_modules/**', 'test/walks/**'];
/** They change the process: how V8 compiles, or functions of Node.js before the modules are loaded. */
const isolated = ['test/**/isolated/*.test.ts'];

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'shared', include, exclude: [...walks, ...isolated], isolate: false } },
      { extends: true, test: { name: 'isolated', include: isolated, exclude: walks } },
    ],
    setupFiles: 'test/support/seed.ts',
    // Most tests install middleware without `report`, which then warns about what they do to it.
    execArgv: ['--no-warnings'],
    // Many servers of these tests are meant to fail, and say so.
    silent: 'passed-only',
    reporters: reports === undefined ? ['dot'] : ['dot', 'json'],
    outputFile: `${reports}/${process.pid}.json`,
    // By default a core stays free: on two, one would do all.
    maxWorkers: '100%',
    testTimeout: 20_000,
  },
});

export default config;
