/**
 * The client for pages in browsers: a module for apps that bundle, and a script for `<script src>`. Neither imports
 * anything, so a browser loads one small file. Nothing of them shows in an app's stack traces or keeps bundlers from
 * dropping what is unused, so all of it is minified.
 */
import { type BuildOptions, buildSync } from 'esbuild';

const files: readonly BuildOptions[] = [
  { entryPoints: ['src/client.ts'], outfile: 'dist/client.js', format: 'esm' },
  { entryPoints: ['src/client/global.ts'], outfile: 'dist/client.global.js', format: 'iife' },
];

export function writeClient(): void {
  // The compiler option `alwaysStrict` would begin the script with a directive: all of it is checked anyway.
  const tsconfigRaw = { compilerOptions: { alwaysStrict: false } };
  for (const file of files)
    buildSync({ ...file, bundle: true, minify: true, platform: 'browser', target: 'es2020', tsconfigRaw });
}
