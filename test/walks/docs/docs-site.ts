/**
 * The docs site, built once a test run: two builds at a time would write into each other's files. The first test file that
 * asks builds it, and the others wait for its outcome.
 */
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const root = join(import.meta.dirname, '../../..');
const cache = join(root, 'docs/.vitepress/cache');
const prefix = 'test-run-';

/** Where the built pages are. */
export const siteFolder: string = join(root, 'docs/.vitepress/dist');

export interface SiteBuild {
  readonly hasFailed: boolean;
  /** What `npm run docs` printed. */
  readonly output: string;
}

export async function buildSite(): Promise<SiteBuild> {
  // The test files of one run are processes of one parent.
  const run = join(cache, `${prefix}${process.ppid}`);
  const outcome = join(run, 'outcome.json');
  mkdirSync(cache, { recursive: true });
  if (!claim(run)) await appears(run, outcome);
  else {
    for (const name of readdirSync(cache))
      if (name.startsWith(prefix) && join(cache, name) !== run)
        rmSync(join(cache, name), { recursive: true });
    writeFileSync(`${outcome}.part`, JSON.stringify(await build()));
    renameSync(`${outcome}.part`, outcome);
  }
  return JSON.parse(readFileSync(outcome, 'utf8')) as SiteBuild;
}

/** @returns whether this process is the first of the run */
function claim(run: string): boolean {
  try {
    mkdirSync(run);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function build(): Promise<SiteBuild> {
  // vitest sets `NODE_ENV`, and Vue would build what it needs for development.
  const env = { ...process.env, NODE_ENV: 'production' };
  return new Promise((resolve) => {
    execFile('npm', ['run', '--silent', 'docs'], { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ hasFailed: error !== null, output: stripVTControlCharacters(stdout + stderr) }),
    );
  });
}

function appears(folder: string, file: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, look);
    function look(): void {
      if (!existsSync(file)) return;
      watcher.close();
      resolve();
    }
    look();
  });
}
