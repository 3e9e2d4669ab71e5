/**
 * The package as it is published: what is in the tarball, and that it works where it is installed, in JavaScript and
 * TypeScript, as ESM and CommonJS, without a framework and with each.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import webpack from 'webpack';
import { passed } from '../../../src/options/warnings.ts';
import { bundleForProduction } from '../../support/package/app-bundle.ts';
import {
  bundleBudgets,
  clientSubpaths,
  exportedNames,
  isValue,
  maxPackedBytes,
  maxUnpackedBytes,
  mountedTwice,
  type PackageEntry,
  packageEntries,
  page,
  programs,
} from '../../support/package/entries.ts';
import { type ModuleSystem, PackedPackage } from '../../support/package/projects.ts';
import { root } from '../../support/root.ts';
import { signerWith } from '../../support/samples.ts';
import { typedPrograms } from './typed-programs.ts';

interface Conditions {
  readonly import: { readonly types: string; readonly default: string };
  readonly require: { readonly types: string; readonly default: string };
}

let packed: PackedPackage;
let exported: Readonly<Record<string, Conditions>>;
/** What stands for `exports` in the eyes of a compiler that does not know them. */
let typesByName: Readonly<Record<string, readonly string[]>>;

beforeAll(() => {
  packed = new PackedPackage();
  const manifest = JSON.parse(readFileSync(join(packed.folder, 'package.json'), 'utf8'));
  const { './package.json': _, ...entries } = manifest.exports;
  exported = entries;
  typesByName = manifest.typesVersions['*'];
});

afterAll(() => packed.remove());

const systems: readonly ModuleSystem[] = ['module', 'commonjs'];
const signedPage = signerWith().rewriteHtml(page);

/** As it is written in an import. */
function nameOf({ subpath }: PackageEntry): string {
  return `image-signer${subpath.slice(1)}`;
}

/** In `src` and `dist`, without what it ends with. */
function fileNameOf({ subpath }: PackageEntry): string {
  return subpath === '.' ? 'index' : subpath.slice('./'.length);
}

