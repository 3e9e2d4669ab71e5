/**
 * `npm run bench -- <name>` builds the package and runs a benchmark; without a name it lists them. `ROUNDS` sets how many
 * rounds each has, and `DIST` names the folder of another build, to compare two.
 *
 * `npm run bench -- figures` runs all that give figures, one after another, and writes these into the docs. Names select
 * (`figures http start`); with `--short` it tries each in one round, and writes nothing.
 */
import { spawnSync } from 'node:child_process';
import { install } from '../support/package/install.ts';
import { root } from '../support/root.ts';
import { benches } from './figure-benches.ts';
import { writeFigures } from './figures.ts';

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): boolean {
  const settings = { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' } as const;
  return spawnSync('npx', [command, ...args], settings).status === 0;
}

const runBench = (name: string, env: Readonly<Record<string, string>> = {}): boolean =>
  run('tsx', [`test/bench/${name}.bench.ts`], env);

const [first = '', ...others] = process.argv.slice(2);
if (['worker', 'figures'].includes(first)) install('examples/worker/local/workerd');
const names = first === 'figures' ? others.filter((each) => each !== '--short') : [first];
if (names.some((name) => !benches.some((bench) => bench.name === name))) {
  const lines = benches.map(({ name, measures }) => `${name.padEnd(8)} ${measures}`);
  console.log(
    ['npm run bench -- <name>', ...lines, 'figures  all, for the docs; --short tries all'].join('\n'),
  );
  process.exitCode = first === '' ? 0 : 1;
} else if (!run('tsup', ['--silent'])) process.exitCode = 1;
else if (first === 'figures') writeFigures(names, others.includes('--short'), runBench);
else process.exitCode = runBench(first) ? 0 : 1;
