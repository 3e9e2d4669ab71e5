/**
 * Which functions of which source files run for one call, by V8's precise coverage of an unminified bundle. It runs in a process of
 * its own, where nothing else has warmed a cache.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { root } from '../support/root.ts';

export interface CallTrace {
  /** The names of the functions that ran, by source file. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  readonly fileCount: number;
  readonly functionCount: number;
}

export type TracedCall = 'signImage' | 'signImage again' | 'req.signImage' | 'page';

/** Runs each call of `traced-calls.ts` once. */
export function traceCalls(): Readonly<Record<TracedCall, CallTrace>> {
  const bundle = join(root, 'node_modules/.cache/image-signer/traced-calls.mjs');
  buildSync({
    absWorkingDir: root,
    entryPoints: ['test/architecture/traced-calls.ts'],
    outfile: bundle,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
  });
  return JSON.parse(execFileSync(process.execPath, [bundle], { encoding: 'utf8' })) as ReturnType<
    typeof traceCalls
  >;
}
