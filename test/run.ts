/**
 * `npm test`: lint, types, build, and then the tests. Its last line is always `N passed, N failed`, because a machine
 * reads it: a step that fails before the tests counts as one failure. Arguments go to vitest: `npm test -- test/url`.
 */
import { join } from 'node:path';
import { closingLineOf } from './matrix/closing-line.ts';
import { runLive } from './matrix/run-live.ts';

const root = join(import.meta.dirname, '..');
const steps: readonly (readonly string[])[] = [
  ['npm', 'run', '--silent', 'lint'],
  ['npm', 'run', '--silent', 'typecheck'],
  ['npm', 'run', '--silent', 'build', '--', '--silent'],
];

async function main(): Promise<number> {
  for (const [program, ...args] of steps) {
    const { code, ending } = await runLive(program!, args, { cwd: root });
    if (code !== 0) {
      console.log(`\n${[program, ...args].join(' ')}: ${ending}\n0 passed, 1 failed`);
      return 1;
    }
  }
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', ...process.argv.slice(2)];
  const { output, code, ending } = await runLive(process.execPath, args, { cwd: root });
  const closing = closingLineOf(output);
  if (closing === undefined) {
    console.log(`\nvitest ended without a closing line: ${ending}\n0 passed, 1 failed`);
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
