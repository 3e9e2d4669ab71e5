/**
 * Packages that only one walk needs have a package.json and a lock in its folder, so that `npm ci` in the root takes seconds.
 * They are installed on first use, and again when the lock changes.
 */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.ts';

/** The folders that `npm run test:walks` installs. */
export const walks: readonly string[] = [
  'docs/.vitepress',
  'examples/bucket/local',
  'examples/worker/local/workerd',
  'test/walks/firefox',
  'test/walks/package',
  'test/walks/stores',
];

/** @param folder - relative to the root of the repository, such as `docs/.vitepress` */
export function install(folder: string): void {
  const writtenAt = (file: string): number =>
    statSync(join(root, folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (writtenAt('node_modules/.package-lock.json') < writtenAt('package-lock.json'))
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: join(root, folder), stdio: 'inherit' });
}
