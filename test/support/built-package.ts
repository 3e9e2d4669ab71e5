/**
 * The package as `tsup` builds it. Who reads `dist` imports this file, also a process that a test starts: by the imports
 * `set-up.ts` knows whether a test run needs a build.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './root.ts';

/** Where the built files are. */
export const builtFolder: string = join(root, 'dist');

/** When the build that is there began: its own files say when it ended, also one that was broken off. */
const stamp = join(root, 'node_modules/.cache/image-signer-build');

/** Builds what is older than its sources. */
export async function buildWhatIsOld(): Promise<void> {
  const sources = ['src', 'tsup.config.ts', 'package.json', 'node_modules/.package-lock.json'];
  if (existsSync(join(builtFolder, 'index.d.ts')) && existsSync(stamp)) {
    const built = statSync(stamp).mtimeMs;
    if (sources.every((source) => newest(join(root, source)) < built)) return;
  }
  const begun = new Date();
  await promisify(execFile)(
    process.execPath,
    [join(root, 'node_modules/tsup/dist/cli-default.js'), '--silent'],
    {
      cwd: root,
    },
  );
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, '');
  utimesSync(stamp, begun, begun);
}

/** When the file, or the newest in the folder, was written; 0 if there is none. */
function newest(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
