/**
 * Compiles programs as `tsc` does, many of them in one process: what they have in common is parsed once. The quick run has
 * one program, which TypeScript 7 compiles in a sixth of the time.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type ts from 'typescript';
import { root } from './root.ts';
import { isQuickRun } from './run-length.ts';

const require = createRequire(import.meta.url);
const parsed = new Map<string, ts.SourceFile | undefined>();

/**
 * @param options - `compilerOptions`, as they are written in a `tsconfig.json`
 * @returns what the compiler has to say, as `tsc` prints it; an empty text where it has written the files
 */
export function compileIn(folder: string, file: string, options: object): string {
  return isQuickRun ? compileByVersion7(folder, file, options) : compileByVersion6(folder, file, options);
}

function compileByVersion7(folder: string, file: string, options: object): string {
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: [file] }));
  const tsc = join(root, 'node_modules/typescript-7/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
  return status === 0 ? '' : `${stdout}tsc ended with ${status}`;
}

function compileByVersion6(folder: string, file: string, options: object): string {
  const ts = require('typescript') as typeof import('typescript');
  const config = ts.parseJsonConfigFileContent({ compilerOptions: options, files: [file] }, ts.sys, folder);
  const host = ts.createCompilerHost(config.options);
  host.getCurrentDirectory = () => folder;
  const parse = host.getSourceFile.bind(host);
  // What the options change in the parsed file is in the key; what the programs are made of lies in each of their folders.
  const key = JSON.stringify(options);
  host.getSourceFile = (path, ...how) => {
    if (path.startsWith(`${folder}/`)) return parse(path, ...how);
    const known = `${key} ${path}`;
    if (!parsed.has(known)) parsed.set(known, parse(path, ...how));
    return parsed.get(known);
  };
  const program = ts.createProgram(config.fileNames, config.options, host);
  const diagnostics = [...config.errors, ...ts.getPreEmitDiagnostics(program)];
  if (diagnostics.length === 0) diagnostics.push(...program.emit().diagnostics);
  return ts.formatDiagnostics(diagnostics, host);
}
