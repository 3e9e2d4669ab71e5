/** `npm run typecheck`; with `-- --walks` also what takes the packages of walks, which are installed first. */
import { spawnSync } from 'node:child_process';
import { install, walks } from './support/install.ts';

const tsc = 'node_modules/typescript/bin/tsc';
const buildInfo = ['--incremental', '--tsBuildInfoFile', 'node_modules/.cache/typecheck.tsbuildinfo'];
const checks = [
  [tsc, '--noEmit', ...buildInfo],
  [tsc, '--noEmit', '-p', 'src/client'],
];
if (process.argv.includes('--walks')) {
  for (const walk of walks) install(walk);
  checks.push(
    [
      'docs/.vitepress/node_modules/vue-tsc/bin/vue-tsc.js',
      '--noEmit',
      '-p',
      'docs/.vitepress/tsconfig.json',
    ],
    [tsc, '--noEmit', '-p', 'test/tsconfig.walks.json'],
  );
}
const isRight = checks.every((args) => spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0);
process.exitCode = isRight ? 0 : 1;
