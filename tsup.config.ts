import type { Options } from 'tsup';

const options: Options = {
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'node',
  // Entries of one format share their modules: an error is the same class in all of them.
  splitting: true,
  sourcemap: true,
  clean: true,
  // TypeScript 6 warns of the `baseUrl` that tsup hands to it.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
};

export default options;
