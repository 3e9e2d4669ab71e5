import { readFileSync } from 'node:fs';
import type { Options } from 'tsup';

const licence = readFileSync('node_modules/entities/LICENSE', 'utf8').trim();

const options: Options = {
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'node',
  // Entries of one format share their modules: an error is the same class in all of them.
  splitting: true,
  sourcemap: true,
  clean: true,
  // An ES module alone, which not every loader of CommonJS can take: it goes along, with its licence.
  noExternal: ['entities'],
  banner: {
    js: `/*!\n * Contains the tables of character references of the package entities, and their decoder.\n *\n * ${licence.replaceAll('\n', '\n * ')}\n */`,
  },
  // TypeScript 6 warns of the `baseUrl` that tsup hands to it.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
};

export default options;
