import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { posix } from 'node:path';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import LongestFirst, { longest } from './test/support/longest-first.ts';
import { isMatrix, isQuickRun, leftOutOfQuickRun } from './test/support/run-length.ts';

/** All files of a run have one seed, which `report.ts` prints. */
const hasSeed = process.env['SEED'] !== undefined;
process.env['SEED'] ??= String(Math.floor(Math.random() * 2 ** 31));
/** The fixed seed finds earlier regressions again. The fresh one, which all files use, finds others. */
const hasFixedSeed = isQuickRun && !isMatrix && !hasSeed;
if (hasFixedSeed) process.env['SEEDS'] = '2';

/**
 * Test files share processes, which load the modules once and save half a second per file. These files do not: they
 * change the process (how V8 counts and compiles, Node.js functions before the modules are loaded, what the process holds),
 * or start others.
 */
const inProcessesOfTheirOwn = [
  'conformance/conformance',
  'conformance/workers',
  'examples/koa',
  'examples/worker-start',
  'gallery/accessibility',
  'gallery/browser',
  'gallery/cloudflare',
  'gallery/hostile',
  'gallery/process',
  'integration/fetch-fast-paths',
  'node/http/patched-later',
  'package/client',
  'package/command',
  'package/documentation',
  'package/tarball',
  'properties/cache',
  'properties/exceptions',
  'properties/handlers',
  'schemes/docs',
  'signing/digests',
  'simd/module',
  'simd/pages',
  'site/browser',
  'site/site',
  'soak/soak',
  'tools/diagnosis/oracle',
  'tools/diagnosis/page-work',
  // V8 makes faster code for one law than for many in turn, which matters in files that take longer than ten seconds.
  ...(isQuickRun ? [] : longest),
].map((name) => `test/${name}.test.ts`);
/**
 * They need Node.js's own `Response` and `ServerResponse`, and Express's own `send`. In shared processes Hono replaces the
 * first, and the built package, which is another copy, may have hooked the last.
 */
const untouched = [
  'integration/fetch',
  'integration/fetch-codings',
  'integration/hono-globals',
  'integration/headers',
  'integration/lists-of-headers',
  'integration/mounted-apps',
  'integration/unusual',
  'integration/waiting-responses',
].map((name) => `test/${name}.test.ts`);
const sharing = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((name) => !name.includes('node_modules'))
  .map((name) => posix.join('test', name))
  .filter((file) => /(?<!-browser)\.test\.ts$/.test(file))
  .filter((file) => !inProcessesOfTheirOwn.includes(file));
/** They turn off V8's optimizer: other files would take four times as long in their processes. */
const countingSteps = sharing.filter((file) => readFileSync(file, 'utf8').includes('support/steps.ts'));
const inSharedProcesses = sharing.filter(
  (file) => !countingSteps.includes(file) && !untouched.includes(file),
);

/** Vitest applies `--exclude` of the command line only to the root, and not to the projects below. */
const excluded = process.argv.flatMap((arg) => /^--exclude=(.*)/.exec(arg)?.[1] ?? []);
const leftOut = ['**/node_modules/**', ...excluded, ...(isQuickRun && !isMatrix ? leftOutOfQuickRun : [])];

const fixedSeed = '20261125';
/** Without the one law that has no shorter form. */
const lawsOfFixedSeed = {
  include: readdirSync('test/properties')
    .map((name) => `test/properties/${name}`)
    .filter((file) => /\b(?:atLength|isShort|ofThisSeed)\b/.test(readFileSync(file, 'utf8'))),
  exclude: [...leftOut, 'test/properties/cache.test.ts'],
};

/** `vitest` without `run` watches. */
const isWatching = !process.argv.includes('run');

const config: ViteUserConfig = defineConfig({
  plugins: [
    {
      // Packages load as in apps. With `development`, which vitest adds, micromark checks itself at every character.
      name: 'conditions',
      configResolved({ environments, ssr }) {
        for (const { resolve } of [...Object.values(environments), ssr])
          if (resolve) resolve.conditions = ['node'];
      },
    },
  ],
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'shared',
          include: inSharedProcesses,
          exclude: leftOut,
          isolate: false,
        },
      },
      { extends: true, test: { name: 'steps', include: countingSteps, exclude: leftOut, isolate: false } },
      { extends: true, test: { name: 'untouched', include: untouched, exclude: leftOut, isolate: false } },
      {
        extends: true,
        test: { name: 'others', include: ['test/**/*.test.ts'], exclude: [...leftOut, ...sharing] },
      },
      ...(hasFixedSeed
        ? [
            {
              extends: true as const,
              test: {
                name: `seed ${fixedSeed}`,
                ...lawsOfFixedSeed,
                env: { SEED: fixedSeed, SEED_TURN: '1' },
                isolate: false,
              },
            },
          ]
        : []),
    ],
    globalSetup: './test/support/set-up.ts',
    reporters: [isWatching ? 'default' : './test/support/report.ts'],
    // A worker often waits for a socket, a process or the browser while others compute. By default vitest keeps a core free.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    // Otherwise every project would transform the modules again. `npm ci` or another lockfile empties this cache.
    experimental: {
      fsModuleCache: isQuickRun && !isMatrix,
      fsModuleCachePath: 'node_modules/.cache/vitest-modules',
    },
    // Only browser scenes run side by side in a file, and each waits for its own tab.
    maxConcurrency: 12,
    // Most tests install middleware without `report`, which then warns about what they do to it.
    execArgv: ['--no-warnings'],
    // Long enough for a busy machine: the browser tests start a site and a Chromium.
    testTimeout: 180_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 30_000 } },
  },
});

export default config;
