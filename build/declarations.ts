/**
 * The declarations of each module of `src`, which tsup then bundles. By itself tsup would have TypeScript 6 check the
 * program for each entry: 19 seconds of a core, where TypeScript 7 takes two.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** tsup takes what lies in `node_modules` for somebody else's. */
const folder = 'build/declarations';

/**
 * Checks the types of `src`, and writes its declarations.
 * @throws if a type is wrong, which the compiler has printed then
 */
export function writeDeclarations(): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const client = ['src/client.ts', 'src/client'];
  compile('tsconfig.json', ['src'], ['src/simd/assembly', ...client]);
  // With the types of browsers, and without those of Node.js.
  compile('src/client/tsconfig.json', client, []);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.d.ts')) nameModules(join(folder, name));
  }
}

function compile(base: string, include: readonly string[], exclude: readonly string[]): void {
  const project = join(folder, 'tsconfig.json');
  writeFileSync(
    project,
    JSON.stringify({
      extends: resolve(base),
      compilerOptions: { noEmit: false, emitDeclarationOnly: true, rootDir: resolve('src'), outDir: '.' },
      include: include.map((path) => resolve(path)),
      exclude: exclude.map((path) => resolve(path)),
    }),
  );
  const compiler = 'node_modules/typescript-7/bin/tsc';
  // It prints mistakes on standard output, of which a silent build shows nothing.
  execFileSync(process.execPath, [compiler, '-p', project], { stdio: ['ignore', 2, 2] });
}

/** @returns where the declarations of an entry are */
export function declarationsOf(entry: string): string {
  return `${folder}/${entry}.d.ts`;
}

/** TypeScript leaves `./edit.ts` in declarations, where it finds `./edit.d.ts` by `./edit.js` alone. */
function nameModules(file: string): void {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/(?<=\bfrom |\bimport\()'(\.[^']+)\.ts'/g, "'$1.js'"));
}
