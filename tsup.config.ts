import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { transformSync } from 'esbuild';
import type { Options } from 'tsup';
import { bundledNames, bundledPackages, licenceList } from './build/bundled-packages.ts';
import { writeClient } from './build/client.ts';
import { toCommonJs } from './build/common-js.ts';
import { declarationsOf, writeDeclarations } from './build/declarations.ts';
import {
  entries,
  fileOf,
  importedEntries,
  ownCopies,
  threeFiles,
  unimportedEntries,
} from './build/entries.ts';
import { lean } from './build/lean.ts';
import { markPureConstants } from './build/pure-constants.ts';

const code: Options = {
  entry: entries.map(fileOf),
  format: 'esm',
  target: 'node20',
  platform: 'node',
  // Keep `node:crypto` and the like: Workers and their bundlers do not know `crypto`.
  removeNodeProtocol: false,
  // Entries share their modules, so that an error is the same class in all of them.
  splitting: true,
  noExternal: bundledNames,
  clean: true,
  esbuildOptions(esbuild) {
    // Shortens statements. It drops the names of function expressions, so functions that need a name are declared.
    esbuild.minifySyntax = true;
    // Node.js 20 supports them. Otherwise esbuild turns such a literal into a call, which a function repeats every time.
    esbuild.supported = { 'regexp-unicode-property-escapes': true };
  },
  esbuildPlugins: [bundledPackages(), threeFiles(), ownCopies()],
  plugins: [
    {
      // esbuild adds these imports to keep the order of effects. Our modules have none, and bundlers warn about such imports.
      name: 'no-imports-for-effects',
      renderChunk: (chunk) => ({ code: chunk.replace(/^import "\.\/chunk-\w+\.js";\n/gm, '') }),
    },
    {
      name: 'lean',
      renderChunk: (chunk, { path }) => ({
        code: unimportedEntries.includes(basename(path, '.js'))
          ? minified(chunk)
          : markPureConstants(lean(chunk)),
      }),
    },
    { name: 'other-files', buildEnd: writeOtherFiles },
  ],
};

const types: Options = {
  entry: Object.fromEntries(importedEntries.map((name) => [name, declarationsOf(name)])),
  format: 'cjs',
  // TypeScript 6 warns about the `baseUrl` that tsup sets.
  dts: { only: true, compilerOptions: { ignoreDeprecations: '6.0' } },
};

/** The client has no CommonJS. */
const clientTypes: Options = { ...types, entry: { client: declarationsOf('client') }, format: 'esm' };

/** For files that no app imports: no bundler tree-shakes them. Lines are short, because an uncaught error prints one. */
function minified(code: string): string {
  return transformSync(code, {
    minify: true,
    lineLimit: 160,
    format: 'esm',
    target: 'node20',
    legalComments: 'inline',
  }).code;
}

/** Writes the files that are made from the ES modules (CommonJS, types, the list of licences), and the client. */
function writeOtherFiles(): void {
  const unimported = unimportedEntries.map((name) => `${name}.js`);
  const modules = readdirSync('dist').filter((file) => file.endsWith('.js') && !unimported.includes(file));
  for (const file of modules) {
    // The file of modules without code; nothing imports it.
    if (statSync(`dist/${file}`).size === 0) {
      rmSync(`dist/${file}`);
      continue;
    }
    const module = readFileSync(`dist/${file}`, 'utf8');
    // The shared core imports no other chunk, and is most of the package. Other files have the functions that apps receive.
    const isCore = file.startsWith('chunk-') && !module.includes('"./chunk-');
    const commonJs = toCommonJs(module, !isCore);
    writeFileSync(`dist/${file.replace(/\.js$/, '.cjs')}`, commonJs);
  }
  // Types of an ES module can come from CommonJS, but not the other way round.
  for (const name of importedEntries) writeFileSync(`dist/${name}.d.ts`, `export * from './${name}.cjs';\n`);
  writeFileSync('dist/client.global.d.ts', 'export {};\n'); // for tools that look for types of every entry: nothing imports it
  writeFileSync('dist/third-party-licences.txt', licenceList);
  writeClient();
}

export default (): Options[] => {
  writeDeclarations();
  return [code, types, clientTypes];
};
