/** What others check a published package with: publint its manifest, attw whether types and code are found alike. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { publint } from 'publint';
import { afterAll, expect, test } from 'vitest';
import { clientSubpaths, packageEntries } from '../../support/package/entries.ts';
import { PackedPackage } from '../../support/package/projects.ts';

const packed = new PackedPackage();
afterAll(() => packed.remove());

const require = createRequire(import.meta.url);
const attw = join(dirname(require.resolve('@arethetypeswrong/cli/package.json')), 'dist/index.js');

test('publint finds nothing to say', async () => {
  const { buffer } = new Uint8Array(readFileSync(packed.tarball));
  const { messages } = await publint({ pack: { tarball: buffer }, strict: true });
  expect(messages).toEqual([]);
});

// It ends with an error where there is one, also for resolution as of Node.js 10, which knows no `exports`.
test.each([
  ['of servers', ['--exclude-entrypoints', ...clientSubpaths], packageEntries.map(({ subpath }) => subpath)],
  ['of browsers', ['--profile', 'esm-only', '--entrypoints', ...clientSubpaths], clientSubpaths],
])('the types %s are found as the code is, says attw', async (_which, args, entries) => {
  const run = packed
    .createProject('module', {})
    .run(attw, packed.tarball, '--format', 'table-flipped', ...args);
  const { stdout } = await run.catch((error: { stdout: string }) => Promise.reject(new Error(error.stdout)));
  for (const entry of entries) expect(stdout).toContain(`image-signer${entry.slice(1)}`);
});
