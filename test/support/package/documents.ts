/** Reads the README and the pages of `docs`, and type-checks or runs their code. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';

const root = join(import.meta.dirname, '../../..');

export interface CodeBlock {
  /** The page and the number of the block: `docs/start/first-signed-page.md, 1`. */
  readonly place: string;
  readonly code: string;
}

/** Every page of `docs`, but what the site generates: `docs/caching.md`. */
export function listPages(): string[] {
  return readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !/(?:^|\/)\.|^reference\/api\//.test(name))
    .map((name) => `docs/${name}`)
    .sort();
}

export function readPage(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** A block may have a title, which the site shows as a tab: ` ```ts [S3] `. */
export function readBlocks(page: string, language: string): CodeBlock[] {
  const blocks = readPage(page).matchAll(
    new RegExp(`^\`\`\`${language}(?: \\[[^\\n]*\\])?\\n(.*?)^\`\`\`$`, 'gms'),
  );
  return Array.from(blocks, ([, code], index) => ({ place: `${page}, ${index + 1}`, code: code! }));
}

/** A folder within the project, so that code in it finds the project's packages. */
export class CodeFolder {
  readonly #path = mkdtempSync(join(root, 'node_modules/.documents-'));
  #count = 0;

  /**
   * Checks each block as it stands, against the package as it is built. A program costs a third of a second whatever is in
   * it, so blocks that import the same entries share one. A block that declares something has a program of its own: the
   * next one must not find it.
   * @param ambient - declarations of packages that the blocks import and the project does not have
   * @returns the messages of the compiler, by the place of the block; no entry for a block without one
   */
  typeErrors(blocks: readonly CodeBlock[], ambient: string = ''): Record<string, string[]> {
    const options: ts.CompilerOptions = {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: true,
      noEmit: true,
      types: ['node'],
      paths: {
        'image-signer': [join(root, 'dist/index.d.ts')],
        'image-signer/*': [join(root, 'dist/*.d.ts')],
      },
    };
    // Parsed once, since each program has the same libraries.
    const host = ts.createCompilerHost(options);
    const parsed = new Map<string, ts.SourceFile | undefined>();
    const parse = host.getSourceFile.bind(host);
    host.getSourceFile = (file, ...how) => {
      if (!parsed.has(file)) parsed.set(file, parse(file, ...how));
      return parsed.get(file);
    };
    const declarations = this.#write('d.ts', ambient);
    const errors: Record<string, string[]> = {};
    for (const together of programsOf(blocks)) {
      const places = new Map(
        together.map(({ place, code }) => [this.#write('ts', `${code}\nexport {};\n`), place]),
      );
      const program = ts.createProgram([declarations, ...places.keys()], options, host);
      for (const { file, messageText } of ts.getPreEmitDiagnostics(program)) {
        // What is not about one of the blocks is about all of them.
        const about = places.get(file?.fileName ?? '');
        for (const place of about === undefined ? places.values() : [about])
          errors[place] = [...(errors[place] ?? []), ts.flattenDiagnosticMessageText(messageText, '\n')];
      }
    }
    return errors;
  }

  /**
   * Runs the code with the package as it is built.
   * @returns what it exports
   */
  async run(code: string): Promise<Record<string, unknown>> {
    return (await import(this.#build(code))) as Record<string, unknown>;
  }

  /**
   * Runs code that holds tests of `node:test`, in a process of its own, with the package as it is built.
   * @returns what the process printed; rejected if a test of it fails
   */
  async runTests(code: string): Promise<string> {
    // Beneath another runner of tests, `node:test` would report to that.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const args = ['--test', '--test-reporter=tap', this.#build(code)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    return stdout;
  }

  #build(code: string): string {
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
    });
    // Code in `node_modules` does not find the package by its own name.
    const built = outputText.replaceAll(
      /(from |import |resolve\()['"]image-signer(?:\/([\w.]+?))?(?:\.js)?['"]/g,
      (_, before, entry = 'index') => `${before}${JSON.stringify(join(root, `dist/${entry}.js`))}`,
    );
    return this.#write('mjs', built);
  }

  remove(): void {
    rmSync(this.#path, { recursive: true });
  }

  #write(extension: string, text: string): string {
    this.#count += 1;
    const file = join(this.#path, `${this.#count}.${extension}`);
    writeFileSync(file, text);
    return file;
  }
}

/** Which blocks are checked together. */
function programsOf(blocks: readonly CodeBlock[]): CodeBlock[][] {
  const programs = new Map<string, CodeBlock[]>();
  for (const block of blocks) {
    const entries = block.code.matchAll(/ from ['"](image-signer(?:\/\w+)?)['"]/g);
    const key = /^\s*declare /m.test(block.code)
      ? block.place
      : [...new Set(Array.from(entries, ([, entry]) => entry))].sort().join();
    programs.set(key, [...(programs.get(key) ?? []), block]);
  }
  return [...programs.values()];
}
