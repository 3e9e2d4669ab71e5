import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { posix } from 'node:path';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import LongestFirst, { longest } from './test/support/longest-first.ts';
import { isMatrix, isQuickRun, leftOutOfQuickRun } from './test/support/run-length.ts';

/** All files of a run have one seed, which `report.ts` prints. */
const hasSeed = process.env['SEED'] !== undefined;
process.env['SEED'] ??= String(Math.floor(Math.random() * 2 ** 31));
/** A regression that a seed has found once is found again; a fresh one, which all files have, finds others. */
const hasFixedSeed = isQuickRun && !isMatrix && !hasSeed;
if (hasFixedSeed) process.env['SEEDS'] = '2';

/**
 * Test files share processes, which read the modules once: half a second less for each file. These do not: they change the
 * process (how V8 counts and compiles, functions of Node.js before the modules are read, what the process holds), or start
 * others.
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
  'schemes/docs',
  'signing/digests',
  'simd/module',
  'simd/pages',
  'site/browser',
  'site/site',
  'soak/soak',
  'tools/diagnosis/oracle',
  'tools/diagnosis/page-work',
  // V8 makes faster code for one law than for many in turn, which shows where a file takes longer than ten seconds.
  ...(isQuickRun ? [] : longest),
].map((name) => `test/${name}.test.ts`);
/**
 * They take `Response` and `ServerResponse` as Node.js has them, and the `send` of Express: in the processes of others Hono
 * replaces the first, and the built package, which is another copy, may have hooked the last.
 */
const untouched = [
  'integration/fetch',
  'integration/fetch-codings',
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
/** They turn off V8's optimizer: others take four times as long in their processes. */
const countingSteps = sharing.filter((file) => readFileSync(file, 'utf8').includes('support/steps.ts'));
const inSharedProcesses = sharing.filter(
  (file) => !countingSteps.includes(file) && !untouched.includes(file),
);

/** Of the command line vitest takes `--exclude` for the root alone, and not for the projects below. */
const excluded = process.argv.flatMap((arg) => /^--exclude=(.*)/.exec(arg)?.[1] ?? []);
const leftOut = ['**/node_modules/**', ...excluded, ...(isQuickRun && !isMatrix ? leftOutOfQuickRun : [])];

const fixedSeed = '20261125';
/** Not the one that has no shorter form. */
const lawsOfFixedSeed = {
  include: readdirSync('test/properties')
    .map((name) => `test/properties/${name}`)
    .filter((file) => /\b(?:atLength|isShort|ofThisSeed)\b/.test(readFileSync(file, 'utf8'))),
  exclude: [...leftOut, 'test/properties/cache.test.ts'],
};

/** `vitest` alone watches; so does `vitest watch`. */
const isWatching = !process.argv.includes('run');

const config: ViteUserConfig = defineConfig({
  plugins: [
    {
      // As apps load packages. With `development`, which vitest adds, micromark checks itself at each character.
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
    // One waits for a socket, a process or the browser while the others compute. By default vitest leaves a core to itself.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    // Each project would transform the modules anew. `npm ci` empties it, and so does another lockfile.
    experimental: {
      fsModuleCache: isQuickRun && !isMatrix,
      fsModuleCachePath: 'node_modules/.cache/vitest-modules',
    },
    // Only scenes in browsers run side by side in a file: each waits for its own tab.
    maxConcurrency: 12,
    // The middlewares of most tests have no `report`, and so warn of what a test does to them.
    execArgv: ['--no-warnings'],
    // For a machine that runs other things: the browser tests start a site and a Chromium.
    testTimeout: 180_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 30_000 } },
  },
});

export default config;
