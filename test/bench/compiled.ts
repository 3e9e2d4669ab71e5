/**
 * Compiles a program of the benchmarks, so that plain Node.js runs it. A TypeScript loader also rewrites the built package
 * as it is loaded, and its garbage would be measured as the server's: it costs Koa's JSON a third of its requests.
 */
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** Within `node_modules`, where the program finds its packages. */
const folder = new URL('../../node_modules/.cache/image-signer-bench/', import.meta.url);

/** @returns the path of the compiled file. `import.meta` in it is that of a file in this folder, whichever module it is of. */
export function compile(program: string): string {
  const source = new URL(program, import.meta.url);
  const outfile = fileURLToPath(new URL(program.replace(/\.ts$/, '.mjs'), folder));
  buildSync({
    entryPoints: [fileURLToPath(source)],
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    define: {
      'import.meta.url': JSON.stringify(source.href),
      'import.meta.dirname': JSON.stringify(import.meta.dirname),
    },
  });
  return outfile;
}
