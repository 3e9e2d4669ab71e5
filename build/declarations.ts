/**
 * Writes the declarations of every module of `src`, which tsup then bundles. By default tsup lets TypeScript 6 check the
 * program for every entry: that takes 19 seconds of a core, and TypeScript 7 takes two.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Not in `node_modules`: tsup treats everything there as external. */
const folder = 'build/declarations';

/**
 * Checks the types of `src`, and writes its declarations.
 * @throws if a type is wrong; the compiler has printed why
 */
export function writeDeclarations(): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const client = ['src/client.ts', 'src/client'];
  compile('tsconfig.json', ['src'], ['src/simd/assembly', ...client]);
  // This uses the types of browsers instead of those of Node.js.
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
  // It prints mistakes on standard output, which a silent build would hide.
  execFileSync(process.execPath, [compiler, '-p', project], { stdio: ['ignore', 2, 2] });
}

/** @returns where the declarations of an entry are */
export function declarationsOf(entry: string): string {
  return `${folder}/${entry}.d.ts`;
}

/** TypeScript writes `./edit.ts` into declarations, but only `./edit.js` leads it to `./edit.d.ts`. */
function nameModules(file: string): void {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/(?<=\bfrom |\bimport\()'(\.[^']+)\.ts'/g, "'$1.js'"));
}
