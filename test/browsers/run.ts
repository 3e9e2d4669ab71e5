/** `npm run test:browsers`: the scenes of open pages in Chromium, and in the Firefox of the machine. */
import { spawnSync } from 'node:child_process';
import { install } from '../support/install.ts';

install('test/browsers');
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/browsers/vitest.config.ts'];
process.exitCode = spawnSync(process.execPath, vitest, { stdio: 'inherit' }).status ?? 1;
