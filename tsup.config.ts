import { rmSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';

const imported = 'index koa fetch hono fastify schemes testing diagnosis delivery'.split(' ');
const entries = (names: readonly string[]): string[] => names.map((name) => `src/${name}.ts`);

const node: Options = {
  format: ['esm', 'cjs'],
  target: 'node20',
  // Entries share their modules, so that an error is the same class in all of them.
  splitting: true,
  // Workers and their bundlers know `node:crypto`, but not `crypto`.
  removeNodeProtocol: false,
  noExternal: ['valibot', 'httpxy'],
  // Rollup makes the CommonJS. No module has effects: no file is imported for them alone, of which bundlers would warn.
  treeshake: { moduleSideEffects: 'no-external' },
};
/** A module and a script. */
const browser: Options = {
  target: 'es2020',
  platform: 'browser',
  minify: true,
  tsconfig: 'src/client/tsconfig.json',
  dts: true,
};

// Not by `clean`, which removes the other files' types.
rmSync('dist', { recursive: true, force: true });
export default defineConfig([
  { ...node, entry: entries([...imported, 'cli']), dts: { entry: entries(imported) } },
  { ...node, entry: entries(['markdown']), dts: true }, // shares little with the others
  { ...browser, entry: ['src/client.ts'], format: 'esm' },
  {
    ...browser,
    entry: { 'client.global': 'src/client/global.ts' },
    format: 'iife',
    outExtension: () => ({ js: '.js' }),
  },
]) as Options[];
