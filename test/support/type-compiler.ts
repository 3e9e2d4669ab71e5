/** Compiles programs as `tsc` does, many of them in one process: what they have in common is parsed once. */
import ts from 'typescript';

const parsed = new Map<string, ts.SourceFile | undefined>();

/**
 * @param options - `compilerOptions`, as they are written in a `tsconfig.json`
 * @returns what the compiler has to say, as `tsc` prints it; an empty text where it has written the files
 */
export function compileIn(folder: string, file: string, options: object): string {
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
