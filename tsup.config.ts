import { readFileSync, writeFileSync } from 'node:fs';
import { basename, isAbsolute } from 'node:path';
import type { Options } from 'tsup';

const licence = readFileSync('node_modules/entities/LICENSE', 'utf8').trim();

const options: Options = {
  entry: ['src/index.ts', 'src/koa.ts', 'src/fetch.ts'],
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'node',
  // `node:crypto` and the like stay written so: Workers and bundlers for them know no others.
  removeNodeProtocol: false,
  // Entries of one format share their modules: an error is the same class in all of them.
  splitting: true,
  sourcemap: true,
  plugins: [
    {
      name: 'relative-sources',
      // What tsup itself adds to CommonJS is mapped to the file by its place on the machine that builds.
      buildEnd({ writtenFiles }) {
        for (const { name } of writtenFiles.filter((file) => file.name.endsWith('.map'))) {
          const map = JSON.parse(readFileSync(name, 'utf8')) as { file?: string; sources: string[] };
          if (map.file !== undefined) map.file = basename(map.file);
          map.sources = map.sources.map((source) => (isAbsolute(source) ? basename(source) : source));
          writeFileSync(name, JSON.stringify(map));
        }
      },
    },
  ],
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
