import { readFileSync, writeFileSync } from 'node:fs';
import { basename, isAbsolute } from 'node:path';
import type { Options } from 'tsup';

/** What goes along in the built files, being an ES module alone, which not every loader of CommonJS can take. */
const bundled = 'entities';
const { version, license } = JSON.parse(
  readFileSync(`node_modules/${bundled}/package.json`, 'utf8'),
) as Record<'version' | 'license', string>;
const licence = readFileSync(`node_modules/${bundled}/LICENSE`, 'utf8').trim();

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
    {
      name: 'third-party-licences',
      buildEnd() {
        const list = `This package contains parts of other packages:\n\n${bundled} ${version} (${license})\n\n${licence}\n`;
        writeFileSync('dist/third-party-licences.txt', list);
      },
    },
  ],
  clean: true,
  noExternal: [bundled],
  banner: {
    js: `/*!\n * Contains the tables of character references of the package ${bundled} ${version}, and their decoder.\n *\n * ${licence.replaceAll('\n', '\n * ')}\n */`,
  },
  // TypeScript 6 warns of the `baseUrl` that tsup hands to it.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
};

export default options;
