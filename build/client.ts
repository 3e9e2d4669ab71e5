/**
 * The client for pages in browsers: a module for apps that bundle, and a script for `<script src>`. Neither imports
 * anything, so a browser loads one small file. All of it is minified: no app needs their names in stack traces, and
 * bundlers can still drop unused code.
 */
import { type BuildOptions, buildSync } from 'esbuild';

const files: readonly BuildOptions[] = [
  { entryPoints: ['src/client.ts'], outfile: 'dist/client.js', format: 'esm' },
  { entryPoints: ['src/client/global.ts'], outfile: 'dist/client.global.js', format: 'iife' },
];

export function writeClient(): void {
  // `alwaysStrict` would put a directive at the start of the script. The code is already checked as strict.
  const tsconfigRaw = { compilerOptions: { alwaysStrict: false } };
  for (const file of files)
    buildSync({ ...file, bundle: true, minify: true, platform: 'browser', target: 'es2020', tsconfigRaw });
}
