/**
 * What one walk alone needs has a package.json and a lock in the folder of that walk, so that `npm ci` in the root is a
 * matter of seconds. Who walks there installs it first: once, until the lock is another one.
 */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);

/** What the full run takes. */
export const walks: readonly string[] = [
  'docs/.vitepress',
  'examples/bucket/local',
  'examples/worker/local/workerd',
  'test/browsers',
  'test/package/linters',
  'test/stores',
];

/** @param folder - from the root of the repository: `docs` */
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
