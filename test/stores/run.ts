/**
 * `tsx test/stores/run.ts`: the schemes against the vendors' own libraries, and against servers that verify. It installs
 * the libraries here the first time. `--write` makes `test/vectors/stores.json` anew; words select stores by their
 * titles; `COUNT` sets how many random images each gets, and `SEED` tries the same again.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

if (!existsSync(join(import.meta.dirname, 'node_modules'))) {
  console.log('Installing the libraries of the stores into test/stores/node_modules.');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: import.meta.dirname, stdio: 'inherit' });
}
// They import the libraries.
const { walkStores, writeVectors } = await import('./walk.ts');
const isWriting = process.argv.includes('--write');
const selected = process.argv.slice(2).filter((word) => word !== '--write');
if (isWriting) await writeVectors();
process.exitCode = (await walkStores(selected)) ? 0 : 1;
