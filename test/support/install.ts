/**
 * Packages that only one walk needs have a package.json and a lock in the folder of that walk, so that `npm ci` in the
 * root takes seconds. The walk installs them on first use, and again when the lock changes.
 */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../..', import.meta.url);

/** The folders that the full run installs. */
export const walks: readonly string[] = [
  'docs/.vitepress',
  'examples/bucket/local',
  'examples/worker/local/workerd',
  'test/browsers',
  'test/package/linters',
  'test/stores',
];

/** @param folder - relative to the root of the repository, such as `docs/.vitepress` */
export function install(folder: string): void {
  const home = new URL(`${folder}/`, root);
  const locked = writtenAt(new URL('package-lock.json', home));
  if (writtenAt(new URL('node_modules/.package-lock.json', home)) >= locked) return;
  console.log(`Installing what ${folder} needs, once.`);
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: fileURLToPath(home),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function writtenAt(file: URL): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
