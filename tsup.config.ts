import { readFileSync, writeFileSync } from 'node:fs';
import { buildSync, transformSync } from 'esbuild';
import type { Options } from 'tsup';

/** The one package whose code is in the built files, since it is an ES module, which not every loader of CommonJS takes. */
const bundled = 'entities';
/**
 * What is built with it, and becomes a file of its own in each format. An ES module that imports CommonJS would have
 * Node.js search the table for exports first, which takes longer than all else of the file.
 */
const bundling = 'reference-reader';
const bundledFile = { esm: 'character-references.js', cjs: 'character-references.cjs' } as const;
const { version, license } = JSON.parse(
  readFileSync(`node_modules/${bundled}/package.json`, 'utf8'),
) as Record<'version' | 'license', string>;
const licence = readFileSync(`node_modules/${bundled}/LICENSE`, 'utf8').trim();
const banner = `/*!
 * Contains the tables of character references of the package ${bundled} ${version}, and their decoder.
 *
 * ${licence.replaceAll('\n', '\n * ')}
 */
`;

/** What apps import. */
const entries = ['index', 'koa', 'fetch', 'hono', 'fastify', 'schemes', 'testing'].map(
  (name) => `src/${name}.ts`,
);

const options: Options = {
  // The command shares its modules with them. Nothing imports it, so it needs neither CommonJS nor types.
  entry: [...entries, 'src/cli.ts'],
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'node',
  // `node:crypto` and the like stay written so: Workers and bundlers for them know no others.
  removeNodeProtocol: false,
  // Entries of one format share their modules: an error is the same class in all of them.
  splitting: true,
  plugins: [
    {
      name: 'third-party-licences',
      buildEnd() {
        const list = `This package contains parts of other packages:\n\n${bundled} ${version} (${license})\n\n${licence}\n`;
        writeFileSync('dist/third-party-licences.txt', list);
        // The licence asks for its text wherever its code is.
        for (const format of ['esm', 'cjs'] as const) {
          buildSync({
            stdin: {
              // Required within a function, it runs at the first reference, and not at the start of the app.
              contents: `export const referenceReader = (...those) => require('./src/html/${bundling}').referenceReader(...those);`,
              resolveDir: import.meta.dirname,
            },
            outfile: `dist/${bundledFile[format]}`,
            bundle: true,
            format,
            platform: 'node',
            target: 'node20',
            minify: true,
            legalComments: 'none',
            banner: { js: banner },
          });
        }
      },
    },
    {
      // esbuild keeps the order in which modules with effects would run. These have none, and bundlers warn of such imports.
      name: 'no-imports-for-effects',
      renderChunk: (code) => ({ code: code.replace(/^import "\.\/chunk-\w+\.js";\n/gm, '') }),
    },
    { name: 'lean', renderChunk: (code) => ({ code: lean(code) }) },
  ],
  clean: true,
  esbuildOptions(esbuild, { format }) {
    if (format === 'cjs') esbuild.entryPoints = entries;
    // Shorter statements. Of function expressions it drops the names, so what has to be named is declared.
    esbuild.minifySyntax = true;
  },
  esbuildPlugins: [
    {
      name: 'file-of-its-own',
      setup(build) {
        // tsup has esbuild write ES modules for both formats.
        const isCommonJs = build.initialOptions.outExtension?.['.js'] === '.cjs';
        build.onResolve({ filter: new RegExp(`/${bundling}\\.ts$`) }, () => ({
          path: `./${bundledFile[isCommonJs ? 'cjs' : 'esm']}`,
          external: true,
        }));
      },
    },
  ],
  // TypeScript 6 warns of the `baseUrl` that tsup hands to it.
  dts: { entry: entries, compilerOptions: { ignoreDeprecations: '6.0' } },
};

/**
 * Without comments, of which esbuild keeps those in classes and the names of files, and indented by tabs: a tenth of the
 * package. Minified it would be smaller still, but esbuild then drops the `@__PURE__` that bundlers of apps go by, and
 * stack traces lose their names.
 */
function lean(code: string): string {
  const result = code
    .replace(/^[ \t]*(?:\/\*\*(?:[^*]|\*(?!\/))*\*\/|\/\/.*)\n/gm, '')
    .replace(/`(?:[^`\\]|\\.)*`|\n{2,}|^(?: {2})+/gm, (found) => {
      if (found.startsWith('`')) return found; // esbuild writes \n in a template as a line end
      return found.startsWith('\n') ? '\n' : '\t'.repeat(found.length / 2);
    });
  const [before, after] = [code, result].map((each) => transformSync(each, { minify: true }).code);
  if (before !== after) throw new Error('What looked like a comment or an indent is part of the code.');
  return result;
}

export default options;