describe('in the tarball', () => {
  test('there are the built code, what is to be read, and nothing else', () => {
    const { files } = packed;
    const built = files.filter((file) => file.startsWith('dist/'));
    expect(files.filter((file) => !built.includes(file))).toEqual([
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'package.json',
      'third-party-licences.txt',
    ]);
    for (const file of built) expect(file).toMatch(/^dist\/[\w-]+(?:\.global)?\.(?:c?js|d\.c?ts)$/);
    for (const file of files) expect(statSync(join(packed.folder, file)).size, file).toBeGreaterThan(0);
  });

  test(`there are ${maxPackedBytes / 1_000} KB at most, and ${maxUnpackedBytes / 1_000} KB unpacked`, () => {
    expect(statSync(packed.tarball).size).toBeLessThanOrEqual(maxPackedBytes);
    const sizes = packed.files.map((file) => statSync(join(packed.folder, file)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(maxUnpackedBytes);
  });

  test('every package of which there is code in it is listed with its version and licence', async () => {
    const list = readFileSync(join(packed.folder, 'third-party-licences.txt'), 'utf8');
    const { metafile } = await build({
      entryPoints: [...packageEntries.map(fileNameOf), 'client', 'cli'].map((name) => `src/${name}.ts`),
      absWorkingDir: root,
      bundle: true,
      write: false,
      metafile: true,
      outdir: 'unused',
      format: 'esm',
      platform: 'node',
      external: ['hono', 'fastify', 'sharp'],
    });
    const names = new Set<string>();
    for (const input of Object.keys(metafile.inputs)) {
      const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
      if (name !== undefined) names.add(name);
    }
    expect([...names].sort()).toEqual(['httpxy', 'valibot']);
    for (const name of names) {
      const manifest = JSON.parse(readFileSync(join(root, `node_modules/${name}/package.json`), 'utf8'));
      expect(list).toContain(`${name} ${manifest.version} (${manifest.license})`);
      const folder = join(root, 'node_modules', name);
      const licence = readdirSync(folder).find((file) => file.startsWith('LICENSE'))!;
      expect(list).toContain(readFileSync(join(folder, licence), 'utf8').trim());
    }
  });

  test('all that package.json names is there, in code and types for both module systems', () => {
    const subpaths = packageEntries.map(({ subpath }) => subpath);
    expect(Object.keys(exported)).toEqual([...subpaths, ...clientSubpaths]);
    const named = [...subpaths, './client'].slice(1).map((subpath) => subpath.slice('./'.length));
    expect(Object.keys(typesByName)).toEqual(named);
    for (const [name, files] of Object.entries(typesByName))
      expect(files).toEqual([`./dist/${name}.d.${name === 'client' ? 'ts' : 'cts'}`]);
    for (const subpath of subpaths) {
      const { import: esm, require: cjs } = exported[subpath]!;
      for (const [file, ending] of [
        [esm.types, /\.d\.ts$/],
        [esm.default, /\.js$/],
        [cjs.types, /\.d\.cts$/],
        [cjs.default, /\.cjs$/],
      ] as const) {
        expect(file).toMatch(ending);
        expect(packed.files).toContain(file.slice('./'.length));
      }
    }
  });

  test('no file names a folder of the machine that built it', () => {
    for (const file of packed.files)
      expect(readFileSync(join(packed.folder, file), 'utf8').includes(root), file).toBe(false);
  });
});

describe('bundled for production', () => {
  test.each(bundleBudgets)('$name of $from is no larger than $maxBytes bytes', async (budget) => {
    const project = packed.createProject('module', {});
    const code = await bundleForProduction(`export { ${budget.name} } from '${budget.from}';`, project.path);
    const size = budget.isGzipped ? gzipSync(code, { level: 9 }).length : code.length;
    expect(size).toBeLessThanOrEqual(budget.maxBytes);
  });

  test.each(bundleBudgets)('no bundler warns of $name of $from', async ({ from, name }) => {
    const project = packed.createProject('module', {});
    project.write('app.js', `export { ${name} } from '${from}';`);
    const entryPoints = [join(project.path, 'app.js')];
    const { warnings } = await build({ entryPoints, bundle: true, write: false, platform: 'node' });
    expect(warnings).toEqual([]);
    const options = {
      context: project.path,
      entry: './app.js',
      target: 'node20',
      mode: 'production',
    } as const;
    const compiler = webpack({ ...options, output: { path: join(project.path, 'out') } })!;
    const stats = await promisify(compiler.run.bind(compiler))();
    expect(stats!.toJson({ warnings: true, errors: true })).toMatchObject({ warnings: [], errors: [] });
  });

  test('an app has no sentence of a warning', async () => {
    const project = packed.createProject('module', {});
    const code = await bundleForProduction("export { imageSigner } from 'image-signer';", project.path);
    for (const [what] of Object.values(passed)) expect(Buffer.from(code).includes(what), what).toBe(false);
  });
});

test.each(packageEntries)('$subpath is no larger than $maxBytes bytes', async (entry) => {
  const file = join(packed.folder, exported[entry.subpath]!.import.default);
  const { length } = await bundleForProduction(`export * from '${file}';`, packed.folder);
  expect(length).toBeLessThanOrEqual(entry.maxBytes);
  // So that the budget follows what has become smaller.
  expect(length).toBeGreaterThan(entry.maxBytes / 1.25);
});

describe.each(systems)('installed in a project of type %s', (type) => {
  test('each entry is there under its name, with what it exports, and says nothing as it is loaded', async () => {
    const project = packed.createProject(type, {});
    const loaded = packageEntries.map((entry, index) =>
      type === 'module'
        ? `import * as entry${index} from '${nameOf(entry)}';`
        : `const entry${index} = require('${nameOf(entry)}');`,
    );
    const all = packageEntries.map((_, index) => `entry${index}`).join();
    const names = `console.log(JSON.stringify([${all}].map((entry) => Object.keys(entry).sort())));`;
    project.write('names.js', [...loaded, names].join('\n'));
    const { stdout, stderr } = await project.run('--throw-deprecation', 'names.js');
    const expected = packageEntries.map(({ subpath }) => exportedNames[subpath]!.filter(isValue).sort());
    expect(JSON.parse(stdout)).toEqual(expected);
    expect(stderr).toBe('');
  });

  test.each(programs)('signs a page: $title', async (program) => {
    const project = packed.createProject(type, program.packages);
    project.writeProgram('program.js', program);
    expect(JSON.parse((await project.run('program.js')).stdout)).toBe(signedPage);
  });
});

const compilations: readonly [title: string, type: ModuleSystem, compilerOptions: object][] = [
  ['module nodenext, ESM', 'module', { module: 'nodenext' }],
  ['module nodenext, CommonJS', 'commonjs', { module: 'nodenext' }],
  ['module node16', 'module', { module: 'node16' }],
  ['moduleResolution bundler', 'module', { module: 'esnext', moduleResolution: 'bundler' }],
  [
    'moduleResolution node10',
    'commonjs',
    { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0', esModuleInterop: true },
  ],
];

describe.each(compilations)('compiled with %s', (title, type, compilerOptions) => {
  // Each program in one of them, by turns.
  const turn = compilations.findIndex(([each]) => each === title);
  const tried = typedPrograms.filter((_, index) => index % compilations.length === turn);
  test.each(tried)('signs a page: $title', async (program) => {
    const project = packed.createProject(type, program.packages);
    project.compile('program', program, { ...compilerOptions, ...program.compilerOptions });
    expect(JSON.parse((await project.run('program.js')).stdout)).toBe(signedPage);
  });
});

describe('in one app', () => {
  test.each(mountedTwice)('required and imported, it signs a page once: $title', async (program) => {
    const project = packed.createProject('module', program.packages);
    project.writeProgram('program.js', {
      imports: { ...program.imports, 'node:module': '{ createRequire }' },
      body: `const copy = createRequire(import.meta.url)('${program.entry}').imageSigner;
if (copy === imageSigner) throw new Error('There is one copy.');
${program.twice}`,
    });
    expect(program.twice).toContain('copy(options)');
    expect(JSON.parse((await project.run('program.js')).stdout)).toBe(signedPage);
  });
});

test('bundled for a Worker, fetch asks for nothing of Node.js but crypto and buffer', async () => {
  const { metafile, warnings } = await build({
    stdin: {
      contents: "export * from 'image-signer/fetch';",
      resolveDir: packed.createProject('module', {}).path,
    },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['node:*'],
  });
  const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  expect(warnings).toEqual([]);
  for (const name of outside) expect(['node:buffer', 'node:crypto']).toContain(name);
});
