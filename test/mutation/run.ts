/** `npm run mutate`: Stryker, with what is written behind it. */
import { spawnSync } from 'node:child_process';
import { install } from '../support/package/install.ts';

install('test/mutation');
const stryker = 'test/mutation/node_modules/@stryker-mutator/core/bin/stryker.js';
const args = [stryker, 'run', 'test/mutation/stryker.config.mjs', ...process.argv.slice(2)];
process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
