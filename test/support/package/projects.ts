/**
 * The package as npm packs it, and small projects in a temporary folder that have it installed. Nothing is fetched:
 * what else a project needs is linked from this repository. A test run packs it once, and its files share the tarball.
 */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../root.ts';
import type { Packages, Program } from './entries.ts';

export type ModuleSystem = 'module' | 'commonjs';

/** Where the tarball of a test run lies: the files of the run are processes of their own. */
const sharedVariable = 'IMAGE_SIGNER_TEST_PACKAGE';

/**
 * Packs the package for a test run: what this process starts from now on takes that.
 * @returns what removes it
 */
export function sharePackedPackage(): () => void {
  const folder = packInto(mkdtempSync(join(tmpdir(), 'image-signer-tarball-')));
  process.env[sharedVariable] = folder;
  return () => rmSync(folder, { recursive: true });
}

/** Packs what is built: scripts are not run, which would build it once more under the feet of other tests. */
function packInto(folder: string): string {
  const args = ['pack', '--ignore-scripts', '--offline', '--silent', '--pack-destination', folder];
  const file = execFileSync('npm', args, { cwd: root, encoding: 'utf8' }).trim();
  execFileSync('tar', ['-xzf', join(folder, file), '-C', folder]);
  return folder;
}

export class PackedPackage {
  readonly #folder = mkdtempSync(join(tmpdir(), 'image-signer-package-'));
  readonly tarball: string;
  /** The unpacked package. */
  readonly folder: string;
  #projects = 0;

  constructor() {
    const packed = process.env[sharedVariable] ?? packInto(this.#folder);
    this.tarball = join(packed, readdirSync(packed).find((name) => name.endsWith('.tgz'))!);
    this.folder = join(packed, 'package');
  }

  /** Paths in the package, sorted. */
  get files(): string[] {
    return readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.folder.length + 1))
      .sort();
  }

  /** A project that has the package, and these. */
  createProject(type: ModuleSystem, packages: Packages): Project {
    const path = join(this.#folder, `project-${++this.#projects}`);
    const modules = join(path, 'node_modules');
    cpSync(this.folder, join(modules, 'image-signer'), { recursive: true });
    for (const [name, folder] of Object.entries(packages)) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(join(root, 'node_modules', folder), join(modules, name), 'junction');
    }
    const project = new Project(path, type);
    project.write('package.json', JSON.stringify({ private: true, type }));
    return project;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

export class Project {
  readonly path: string;
  readonly type: ModuleSystem;

  constructor(path: string, type: ModuleSystem) {
    this.path = path;
    this.type = type;
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.path, file), text);
  }

  /** Runs a file with this Node.js, or fails with what it has said. */
  async run(...args: string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
    return promisify(execFile)(process.execPath, args, { cwd: this.path, encoding: 'utf8' });
  }

  /** JavaScript, in the project's own module system. */
  writeProgram(file: string, program: Pick<Program, 'imports' | 'body'>): void {
    const imports = Object.entries(program.imports).map(([from, what]) =>
      this.type === 'module' ? `import ${what} from '${from}';` : `const ${what} = require('${from}');`,
    );
    this.write(file, [...imports, program.body].join('\n'));
  }

  /** Compiles `<name>.ts` to `<name>.js` and its declarations, without the leniency of `skipLibCheck`. */
  compile(name: string, program: Program, compilerOptions: object): void {
    const imports = Object.entries(program.imports).map(([from, what]) => `import ${what} from '${from}';`);
    this.write(`${name}.ts`, [...imports, program.body].join('\n'));
    const options = {
      target: 'es2022',
      lib: ['es2022'],
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      declaration: true,
      ...compilerOptions,
    };
    this.write('tsconfig.json', JSON.stringify({ compilerOptions: options, files: [`${name}.ts`] }));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', this.path], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${stdout}tsc ended with ${status}`);
  }
}
