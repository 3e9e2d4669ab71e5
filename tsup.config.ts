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
  // `node:crypto` and the like stay written so: Workers and bundlers for them know no others.
  removeNodeProtocol: false,
  // Entries share their modules: an error is the same class in all of them.
  splitting: true,
  noExternal: bundledNames,
  clean: true,
  esbuildOptions(esbuild) {
    // Shorter statements. Of function expressions it drops the names, so what has to be named is declared.
    esbuild.minifySyntax = true;
    // Node.js 20 knows them. Otherwise such a literal becomes a call, and in a function one that is made each time.
    esbuild.supported = { 'regexp-unicode-property-escapes': true };
  },
  esbuildPlugins: [bundledPackages(), threeFiles(), ownCopies()],
  plugins: [
    {
      // esbuild keeps the order in which modules with effects would run. These have none, and bundlers warn of such imports.
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
  // TypeScript 6 warns of the `baseUrl` that tsup hands to it.
  dts: { only: true, compilerOptions: { ignoreDeprecations: '6.0' } },
};

/** The client has no CommonJS. */
const clientTypes: Options = { ...types, entry: { client: declarationsOf('client') }, format: 'esm' };

/** Of what no app imports, nothing is dropped. Node.js prints the line of an error that nobody catches. */
function minified(code: string): string {
  return transformSync(code, {
    minify: true,
    lineLimit: 160,
    format: 'esm',
    target: 'node20',
    legalComments: 'inline',
  }).code;
}

/** All that is made of the ES modules (CommonJS, types, and the list of licences), and the client. */
function writeOtherFiles(): void {
  const unimported = unimportedEntries.map((name) => `${name}.js`);
  const modules = readdirSync('dist').filter((file) => file.endsWith('.js') && !unimported.includes(file));
  for (const file of modules) {
    // Of modules without any code; nothing imports it.
    if (statSync(`dist/${file}`).size === 0) {
      rmSync(`dist/${file}`);
      continue;
    }
    const module = readFileSync(`dist/${file}`, 'utf8');
    // What all share imports none of the others, and is most of the package. The rest has the functions that apps get.
    const isCore = file.startsWith('chunk-') && !module.includes('"./chunk-');
    const commonJs = toCommonJs(module, !isCore);
    writeFileSync(`dist/${file.replace(/\.js$/, '.cjs')}`, commonJs);
  }
  // An ES module may take its types from CommonJS, but not the other way round.
  for (const name of importedEntries) writeFileSync(`dist/${name}.d.ts`, `export * from './${name}.cjs';\n`);
  writeFileSync('dist/third-party-licences.txt', licenceList);
  writeClient();
}

export default (): Options[] => {
  writeDeclarations();
  return [code, types, clientTypes];
};
