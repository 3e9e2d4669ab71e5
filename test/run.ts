/**
 * `npm test` is the quick run, and `npm run test:full` is everything: lint, types and build, and then the tests. The last
 * line is always `N passed, N failed`, because a machine reads it: a step that fails before the tests counts as one failure.
 * What follows goes to vitest: `npm test -- test/url` runs these tests alone, and makes only what they need. So does
 * `npm test -- src/url`: of a path in `src` the tests of that name run.
 */
import { join } from 'node:path';
import { closingLineOf } from './matrix/closing-line.ts';
import { type Run, runLive } from './matrix/run-live.ts';
import { buildWhatIsOld } from './support/built-package.ts';
import { install, walks } from './support/install.ts';
import { mirroredTests } from './support/mirrored-tests.ts';
import { root } from './support/root.ts';

const [mode, ...rest] = process.argv.slice(2);
const isFull = mode === '--full';
const typed = isFull || mode === undefined ? rest : [mode, ...rest];
const untested = typed.find((arg) => mirroredTests(root, arg) === undefined);
const args = typed.map((arg) => mirroredTests(root, arg) ?? arg);
const isPart = args.some((arg) => !arg.startsWith('-'));

/** @returns what a step has said that failed */
async function check(name: string, ...args: readonly string[]): Promise<string | undefined> {
  const begun = Date.now();
  const step = ['npm', 'run', '--silent', name, ...args];
  const failure = name === 'build' ? await build() : failureOf(step, await runQuietly(step));
  if (failure === undefined) console.log(`${name}: ${Math.round((Date.now() - begun) / 1000)} s`);
  return failure;
}

async function build(): Promise<string | undefined> {
  return buildWhatIsOld().then(
    () => undefined,
    (error: unknown) => `${error}\nbuild: it failed`,
  );
}

function runQuietly([program, ...given]: readonly string[]): Promise<Run> {
  return runLive(program!, given, { cwd: root, isQuiet: true });
}

function failureOf(step: readonly string[], { code, ending, output }: Run): string | undefined {
  return code === 0 ? undefined : `${output}\n${step.join(' ')}: ${ending}`;
}

async function main(): Promise<number> {
  if (untested !== undefined) {
    console.log(
      `No test file or folder is named after ${untested}; \`npm test -- test/integration\` runs what no single module does.\n0 passed, 1 failed`,
    );
    return 1;
  }
  if (isPart) console.log(`Tests of ${args.join(' ')}, without lint and types.`);
  else if (!isFull) console.log('The quick run. `npm run test:full` runs all.');
  if (isFull && !isPart) for (const walk of walks) install(walk);
  // The tests do not wait for the types.
  const types = isPart ? undefined : check('typecheck', ...(isFull ? ['--', '--walks'] : []));
  const [lintFailure, buildFailure] = isPart ? [] : await Promise.all([check('lint'), check('build')]);
  const failure = lintFailure ?? buildFailure;
  if (failure !== undefined) {
    await types; // which may print
    console.log(`\n${failure}\n0 passed, 1 failed`);
    return 1;
  }
  if (!isFull && !isPart) {
    process.env['TEST_RUN'] = 'quick';
    process.env['PROPERTIES'] ??= 'short';
  }
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const { output, code, ending } = await runLive(process.execPath, [vitest, 'run', ...args], { cwd: root });
  const closing = closingLineOf(output);
  if (closing === undefined) {
    console.log(`\nvitest ended without a closing line: ${ending}\n0 passed, 1 failed`);
    return 1;
  }
  const wrongTypes = await types;
  if (wrongTypes !== undefined) {
    console.log(`\n${wrongTypes}\n${closing.passed} passed, ${closing.failed + 1} failed`);
    return 1;
  }
  // vitest fails without a failed test where it finds no test files, for example.
  if (code !== 0 && closing.failed === 0) {
    console.log(`\nvitest: ${ending}\n${closing.passed} passed, 1 failed`);
    return 1;
  }
  return code ?? 1;
}

process.exitCode = await main();
